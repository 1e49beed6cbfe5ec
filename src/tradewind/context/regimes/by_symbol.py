"""`BySymbol`: parameters of each symbol's own, where it has rows enough; states and names that all share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from tradewind.context.regimes.filter_state import FilterState
from tradewind.context.regimes.fitted import LEAST, FittedRegimes, Recipe, fitted
from tradewind.context.regimes.smoothed import Smoothed
from tradewind.core import Dataset, MarketState
from tradewind.core.tables import physical


@dataclass(frozen=True, eq=False)
class BySymbol:
    """A recipe learnt for each symbol alone. The default is to share parameters, which needs less data.

    >>> from tradewind.context.regimes.hmm import GaussianHMM
    >>> from tradewind.context.regimes.trial import two_regimes
    >>> rows = two_regimes(symbols=2)
    >>> fit = BySymbol(GaussianHMM(states=2)).fit(rows)
    >>> fit.names, sorted(fit.alone)
    (('low_vol', 'high_vol'), ['S0', 'S1'])
    """

    recipe: Recipe

    def fit(self, features: Dataset) -> "FittedBySymbol":
        """First shared by all, which gives the names; then each symbol by itself, matched to them."""
        return _fitted(fitted(self.recipe, features), features)


@dataclass(frozen=True, eq=False)
class FittedBySymbol:
    """One detector a symbol, and the shared one for those that were not learnt alone."""

    shared: FittedRegimes
    alone: Mapping[str, FittedRegimes]

    @property
    def names(self) -> tuple[str, ...]:
        return self.shared.names

    def fit(self, features: Dataset) -> "FittedBySymbol":
        """Learnt anew, with the names that they have."""
        return _fitted(self.shared.fit(features), features)

    def begin(self) -> FilterState:
        """The state before any row."""
        return FilterState()

    def filter(self, features: Dataset) -> MarketState:
        """The probabilities of each row's states, given the rows of its symbol up to it."""
        return self.step(self.begin(), features)[0]

    def step(self, state: FilterState, features: Dataset) -> tuple[MarketState, FilterState]:
        """The rows that follow a state, and the state after them."""
        tables = [self.shared.filter(features.take(np.arange(0))).table]
        for name, rows in _by_symbol(features):
            told, state = self._of(name).step(state, rows)
            tables.append(told.table)
        return MarketState(pl.concat(tables).sort("at", "symbol"), self.names), state

    def smooth(self, features: Dataset) -> Smoothed:
        """In hindsight; for pictures only."""
        none = self.shared.smooth(features.take(np.arange(0))).picture
        parts = [self._of(name).smooth(rows).picture for name, rows in _by_symbol(features)]
        return Smoothed(pl.concat([none, *parts]).sort("at", "symbol"), self.names)

    def _of(self, symbol: str) -> FittedRegimes:
        return self.alone.get(symbol, self.shared)


def _fitted(shared: FittedRegimes, features: Dataset) -> FittedBySymbol:
    needed = LEAST * shared.recipe.states
    parts = ((name, rows) for name, rows in _by_symbol(features))
    enough = {name: rows for name, rows in parts if np.isfinite(rows.matrix).all(1).sum() >= needed}
    return FittedBySymbol(shared, {name: shared.fit(rows) for name, rows in enough.items()})


def _by_symbol(features: Dataset) -> Iterator[tuple[str, Dataset]]:
    codes = physical(features.table["symbol"])
    for code in np.unique(codes):
        rows = features.take(np.flatnonzero(codes == code))
        yield str(rows.table["symbol"][0]), rows
