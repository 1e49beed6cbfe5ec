"""`GaussianMixture`: states without memory, the benchmark for those that have it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tradewind.context.regimes.fitted import FittedRegimes, fitted, require_recipe
from tradewind.context.regimes.learning import (
    Learnt,
    Rows,
    from_clusters,
    likeliest,
    maximise,
    without_memory,
)
from tradewind.context.regimes.taken import Given
from tradewind.context.regimes.unfitted import Unfitted
from tradewind.core import stream


@dataclass(frozen=True)
class GaussianMixture(Unfitted):
    """A hidden Markov model whose next state does not depend on the last: each row speaks for itself.

    >>> from tradewind.context.regimes.trial import two_regimes
    >>> regimes = GaussianMixture(states=2).fit(two_regimes())
    >>> bool((regimes.chain.moves[0] == regimes.chain.moves[1]).all())
    True
    """

    states: int = 3
    starts: int = 4
    seed: int = 0
    tells: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_recipe(self.states, self.starts)

    def fit(self, features: Given) -> FittedRegimes:
        """The likeliest of several starts from k-means."""
        return fitted(self, features)

    def learn(self, rows: Rows) -> Learnt:
        """The chain of these scaled rows."""
        return likeliest(
            self.starts,
            stream(self.seed, "regimes", "mixture"),
            lambda rng, _: maximise(
                rows, without_memory(from_clusters(rows, self.states, rng)), tied=True
            ),
        )
