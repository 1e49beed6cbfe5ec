"""`Foretold`: a function whose first call tells how long an audit of it will take."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tradewind.core.clock import uptime
from tradewind.evaluation.causality.audit import CUTS

ASKED = 11  # calls beside those at the cuts: of the whole, of its habits
PER_CUT = 1.5  # calls: one of all rows, and one of those up to the cut
LONG_S = 30.0


@dataclass(eq=False)
class Foretold:
    """A function, timed once; where an audit of so many cuts takes long, that is said before it goes on.

    >>> times = iter([0.0, 2.0])
    >>> slow = Foretold(len, 300, print, lambda: next(times))
    >>> slow([1]), slow([1, 2])
    about 15 minutes; --cuts 20 takes about 82 s
    (1, 2)
    """

    function: Callable[[Any], Any]
    cuts: int
    note: Callable[[str], None]
    seconds: Callable[[], float] = uptime
    _told: bool = field(default=False, init=False)

    def __call__(self, frame: Any) -> Any:
        if self._told:
            return self.function(frame)
        self._told = True
        began = self.seconds()
        result = self.function(frame)
        took = self.seconds() - began
        if self._of(took, self.cuts) >= LONG_S:
            fewer = f"; --cuts {CUTS} takes {_words(self._of(took, CUTS))}"
            self.note(_words(self._of(took, self.cuts)) + (fewer if self.cuts > CUTS else ""))
        return result

    def _of(self, took: float, cuts: int) -> float:
        return took * (ASKED + PER_CUT * cuts)


def _words(seconds: float) -> str:
    return f"about {seconds / 60:.0f} minutes" if seconds >= 120 else f"about {seconds:.0f} s"
