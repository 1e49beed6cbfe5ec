"""`Resembling`: which past episodes each symbol looks like at each moment, by name, or why nobody says."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from tradewind.context.patterns import embed
from tradewind.context.patterns.embedding import LEAST
from tradewind.context.patterns.scales import NAMES, Scale, length_of
from tradewind.context.patterns.windows import WINDOWS
from tradewind.context.retrieval import ContextAwareRetrieval, Query, Retrieved, retrieve
from tradewind.context.retrieval.limited import EpisodeLibrary, Limited
from tradewind.core import Market, Pattern
from tradewind.core.arrays import Floats
from tradewind.core.dependency import Dependency
from tradewind.core.errors import TradewindError
from tradewind.core.pool import Unanswered

NAMED = 3


@dataclass(frozen=True, eq=False)
class Resembling:
    """The part of `Surroundings` that asks a library; `horizon` is in bars of the scale.

    One moment is asked within a deadline, so a library that hangs costs a forecast nothing but what it
    would have said. A history is asked plainly: it says the same on every machine, and what a moment
    says that was answered in time. It is compared with
    windows of other symbols (docs/retrieval.md says why).
    """

    library: EpisodeLibrary
    dependency: Dependency
    scale: Scale = "1d"
    bars: int = 64
    horizon: int = 5
    calendar: str = "XNYS"
    deadline_ms: float = 20.0

    def __call__(self, market: Market, rows: pl.DataFrame) -> pl.DataFrame:
        times = rows["at"].unique().sort().to_list()
        queries = embed(market.panel, self.scale, times, self.bars, self.calendar)
        shapes = dict(zip(queries.select("at", "symbol").rows(), queries["embedding"], strict=True))
        told = [
            self._told(shapes.get((at, symbol)), at, symbol, alone=len(times) == 1)
            for at, symbol in rows.select("at", pl.col("symbol").cast(pl.String)).iter_rows()
        ]
        return rows.with_columns(
            similar=pl.Series([names for names, _ in told], dtype=pl.List(pl.String)),
            missing=pl.Series([why for _, why in told], dtype=pl.String),
        )

    def _told(
        self, shape: pl.Series | None, at: datetime, symbol: str, *, alone: bool
    ) -> tuple[list[str], str | None]:
        """The names of the nearest, and why there are none."""
        if shape is None:
            few = f"{symbol} has fewer than {LEAST} bars of {self.scale}, or none that moves"
            return [], f"episodes: {few}"
        found = self._asked(shape.to_numpy().astype(np.float64), at, symbol, alone=alone)
        return [name_of(one.pattern) for one in found.neighbours[:NAMED]], (
            str(found.degraded) if found.degraded else None
        )

    def _asked(self, shape: Floats, at: datetime, symbol: str, *, alone: bool) -> Retrieved:
        length = length_of(self.scale)
        search = Limited(self.library, length, symbol, WINDOWS)
        query = Query(shape, at, self.horizon * length)
        if alone:
            return ContextAwareRetrieval(search, self.deadline_ms, self.dependency)(query)
        try:
            return retrieve(search, query)
        except (OSError, TradewindError) as error:
            why = f"{type(error).__name__}: {error}"
            return Retrieved(query, degraded=Unanswered(self.dependency.name, "unavailable", why))


def name_of(pattern: Pattern) -> str:
    """An episode as people call it.

    >>> from datetime import UTC
    >>> end = datetime(2020, 3, 4, 21, tzinfo=UTC)
    >>> name_of(Pattern("ACME", "double_top", timedelta(days=1), end - timedelta(days=30), end, end,
    ...     np.full(128, 128**-0.5), 0.9))
    'ACME double_top 1d 2020-03-04'
    >>> name_of(Pattern("ACME", "gap", timedelta(minutes=5), end - timedelta(minutes=5), end, end,
    ...     np.full(128, 128**-0.5), 0.9))
    'ACME gap 5m 2020-03-04 21:00'
    """
    scale = NAMES.get(pattern.scale, pattern.scale)
    daily = pattern.scale >= timedelta(days=1)
    return f"{pattern.symbol} {pattern.kind} {scale} {pattern.end:{'%Y-%m-%d' if daily else '%Y-%m-%d %H:%M'}}"
