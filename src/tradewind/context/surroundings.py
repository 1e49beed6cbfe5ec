"""`Surroundings`: what a market is like, of one moment and of a history by the same code."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from tradewind.core import Market, MarketState, Panel
from tradewind.core.roles import FeatureReader, RegimeDetector
from tradewind.core.strategy import require_ascending
from tradewind.core.tables import UTC_TIME

Resembling = Callable[[Market, pl.DataFrame], pl.DataFrame]
"""(market, rows of at and symbol) -> the same rows with `similar`, and with `missing` for why not."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """A StateReader: regimes filtered from the first bar on, and past episodes that resemble each row.

    The detector takes a step at each bar, `lag` after the bar was complete, or when the first of its moment
    was known if that is later, whether or not that moment is asked for; so one moment alone says what it says in a history. Each symbol has the state of its last
    step, and is `degraded` where others have taken one since.

    >>> from datetime import UTC
    >>> from tradewind.context.regimes.trial import two_regimes
    >>> from tradewind.context.regimes import GaussianHMM
    >>> rows = two_regimes(symbols=2, moments=300)
    >>> moments = rows.table["decided_at"].unique().sort().to_list()
    >>> def read(market, times): return Dataset(
    ...     rows.table.filter(pl.col("decided_at").is_in(list(times))), rows.features)
    >>> from tradewind.core import Dataset
    >>> bars = rows.table.select("symbol", timestamp="decided_at", close=1.0)
    >>> market = Market({"bars": Panel.from_frame(bars, calendar="24/7", stamps="end", tz="UTC")})
    >>> around = Surroundings(read, GaussianHMM(states=2).fit(rows))
    >>> history, alone = around(market, moments), around(market, moments[-1:])
    >>> history.table[-2:].equals(alone.table), len(history.table)
    (True, 600)
    """

    features: FeatureReader
    detector: RegimeDetector
    lag: timedelta = timedelta(0)
    resembling: Resembling | None = None

    def __call__(self, market: Market, times: Sequence[datetime]) -> MarketState:
        require_ascending(times)
        known = market.as_of(times[-1])
        taken = steps(known.panel, self.lag, times[-1])
        if not taken:
            return MarketState(_nothing(self.detector.names), self.detector.names)
        state = self.detector.filter(self.features(known, taken))
        table = _last(state, times, taken)
        if self.resembling:
            table = _joined(table, self.resembling(known, table.select("at", "symbol")))
        return MarketState(table, self.detector.names)


def steps(panel: Panel, lag: timedelta, until: datetime) -> list[datetime]:
    """The moments, a while after each bar was complete and no sooner than one was known, up to one of them.

    >>> from datetime import UTC
    >>> bars = pl.DataFrame({"date": ["2024-01-02", "2024-01-03"], "symbol": "ACME", "close": 1.0})
    >>> until = datetime(2024, 1, 3, tzinfo=UTC)
    >>> [str(step) for step in steps(Panel.from_frame(bars), timedelta(hours=1), until)]
    ['2024-01-02 22:00:00+00:00']
    """
    first = panel.table.group_by("timestamp").agg(pl.col("known_at").min())
    moments = first.select(at=pl.max_horizontal(pl.col("timestamp") + lag, "known_at"))["at"]
    return moments.filter(moments <= until).unique().sort().cast(UTC_TIME).to_list()


def _last(state: MarketState, times: Sequence[datetime], taken: Sequence[datetime]) -> pl.DataFrame:
    """The last row of each symbol at each of these moments; those that are behind say so."""
    stepped = state.table.with_columns(stepped="at")
    asked = pl.DataFrame({"at": times, "newest": None}, schema={"at": UTC_TIME, "newest": UTC_TIME})
    newest = pl.DataFrame({"newest": taken}, schema={"newest": UTC_TIME})
    asked = asked.select("at").join_asof(newest, left_on="at", right_on="newest")
    symbols = stepped.select(pl.col("symbol").unique().sort())
    rows = (
        asked.join(symbols, how="cross")
        .sort("symbol", "at")
        .join_asof(stepped.sort("symbol", "at"), on="at", by="symbol", check_sortedness=False)
        .drop_nulls("stepped")
    )
    behind = pl.col("stepped") < pl.col("newest")
    why = pl.format("regime: as of {}", pl.col("stepped").dt.to_string("iso:strict"))
    degraded = pl.when(behind).then(pl.concat_list("degraded", why)).otherwise("degraded")
    told = rows.with_columns(degraded=degraded).select(state.table.columns)
    return told.sort("at", "symbol")


def _joined(table: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """The rows with what resembles them, or why nobody said."""
    rows = table.drop("similar").join(found, on=["at", "symbol"], maintain_order="left")
    why = pl.when(pl.col("missing").is_null()).then("degraded")
    return rows.with_columns(degraded=why.otherwise(pl.concat_list("degraded", "missing"))).select(
        table.columns
    )


def _nothing(names: Sequence[str]) -> pl.DataFrame:
    texts = pl.List(pl.String)
    kinds: dict[str, Any] = {"at": UTC_TIME, "symbol": pl.Enum([])}
    shares = dict.fromkeys(names, pl.Float64)
    return pl.DataFrame(schema={**kinds, **shares, "similar": texts, "degraded": texts})
