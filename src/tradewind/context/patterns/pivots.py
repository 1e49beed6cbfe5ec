"""Turning points, each with the bar that confirmed it, and the step by which they are measured.

A high is one only after the price has come back from it, so a turning point is known later than it was:
whoever draws it at its own bar has looked ahead.
"""

import numba
import numpy as np

from tradewind.core.arrays import Floats, Ints

WARM = 20  # bars before anything is measured
MEMORY = 1 / 32  # the weight of the newest bar in the usual step
CAP = 4.0  # usual steps: as much as one bar may count for, lest one bad print hide all that follows
REVERSAL = 4.0  # usual steps back from a high or a low confirm it


@numba.njit(cache=True, nogil=True)
def usual_steps(close: Floats, offsets: Ints) -> Floats:
    """(bars,) how far a close usually lies from the one before it; NaN for a symbol's first 20 bars.

    One wild bar among a hundred does not change the measure of the others by much:

    >>> close = np.tile([100.0, 101.0], 50)
    >>> close[60] = 150.0
    >>> usual_steps(close, np.array([0, 100]))[[50, 61, 99]].round(1).tolist()
    [1.0, 1.2, 1.1]
    """
    steps = np.full(len(close), np.nan)
    for symbol in range(len(offsets) - 1):
        begin, end = offsets[symbol], offsets[symbol + 1]
        if end - begin <= WARM:
            continue
        moves = np.abs(np.diff(close[begin : begin + WARM + 1]))
        step = np.median(moves)
        if step == 0:  # most bars stood still
            step = moves.mean()
        steps[begin + WARM] = step
        for row in range(begin + WARM + 1, end):
            moved = abs(close[row] - close[row - 1])
            if step > 0:
                moved = min(moved, CAP * step)
            step += MEMORY * (moved - step)
            steps[row] = step
    return steps


@numba.njit(cache=True, nogil=True)
def turning_points(close: Floats, steps: Floats, offsets: Ints) -> tuple[Ints, Ints, Ints]:
    """(place, confirmed, side) of each high (+1) and low (-1), by symbol and then in time.

    >>> close = np.concatenate([np.arange(100.0, 130.0), np.arange(130.0, 120.0, -1.0)])
    >>> place, confirmed, side = turning_points(close, usual_steps(close, np.array([0, 40])), np.array([0, 40]))
    >>> place.tolist(), confirmed.tolist(), side.tolist()  # the low at the start, then the high
    ([20, 30], [24, 34], [-1, 1])
    """
    place, confirmed, side = [np.int64(0)], [np.int64(0)], [np.int64(0)]
    for symbol in range(len(offsets) - 1):
        begin, end = offsets[symbol] + WARM, offsets[symbol + 1]
        high = low = begin
        heading = 0
        for row in range(begin, end):
            back = REVERSAL * steps[row]
            if not back > 0:
                continue
            if heading >= 0 and close[row] > close[high]:
                high = row
            if heading <= 0 and close[row] < close[low]:
                low = row
            if heading >= 0 and close[high] - close[row] >= back:
                place.append(np.int64(high))
                confirmed.append(np.int64(row))
                side.append(np.int64(1))
                heading, low = -1, row
            elif heading <= 0 and close[row] - close[low] >= back:
                place.append(np.int64(low))
                confirmed.append(np.int64(row))
                side.append(np.int64(-1))
                heading, high = 1, row
    return np.array(place)[1:], np.array(confirmed)[1:], np.array(side)[1:]
