"""`tradewind ingest`: what people have or providers answer, through the gate, into the workspace."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from tradewind.cli.options import WORKSPACE, AsJson, Debug, WorkspaceDir
from tradewind.cli.voice import Voice
from tradewind.cli.your_data import read_length

A_FILE = "A file or a database"
A_PROVIDER = "A provider"


def ingest(
    kind: Annotated[
        Literal["csv", "parquet", "sqlite", "alpha-vantage", "fred", "bls"],
        typer.Argument(help="What the source is."),
    ],
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="SOURCE", help="Where it is, or what a provider is asked for: AAPL,MSFT."
        ),
    ] = None,
    calendar: Annotated[
        str | None,
        typer.Option(
            help="Whose sessions they are: XNYS, 24/7, ...; of a series its period: month+15d."
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=MEANING", help="What a column is: px_last=close. Repeatable."),
    ] = None,
    table: Annotated[
        str | None,
        typer.Option(help="What a file holds: bars (unless told), actions, membership, ..."),
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="MOMENT", help="Only what became known after it.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at rows in error.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be read or asked.")
    ] = False,
    stamps: Annotated[
        Literal["session", "start", "end"] | None,
        typer.Option(help="What a time stamp is of its bar.", rich_help_panel=A_FILE),
    ] = None,
    bar: Annotated[
        str | None, typer.Option(help="How long a bar is: 5m, 1h, 1d.", rich_help_panel=A_FILE)
    ] = None,
    tz: Annotated[
        str | None, typer.Option(help="The zone of stamps that name none.", rich_help_panel=A_FILE)
    ] = None,
    symbol: Annotated[
        str | None,
        typer.Option(help="What a file without a symbol column is of.", rich_help_panel=A_FILE),
    ] = None,
    bars: Annotated[
        Literal["daily", "adjusted", "intraday", "fx", "crypto", "fx_intraday", "crypto_intraday"]
        | None,
        typer.Option(
            "--kind", help="Which bars; adjusted brings actions too.", rich_help_panel=A_PROVIDER
        ),
    ] = None,
    interval: Annotated[
        str | None,
        typer.Option(
            help="Of bars within days: 5min; of a series: monthly.", rich_help_panel=A_PROVIDER
        ),
    ] = None,
    first: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="MONTH",
            help="The first month of intraday bars, or year of bls.",
            rich_help_panel=A_PROVIDER,
        ),
    ] = None,
    series: Annotated[
        str | None,
        typer.Option(help="Economic series in place of symbols: CPI.", rich_help_panel=A_PROVIDER),
    ] = None,
    no_vintages: Annotated[
        bool,
        typer.Option(
            "--no-vintages",
            help="Only the latest values, for what has too many vintages.",
            rich_help_panel=A_PROVIDER,
        ),
    ] = False,
    key_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where the key is, if not in the environment.",
            rich_help_panel=A_PROVIDER,
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Where to ask, if not the provider.", rich_help_panel=A_PROVIDER
        ),
    ] = None,
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Read a file, a database or a provider, judge the rows, and keep them; the same adds nothing."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.cli.asking import asking, read_month, read_names
        from tradewind.cli.belonging import require_belonging, require_source
        from tradewind.cli.logs import start_logs
        from tradewind.cli.progress import stages
        from tradewind.cli.settings import read_settings
        from tradewind.cli.workspace import opened
        from tradewind.core.clock import SystemClock, moment_of
        from tradewind.pipelines.ingesting.ingest import IngestRequest, run
        from tradewind.pipelines.ingesting.providers import BarsRequest, SeriesRequest
        from tradewind.pipelines.ingesting.sources import Request, require_there

        given = {
            "SOURCE": source, "--stamps": stamps, "--bar": bar, "--tz": tz, "--symbol": symbol, "--table": table,
            "--kind": bars, "--interval": interval, "--series": series, "--from": first,
            "--column": " ".join(column or []) or None, "--no-vintages": no_vintages, "--key-file": key_file, "--url": url,
        }  # fmt: skip
        require_belonging(kind, given)
        wanted = require_source(kind, given)
        month = None if first is None else read_month(first)
        length = None if bar is None else read_length(bar)
        moment = None if since is None else moment_of(since)
        if kind == "csv" or kind == "parquet" or kind == "sqlite":
            require_there(kind, Path(wanted))
        here = opened(workspace)
        start_logs(read_settings(here.config).logs, "ingest", debug=debug, clock=SystemClock())
        with stages(as_json) as tell:
            request: Request
            if kind == "csv" or kind == "parquet" or kind == "sqlite":
                request = IngestRequest(
                    kind, Path(wanted), stamps, calendar or "XNYS", length, tz, symbol,
                    moment, strict, dry_run, _read_columns(column or []), table or "bars",
                )  # fmt: skip
            else:
                there, asked = asking(kind, key_file, url, dry_run, tell), read_names(wanted)
                if kind == "alpha-vantage" and series is None:
                    request = BarsRequest(
                        there, asked, bars or "daily", interval, month, calendar,
                        moment, strict, dry_run,
                    )  # fmt: skip
                else:
                    request = SeriesRequest(
                        there, asked, calendar, not no_vintages, None if month is None else month.year, interval,
                        moment, strict, dry_run,
                    )  # fmt: skip
            result = run(request, here, tell)
        voice.result(result.to_dict(), result.summary)


def _read_columns(said: list[str]) -> dict[str, str]:
    """What columns stand for, from `px_last=close`."""
    from tradewind.core.errors import BadConfig

    for one in said:
        if not all(one.partition("=")):
            raise BadConfig(
                f"--column {one!r} names no column", "write it as --column px_last=close"
            )
    return {one.partition("=")[0]: one.partition("=")[2] for one in said}
