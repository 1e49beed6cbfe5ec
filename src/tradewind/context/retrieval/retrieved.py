"""`Retrieved`: the episodes most like what was asked, and `Aftermath`: what followed them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from tradewind.context.retrieval.query import Query
from tradewind.core.arrays import Floats
from tradewind.core.pattern import Outcome, Pattern
from tradewind.core.pool import Unanswered


class Neighbour(NamedTuple):
    """A past episode as it was known when it was asked for, and how much it counts among the others."""

    pattern: Pattern
    similarity: float
    outcome: Outcome
    weight: float


@dataclass(frozen=True)
class Aftermath:
    """What followed, as log returns over the horizon asked.

    `effective` is the number of episodes at different times that would tell as much.
    """

    quantiles: Mapping[float, float]
    mean: float
    rose: float  # share, by weight
    effective: float
    similarity: tuple[float, float]  # of the least and of the most alike


@dataclass(frozen=True, eq=False)
class Retrieved:
    """The nearest first. Nothing was found (`aftermath` is None), or nobody answered (`degraded` says who
    and why); the two are never the same.

    `widened` says that the regime asked for had too few, and that episodes of others stand beside them.
    """

    query: Query
    neighbours: tuple[Neighbour, ...] = ()
    aftermath: Aftermath | None = None
    widened: bool = False
    degraded: Unanswered | None = None

    @cached_property
    def outcomes(self) -> Floats:
        """(neighbours,) what followed each."""
        return np.array([one.outcome.value for one in self.neighbours])

    @cached_property
    def weights(self) -> Floats:
        """(neighbours,) how much each counts."""
        return np.array([one.weight for one in self.neighbours])

    @property
    def of_the_regime(self) -> int:
        """How many are of the regime asked for; all, where none was."""
        regime = self.query.regime
        return sum(regime in (None, one.pattern.regime) for one in self.neighbours)
