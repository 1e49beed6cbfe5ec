"""`tradewind data`: what a workspace holds."""

from typing import Annotated

import typer

from tradewind.cli.options import WORKSPACE, AsJson, Debug, WorkspaceDir
from tradewind.cli.voice import Voice

data = typer.Typer(no_args_is_help=True)


@data.callback()
def group() -> None:
    """What the workspace holds."""


@data.command()
def coverage(
    calendar: Annotated[
        str | None,
        typer.Option(help="Whose sessions daily rows keep: XNYS, 24/7, ...; else as dates say."),
    ] = None,
    page: Annotated[
        bool, typer.Option("--page/--no-page", help="Write the page with the pictures.")
    ] = True,
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Tables by symbols, span, gaps, and how many decisions could be learned from."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.cli.settings import read_settings
        from tradewind.pipelines.holdings.coverage import CoverageRequest, run
        from tradewind.storage.workspace import Workspace

        here = Workspace(workspace)
        here.require_known_format()
        horizon = read_settings(here.config).up.target.horizon
        result = run(CoverageRequest(calendar, horizon, page), here)
        voice.result(result.to_dict(), result.summary)
