"""Breakouts: a price that long went nowhere leaves its range.

Every price leaves every range at last; this one is told of ranges in which a walk would not have stayed.
"""

import numba
import numpy as np

from tradewind.context.patterns.found import KINDS, Found
from tradewind.context.patterns.pivots import WARM
from tradewind.core.arrays import Floats, Ints

BREAKOUT = KINDS.index("breakout")
RANGE_BARS = 90, 192
NARROW = 0.85  # times the usual step and the root of its bars a range is high, at most
LEAVING = 8  # bars that a close takes to leave a range
STEEP = 2.5  # times the usual step and the root of these bars it goes meanwhile
BEYOND = 3.0  # usual steps by which it leaves


def breakouts(close: Floats, steps: Floats, offsets: Ints) -> Found:
    """Every breakout of every symbol, from the first bar of the range to the bar that left it.

    A range is told once, at the second close outside: a bad print leaves it too, and is back with the next.
    A confidence is 1 - height / the highest that is allowed, of the bars in which it is the surest.

    >>> from tradewind.context.patterns.pivots import usual_steps
    >>> close, whole = np.tile([100.0, 101.0], 75), np.array([0, 150])
    >>> close[140:] += 1.5 * np.arange(1, 11)
    >>> found = breakouts(close, usual_steps(close, whole), whole)
    >>> found.direction.tolist(), found.first.tolist(), found.last.tolist()
    ([1], [20], [144])
    """
    return Found(*_breakouts(close, steps, offsets))


@numba.njit(cache=True, nogil=True)
def _breakouts(
    close: Floats, steps: Floats, offsets: Ints
) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    firsts, lasts = [np.int64(0)], [np.int64(0)]
    directions, confidences = [np.int64(0)], [0.0]
    for symbol in range(len(offsets) - 1):
        begin = offsets[symbol] + WARM  # of the bars that no range has used up
        for row in range(begin + LEAVING + RANGE_BARS[0], offsets[symbol + 1]):
            end = row - LEAVING
            step = steps[end]
            gone = abs(close[row] - close[end])
            if not (step > 0 and gone >= STEEP * step * np.sqrt(LEAVING)):
                continue
            under, over = min(close[row - 1], close[row]), max(close[row - 1], close[row])
            low = high = close[end]
            first, tightest = -1, 1.0
            for one in range(end, max(begin, end - RANGE_BARS[1] + 1) - 1, -1):
                low, high = min(low, close[one]), max(high, close[one])
                if not (under > high + BEYOND * step or over < low - BEYOND * step):
                    break
                bars = end - one + 1
                tight = (high - low) / (NARROW * step * np.sqrt(bars))
                if bars >= RANGE_BARS[0] and tight < 1:
                    first, tightest = one, min(tight, tightest)
            if first >= 0:
                firsts.append(np.int64(first))
                lasts.append(np.int64(row))
                directions.append(np.int64(1 if close[row] > close[end] else -1))
                confidences.append(1 - tightest)
                begin = row
    kinds = np.full(len(firsts) - 1, BREAKOUT)
    return (
        kinds,
        np.array(firsts)[1:],
        np.array(lasts)[1:],
        np.array(directions)[1:],
        np.array(confidences)[1:],
    )
