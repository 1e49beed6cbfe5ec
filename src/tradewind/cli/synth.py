"""`tradewind synth`: made markets as files."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from tradewind.cli.options import WORKSPACE, AsJson, Debug, WorkspaceDir
from tradewind.cli.voice import Voice

PLANTED = "What is planted in it"


def synth(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The file of bars to write.")],
    kind: Annotated[str, typer.Option(help="equity, etf, crypto, fx or property.")] = "equity",
    symbols: Annotated[int, typer.Option(metavar="N", min=1, help="How many.")] = 50,
    periods: Annotated[int, typer.Option(metavar="N", min=1, help="Bars of each.")] = 750,
    freq: Annotated[str, typer.Option(help="1d, 1h, 1m; 1mo for property.")] = "1d",
    seed: Annotated[
        int, typer.Option(metavar="N", min=0, max=2**63 - 1, help="Of all that is drawn.")
    ] = 7,
    plants: Annotated[
        list[str] | None, typer.Option(help="A truth; may be repeated.", rich_help_panel=PLANTED)
    ] = None,
    faults: Annotated[
        list[str] | None, typer.Option(help="A fault; may be repeated.", rich_help_panel=PLANTED)
    ] = None,
    leaks: Annotated[
        list[str] | None, typer.Option(help="A leak; may be repeated.", rich_help_panel=PLANTED)
    ] = None,
    layout: Annotated[Literal["csv", "parquet", "sqlite"], typer.Option(help="As what.")] = "csv",
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Make a market whose truth is known, and write it as files."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.cli.logs import start_logs
        from tradewind.cli.settings import read_settings
        from tradewind.core.clock import SystemClock
        from tradewind.pipelines.synth import SynthRequest, run
        from tradewind.storage.workspace import Workspace

        settings = read_settings(Workspace(workspace).config)
        start_logs(settings.logs, "synth", debug=debug, clock=SystemClock())
        planted = (tuple(plants or ()), tuple(faults or ()), tuple(leaks or ()))
        request = SynthRequest(kind, symbols, periods, freq, seed, *planted, layout)
        made = run(request, out)
        files = ", ".join(made["files"])
        voice.result(made, f"{made['rows']:,} bars of {made['symbols']} symbols are in {files}")
