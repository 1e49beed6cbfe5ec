"""`JumpModel`: few states, and a price for each change of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from tradewind.context.regimes.backward import look_back
from tradewind.context.regimes.clusters import centres_apart, settle
from tradewind.context.regimes.fitted import FittedRegimes, fitted, require_recipe
from tradewind.context.regimes.learning import Learnt, Rows, likeliest, round_states
from tradewind.context.regimes.taken import Given
from tradewind.context.regimes.unfitted import Unfitted
from tradewind.core import Rng, stream
from tradewind.core.arrays import Floats
from tradewind.core.errors import BadConfig

ROUNDS = 50


@dataclass(frozen=True)
class JumpModel(Unfitted):
    """K-means whose states are paths: a change must save more distance than its `penalty`.

    Fitted as Bemporad et al. (2018) do: the cheapest path for these centres, the centres of that path,
    until it stays. Online the cheapest path that ends in each state is carried on; the probabilities
    are exp(-cost) of these paths, so the likeliest state is where the cheapest one ends.

    >>> from tradewind.context.regimes.trial import two_regimes
    >>> rows = two_regimes()
    >>> told = JumpModel(states=2).fit(rows).filter(rows).table["high_vol"] > 0.5
    >>> int((told != told.shift(1)).sum()) <= 12
    True
    """

    states: int = 3
    penalty: float = 20.0
    starts: int = 4
    seed: int = 0
    tells: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_recipe(self.states, self.starts)
        if not 0 <= self.penalty <= 500:
            raise BadConfig(f"a jump penalty of {self.penalty:g}", "give a number from 0 to 500")

    def fit(self, features: Given) -> FittedRegimes:
        """The cheapest of several starts."""
        return fitted(self, features)

    def learn(self, rows: Rows) -> Learnt:
        """The chain of these scaled rows."""
        return likeliest(
            self.starts, stream(self.seed, "regimes", "jump"), lambda rng, _: self._once(rows, rng)
        )

    def _once(self, rows: Rows, rng: Rng) -> Learnt:
        """Half a squared distance is minus a log density of variance 1, and exp(-penalty) the odds of a
        change: so the cheapest path is the likeliest of a chain."""
        moves = np.full((self.states, self.states), np.exp(-self.penalty))
        np.fill_diagonal(moves, 1.0)
        centres = settle(rows.complete, centres_apart(rows.complete, self.states, rng))[0]
        weights = np.empty((len(rows.scaled), self.states))
        path = np.full(len(rows.scaled), -1)
        for done in range(ROUNDS):
            chain = replace(round_states(moves, centres, 1.0), best=True)
            look_back(rows.scaled, rows.known, rows.offsets, *chain.arrays, True, weights)
            before, path = path, weights.argmax(axis=1)
            if (path == before).all():
                return Learnt(chain, -self._cost(rows, path, centres), done, converged=True)
            centres = _centres(rows, path, centres)
        return Learnt(chain, -self._cost(rows, path, centres), ROUNDS, converged=False)

    def _cost(self, rows: Rows, path: np.ndarray, centres: Floats) -> float:
        """Of a row: its distance, and its part in the price of the jumps."""
        away = ((rows.scaled - centres[path]) ** 2).sum(axis=1)[rows.known].sum() / 2
        jumps = path[1:] != path[:-1]
        jumps[rows.offsets[1:-1] - 1] = False  # from one symbol to the next
        return float(away + self.penalty * jumps.sum()) / max(int(rows.known.sum()), 1)


def _centres(rows: Rows, path: np.ndarray, centres: Floats) -> Floats:
    """The mean of the rows on each state; a state without rows keeps its centre."""
    moved = centres.copy()
    for state in range(len(centres)):
        mine = rows.scaled[rows.known & (path == state)]
        if len(mine):
            moved[state] = mine.mean(axis=0)
    return moved
