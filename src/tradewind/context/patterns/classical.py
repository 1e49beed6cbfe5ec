"""The figures that people draw: double tops, heads and shoulders, triangles, channels, told at the break.

All are made of turning points and become known when a close leaves them: before that, half of them never
come to be. A confidence is how well the figure fits (1 without a flaw, 0 at the last that is allowed) times
how far it stands out: 1 - REVERSAL / height, its height in usual steps.
"""

import numba
import numpy as np

from tradewind.context.patterns.found import KINDS, Found
from tradewind.context.patterns.pivots import REVERSAL
from tradewind.core.arrays import Floats, Ints

TALL = 10.0  # usual steps from a top to its neckline, at least
RISEN = 1.1  # of its height a price came to a double top, at least: what came less is a range
EQUAL = 0.2  # two tops differ by this share of their height, at most
ABOVE = 0.25  # a head stands out of its shoulders by this share of its height, at least
LIKE = 0.3  # of its height two shoulders, or the ends of a neckline, lie apart, at most
EVEN = 4.0  # one side is as many times as long as the other, at most
STRAIGHT = 0.15  # of the width the middle of three touches lies off their line, at most
FLAT = 0.2  # a line that moves by no more of the width is level
PARALLEL = 0.3  # of its first width a channel opens or closes, at most
CLOSING = 0.6  # of its first width: a triangle has no more at its last touch
BEYOND = 2.5  # usual steps by which a close leaves a figure: a touch of its line is no break
DOUBLES = KINDS.index("double_top"), KINDS.index("double_bottom")
SHOULDERS = KINDS.index("head_and_shoulders"), KINDS.index("inverse_head_and_shoulders")
ASCENDING = KINDS.index("ascending_triangle")
DESCENDING = KINDS.index("descending_triangle")
SYMMETRICAL = KINDS.index("symmetrical_triangle")
RISING = KINDS.index("rising_channel")
FALLING = KINDS.index("falling_channel")
SIDEWAYS = KINDS.index("sideways_channel")
NO = -1.0


def figures(close: Floats, steps: Floats, offsets: Ints, turns: tuple[Ints, Ints, Ints]) -> Found:
    """Every figure of every symbol, from its first turning point to the bar that left it.

    >>> from tradewind.context.patterns.pivots import turning_points, usual_steps
    >>> corners = ([0, 30, 50, 65, 80, 95], [100.0, 100.0, 120.0, 108.0, 120.0, 105.0])
    >>> close = np.interp(np.arange(96), *corners) + np.tile([0.0, 0.3], 48)
    >>> whole = np.array([0, 96])
    >>> steps = usual_steps(close, whole)
    >>> found = figures(close, steps, whole, turning_points(close, steps, whole))
    >>> [KINDS[kind] for kind in found.kind], found.direction.tolist(), found.last.tolist()
    (['double_top'], [-1], [94])
    """
    return Found(*_figures(close, steps, offsets, *turns))


@numba.njit(cache=True, nogil=True)
def _figures(
    close: Floats, steps: Floats, offsets: Ints, place: Ints, confirmed: Ints, side: Ints
) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    kinds, firsts, lasts = [np.int64(0)], [np.int64(0)], [np.int64(0)]
    directions, confidences = [np.int64(0)], [0.0]
    known = 0  # turning points known so far
    for symbol in range(len(offsets) - 1):
        base = known
        told_double = told_shoulders = told_lines = True
        for row in range(offsets[symbol], offsets[symbol + 1]):
            while known < len(place) and confirmed[known] <= row:
                known += 1
                told_double = told_shoulders = told_lines = False
            if known - base < 4:
                continue
            last = known - 1
            way = -side[last]
            if not told_double:
                sure = _double(close, steps, place, last, side[last], row)
                if sure != NO:
                    told_double = True
                    kinds.append(np.int64(DOUBLES[int(way > 0)]))
                    firsts.append(place[last - 3])
                    lasts.append(np.int64(row))
                    directions.append(way)
                    confidences.append(sure)
            if known - base >= 6 and not told_shoulders:
                sure = _shoulders(close, steps, place, last, side[last], row)
                if sure != NO:
                    told_shoulders = True
                    kinds.append(np.int64(SHOULDERS[int(way > 0)]))
                    firsts.append(place[last - 5])
                    lasts.append(np.int64(row))
                    directions.append(way)
                    confidences.append(sure)
            if known - base >= 5 and not told_lines:
                kind, way, sure = _lines(close, steps, place, last, side[last], row)
                if way != 0:
                    told_lines = True
                if kind != NO and way != 0:
                    kinds.append(np.int64(kind))
                    firsts.append(place[last - 4])
                    lasts.append(np.int64(row))
                    directions.append(np.int64(way))
                    confidences.append(sure)
    return (
        np.array(kinds)[1:],
        np.array(firsts)[1:],
        np.array(lasts)[1:],
        np.array(directions)[1:],
        np.array(confidences)[1:],
    )


