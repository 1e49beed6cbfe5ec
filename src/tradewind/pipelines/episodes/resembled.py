"""`resembled`: what the strongest calls of a forecast look like, and what followed their like."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl

from tradewind.context.library import PatternStorageEngine
from tradewind.context.patterns import embed, resolve, windows
from tradewind.context.patterns.scales import LENGTH, Scale, fitting
from tradewind.context.patterns.windows import WINDOWS
from tradewind.context.resembling import name_of
from tradewind.context.retrieval import Query, retrieve
from tradewind.context.retrieval.limited import Limited
from tradewind.core import Panel, Patterns
from tradewind.core.errors import Misuse
from tradewind.pipelines.episodes.bars import BarsAtHand
from tradewind.pipelines.episodes.builds import Builds
from tradewind.pipelines.episodes.config import EpisodesConfig
from tradewind.storage.workspace import Workspace

NAMED = 3
MOST = 20_000  # windows, the newest ones: more would take longer than a page should
NOTHING = pl.DataFrame(
    schema={
        "symbol": pl.String,
        "names": pl.List(pl.String),
        **dict.fromkeys(("similarity", "effective", "low", "median", "high", "rose"), pl.Float64),
    }
)


def resembled(
    panel: Panel,
    at: datetime,
    symbols: Sequence[str],
    horizon: int,
    config: EpisodesConfig,
    calendar: str,
) -> pl.DataFrame:
    """One row of each symbol that resembles something, by a library of the windows known by then, which is
    made of these bars and let go.

    >>> from tradewind.data.synthetic import make_market
    >>> bars = make_market("equity", 8, 300, seed=1).panel
    >>> told = resembled(bars, bars.moments[-1], ["EQ1"], 5, EpisodesConfig(), "XNYS")
    >>> told["symbol"].to_list(), len(told["names"][0])
    (['EQ1'], 3)
    """
    known = panel.until(at)
    scale = _scale(known)
    if scale is None:
        return NOTHING
    newest = windows(known, scale, config.bars, config.every, calendar).table.tail(MOST)
    past = resolve(Patterns(newest), known, (horizon,), calendar)
    asked = embed(known, scale, [at], config.bars, calendar)
    shapes = dict(zip(asked["symbol"], asked["embedding"], strict=True))
    with TemporaryDirectory() as folder:
        library = PatternStorageEngine(Path(folder))
        library.add(past)
        known_ones = [symbol for symbol in symbols if symbol in shapes]
        rows = [_row(library, one, shapes[one], at, horizon, scale) for one in known_ones]
    return pl.DataFrame([row for row in rows if row], schema=NOTHING.schema)


@dataclass(frozen=True, eq=False)
class KeptPast:
    """The library of a workspace, and the bars that it was made of."""

    library: PatternStorageEngine
    bars: BarsAtHand
    config: EpisodesConfig

    @classmethod
    def of(
        cls, workspace: Workspace, config: EpisodesConfig, horizon: int, calendar: str
    ) -> "KeptPast | str":
        """That, or why it cannot be asked: one of other settings or other bars answers another question."""
        if horizon not in config.horizons:
            return f"what followed within {horizon} bars is not kept: add it to patterns.horizons"
        bars = BarsAtHand.of(workspace, calendar)
        if why := Builds(workspace).why_not(bars, config):
            return f"{why}: run `tradewind patterns build`"
        return cls(PatternStorageEngine(workspace.path), bars, config)

    def resembled(self, at: datetime, symbols: Sequence[str], horizon: int) -> pl.DataFrame:
        """One row of each symbol that resembles something that was known and followed by then."""
        rows = []
        for symbol in symbols:
            calendar, panel = self.bars.keeping(symbol)
            known = panel.until(at)
            if scale := _scale(known):
                own = Panel(known.table.filter(pl.col("symbol") == symbol))
                asked = embed(own, scale, [at], self.config.bars, calendar)
                rows += [
                    _row(self.library, symbol, shape, at, horizon, scale)
                    for shape in asked["embedding"]
                ]
        return pl.DataFrame([row for row in rows if row], schema=NOTHING.schema)


def _row(
    library: PatternStorageEngine,
    symbol: str,
    shape: pl.Series,
    at: datetime,
    horizon: int,
    scale: Scale,
) -> dict[str, Any] | None:
    """What a shape resembles, in one line; None where that is nothing."""
    search = Limited(library, LENGTH[scale], symbol, WINDOWS)
    query = Query(shape.to_numpy().astype(np.float64), at, horizon * LENGTH[scale])
    found = retrieve(search, query)
    after = found.aftermath
    if after is None:
        return None
    return {
        "symbol": symbol,
        "names": [name_of(one.pattern) for one in found.neighbours[:NAMED]],
        "similarity": after.similarity[1],
        "effective": after.effective,
        "low": after.quantiles[0.05],
        "median": after.quantiles[0.5],
        "high": after.quantiles[0.95],
        "rose": after.rose,
    }


def _scale(panel: Panel) -> Scale | None:
    """The shortest that fits; None for bars of quarters and years, and of symbols with one bar each."""
    try:
        return next(iter(fitting(panel)), None)
    except Misuse:
        return None
