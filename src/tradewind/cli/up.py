"""`tradewind up`: the main job, and its page."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli.options import WORKSPACE, AsJson, Debug, WorkspaceDir
from tradewind.cli.voice import FINE, REFUSED, Voice
from tradewind.cli.your_data import (
    YOUR_DATA,
    BarLength,
    OnlySymbol,
    Sessions,
    StampsOf,
    Zone,
    read_length,
    require_none,
)

THE_PAGE = "The page"


def up(
    data: Annotated[
        Path | None,
        typer.Option(
            help="Your bars, as CSV or Parquet; else a made market.",
            rich_help_panel=YOUR_DATA,
        ),
    ] = None,
    stored: Annotated[
        bool,
        typer.Option(
            "--stored",
            help="The bars that were ingested into the workspace.",
            rich_help_panel=YOUR_DATA,
        ),
    ] = False,
    calendar: Sessions = None,
    stamps: StampsOf = None,
    bar: BarLength = None,
    tz: Zone = None,
    symbol: OnlySymbol = None,
    seed: Annotated[
        int, typer.Option(metavar="N", min=0, max=2**63 - 1, help="Of all that is drawn.")
    ] = 7,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Show the page.", rich_help_panel=THE_PAGE)
    ] = True,
    host: Annotated[
        str | None, typer.Option(help="Where to show it.", rich_help_panel=THE_PAGE)
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=0, max=65535, help="0 takes any free one.", rich_help_panel=THE_PAGE
        ),
    ] = None,
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """From a market to an honest scorecard and one page, on made data or your own."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.cli.logs import start_logs
        from tradewind.cli.progress import stages
        from tradewind.cli.settings import read_settings
        from tradewind.cli.workspace import opened
        from tradewind.core.clock import SystemClock
        from tradewind.pipelines.up import UpRequest, require_there, run
        from tradewind.service.serve import require_port_free
        from tradewind.service.serve import serve as show

        of_data = {"calendar": calendar, "stamps": stamps, "bar": bar, "tz": tz, "symbol": symbol}
        if stored:
            of_data |= {"data": None if data is None else str(data)}
            require_none({name: of_data[name] for name in of_data if name != "calendar"})
        elif data is None:
            require_none(of_data)
        length = None if bar is None else read_length(bar)
        if data is not None:
            require_there(data)
        here = opened(workspace)
        settings = read_settings(here.config)
        start_logs(settings.logs, "up", debug=debug, clock=SystemClock())
        host = settings.service.host if host is None else host
        port = settings.service.port if port is None else port
        if serve:
            require_port_free(host, port)
        sessions = calendar or "XNYS"
        request = UpRequest(data, stored, seed, sessions, stamps, length, tz, symbol, settings.up)
        with stages(as_json) as tell:
            result = run(request, here, tell)
        told = {"passed": result.card.passed, "facts": dict(result.facts)}
        logging.getLogger(__name__).info("the job is done", extra=told)
        voice.result(result.to_dict(), result.summary)
        if serve:
            show(here.reports, host, port, voice.note)
        raise typer.Exit(FINE if result.card.passed else REFUSED)
