"""What happens between bars rather than in a figure: changes of drift, bursts of volatility, gaps.

Two running sums and a comparison, each told at the bar at which it became sure. The sums forget nothing
that was against them less than nothing: Page's test, which no other of equal patience beats.
"""

import numba
import numpy as np

from tradewind.context.patterns.found import KINDS, Found
from tradewind.context.patterns.pivots import CAP
from tradewind.core.arrays import Floats, Ints

CHANGE, BURST, GAP = map(KINDS.index, ("change_point", "volatility_burst", "gap"))
SPREAD = 1.2533  # of a normal return, in usual steps
DRIFT_SLACK, DRIFT_SURE = 0.3, 9.0  # in standard deviations a bar, and altogether
WILD = 2.0  # standard deviations that one bar may count for: a burst is no drift
BURST_SLACK, BURST_SURE = 1.75, 6.0  # in usual steps a bar, and altogether
GAP_TIMES = 6.0  # what such pauses usually bring
GAP_STEPS = 3.0  # and what bars usually bring
GAP_WARM = 5  # pauses before one can be unusual
GAP_MEMORY = 1 / 16
LONGEST = 256  # bars between two changes of which an episode is made


def events(bars: Floats, stamp: Ints, steps: Floats, offsets: Ints) -> Found:
    """Every change of drift, burst and gap of every symbol.

    A `change_point` spans the time since the change before it: it closes a window of one character. Its
    direction is that of the new drift, its confidence 1 - slack / drift. A `volatility_burst` spans its own
    bars, has no direction, and a confidence of 1 - slack / size. A `gap` is an open far from the close before
    it: 6 times what pauses of that sort (within a session, or between two) usually bring; its
    confidence is 1 - 3 / that many times.

    >>> from tradewind.context.patterns.pivots import usual_steps
    >>> close = 100 + np.cumsum(np.tile([0.1, -0.1], 50))
    >>> close[70:] -= np.arange(30) * 0.3
    >>> bars, stamp, whole = np.full((5, 100), np.nan), np.arange(100), np.array([0, 100])
    >>> bars[3] = close
    >>> found = events(bars, stamp, usual_steps(close, whole), whole)
    >>> list(zip([KINDS[kind] for kind in found.kind], found.last.tolist(), found.direction.tolist()))
    [('change_point', 77, -1), ('volatility_burst', 77, 0)]
    """
    changes = _changes(bars[3], steps, offsets)
    bursts = _bursts(bars[3], steps, offsets)
    return Found.together(
        [Found(*changes), Found(*bursts), Found(*_gaps(bars, stamp, steps, offsets))]
    )


@numba.njit(cache=True, nogil=True)
def _changes(close: Floats, steps: Floats, offsets: Ints) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    firsts, lasts = [np.int64(0)], [np.int64(0)]
    directions, confidences = [np.int64(0)], [0.0]
    for symbol in range(len(offsets) - 1):
        begin = offsets[symbol]
        up = down = 0.0
        changed = rising = falling = (
            begin  # the last bars before a change, or before what may be one
        )
        drifting = 0  # the direction that was told, until there is nothing left of it
        for row in range(begin + 1, offsets[symbol + 1]):
            usual = SPREAD * steps[row - 1]
            if not usual > 0:
                changed = rising = falling = row
                continue
            moved = min(max((close[row] - close[row - 1]) / usual, -WILD), WILD)
            up = min(max(0.0, up + moved - DRIFT_SLACK), DRIFT_SURE)
            down = min(max(0.0, down - moved - DRIFT_SLACK), DRIFT_SURE)
            if up == 0:
                rising = row
            if down == 0:
                falling = row
            if (drifting > 0 and up == 0) or (drifting < 0 and down == 0):
                drifting = 0
            way = (up >= DRIFT_SURE) * 1 - (down >= DRIFT_SURE) * 1
            if way != 0 and way != drifting:
                since = rising if way > 0 else falling
                drift = DRIFT_SURE / (row - since) + DRIFT_SLACK
                firsts.append(np.int64(max(min(changed, since), row - LONGEST)))
                lasts.append(np.int64(row))
                directions.append(np.int64(way))
                confidences.append(1 - DRIFT_SLACK / drift)
                drifting, changed = way, since
    kinds = np.full(len(firsts) - 1, CHANGE)
    return (
        kinds,
        np.array(firsts)[1:],
        np.array(lasts)[1:],
        np.array(directions)[1:],
        np.array(confidences)[1:],
    )


@numba.njit(cache=True, nogil=True)
def _bursts(close: Floats, steps: Floats, offsets: Ints) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    firsts, lasts, confidences = [np.int64(0)], [np.int64(0)], [0.0]
    for symbol in range(len(offsets) - 1):
        begin = offsets[symbol]
        restless, since, told = 0.0, begin, False
        for row in range(begin + 1, offsets[symbol + 1]):
            if not steps[row - 1] > 0:
                since = row
                continue
            size = min(abs(close[row] - close[row - 1]) / steps[row - 1], CAP)
            restless = max(0.0, restless + size - BURST_SLACK)
            if restless == 0:
                since, told = row, False
            elif restless >= BURST_SURE and not told:
                told = True
                firsts.append(np.int64(since))
                lasts.append(np.int64(row))
                confidences.append(1 - BURST_SLACK / (restless / (row - since) + BURST_SLACK))
    count = len(firsts) - 1
    return (
        np.full(count, BURST),
        np.array(firsts)[1:],
        np.array(lasts)[1:],
        np.zeros(count, dtype=np.int64),
        np.array(confidences)[1:],
    )


@numba.njit(cache=True, nogil=True)
def _gaps(
    bars: Floats, stamp: Ints, steps: Floats, offsets: Ints
) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    lasts, directions, confidences = [np.int64(0)], [np.int64(0)], [0.0]
    for symbol in range(len(offsets) - 1):
        begin = offsets[symbol]
        usual, seen = np.zeros(2), np.zeros(2)  # without a pause, and after one
        shortest = np.iinfo(np.int64).max
        for row in range(begin + 1, offsets[symbol + 1]):
            apart = stamp[row] - stamp[row - 1]
            shortest = min(shortest, apart)
            jump = bars[0, row] - bars[3, row - 1]
            if np.isnan(jump):
                continue
            sort = 1 if 2 * apart > 3 * shortest else 0
            size = abs(jump)
            far = max(GAP_TIMES * usual[sort], GAP_STEPS * steps[row - 1])
            if seen[sort] >= GAP_WARM and size > far and steps[row - 1] > 0:
                times = size / max(usual[sort], steps[row - 1] * GAP_STEPS / GAP_TIMES)
                lasts.append(np.int64(row))
                directions.append(np.int64(1 if jump > 0 else -1))
                confidences.append(1 - 3 / times)
            if seen[sort] >= GAP_WARM:
                size = min(size, max(CAP * usual[sort], steps[row - 1]))
            seen[sort] += 1
            usual[sort] += (size - usual[sort]) * max(GAP_MEMORY, 1 / seen[sort])
    ended = np.array(lasts)[1:]
    return (
        np.full(len(ended), GAP),
        ended - 1,
        ended,
        np.array(directions)[1:],
        np.array(confidences)[1:],
    )
