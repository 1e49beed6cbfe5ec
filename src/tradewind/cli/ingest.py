"""`tradewind ingest`: what people have, through the gate, into the workspace."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from tradewind.cli.options import WORKSPACE, AsJson, Debug, WorkspaceDir
from tradewind.cli.up import read_length
from tradewind.cli.voice import Voice


def ingest(
    kind: Annotated[
        Literal["csv", "parquet", "sqlite"], typer.Argument(help="What the source is.")
    ],
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="Where it is.")],
    calendar: Annotated[
        str, typer.Option(help="Whose sessions they are: XNYS, 24/7, ...")
    ] = "XNYS",
    stamps: Annotated[
        Literal["session", "start", "end"] | None,
        typer.Option(help="What a time stamp is of its bar."),
    ] = None,
    bar: Annotated[str | None, typer.Option(help="How long a bar is: 5m, 1h, 1d.")] = None,
    tz: Annotated[str | None, typer.Option(help="The zone of stamps that name none.")] = None,
    symbol: Annotated[
        str | None, typer.Option(help="What a file without a symbol column is of.")
    ] = None,
    table: Annotated[
        str, typer.Option(help="What a file holds: bars, actions, membership, instruments, ...")
    ] = "bars",
    since: Annotated[
        str | None, typer.Option(metavar="MOMENT", help="Only what became known after it.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at rows in error.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be read.")] = False,
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Read a file or a database, judge its rows, and keep them; the same again adds nothing."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.cli.logs import start_logs
        from tradewind.cli.progress import stages
        from tradewind.cli.settings import read_settings
        from tradewind.cli.workspace import opened
        from tradewind.core.clock import SystemClock, moment_of
        from tradewind.pipelines.ingest import IngestRequest, run

        here = opened(workspace)
        start_logs(read_settings(here.config).logs, "ingest", debug=debug, clock=SystemClock())
        request = IngestRequest(
            kind,
            source,
            stamps,
            calendar,
            None if bar is None else read_length(bar),
            tz,
            symbol,
            table,
            None if since is None else moment_of(since),
            strict,
            dry_run,
        )
        with stages(as_json) as tell:
            result = run(request, here, tell)
        voice.result(result.to_dict(), result.summary)
