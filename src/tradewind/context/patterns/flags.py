"""Flags: a steep move, a pause that gives little of it back, and a close that leaves the pause the same way.

The pause is too small to have turning points of its own, so it is measured by the line through its closes.
"""

import numba
import numpy as np

from tradewind.context.patterns.found import KINDS, Found
from tradewind.context.patterns.pivots import WARM
from tradewind.core.arrays import Floats, Ints

BULL, BEAR = KINDS.index("bull_flag"), KINDS.index("bear_flag")
POLE = 12.0  # usual steps that a pole is tall, at least
STEEP = (
    3.2  # times the usual step and the root of its bars: a walk of as many goes so far once in 200
)
JUMP = 0.5  # of it one bar makes, at most: else it is a gap
POLE_BARS = 4, 32
FLAG_BARS = 18, 64
BACK = 0.45  # of its pole a flag gives back, at most
WIDE = 0.4  # of its pole a flag is wide, at most
ON = 0.1  # of its pole a flag itself goes on, at most
LEAVING = 8  # bars that a close takes to leave a flag
AWAY = 2.7  # times the usual step and the root of these bars it goes meanwhile
BEYOND = 2.0  # usual steps by which it leaves


def flags(close: Floats, steps: Floats, offsets: Ints) -> Found:
    """Every flag of every symbol, from the foot of its pole to the bar that left it.

    It is told at the second close outside. A confidence is how narrow the flag is beside its pole, times
    how steep the pole: 1 - STEEP / steepness.

    >>> from tradewind.context.patterns.pivots import usual_steps
    >>> corners = ([0, 40, 52, 76, 86], [100.0, 100.0, 120.0, 115.0, 135.0])
    >>> close = np.interp(np.arange(86), *corners) + np.tile([0.0, 0.5], 43)
    >>> whole = np.array([0, 86])
    >>> found = flags(close, usual_steps(close, whole), whole)
    >>> [KINDS[kind] for kind in found.kind], found.direction.tolist()
    (['bull_flag'], [1])
    >>> found.first.tolist(), found.last.tolist()
    ([40], [80])
    """
    return Found(*_flags(close, steps, offsets))


@numba.njit(cache=True, nogil=True)
def _flags(close: Floats, steps: Floats, offsets: Ints) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    kinds, firsts, lasts = [np.int64(0)], [np.int64(0)], [np.int64(0)]
    directions, confidences = [np.int64(0)], [0.0]
    for symbol in range(len(offsets) - 1):
        begin, end = offsets[symbol] + WARM, offsets[symbol + 1]
        for side in (1, -1):
            top = begin  # of the last move, unless there is nothing more to hope from it
            foot = -1
            for row in range(begin + 1, end):
                bars = row - LEAVING - top
                if bars < FLAG_BARS[0]:
                    if side * (close[row] - close[top]) > 0:
                        top = row
                    continue
                if bars == FLAG_BARS[0]:
                    foot = _foot(close, steps[top], begin, top, side)
                height = side * (close[top] - close[foot]) if foot >= 0 else 0.0
                if foot < 0 or bars > FLAG_BARS[1]:
                    top = row
                    continue
                if side * (close[top] - close[_highest(close, top, row, -side)]) > BACK * height:
                    top = row
                    continue
                sure = _left(close, steps[row - LEAVING], top, row, side, height)
                if sure > 0:
                    steepness = height / (steps[top] * np.sqrt(top - foot))
                    kinds.append(np.int64(BULL if side > 0 else BEAR))
                    firsts.append(np.int64(foot))
                    lasts.append(np.int64(row))
                    directions.append(np.int64(side))
                    confidences.append(sure * (1 - STEEP / steepness))
                if sure > 0 or side * (close[row - LEAVING] - close[top]) > 0:
                    top = _highest(close, row - LEAVING, row, side)
    return (
        np.array(kinds)[1:],
        np.array(firsts)[1:],
        np.array(lasts)[1:],
        np.array(directions)[1:],
        np.array(confidences)[1:],
    )


@numba.njit(cache=True, nogil=True)
def _foot(close: Floats, step: float, begin: int, top: int, side: int) -> int:
    """Where the steepest move that ends at a top began; -1 if none is steep."""
    foot, steepest, greatest = -1, STEEP * step, 0.0
    if not step > 0:
        return foot
    for row in range(top - 1, max(begin, top - POLE_BARS[1]) - 1, -1):
        height = side * (close[top] - close[row])
        greatest = max(greatest, side * (close[row + 1] - close[row]))
        if top - row < POLE_BARS[0] or height < max(POLE * step, greatest / JUMP):
            continue
        if height / np.sqrt(top - row) > steepest:
            foot, steepest = row, height / np.sqrt(top - row)
    return foot


@numba.njit(cache=True, nogil=True)
def _highest(close: Floats, first: int, last: int, side: int) -> int:
    """Where the highest close is, or for side -1 the lowest."""
    highest = first
    for row in range(first + 1, last + 1):
        if side * (close[row] - close[highest]) > 0:
            highest = row
    return highest


@numba.njit(cache=True, nogil=True)
def _left(close: Floats, step: float, top: int, row: int, side: int, height: float) -> float:
    """How surely a close at `row` leaves a flag, whose bars lie between a top and the last eight; 0 if not."""
    if not side * (close[row] - close[row - LEAVING]) >= AWAY * step * np.sqrt(LEAVING):
        return 0.0
    first, count = top + 1, row - LEAVING - top
    middle = (count - 1) / 2
    mean = slope = 0.0
    for one in range(count):
        mean += side * close[first + one] / count
        slope += (one - middle) * side * close[first + one]
    slope /= count * (count * count - 1) / 12
    above = below = 0.0
    for one in range(count):
        off = side * close[first + one] - mean - slope * (one - middle)
        above, below = max(above, off), min(below, off)
    upper = mean + slope * (row - first - middle) + above
    outside = side * close[row - 1] > upper and side * close[row] > upper + BEYOND * step
    if outside and slope * (count - 1) <= ON * height and above - below < WIDE * height:
        return float(1 - (above - below) / (WIDE * height))
    return 0.0
