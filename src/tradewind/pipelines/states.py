"""What surrounds the forecasts of a schedule: the regime of the market, learnt before each part speaks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from tradewind.context.regimes import GaussianHMM, Hysteresis, MarketWide
from tradewind.context.regimes.said import Said
from tradewind.context.surroundings import Surroundings, steps
from tradewind.core import Dataset, Finding, Market, MarketState, Panel, Schedule
from tradewind.core.errors import BadTable
from tradewind.core.roles import FeatureReader, RegimeLearner
from tradewind.core.tables import micros
from tradewind.features.bars import BarFeatures

OBSERVED = ("volatility_20", "range_20", "return_20")
LEARNER = MarketWide(GaussianHMM(states=3))


@dataclass(frozen=True)
class Observing:
    """A FeatureReader of some of the features of another."""

    reader: FeatureReader
    names: tuple[str, ...]

    def __call__(self, market: Market, times: Sequence[datetime]) -> Dataset:
        rows = self.reader(market, times)
        return Dataset(rows.table.select("decided_at", "symbol", *self.names), self.names)


def surrounded(
    schedule: Schedule, market: Market, learner: RegimeLearner = LEARNER
) -> tuple[Schedule, tuple[Finding, ...]]:
    """The same strategies, each told the regime by a detector that has learnt from what was known before
    it speaks; one that is learnt later keeps the names of the one before.

    A part before which too little was known is told nothing, and that is found.
    """
    lag = usual_lag(market.panel)
    names = tuple(name for name in OBSERVED if name != "range_20" or "high" in market.panel.columns)
    reader = Observing(BarFeatures(ranked=()), names)
    rows = reader(market, steps(market.panel, lag, market.panel.moments[-1] + lag))
    parts, found = [], list[Finding]()
    for valid_from, strategy in schedule.parts:
        past = rows.table.filter(pl.col("decided_at") < valid_from)
        try:
            learner = learner.fit(Dataset(past, rows.features))
        except BadTable as error:
            found.append(_unknown(valid_from, error))
            parts.append((valid_from, strategy))
            continue
        around = Surroundings(reader, learner, lag)
        parts.append((valid_from, replace(strategy, state=around)))
    return Schedule(tuple(parts)), tuple(found)


def usual_lag(panel: Panel) -> timedelta:
    """How long after a bar is complete its rows are usually known."""
    first = panel.table.filter(~pl.Series(panel.corrections))
    return timedelta(
        microseconds=int(np.median(micros(first["known_at"]) - micros(first["timestamp"])))
    )


def states_along(
    schedule: Schedule, market: Market, times: Sequence[datetime]
) -> list[MarketState]:
    """What each part of a schedule was told at these moments."""
    told = []
    ends = [start for start, _ in schedule.parts[1:]]
    for (begin, strategy), end in zip(schedule.parts, [*ends, None], strict=True):
        own = [when for when in times if begin <= when and (end is None or when < end)]
        if own and strategy.state:
            told.append(strategy.state(market, own))
    return told


def said_along(states: Sequence[MarketState]) -> Said | None:
    """The regime that was said at each moment, one history over all parts; None where none was known."""
    if not states:
        return None
    names = dict.fromkeys(name for state in states for name in state.regimes)
    tables = [state.table.with_columns(pl.col("symbol").cast(pl.String)) for state in states]
    whole = pl.concat(tables, how="diagonal").with_columns(
        pl.col("symbol").cast(pl.Enum(sorted({*pl.concat(tables, how="diagonal")["symbol"]})))
    )
    return Hysteresis()(MarketState(whole, tuple(names)))


def _unknown(valid_from: datetime, error: BadTable) -> Finding:
    return Finding(
        "regimes.too_short",
        "info",
        f"the part from {valid_from:%Y-%m-%d} on",
        f"no regimes were learnt before it: {error.rule}",
        "give a longer history",
    )
