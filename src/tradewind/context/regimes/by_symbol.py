"""`BySymbol`: parameters of each symbol's own, where it has rows enough; states and names that all share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from tradewind.context.regimes.filter_state import FilterState
from tradewind.context.regimes.fitted import LEAST, FittedRegimes, Recipe, fitted
from tradewind.context.regimes.smoothed import Smoothed
from tradewind.context.regimes.taken import Given, taken
from tradewind.context.regimes.unfitted import Unfitted
from tradewind.core import Dataset, MarketState
from tradewind.core.tables import physical


@dataclass(frozen=True, eq=False)
class BySymbol(Unfitted):
    """A recipe learnt for each symbol alone. The default is to share parameters, which needs less data.

    >>> from tradewind.context.regimes.hmm import GaussianHMM
    >>> from tradewind.context.regimes.trial import two_regimes
    >>> rows = two_regimes(symbols=2)
    >>> fit = BySymbol(GaussianHMM(states=2)).fit(rows)
    >>> fit.names, sorted(fit.alone)
    (('low_vol', 'high_vol'), ['S0', 'S1'])
    """

    recipe: Recipe

    def fit(self, features: Given) -> "FittedBySymbol":
        """First shared by all, which gives the names; then each symbol by itself, matched to them."""
        rows = taken(features)
        return _fitted(fitted(self.recipe, rows), rows)


@dataclass(frozen=True, eq=False)
class FittedBySymbol:
    """One detector a symbol, and the shared one for those that were not learnt alone."""

    shared: FittedRegimes
    alone: Mapping[str, FittedRegimes]

    @property
    def names(self) -> tuple[str, ...]:
        return self.shared.names

    def fit(self, features: Given) -> "FittedBySymbol":
        """Learnt anew, with the names that they have."""
        rows = taken(features)
        return _fitted(self.shared.fit(rows), rows)

    def begin(self) -> FilterState:
        """The state before any row."""
        return FilterState()

    def filter(self, features: Given) -> MarketState:
        """The probabilities of each row's states, given the rows of its symbol up to it."""
        return self.step(self.begin(), features)[0]

    def step(self, state: FilterState, features: Given) -> tuple[MarketState, FilterState]:
        """The rows that follow a state, and the state after them."""
        given = taken(features)
        tables = [self.shared.filter(given.take(np.arange(0))).table]
        for name, rows in _by_symbol(given):
            told, state = self._of(name).step(state, rows)
            tables.append(told.table)
        return MarketState(pl.concat(tables).sort("at", "symbol"), self.names), state

    def smooth(self, features: Given) -> Smoothed:
        """In hindsight; for pictures only."""
        given = taken(features)
        none = self.shared.smooth(given.take(np.arange(0))).picture
        parts = [self._of(name).smooth(rows).picture for name, rows in _by_symbol(given)]
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
