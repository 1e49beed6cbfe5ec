"""`tradewind sql`: the tables of a workspace, for whoever thinks in SQL."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewind.cli.options import WORKSPACE, AsJson, Debug, WorkspaceDir
from tradewind.cli.voice import Voice

if TYPE_CHECKING:
    import polars as pl

    from tradewind.storage.workspace import Workspace

SHOWN = 40  # rows on a terminal
INTO_A_FILE = "Into a file"


def sql(
    query: Annotated[
        str | None,
        typer.Argument(metavar="QUERY", help="One SELECT; without it, what there is to ask."),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="As CSV.", rich_help_panel=INTO_A_FILE),
    ] = None,
    parquet: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="As Parquet.", rich_help_panel=INTO_A_FILE),
    ] = None,
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Ask the tables of the workspace; nothing can be changed, and no file be read."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.pipelines.holdings.querying import asked, flat, offered
        from tradewind.storage.workspace import Workspace

        here = Workspace(workspace)
        here.require_known_format()
        require_sense(query, csv, parquet)
        if query is None:
            there = offered(here)
            voice.result({"tables": there}, "\n".join(map(told, there)))
        elif csv or parquet:
            _into_files(here, query, csv, parquet, voice)
        elif as_json:
            answer = asked(here, query)
            voice.result({"columns": answer.columns, "rows": answer.rows()}, "")
        elif sys.stdout.isatty():
            _onto_terminal(asked(here, query, SHOWN + 1), voice)
        else:
            voice.result({}, flat(asked(here, query)).write_csv().rstrip())


def require_sense(query: str | None, csv: Path | None, parquet: Path | None) -> None:
    """Refuse what would be forgotten: a file and nothing to put into it, or one answer in two.

    >>> require_sense(None, Path("bars.csv"), None)
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: bars.csv is to hold an answer, and nothing is asked: give a query
    """
    from tradewind.core.errors import Misuse

    if query is None and (csv or parquet):
        raise Misuse(f"{csv or parquet} is to hold an answer, and nothing is asked", "give a query")
    if csv and parquet:
        raise Misuse("--csv and --parquet are both given", "ask once for each")


def told(there: Mapping[str, Any]) -> str:
    """A table or a view, and its columns below it.

    >>> print(told({"name": "top", "says": "the highest", "columns": {"close": "DOUBLE"}}))
    top: the highest
        close DOUBLE
    """
    columns = "\n".join(f"    {name} {kind}" for name, kind in there["columns"].items())
    return f"{there['name']}: {there['says']}\n{columns}"


def _into_files(
    here: "Workspace", query: str, csv: Path | None, parquet: Path | None, voice: Voice
) -> None:
    from tradewind.pipelines.holdings.querying import asked, published

    file = csv or parquet
    assert file
    answer = asked(here, query)
    published(answer, file, "csv" if csv else "parquet")
    voice.result({"file": str(file), "rows": len(answer)}, f"{len(answer):,} rows are in {file}")


def _onto_terminal(answer: "pl.DataFrame", voice: Voice) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*answer.columns)
    for row in answer.head(SHOWN).iter_rows():
        table.add_row(*shown(row))
    Console().print(table)
    if len(answer) > SHOWN:
        voice.note(f"the first {SHOWN} rows; --csv FILE or --parquet FILE gives all of them")


def shown(row: Sequence[Any]) -> list[str]:
    """A row as texts for a table; moments are in UTC, and nothing is taken for markup.

    >>> from datetime import UTC, datetime
    >>> shown([None, 2 / 3, datetime(2024, 1, 2, 21, tzinfo=UTC), "[red]"])
    ['', '0.666667', '2024-01-02 21:00:00', '\\\\[red]']
    """
    from rich.markup import escape

    return ["" if value is None else escape(_short(value)) for value in row]


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value).removesuffix("+00:00")
