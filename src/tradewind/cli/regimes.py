"""`tradewind regimes`: learnt on the bars of a workspace, told day by day, shown, compared."""

from datetime import datetime
from typing import Annotated

import typer

from tradewind.cli.moments import When, read_moment
from tradewind.cli.options import WORKSPACE, AsJson, Debug, WorkspaceDir
from tradewind.cli.voice import Voice

regimes = typer.Typer(no_args_is_help=True)
MARKET = "MARKET"
Symbol = Annotated[
    str, typer.Argument(metavar="[SYMBOL]", help="Whose: a symbol, or the market as a whole.")
]


@regimes.callback()
def group() -> None:
    """Regimes: learn them, tell them day by day, see where everybody stands."""


@regimes.command()
def fit(
    until: When = None,
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Learn the regimes of the market and of its symbols, from the bars that were known at a moment."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.cli.compiling import saying_so
        from tradewind.cli.progress import stages
        from tradewind.cli.settings import read_settings
        from tradewind.core.clock import SystemClock
        from tradewind.pipelines.regimes.fitting import fit as learn
        from tradewind.storage.workspace import Workspace

        here = Workspace(workspace)
        here.require_known_format()
        config = read_settings(here.config).regimes
        with stages(as_json) as tell, saying_so(tell.note):
            result = learn(here, config, tell, SystemClock(), read_moment("--until", until))
        voice.result(result.to_dict(), result.summary)


@regimes.command()
def refresh(
    workspace: WorkspaceDir = WORKSPACE, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Tell the regimes up to the newest bars; only what is new is told."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.cli.compiling import saying_so
        from tradewind.cli.progress import stages
        from tradewind.cli.settings import read_settings
        from tradewind.core.clock import SystemClock
        from tradewind.pipelines.regimes.refreshing import refresh as tell_on
        from tradewind.storage.workspace import Workspace

        here = Workspace(workspace)
        here.require_known_format()
        config = read_settings(here.config).regimes
        with stages(as_json) as tell, saying_so(tell.note):
            result = tell_on(here, config, tell, SystemClock())
        voice.result(result.to_dict(), result.summary)


@regimes.command()
def show(
    symbol: Annotated[
        str | None, typer.Argument(metavar="[SYMBOL]", help="One of them; all, unless told.")
    ] = None,
    page: Annotated[
        bool, typer.Option("--page", help="Draw it too: the price in the colours of its regimes.")
    ] = False,
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Where the market and each symbol stand: the regime, how sure, since when, what it was learnt from."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.pipelines.regimes.picturing import pictured
        from tradewind.service.regimes import RegimeDetectionService
        from tradewind.storage.workspace import Workspace

        here = Workspace(workspace)
        service = RegimeDetectionService(here)
        names = service.symbols if symbol is None else (symbol,)
        standing = [service.current(name) for name in names or (MARKET,)]
        document: dict[str, object] = {
            "regimes": [one.to_dict() for one in standing],
            "findings": [one.to_dict() for one in service.findings],
        }
        lines = [*(one.summary for one in standing), *map(str, service.findings)]
        if page:
            drawn = pictured(here, standing[0].symbol)
            document, lines = {**document, "page": str(drawn)}, [*lines, str(drawn)]
        voice.result(document, "\n".join(lines))


@regimes.command()
def history(
    symbol: Symbol = MARKET,
    as_of: When = None,
    last: Annotated[
        int, typer.Option(metavar="N", min=1, help="How many bars, the newest ones.")
    ] = 20,
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """What was told of each bar of a symbol, as it was known at a moment."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.service.regimes import RegimeDetectionService
        from tradewind.storage.workspace import Workspace

        service = RegimeDetectionService(Workspace(workspace))
        rows = service.history(symbol, read_moment("--as-of", as_of)).tail(last).to_dicts()
        lines = [
            f"{row['timestamp']:%Y-%m-%d %H:%M}  {row['regime'] or 'not known'}" for row in rows
        ]
        told = [
            {key: one.isoformat() if isinstance(one, datetime) else one for key, one in row.items()}
            for row in rows
        ]
        voice.result({"symbol": symbol, "rows": told}, "\n".join(lines) or "nothing was told then")


@regimes.command()
def compare(
    workspace: WorkspaceDir = WORKSPACE, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Every kind of detector side by side, by bars that it had not seen; or on a made market, whose truth
    is known, where there are none."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.cli.compiling import saying_so
        from tradewind.cli.progress import stages
        from tradewind.cli.settings import read_settings
        from tradewind.core.clock import SystemClock
        from tradewind.pipelines.regimes.comparing import compare as side_by_side
        from tradewind.storage.workspace import Workspace

        here = Workspace(workspace)
        config = read_settings(here.config).regimes
        with stages(as_json) as tell, saying_so(tell.note):
            result = side_by_side(here, config, tell, SystemClock())
        voice.result(result.to_dict(), result.summary)
