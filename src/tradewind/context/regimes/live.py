"""`Live`: one row of one symbol at a time, in microseconds."""

from datetime import datetime

import numpy as np

from tradewind.context.regimes.filter_state import FilterState
from tradewind.context.regimes.fitted import FittedRegimes
from tradewind.context.regimes.forward import advance
from tradewind.core.arrays import Floats
from tradewind.core.errors import BadTable


class Live:
    """A detector in the loop of a service: it changes in place, and its bits are those of `filter`.

    >>> from tradewind.context.regimes.hmm import GaussianHMM
    >>> from tradewind.context.regimes.trial import two_regimes
    >>> rows = two_regimes()
    >>> regimes = GaussianHMM(states=2).fit(rows)
    >>> live = Live(regimes)
    >>> moments = rows.table["decided_at"].to_list()
    >>> for at, row in zip(moments, rows.matrix):
    ...     said = live.push("S0", at, row)
    >>> dict(zip(regimes.names, said.tolist())) == regimes.filter(rows).table.select(
    ...     regimes.names).row(-1, named=True)
    True
    """

    def __init__(self, regimes: FittedRegimes, state: FilterState | None = None) -> None:
        self._regimes = regimes
        self._before = state or FilterState()
        chain = regimes.chain
        self._fixed = (*chain.arrays, chain.best)
        self._work = np.empty((2, max(chain.means.shape)))
        self._usual: dict[str, Floats] = {}
        self._weights: dict[str, Floats] = {}
        self._at: dict[str, datetime] = {}

    def push(self, symbol: str, at: datetime, row: Floats) -> Floats:
        """(states,) the probabilities after a row (features,), NaN where a value is missing.

        The array is the symbol's own, and the next push changes it.
        """
        features = self._regimes.features
        if row.shape != (len(features),):
            rule = f"a row of shape {row.shape} for {len(features)} features"
            raise BadTable(rule, f"give {', '.join(features)}")
        weights = self._weights.get(symbol)
        if weights is None:
            weights = self._begun(symbol, at)
        elif at <= self._at[symbol]:
            self.state.require_before(symbol, at)  # refuses
        advance(row, self._usual[symbol], *self._fixed, weights, self._work)
        self._at[symbol] = at
        return weights

    @property
    def state(self) -> FilterState:
        """Where it stands: what `step`, or another of these, goes on from."""
        moved = {name: (self._at[name], tuple(row.tolist())) for name, row in self._weights.items()}
        return self._before.moved(moved)

    def _begun(self, symbol: str, at: datetime) -> Floats:
        self._before.require_before(symbol, at)
        self._usual[symbol] = self._regimes.scaling.of([symbol])[0]
        self._weights[symbol] = self._before.weights([symbol], len(self._regimes.names))[0]
        return self._weights[symbol]
