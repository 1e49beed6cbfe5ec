"""`tradewind patterns`: the library of past episodes, filled, asked, and told of."""

from typing import Annotated

import typer

from tradewind.cli.moments import When, read_moment
from tradewind.cli.options import WORKSPACE, AsJson, Debug, WorkspaceDir
from tradewind.cli.voice import FINE, REFUSED, Voice

patterns = typer.Typer(no_args_is_help=True)
Calendar = Annotated[
    str, typer.Option(help="Whose sessions the bars keep of which nothing was declared.")
]
Page = Annotated[bool, typer.Option("--page/--no-page", help="Write the page with the pictures.")]


@patterns.callback()
def group() -> None:
    """Past episodes: what looked like this, and what followed."""


@patterns.command()
def build(
    calendar: Calendar = "XNYS",
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Find what is new in the bars and keep it; learn what has followed the rest since."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.cli.compiling import saying_so
        from tradewind.cli.progress import stages
        from tradewind.cli.settings import read_settings
        from tradewind.core.clock import SystemClock
        from tradewind.pipelines.episodes.building import build as built
        from tradewind.storage.workspace import Workspace

        here = Workspace(workspace)
        here.require_known_format()
        config = read_settings(here.config).up.patterns
        with stages(as_json) as tell, saying_so(tell.note):
            result = built(here, config, calendar, tell, SystemClock())
        voice.result(result.to_dict(), result.summary)


@patterns.command()
def search(
    symbol: Annotated[str, typer.Argument(metavar="SYMBOL", help="Whose last bars are compared.")],
    at: When = None,
    scale: Annotated[
        str | None, typer.Option(help="5m, 15m, 30m, 1h, 1d, 1w or 1mo; else the shortest.")
    ] = None,
    horizon: Annotated[
        int | None, typer.Option(metavar="BARS", help="What followed within; else the first kept.")
    ] = None,
    nearest: Annotated[
        int, typer.Option("--nearest", "-k", metavar="N", min=1, help="How many.")
    ] = 64,
    regime: Annotated[str | None, typer.Option(help="Only those of one regime.")] = None,
    others: Annotated[
        bool, typer.Option("--others", help="Not those of the symbol itself.")
    ] = False,
    kind: Annotated[
        list[str] | None,
        typer.Option(help="Among these kinds, such as double_top; else among windows."),
    ] = None,
    page: Page = True,
    calendar: Calendar = "XNYS",
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """What a symbol looks like, what followed its like, and a page with the pictures."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from dataclasses import replace

        from tradewind.cli.compiling import saying_so
        from tradewind.cli.progress import stages
        from tradewind.cli.settings import read_settings
        from tradewind.core.clock import SystemClock
        from tradewind.pipelines.episodes.searching import SearchRequest, published
        from tradewind.pipelines.episodes.searching import search as searched
        from tradewind.storage.workspace import Workspace

        here = Workspace(workspace)
        here.require_known_format()
        config = read_settings(here.config).up.patterns
        request = SearchRequest(
            symbol,
            read_moment("--at", at),
            scale,  # type: ignore[arg-type]  # what it may be, the bars say
            horizon,
            nearest,
            regime,
            others,
            *([frozenset(kind)] if kind else []),
        )
        with stages(as_json) as tell, saying_so(tell.note):
            told = searched(here, config, request, calendar, tell, SystemClock())
            if page:
                with tell.stage("draw"):
                    told = replace(told, page=published(told, here))
        voice.result(told.to_dict(), told.summary)
        raise typer.Exit(REFUSED if told.found.degraded else FINE)


@patterns.command()
def stats(
    workspace: WorkspaceDir = WORKSPACE, as_json: AsJson = False, debug: Debug = False
) -> None:
    """How many episodes there are, of which kinds and scales, and what they take."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.pipelines.episodes.standing import stats as stands
        from tradewind.storage.workspace import Workspace

        here = Workspace(workspace)
        here.require_known_format()
        told = stands(here)
        voice.result(told.to_dict(), told.summary)


@patterns.command()
def show(
    name: Annotated[
        list[str],
        typer.Argument(metavar="NAME", help="As search tells it: ACME double_top 1d 2020-03-04."),
    ],
    page: Page = True,
    calendar: Calendar = "XNYS",
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """One episode: when it was, when it was known, what followed it, and a page with its picture."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from dataclasses import replace

        from tradewind.pipelines.episodes.showing import published
        from tradewind.pipelines.episodes.showing import show as shown
        from tradewind.storage.workspace import Workspace

        here = Workspace(workspace)
        here.require_known_format()
        told = shown(here, " ".join(name))
        if page:
            told = replace(told, page=published(told, here, calendar))
        voice.result(told.to_dict(), told.summary)
