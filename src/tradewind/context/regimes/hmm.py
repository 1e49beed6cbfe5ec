"""`GaussianHMM`: states that last, in each of which the features are Gaussian."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from tradewind.context.regimes.fitted import FittedRegimes, fitted, require_recipe
from tradewind.context.regimes.learning import (
    AVERAGED,
    Learnt,
    Rows,
    from_clusters,
    likeliest,
    maximise,
)
from tradewind.context.regimes.taken import Given
from tradewind.context.regimes.unfitted import Unfitted
from tradewind.core import Rng, stream


@dataclass(frozen=True)
class GaussianHMM(Unfitted):
    """A hidden Markov model, its parameters shared by all symbols, each symbol a sequence of its own.

    Symbols share them since each is scaled by its own past. `tells` says of a feature which trait it
    tells, where its name does not.

    >>> from tradewind.context.regimes.trial import two_regimes
    >>> rows = two_regimes()
    >>> regimes = GaussianHMM(states=2).fit(rows)
    >>> regimes.names, regimes.learnt.converged
    (('low_vol', 'high_vol'), True)
    >>> told = regimes.filter(rows).table["high_vol"] > 0.5
    >>> bool((told == (rows.table["truth"] == "wild")).mean() > 0.97)
    True
    """

    states: int = 3
    covariance: Literal["full", "diagonal"] = "full"
    starts: int = 6
    seed: int = 0
    tells: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_recipe(self.states, self.starts)

    def fit(self, features: Given) -> FittedRegimes:
        """The likeliest of several starts from k-means."""
        return fitted(self, features)

    def learn(self, rows: Rows) -> Learnt:
        """The chain of these scaled rows. Where it begins is not learnt: a few first rows, one a symbol,
        would make it certain of what nobody has seen."""
        rng = stream(self.seed, "regimes", "hmm")
        learnt = likeliest(self.starts, rng, lambda rng, start: self._once(rows, rng, start))
        return replace(learnt, chain=learnt.chain.begun_anywhere)

    def _once(self, rows: Rows, rng: Rng, start: int) -> Learnt:
        over = AVERAGED[start % len(AVERAGED)]
        begin = from_clusters(rows, self.states, rng, over)
        return maximise(rows, begin, diagonal=self.covariance == "diagonal")
