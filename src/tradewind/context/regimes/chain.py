"""`Chain`: Gaussian states, and how likely one follows the other; what every detector comes to."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tradewind.core.arrays import Floats
from tradewind.core.errors import BadTable

RAREST = 1e-12  # no move is impossible, or a surprise could leave no state at all


@dataclass(frozen=True, eq=False)
class Chain:
    """K states of D scaled features.

    A mixture is a chain whose next state does not depend on the last; k-means one with round states of
    one size; a jump model follows the likeliest path alone (`best`) where a chain weighs all of them.

    >>> Chain(np.ones(1), np.ones((1, 1)), np.zeros((1, 2)), np.zeros((1, 2, 2)))
    Traceback (most recent call last):
    tradewind.core.errors.BadTable: a state without spread: give each state a covariance ...
    """

    start: Floats  # (K,)
    moves: Floats  # (K, K), from the row's state to the column's
    means: Floats  # (K, D)
    covariances: Floats  # (K, D, D)
    best: bool = False

    def __post_init__(self) -> None:
        if not (np.linalg.eigvalsh(self.covariances) > 0).all():
            raise BadTable(
                "a state without spread", "give each state a covariance that has an inverse"
            )

    @cached_property
    def factors(self) -> Floats:
        """(K, D, D) lower: what makes a state's deviations independent and of variance 1."""
        return np.ascontiguousarray(np.linalg.inv(np.linalg.cholesky(self.covariances)))

    @cached_property
    def heights(self) -> Floats:
        """(K,) the log density at each state's mean."""
        diagonal = np.diagonal(self.factors, axis1=1, axis2=2)
        dimensions = self.means.shape[1]
        return np.asarray(np.log(diagonal).sum(axis=1) - dimensions / 2 * np.log(2 * np.pi))

    @property
    def arrays(self) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """What the kernels read."""
        return self.start, self.moves, self.means, self.factors, self.heights

    def ordered(self, order: list[int]) -> "Chain":
        """The same states in another order."""
        return Chain(
            self.start[order],
            np.ascontiguousarray(self.moves[np.ix_(order, order)]),
            self.means[order],
            self.covariances[order],
            self.best,
        )

    @property
    def begun_anywhere(self) -> "Chain":
        """The same states, the first of them as likely as each is in the long run: who has shown nothing
        yet may be met on any day."""
        return replace(self, start=long_run(self.moves))


def long_run(moves: Floats) -> Floats:
    """(K,) the share of rows that each state has in the end, by Grassmann, Taksar and Heyman (1985): no
    difference is taken, so moves that hardly ever happen cost no digits.

    >>> long_run(np.array([[0.9, 0.1], [0.3, 0.7]])).round(12).tolist()
    [0.75, 0.25]
    >>> long_run(np.array([[1.0, 1e-12], [3e-12, 1.0]])).round(12).tolist()
    [0.75, 0.25]
    """
    left = moves.copy()
    for state in range(len(left) - 1, 0, -1):
        left[:state, state] /= left[state, :state].sum()
        left[:state, :state] += np.outer(left[:state, state], left[state, :state])
    shares = np.ones(len(left))
    for state in range(1, len(left)):
        shares[state] = shares[:state] @ left[:state, state]
    return np.asarray(shares / shares.sum())
