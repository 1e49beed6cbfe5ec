"""`tradewind check` and `tradewind quarantine`: what is odd in a workspace, and what is done about it."""

from typing import Annotated, Literal

import typer

from tradewind.cli.options import WORKSPACE, AsJson, Debug, WorkspaceDir
from tradewind.cli.voice import FINE, REFUSED, Voice


def check(
    calendar: Annotated[str, typer.Option(help="Whose sessions the bars keep.")] = "XNYS",
    page: Annotated[bool, typer.Option("--page", help="Write a page with pictures, too.")] = False,
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Look at all that lies in the workspace: every byte, and every bar."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.pipelines.holdings.quality import run
        from tradewind.storage.workspace import Workspace

        here = Workspace(workspace)
        here.require_known_format()
        result = run(here, calendar, page)
        voice.result(result.to_dict(), result.summary)
        raise typer.Exit(FINE if result.passed else REFUSED)


def quarantine(
    step: Annotated[Literal["list", "release", "drop"], typer.Argument(help="What to do.")],
    symbol: Annotated[str | None, typer.Option(help="Only rows of this symbol.")] = None,
    check: Annotated[str | None, typer.Option(help="Only rows set aside by this check.")] = None,
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Rows that were set aside: list them, let them in as known from now on, or call them wrong."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.core.clock import SystemClock
        from tradewind.pipelines.holdings.setting_aside import Chosen, decided, listed
        from tradewind.storage.workspace import Workspace

        here, chosen = Workspace(workspace), Chosen(symbol, check)
        here.require_known_format()
        if step == "list":
            rows = listed(here, chosen)
            lines = [
                f"{row['symbol'] or '-'} {row['timestamp'] or '-'} {row['check']} {row['state']}: "
                f"{row['reason']}" + (f"; {row['written']}" if row["written"] else "")
                for row in rows
            ]
            voice.result({"rows": rows}, "\n".join(lines) or "nothing is set aside")
        else:
            told = decided(here, step, chosen, SystemClock().now())
            voice.result({step: told.count, "displaced": told.displaced}, told.summary)
