"""`tradewind dataset build`: what a model learns from, made of bars, checked and kept."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

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

REGIMES = "Regimes"
SIDE_BY_SIDE = "Side by side"

dataset = typer.Typer(help="What a model learns from: build it.", no_args_is_help=True)


@dataset.command()
def build(
    data: Annotated[
        Path | None,
        typer.Option(
            help="Your bars, as CSV or Parquet; else those of the workspace, else a made market.",
            rich_help_panel=YOUR_DATA,
        ),
    ] = None,
    calendar: Sessions = None,
    stamps: StampsOf = None,
    bar: BarLength = None,
    tz: Zone = None,
    symbol: OnlySymbol = None,
    seed: Annotated[
        int, typer.Option(metavar="N", min=0, max=2**63 - 1, help="Of a made market.")
    ] = 7,
    name: Annotated[
        str, typer.Option(help="What to call it; each has its own tables.")
    ] = "dataset",
    horizon: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Bars ahead at which the outcome lies.")
    ] = None,
    regime_labels: Annotated[
        bool,
        typer.Option(
            "--regime-labels",
            help="Label volatility, liquidity and the rotation of sectors.",
            rich_help_panel=REGIMES,
        ),
    ] = False,
    regime_bands: Annotated[
        str | None,
        typer.Option(
            help="Below which share of the past is low, above which high: 0.33,0.67 unless told.",
            rich_help_panel=REGIMES,
        ),
    ] = None,
    cross_asset_view: Annotated[
        bool,
        typer.Option(
            "--cross-asset-view",
            help="Set all symbols side by side, as a table and a tensor.",
            rich_help_panel=SIDE_BY_SIDE,
        ),
    ] = False,
    cross_asset_columns: Annotated[
        str | None,
        typer.Option(
            help="Which columns of the bars: close,volume unless told.",
            rich_help_panel=SIDE_BY_SIDE,
        ),
    ] = None,
    cross_asset_fill_limit: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            help="For how many moments a value is carried on: 5 unless told.",
            rich_help_panel=SIDE_BY_SIDE,
        ),
    ] = None,
    cross_asset_least: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            min=0,
            max=1,
            help="Drop moments at which fewer of the symbols are fresh.",
            rich_help_panel=SIDE_BY_SIDE,
        ),
    ] = None,
    join_limit_s: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="How long that may take, or it is left out: 300 unless told.",
            rich_help_panel=SIDE_BY_SIDE,
        ),
    ] = None,
    strict_validation: Annotated[
        bool, typer.Option("--strict-validation", help="Keep nothing where a contract is broken.")
    ] = False,
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE.db", help="Write the tables of the workspace as SQLite too."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be made.")] = False,
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Features, outcomes, regimes and a view of all symbols side by side, none knowing the future."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.cli.logs import start_logs
        from tradewind.cli.progress import stages
        from tradewind.cli.settings import read_settings
        from tradewind.cli.workspace import opened
        from tradewind.core.clock import SystemClock
        from tradewind.pipelines.dataset.build import run
        from tradewind.pipelines.dataset.request import DatasetRequest

        if data is None:
            require_none({"stamps": stamps, "bar": bar, "tz": tz, "symbol": symbol})
        bands = None if regime_bands is None else read_bands(regime_bands)
        columns = None if cross_asset_columns is None else read_columns(cross_asset_columns)
        of_labels = {"bands": ("--regime-bands", bands)}
        of_view = {
            "columns": ("--cross-asset-columns", columns),
            "fill_limit": ("--cross-asset-fill-limit", cross_asset_fill_limit),
            "least": ("--cross-asset-least", cross_asset_least),
            "join_limit_s": ("--join-limit-s", join_limit_s),
        }
        said = {
            **given("--regime-labels", regime_labels, of_labels),
            **given("--cross-asset-view", cross_asset_view, of_view),
        }
        here = opened(workspace)
        settings = read_settings(here.config)
        start_logs(settings.logs, "dataset", debug=debug, clock=SystemClock())
        request = DatasetRequest(
            name=name,
            data=data,
            seed=seed,
            calendar=calendar or "XNYS",
            stamps=stamps,
            bar=None if bar is None else read_length(bar),
            tz=tz,
            symbol=symbol,
            horizon=horizon,
            regimes=regime_labels,
            view=cross_asset_view,
            strict=strict_validation,
            export=export,
            dry_run=dry_run,
            config=settings.up,
            **said,
        )
        with stages(as_json) as tell:
            result = run(request, here, tell)
        voice.result(result.to_dict(), result.summary)
        raise typer.Exit(FINE if result.passed else REFUSED)


def given(switch: str, on: bool, options: Mapping[str, tuple[str, object]]) -> dict[str, Any]:
    """The options that were given; refused where what they are of is not asked for.

    >>> given("--regime-labels", True, {"bands": ("--regime-bands", (0.2, 0.8))})
    {'bands': (0.2, 0.8)}
    >>> given("--regime-labels", False, {"bands": ("--regime-bands", (0.2, 0.8))})
    Traceback (most recent call last):
    tradewind.core.errors.BadConfig: --regime-bands does nothing without --regime-labels: add it, ...
    """
    from tradewind.core.errors import BadConfig

    said = {name: value for name, (_, value) in options.items() if value is not None}
    if said and not on:
        option = options[next(iter(said))][0]
        raise BadConfig(f"{option} does nothing without {switch}", f"add it, or drop {option}")
    return said


def read_columns(text: str) -> tuple[str, ...]:
    """
    >>> read_columns("close, volume")
    ('close', 'volume')
    """
    return tuple(column.strip() for column in text.split(","))


def read_bands(text: str) -> tuple[float, float]:
    """Two shares, as people write them.

    >>> read_bands("0.25, 0.75")
    (0.25, 0.75)
    >>> read_bands("thirds")
    Traceback (most recent call last):
    tradewind.core.errors.BadConfig: --regime-bands 'thirds' are no two shares: write 0.33,0.67
    """
    from tradewind.core.errors import BadConfig

    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        raise BadConfig(f"--regime-bands {text!r} are no two shares", "write 0.33,0.67") from None
    return low, high
