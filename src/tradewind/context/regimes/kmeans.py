"""`KMeans`: each row belongs to the nearest of a few centres."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tradewind.context.regimes.clusters import centres_apart, settle
from tradewind.context.regimes.fitted import FittedRegimes, fitted, require_recipe
from tradewind.context.regimes.learning import Learnt, Rows, likeliest, round_states
from tradewind.context.regimes.taken import Given
from tradewind.context.regimes.unfitted import Unfitted
from tradewind.core import Rng, stream


@dataclass(frozen=True)
class KMeans(Unfitted):
    """The likeliest state of a row is its nearest centre; the probabilities are those of round states
    of one size, all alike before the row is seen.

    >>> from tradewind.context.regimes.trial import two_regimes
    >>> KMeans(states=2).fit(two_regimes()).names
    ('low_vol', 'high_vol')
    """

    states: int = 3
    starts: int = 4
    seed: int = 0
    tells: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_recipe(self.states, self.starts)

    def fit(self, features: Given) -> FittedRegimes:
        """The tightest of several starts."""
        return fitted(self, features)

    def learn(self, rows: Rows) -> Learnt:
        """The chain of these scaled rows."""
        return likeliest(
            self.starts,
            stream(self.seed, "regimes", "kmeans"),
            lambda rng, _: self._once(rows, rng),
        )

    def _once(self, rows: Rows, rng: Rng) -> Learnt:
        begin = centres_apart(rows.complete, self.states, rng)
        centres, _, loss, rounds, converged = settle(rows.complete, begin)
        alike = np.full((self.states, self.states), 1 / self.states)
        variance = max(loss / centres.shape[1], 1e-6)
        return Learnt(round_states(alike, centres, variance), -loss, rounds, converged)
