"""`tradewind synth`: made markets as files."""

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from tradewind.cli.options import WORKSPACE, AsJson, Debug, WorkspaceDir
from tradewind.cli.voice import Voice

PLANTED = "What is planted in it"
Layout = Literal["csv", "parquet", "sqlite"]


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
    layout: Annotated[
        Layout | None,
        typer.Option(help="As what; else as the name of OUT says, or CSV."),
    ] = None,
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
        request = SynthRequest(kind, symbols, periods, freq, seed, *planted, layout_of(out, layout))
        made = run(request, out, memory_bytes())
        files = ", ".join(made["files"])
        voice.result(made, f"{made['rows']:,} bars of {made['symbols']} symbols are in {files}")


def memory_bytes(limit: Path = Path("/sys/fs/cgroup/memory.max")) -> int:
    """The memory of this machine, or of the part of it that is ours.

    >>> memory_bytes(Path("no such file")) >= memory_bytes()
    True
    """
    all_of_it = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    ours = limit.read_text().strip() if limit.exists() else "max"
    return min(all_of_it, int(ours)) if ours.isdigit() else all_of_it


LAYOUTS: dict[str, Layout] = {
    ".csv": "csv", ".parquet": "parquet", ".db": "sqlite", ".sqlite": "sqlite", ".sqlite3": "sqlite",
}  # fmt: skip


def layout_of(out: Path, asked: Layout | None) -> Layout:
    """The layout that was asked for, or that the name says; a name that says another is refused.

    >>> layout_of(Path("bars.parquet"), None)
    'parquet'
    >>> layout_of(Path("bars.parquet"), "csv")
    Traceback (most recent call last):
    tradewind.core.errors.BadConfig: bars.parquet is to be csv, and its name says parquet: drop --layout, or rename it
    """
    said = LAYOUTS.get(out.suffix.lower())
    if asked and said and asked != said:
        from tradewind.core.errors import BadConfig

        raise BadConfig(
            f"{out.name} is to be {asked}, and its name says {said}", "drop --layout, or rename it"
        )
    return asked or said or "csv"
