"""`search`: which past episodes a symbol looks like at a moment, and what followed them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import polars as pl

from tradewind.context.library import PatternStorageEngine
from tradewind.context.patterns import embed
from tradewind.context.patterns.embedding import LEAST
from tradewind.context.patterns.scales import LENGTH, Scale, fitting
from tradewind.context.patterns.walk import Walk, walked
from tradewind.context.patterns.windows import WINDOWS
from tradewind.context.resembling import name_of
from tradewind.context.retrieval import ContextAwareRetrieval, Query, Retrieved
from tradewind.context.retrieval.limited import Limited
from tradewind.core import Clock, Panel
from tradewind.core.arrays import Floats
from tradewind.core.errors import Misuse, nearest
from tradewind.pipelines.episodes.bars import BarsAtHand
from tradewind.pipelines.episodes.caveats import caveats
from tradewind.pipelines.episodes.config import EpisodesConfig
from tradewind.pipelines.episodes.picture import Asked, outcomes, picture
from tradewind.pipelines.regimes.labels import names
from tradewind.pipelines.tell import Tell
from tradewind.reporting.episodes import EpisodesPicture
from tradewind.reporting.episodes_page import render
from tradewind.reporting.figures import number, percent
from tradewind.storage.files import publish_folder
from tradewind.storage.workspace import Workspace

PATIENCE_MS = 10_000.0  # a person waits longer than a forecast does
LISTED = 8


@dataclass(frozen=True)
class SearchRequest:
    """What is asked: unless more is said, of now, at the shortest scale, among the windows.

    A moment of now is like other moments, and not like those at which something was recognised: asked
    among these, it is told what follows a break, whether or not there was one.
    """

    symbol: str
    at: datetime | None = None
    scale: Scale | None = None
    horizon: int | None = None
    k: int = 64
    regime: str | None = None
    others: bool = False
    kinds: frozenset[str] = WINDOWS


@dataclass(frozen=True, eq=False)
class Resembled:
    """What was found, as it is told, drawn and published."""

    asked: Asked
    request: SearchRequest
    found: Retrieved
    origin: str
    caveats: tuple[str, ...] = ()
    page: Path | None = field(default=None)

    @cached_property
    def picture(self) -> EpisodesPicture:
        """The same to be drawn."""
        return picture(self.asked, self.found, self.facts)

    @property
    def facts(self) -> Mapping[str, str]:
        """How it was asked."""
        after = self.found.aftermath
        regime = self.request.regime or "any"
        return {
            "Bars": f"{self.asked.bars} of {self.asked.scale}, of {self.origin}",
            "Asked as of": f"{self.asked.at:%Y-%m-%d %H:%M} UTC: what was not known then counts for nothing",
            "Among": ", ".join(sorted(kind.replace("_", " ") for kind in self.request.kinds))
            + (", of others than itself" if self.request.others else ""),
            "Regime": regime + (", widened since it had too few" if self.found.widened else ""),
            "Independent": f"as much as {number(after.effective, 1)} episodes at different times tell"
            if after
            else "nothing was found",
            **({"But": "; ".join(self.caveats)} if self.caveats else {}),
        }

    @property
    def summary(self) -> str:
        """What followed in two lines, and the nearest in a line each."""
        after, asked = self.found.aftermath, self.asked
        head = f"{asked.symbol}, {asked.bars} bars of {asked.scale} to {asked.ended:%Y-%m-%d %H:%M} UTC"
        if self.found.degraded:
            return f"{head}: nobody answered ({self.found.degraded})"
        if after is None:
            nothing = f"nothing that had been followed within {asked.horizon} bars resembles it"
            return "\n".join([f"{head}: {nothing}", *self.caveats])
        lines = [
            f"{head}: {len(self.found.neighbours)} episodes are alike by {after.similarity[1]:.2f} to "
            f"{after.similarity[0]:.2f}; they tell as much as {after.effective:.1f} at different times",
            *(
                f"after {asked.horizon} bars, {what}: {percent(low, 2)} / {percent(middle, 2)} / {percent(high, 2)}"
                " (10, 50 and 90 of 100 ended lower)"
                for what, (low, middle, high) in outcomes(self.found, asked.usual).items()
            ),
            f"{percent(after.rose)} stood higher, by weight",
            *(
                f"  {name_of(one.pattern)}: {one.similarity:.2f}, then {percent(one.outcome.value, 2)}"
                for one in self.found.neighbours[:LISTED]
            ),
        ]
        return "\n".join([*lines, *self.caveats, *([str(self.page)] if self.page else [])])

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        after, asked = self.found.aftermath, self.asked
        return {
            "symbol": asked.symbol,
            "at": asked.at.isoformat(),
            "last_bar": asked.ended.isoformat(),
            "scale": asked.scale,
            "bars": asked.bars,
            "horizon": asked.horizon,
            "regime": self.request.regime,
            "widened": self.found.widened,
            "degraded": str(self.found.degraded) if self.found.degraded else None,
            "rose": after.rose if after else None,
            "effective": after.effective if after else None,
            "outcomes": {what: [*ends] for what, ends in outcomes(self.found, asked.usual).items()},
            "neighbours": [
                {
                    "name": name_of(one.pattern),
                    "symbol": one.pattern.symbol,
                    "kind": one.pattern.kind,
                    "end": one.pattern.end.isoformat(),
                    "regime": one.pattern.regime,
                    "similarity": one.similarity,
                    "followed": one.outcome.value,
                    "weight": one.weight,
                }
                for one in self.found.neighbours
            ],
            "caveats": list(self.caveats),
            "page": str(self.page) if self.page else None,
        }


def search(
    workspace: Workspace,
    config: EpisodesConfig,
    request: SearchRequest,
    calendar: str,
    tell: Tell,
    clock: Clock,
) -> Resembled:
    """Ask the library of a workspace what a symbol looks like."""
    at = request.at or clock.now()
    with tell.stage("read bars"):
        bars = BarsAtHand.of(workspace, calendar)
        own_calendar, panel = bars.keeping(request.symbol)
        scale = scale_of(panel, request.scale)
        horizon = horizon_of(config, request.horizon)
    with tell.stage("open the library"):
        library = opened(workspace)
        known = library.episodes()
        require_known(known, request, workspace)
    with tell.stage("search"):
        vector = shape_of(panel, request.symbol, scale, at, config.bars, own_calendar)
        among = Limited(
            library, LENGTH[scale], request.symbol if request.others else None, request.kinds
        )
        query = Query(vector, at, horizon * LENGTH[scale], request.k, request.regime)
        found = ContextAwareRetrieval(among, PATIENCE_MS)(query)
        alike = known.filter(pl.col("kind").is_in(list(request.kinds)), scale=LENGTH[scale])
        usual = resolved_by(alike, query)
        walks = walks_of(
            bars, {request.symbol, *(one.pattern.symbol for one in found.neighbours)}, scale
        )
    asked = Asked(request.symbol, scale, walks, config.bars, horizon, at, usual)
    return Resembled(asked, request, found, bars.origin, caveats(asked, found, alike))


def walks_of(bars: BarsAtHand, symbols: set[str], scale: Scale) -> dict[str, Walk]:
    """The walk of each symbol that has bars, by the calendar it keeps.

    >>> days = pl.DataFrame({"date": ["2024-01-05", "2024-01-06"], "COIN": [1.0, 2.0]})
    >>> coin, share = Panel.from_frame(days, calendar="24/7"), Panel.from_frame(days.rename({"COIN": "ACME"})[:1])
    >>> walks = walks_of(BarsAtHand({"XNYS": share, "24/7": coin}, "made"), {"ACME", "COIN", "GONE"}, "1d")
    >>> {symbol: walk.close.tolist() for symbol, walk in walks.items()}
    {'ACME': [1.0], 'COIN': [1.0, 2.0]}
    """
    each = [walked(panel, scale, calendar) for calendar, panel in bars.only(symbols)]
    return {symbol: walk for walk in each for symbol in walk.symbols}


def published(told: Resembled, workspace: Workspace) -> Path:
    """Its page, in the place of the last one of the symbol."""
    page = workspace.reports / "patterns" / folder_of(told.asked.symbol) / "index.html"
    page.parent.parent.mkdir(parents=True, exist_ok=True)
    publish_folder(page.parent, {page.name: render(told.picture)})
    return page


def folder_of(symbol: str) -> str:
    """What the folder of a symbol's page is called: whatever it is, it lies within its parent.

    >>> folder_of("BRK.B"), folder_of("EUR/USD"), folder_of("..")
    ('BRK.B', 'EUR%2FUSD', '%2E.')
    """
    named = quote(symbol, safe=" ")
    return f"%2E{named[1:]}" if named.startswith(".") else named


def opened(workspace: Workspace) -> PatternStorageEngine:
    """The library of a workspace; an empty one is refused."""
    library = PatternStorageEngine(workspace.path)
    if not len(library.episodes()):
        raise Misuse(
            f"the library of {workspace.path} is empty", "fill it with `tradewind patterns build`"
        )
    return library


def scale_of(panel: Panel, asked: Scale | None) -> Scale:
    """The scale that is asked for, or the shortest that fits.

    >>> bars = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02", "2024-01-03"], "ACME": [1.0, 2.0]}))
    >>> scale_of(bars, None)
    '1d'
    >>> scale_of(bars, "5m")
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: these bars have no episodes at a scale of '5m': choose from 1d, 1w
    """
    scales = fitting(panel)
    if asked is None and scales:
        return scales[0]
    if asked not in scales:
        raise Misuse(
            f"these bars have no episodes at a scale of {asked!r}", nearest(str(asked), scales)
        )
    return asked


def horizon_of(config: EpisodesConfig, asked: int | None) -> int:
    """The horizon that is asked for, or the first; one at which nobody looked is refused."""
    if asked is None:
        return config.horizons[0]
    if asked not in config.horizons:
        told = ", ".join(map(str, config.horizons))
        raise Misuse(
            f"what followed within {asked} bars is not kept",
            f"choose from {told}, or add it to patterns.horizons of tradewind.yaml and build again",
        )
    return asked


def require_known(episodes: pl.DataFrame, request: SearchRequest, workspace: Workspace) -> None:
    """Refuse a regime or a kind that no episode of the library has."""
    for name, asked in (("regime", {request.regime} - {None}), ("kind", request.kinds)):
        known = episodes[name].drop_nulls().unique().to_list()
        for one in sorted(str(each) for each in asked if each not in known):
            remedy = nearest(one, known) if known else _without_regimes(names(workspace))
            raise Misuse(f"no episode has the {name} {one!r}", remedy)


def _without_regimes(names: Sequence[str]) -> str:
    """What helps where no episode has a regime: each keeps the one that was said when it became known.

    >>> _without_regimes(())
    'fit some with `tradewind regimes fit`'
    """
    if not names:
        return "fit some with `tradewind regimes fit`"
    return (
        f"none has any: {', '.join(names)} were learnt here after these episodes became known; those that "
        "come after `tradewind regimes refresh` have one"
    )


def shape_of(
    panel: Panel, symbol: str, scale: Scale, at: datetime, bars: int, calendar: str
) -> Floats:
    """What the last bars of a symbol look like; too few of them, or a still price, are refused."""
    own = Panel(panel.table.filter(pl.col("symbol") == symbol))
    rows = embed(own, scale, [at], bars, calendar)
    if not len(rows):
        raise Misuse(
            f"{symbol!r} has fewer than {LEAST} bars of {scale}, or none that moves, "
            f"as of {at:%Y-%m-%d %H:%M} UTC",
            "ask about a later moment, or a shorter scale",
        )
    vector: Floats = rows["embedding"][0].to_numpy().astype(np.float64)
    return vector


def resolved_by(episodes: pl.DataFrame, query: Query) -> Floats:
    """What had followed every one of these episodes by the moment of a query, each as it was known then: of
    a corrected outcome the last version counts, once.

    >>> from datetime import UTC
    >>> day = [datetime(2024, 1, n, tzinfo=UTC) for n in range(1, 5)]
    >>> within = LENGTH["1d"]
    >>> told = [{"horizon": within, "value": value, "resolved_at": at} for value, at in ((0.1, day[1]), (0.2, day[2]))]
    >>> one = pl.DataFrame({"episode": [7], "followed": [told]})
    >>> asked = [Query(np.ones(128), at, within) for at in day]
    >>> [resolved_by(one, query).tolist() for query in asked]
    [[], [0.1], [0.2], [0.2]]
    """
    each = episodes.select("episode", "followed").filter(pl.col("followed").list.len() > 0)
    told = each.explode("followed").unnest("followed")
    known = told.filter(horizon=query.horizon).filter(pl.col("resolved_at") <= query.as_of)
    newest = known.sort("resolved_at").unique("episode", keep="last", maintain_order=True)
    return newest["value"].to_numpy()
