"""`tradewind features`: what there is, what one of them is, and the tables that keep their values."""

from typing import Annotated

import typer

from tradewind.cli.options import WORKSPACE, AsJson, Debug, WorkspaceDir
from tradewind.cli.voice import FINE, REFUSED, Voice

features = typer.Typer(no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="A feature, such as return_20.")]


@features.callback()
def group() -> None:
    """Features: what there is, what they are, and the tables that keep them."""


@features.command("list")
def list_families(
    workspace: WorkspaceDir = WORKSPACE, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Every family: how many features, how far they look back, what they are."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.cli.settings import read_settings
        from tradewind.core.coarser import EVERY
        from tradewind.pipelines.explaining.telling import listed
        from tradewind.storage.workspace import Workspace

        here = Workspace(workspace)
        rows = listed(here, read_settings(here.config).up.features)
        lines = [
            f"{row['family']:<12} {row['features']:>4} features {row['lookback']:>8,} bars  {row['doc']}"
            for row in rows
        ]
        longer = (
            "on longer bars: any family that reads each symbol by itself, as bars@1w for its weeks "
            f"({', '.join(EVERY)})"
        )
        more = "all of a family: `tradewind features explain FAMILY`; one: `tradewind features show NAME`"
        voice.result({"families": rows}, "\n".join([*lines, longer, more]))


@features.command()
def show(
    name: Name,
    symbol: Annotated[str | None, typer.Option(help="Whose value to tell; else of each.")] = None,
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """One feature: what it is, and its last values on the bars of the workspace or on made ones."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.cli.progress import stages
        from tradewind.cli.settings import read_settings
        from tradewind.pipelines.explaining.telling import shown
        from tradewind.storage.workspace import Workspace

        here = Workspace(workspace)
        config = read_settings(here.config).up.features
        with stages(as_json) as tell:
            told = shown(here, config, name, tell, symbol)
        voice.result(told.to_dict(), told.summary)


@features.command()
def explain(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A feature, or a family such as alpha158.")
    ],
    symbol: Annotated[str | None, typer.Option(help="Whose bars to draw it on.")] = None,
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """A feature as a page, with words, formula and a chart under the price; or all of a family in small."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.cli.progress import stages
        from tradewind.cli.settings import read_settings
        from tradewind.cli.workspace import opened
        from tradewind.pipelines.explaining.pages import explained

        here = opened(workspace)
        config = read_settings(here.config).up.features
        with stages(as_json) as tell:
            told = explained(here, config, name, symbol, tell)
        voice.result(told.to_dict(), told.summary)


@features.command()
def refresh(
    workspace: WorkspaceDir = WORKSPACE, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Bring the tables of the configured families up to the newest bars; only what is new is computed."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.cli.progress import stages
        from tradewind.cli.settings import read_settings
        from tradewind.core.clock import SystemClock
        from tradewind.pipelines.explaining.silent import silent
        from tradewind.pipelines.explaining.unheard import unheard
        from tradewind.pipelines.features import run
        from tradewind.storage.workspace import Workspace

        here = Workspace(workspace)
        here.require_known_format()
        config = read_settings(here.config).up.features
        with stages(as_json) as tell:
            result = run(here, config, tell, SystemClock())
        for told in (silent, unheard):
            for line in told(here, config, result.families):
                voice.note(str(line))
        voice.result(result.to_dict(), result.summary)


@features.command()
def log(
    sla_s: Annotated[
        float | None,
        typer.Option(
            metavar="S", min=0.0, help="How long a refresh may take; else features.sla_s."
        ),
    ] = None,
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """How long each refresh took, and whether that is what was promised; 1 if the last one was not."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.cli.settings import read_settings
        from tradewind.pipelines.refresh_log import logged
        from tradewind.storage.workspace import Workspace

        here = Workspace(workspace)
        here.require_known_format()
        promised = read_settings(here.config).up.features.sla_s if sla_s is None else sla_s
        told = logged(here, promised)
        voice.result(told.to_dict(), told.summary)
        raise typer.Exit(FINE if told.kept else REFUSED)
