"""`Unfitted`: what a recipe answers to who asks it for regimes before it has learnt any."""

from typing import Never

from tradewind.core.errors import Misuse


class Unfitted:
    """A recipe has the `fit` of a detector and nothing else of one; the rest says so.

    >>> from tradewind.context.regimes.hmm import GaussianHMM
    >>> GaussianHMM(states=2).names
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: a GaussianHMM has learnt nothing yet: take what its `fit(features)` ...
    """

    @property
    def names(self) -> None:
        self._refuse()

    def begin(self) -> None:
        """Nowhere."""
        self._refuse()

    def filter(self, _: object) -> None:
        """Nothing is told yet."""
        self._refuse()

    def step(self, _: object, __: object) -> None:
        """Nothing is told yet."""
        self._refuse()

    def smooth(self, _: object) -> None:
        """Nothing is told yet."""
        self._refuse()

    def _refuse(self) -> Never:
        rule = f"a {type(self).__name__} has learnt nothing yet"
        raise Misuse(rule, "take what its `fit(features)` returns")
