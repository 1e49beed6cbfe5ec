"""`swings`: tall moves that have turned, each a window of whatever shape, for the shapes that have no name."""

import numpy as np

from tradewind.context.patterns.found import KINDS, Found
from tradewind.context.patterns.pivots import REVERSAL
from tradewind.core.arrays import Floats, Ints

GREAT = 15.0  # usual steps, at least: a walk swings so far six times in 1,000 bars


def swings(close: Floats, steps: Floats, offsets: Ints, turns: tuple[Ints, Ints, Ints]) -> Found:
    """Every move of 15 usual steps or more, from where it began to the bar that confirmed its end.

    Its direction is that of the turn, its confidence 1 - REVERSAL / height. It is a fact and no omen: a
    random walk swings too, and whether one that looked like this went on is what the library is asked.

    >>> from tradewind.context.patterns.pivots import turning_points, usual_steps
    >>> close = np.interp(np.arange(80), [0, 40, 60, 79], [100.0, 100.0, 120.0, 110.0])
    >>> close += np.tile([0.0, 0.5], 40)
    >>> whole = np.array([0, 80])
    >>> steps = usual_steps(close, whole)
    >>> found = swings(close, steps, whole, turning_points(close, steps, whole))
    >>> found.first.tolist(), found.last.tolist(), found.direction.tolist()
    ([20], [66], [-1])
    """
    place, confirmed, side = turns
    symbol = np.searchsorted(offsets, place, side="right")
    turned = 1 + np.flatnonzero(symbol[1:] == symbol[:-1])
    height = np.abs(close[place[turned]] - close[place[turned - 1]]) / steps[confirmed[turned]]
    tall = height >= GREAT
    turned, height = turned[tall], height[tall]
    kind = np.full(len(turned), KINDS.index("swing"))
    ends = place[turned - 1], confirmed[turned]
    return Found(kind, *ends, -side[turned], 1 - REVERSAL / height)
