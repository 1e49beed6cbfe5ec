"""`MarketWide`: any detector on the median symbol, as one sequence of the name MARKET."""

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from tradewind.context.regimes.smoothed import Smoothed
from tradewind.context.regimes.taken import Given, taken
from tradewind.context.regimes.unfitted import Unfitted
from tradewind.core import Dataset, MarketState
from tradewind.core.roles import RegimeDetector, RegimeLearner

MARKET = "MARKET"


@dataclass(frozen=True, eq=False)
class MarketWide(Unfitted):
    """What it learns, and says, is of the market as a whole.

    >>> from tradewind.context.regimes.hmm import GaussianHMM
    >>> from tradewind.context.regimes.trial import two_regimes
    >>> rows = two_regimes(symbols=5)
    >>> told = MarketWide(GaussianHMM(states=2)).fit(rows).filter(rows).table
    >>> told["symbol"].unique().to_list(), len(told)
    (['MARKET'], 600)
    """

    learner: RegimeLearner

    def fit(self, features: Given) -> "FittedMarketWide":
        """Fitted to the median symbol."""
        return FittedMarketWide(self.learner.fit(median_symbol(features)))


@dataclass(frozen=True, eq=False)
class FittedMarketWide:
    """A fitted detector of the market."""

    detector: RegimeDetector

    @property
    def names(self) -> tuple[str, ...]:
        return self.detector.names

    def fit(self, features: Given) -> "FittedMarketWide":
        """Learnt anew, with the names that it has."""
        return replace(self, detector=self.detector.fit(median_symbol(features)))

    def begin(self) -> Any:
        """The state before any row."""
        return self.detector.begin()

    def filter(self, features: Given) -> MarketState:
        """The probabilities at each moment, given the moments up to it."""
        return self.detector.filter(median_symbol(features))

    def step(self, state: Any, features: Given) -> tuple[MarketState, Any]:
        """The moments that follow a state, each given whole, and the state after them."""
        return self.detector.step(state, median_symbol(features))

    def smooth(self, features: Given) -> Smoothed:
        """In hindsight; for pictures only."""
        smoothed: Smoothed = self.detector.smooth(median_symbol(features))
        return smoothed


def median_symbol(features: Given) -> Dataset:
    """One row a moment: the median of each feature over the symbols that have it.

    A median reads the rows of its own moment alone, so it is the same however a history is cut.
    """
    market = pl.lit(MARKET).cast(pl.Enum([MARKET])).alias("symbol")
    rows = taken(features)
    medians = rows.table.group_by("decided_at").agg(pl.col(rows.features).median())
    table = medians.sort("decided_at").select("decided_at", market, *rows.features)
    return Dataset(table, rows.features)