@numba.njit(cache=True, nogil=True)
def _double(close: Floats, steps: Floats, place: Ints, last: int, side: int, row: int) -> float:
    """How surely a close at `row` completes two tops (side 1) or bottoms (side -1); NO if it does not."""
    foot, one, neck, two = place[last - 3], place[last - 2], place[last - 1], place[last]
    a, b = side * close[foot], side * close[one]
    c, d = side * close[neck], side * close[two]
    height = max(b, d) - c
    if (
        side * close[row] >= c - BEYOND * steps[row]
        or height < TALL * steps[row]
        or b - a < RISEN * height
    ):
        return NO
    apart = abs(b - d) / height
    left, right = neck - one, two - neck
    if apart > EQUAL or max(left, right) > EVEN * min(left, right) or row - two > two - one:
        return NO
    return float((1 - apart / EQUAL) * (1 - REVERSAL * steps[row] / height))


@numba.njit(cache=True, nogil=True)
def _shoulders(close: Floats, steps: Floats, place: Ints, last: int, side: int, row: int) -> float:
    """How surely a close at `row` completes a head between two shoulders; NO if it does not."""
    foot, one, left = place[last - 5], place[last - 4], place[last - 3]
    head, right, two = place[last - 2], place[last - 1], place[last]
    a, b, c = side * close[foot], side * close[one], side * close[left]
    d, e, f = side * close[head], side * close[right], side * close[two]
    slope = (e - c) / (right - left)
    neck = c + slope * (head - left)
    height = d - neck
    if (
        side * close[row] >= e + slope * (row - right) - BEYOND * steps[row]
        or height < TALL * steps[row]
    ):
        return NO
    uneven, tilted = abs(b - f) / height, abs(e - c) / height
    stands_out = d - max(b, f) >= ABOVE * height
    risen = b - a >= ABOVE * height and a <= max(c, e)
    sides = head - one, two - head
    if not (stands_out and risen) or max(sides) > EVEN * min(sides) or row - two > two - one:
        return NO
    if max(uneven, tilted) > LIKE:
        return NO
    return float((1 - max(uneven, tilted) / LIKE) * (1 - REVERSAL * steps[row] / height))


@numba.njit(cache=True, nogil=True)
def _lines(
    close: Floats, steps: Floats, place: Ints, last: int, side: int, row: int
) -> tuple[float, int, float]:
    """(kind, direction, confidence) where a close at `row` leaves two lines: three touches of one, two of
    the other. The kind is NO where it leaves lines that are no figure, the direction 0 where it stays."""
    x0, x1, x2 = place[last - 4], place[last - 3], place[last - 2]
    x3, x4 = place[last - 1], place[last]
    slope = (close[x4] - close[x0]) / (x4 - x0)  # through the outer touches of three
    bend = close[x2] - close[x0] - slope * (x2 - x0)
    level = close[x0] + bend / 3
    other = (close[x3] - close[x1]) / (x3 - x1)
    begun = side * (level - close[x1] + other * (x1 - x0))
    ended = side * (level + slope * (x4 - x0) - close[x3] - other * (x4 - x3))
    near = level + slope * (row - x0)
    far = close[x3] + other * (row - x3)
    upper, lower = (near, far) if side > 0 else (far, near)
    margin = BEYOND * steps[row]
    way = 0
    if close[row] > upper + margin:
        way = 1
    elif close[row] < lower - margin:
        way = -1
    legs = x1 - x0, x2 - x1, x3 - x2, x4 - x3
    lasting = row - x4 <= (x4 - x0) / 2 and max(legs) <= EVEN * min(legs)
    if way == 0 or not lasting or begun < TALL * steps[row] or ended <= 0:
        return NO, way, NO
    off = abs(bend) / begun
    if off > STRAIGHT:
        return NO, way, NO
    span = x4 - x0
    rise, fall = slope * span / begun, other * span / begun
    top, bottom = (rise, fall) if side > 0 else (fall, rise)
    sure = (1 - off / STRAIGHT) * (1 - REVERSAL * steps[row] / begun)
    if ended <= CLOSING * begun:
        if abs(top) <= FLAT and bottom > FLAT:
            return ASCENDING, way, sure
        if abs(bottom) <= FLAT and top < -FLAT:
            return DESCENDING, way, sure
        if top < -FLAT and bottom > FLAT:
            return SYMMETRICAL, way, sure
    if abs(ended - begun) <= PARALLEL * begun:
        tilt = (top + bottom) / 2
        kind = SIDEWAYS if abs(tilt) <= FLAT else RISING if tilt > 0 else FALLING
        return kind, way, sure
    return NO, way, NO
