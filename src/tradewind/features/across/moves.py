"""What symbols, and groups of them, did from one moment of the market to the next.

A price is carried on where its symbol has no bar, for `CARRIED` moments at most: until then the symbol
stands still, and its next bar makes up for it. So symbols of several calendars go together, and a group
moves by the mean of what was known of its members last.
"""

import math

import numpy as np

from tradewind.core.arrays import Floats, Ints
from tradewind.features.compiled import kernel, part

CARRIED = 10
REACH = 3 * CARRIED - 2
"""How many moments before a window the moves in it read at most."""

_COARSE, _FINE = 1.5 * 2.0**24, 1.5 * 2.0**-14
_NEGLIGIBLE = 1e-20  # of what is squared, the share that is rounding


@kernel
def logs_and_money(bars: Floats) -> Floats:
    """(2, rows) of close and volume: the log of the close and the money traded; NaN where there is none."""
    out = np.full(bars.shape, math.nan)
    for row in range(bars.shape[1]):
        close, volume = bars[0, row], bars[1, row]
        if close > 0.0:
            out[0, row] = math.log(close)
            if volume >= 0.0 and close * volume < math.inf:
                out[1, row] = close * volume
    return out


@kernel
def moves_of(logs: Floats, moves: Floats, gaps: Ints) -> None:
    """(symbols, moments) the log return of each bar on the one before it, and how many moments lie between;
    NaN and 0 where there is no bar, or none before it."""
    for symbol in range(len(logs)):
        before = -CARRIED - 1
        for moment in range(logs.shape[1]):
            moves[symbol, moment], gaps[symbol, moment] = math.nan, 0
            if math.isnan(logs[symbol, moment]):
                continue
            if moment - before <= CARRIED:
                moves[symbol, moment] = logs[symbol, moment] - logs[symbol, before]
                gaps[symbol, moment] = moment - before
            before = moment


@part
def coarse(value: float) -> float:
    """The part of a value that is a multiple of 2**-28. Sums of such parts, and of the parts of 2**-66 in
    what is left, are exact: in whatever order symbols come, a mean of them has the same bits."""
    return (value + _COARSE) - _COARSE


@part
def fine(value: float) -> float:
    """The part of a value below 2**-28 that is a multiple of 2**-66."""
    return (value - coarse(value) + _FINE) - _FINE


@kernel
def mean_moves(moves: Floats, group: Ints, groups: int) -> Floats:
    """(groups, moments) the mean move of the members of each group; NaN where it has none that lives.

    `group` (symbols, moments) is the group of each, -1 for none. A member lives while its last move is
    younger than `CARRIED` moments.
    """
    sums, rest = np.zeros((groups, moves.shape[1])), np.zeros((groups, moves.shape[1]))
    living = np.zeros((groups, moves.shape[1]), dtype=np.int64)
    for symbol in range(len(moves)):
        moved = -CARRIED
        for moment in range(moves.shape[1]):
            g, move = group[symbol, moment], moves[symbol, moment]
            there = not math.isnan(move)
            moved = moment if there else moved
            if g >= 0 and there:
                sums[g, moment] += coarse(move)
                rest[g, moment] += fine(move)
            if g >= 0:
                living[g, moment] += moment - moved < CARRIED
    for g in range(groups):
        for moment in range(moves.shape[1]):
            count = living[g, moment]
            sums[g, moment] = (sums[g, moment] + rest[g, moment]) / count if count else math.nan
    return sums


@part
def mean_and_sd(values: Floats) -> tuple[float, float, int]:
    """Of the values that are there, by sums that are exact in any order; and how many they are."""
    total, rest, count = 0.0, 0.0, 0
    for value in values:
        if not math.isnan(value):
            total += coarse(value)
            rest += fine(value)
            count += 1
    if count < 2:
        return math.nan, math.nan, count
    mean = (total + rest) / count
    total = rest = 0.0
    for value in values:
        if not math.isnan(value):
            total += coarse((value - mean) ** 2)
            rest += fine((value - mean) ** 2)
    return mean, math.sqrt((total + rest) / (count - 1)), count


@part
def pair_sums(one: Floats, other: Floats) -> tuple[int, float, float, float]:
    """Of the places where both are there: how many, and the sums of squares and of products about their
    means; a sum of squares that is rounding is 0."""
    count, a, b = 0, 0.0, 0.0
    for i in range(len(one)):
        if not math.isnan(one[i] + other[i]):
            a += one[i]
            b += other[i]
            count += 1
    if count == 0:
        return 0, 0.0, 0.0, 0.0
    a, b = a / count, b / count
    aa = bb = ab = 0.0
    for i in range(len(one)):
        if not math.isnan(one[i] + other[i]):
            aa += (one[i] - a) ** 2
            bb += (other[i] - b) ** 2
            ab += (one[i] - a) * (other[i] - b)
    aa = aa if aa > _NEGLIGIBLE * count * a * a else 0.0
    bb = bb if bb > _NEGLIGIBLE * count * b * b else 0.0
    return count, aa, bb, ab


@part
def enough(count: int, window: int) -> bool:
    """Whether a window says something: of a quarter of its moments there has to be a value."""
    return count >= 1 and 4 * count >= window
