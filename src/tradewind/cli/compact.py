"""`tradewind compact`: fewer, sorted files, and as much of a table's past as is wanted."""

from datetime import timedelta
from typing import Annotated

import typer

from tradewind.cli.options import WORKSPACE, AsJson, Debug, WorkspaceDir
from tradewind.cli.voice import Voice

THE_PAST = "Of the past, keep what either says, and let the rest go"


def compact(
    table: Annotated[str, typer.Argument(metavar="[TABLE]", help="Which table.")] = "bars",
    keep_days: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            max=36_500,
            help="Versions of so many days.",
            rich_help_panel=THE_PAST,
        ),
    ] = None,
    keep_versions: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="So many versions.", rich_help_panel=THE_PAST),
    ] = None,
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Write a table anew into few files; every row stays, and every version unless told otherwise."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from dataclasses import asdict

        from tradewind.core.clock import SystemClock
        from tradewind.pipelines.holdings.querying import compacted
        from tradewind.storage.workspace import Workspace

        here = Workspace(workspace)
        here.require_known_format()
        since = None
        if keep_days is not None:
            since = SystemClock().now() - timedelta(days=keep_days)
        kept = compacted(here, table, keep_versions, since)
        voice.result(
            asdict(kept),
            f"{table}: version {kept.version}, versions from {kept.oldest} on are kept; "
            f"{kept.files:,} files of {kept.bytes / 1e6:,.1f} MB were removed",
        )
