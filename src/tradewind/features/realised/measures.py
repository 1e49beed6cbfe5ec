"""Realised measures: sums to which bars are added, and what is told from them.

A session so far and a window of the last bars are measured by the same two functions: one goes on adding
to its sums, the other begins anew at each bar. Definitions: Barndorff-Nielsen and Shephard (2004) for
bipower variation and, as a ratio with tripower quarticity (Huang and Tauchen 2005), the jump test; Zhang,
Mykland and Ait-Sahalia (2005) for two scales; Amihud (2002), Roll (1984), Corwin and Schultz (2012).
"""

import math
from typing import Any

import numpy as np

from tradewind.core.arrays import Floats
from tradewind.core.errors import Misuse
from tradewind.features.compiled import kernel, part

OF_RETURNS = (
    *("rv", "tsrv", "tsrv_floored", "bpv", "jump", "jump_z", "down", "skew", "kurtosis"),
    "roll",
)
NAMES = (
    *OF_RETURNS,
    *("amihud", "parkinson", "garman_klass", "corwin_schultz", "spread", "spread_sd"),
)
GRIDS = 5
MEASURES = len(NAMES)

# What of a bar is added
PARTS = 7
RETURN, POWER, MOVED, RANGE, SHAPE, TWO_BARS, QUOTED = range(PARTS)
# The sums: of returns, of other parts with their counts, of spreads as differences from the first, and
# the path where each grid met it last
_N, _RV, _PAIRS, _TRIPLES, _CUBES, _FOURTHS, _DOWN, _AUTO, _GRIDDED, _POWER_1, _POWER_2 = range(11)
_BEFORE, _END, _MOVED, _TRADED, _RANGE, _RANGED, _SHAPE, _SHAPED = range(11, 19)
_ESTIMATED, _ASKED = 19, 23  # of each four: the first, how many, sum and squares
_PATH = 27
SUMS = _PATH + GRIDS

_TRIPOWER = (math.gamma(0.5) / (2.0 ** (2.0 / 3.0) * math.gamma(7.0 / 6.0))) ** 3
_JUMP_VARIANCE = math.pi**2 / 4.0 + math.pi - 5.0
_ROOT = math.sqrt(2.0) - 1.0  # squared, the 3 - 2 sqrt(2) of Corwin and Schultz
ZERO: Any = np.int64(0)  # ints of numpy, for which a part is compiled once
ONE: Any = np.int64(1)


def measured(prices: Floats, grids: int = GRIDS) -> dict[str, float]:
    """The measures of a path of log prices, with two scales over so many grids; NaN where there is none.

    >>> path = measured(0.01 * np.arange(9), grids=2)  # eight equal steps
    >>> round(path["rv"], 12), round(path["tsrv"], 8), round(path["bpv"] / path["rv"], 6)
    (0.0008, 0.00186667, 1.570796)
    """
    if grids < 2:
        raise Misuse(f"two scales over {grids} grids", "a coarser scale needs 2 at least")
    told = np.empty(MEASURES)
    _of_path(np.diff(np.asarray(prices, dtype=np.float64)), grids, told)
    return dict(zip(OF_RETURNS, told[: len(OF_RETURNS)].tolist(), strict=True))


@kernel
def _of_path(returns: Floats, grids: int, told: Floats) -> None:
    sums, parts = np.zeros(_PATH + grids), np.empty((PARTS, len(returns)))
    for i, move in enumerate(returns):
        for part_of in range(PARTS):
            parts[part_of, i] = math.nan
        parts[RETURN, i], parts[POWER, i] = move, abs(move) ** (4.0 / 3.0)
    add(parts, ZERO, len(returns), sums)
    tell(sums, ONE, told)


@part
def add(parts: Floats, first: int, end: int, sums: Floats) -> None:
    """Add the bars from first to end; what one lacks is left out, as the gap between two sessions is."""
    _add_returns(parts[RETURN], parts[POWER], first, end, sums)
    for k in range(3):  # moved, range, shape
        at, values = _MOVED + 2 * k, parts[MOVED + k]
        total, count = sums[at], sums[at + 1]
        for i in range(first, end):
            there = values[i] == values[i]
            total += values[i] if there else 0.0
            count += 1.0 if there else 0.0
        sums[at], sums[at + 1] = total, count
    for k in range(2):  # two bars, quoted
        at, values = _ESTIMATED + 4 * k, parts[TWO_BARS + k]
        start, count, total, squares = sums[at], sums[at + 1], sums[at + 2], sums[at + 3]
        for i in range(first, end):
            if values[i] == values[i]:
                start = values[i] if count == 0.0 else start
                away = values[i] - start
                count, total, squares = count + 1.0, total + away, squares + away * away
        sums[at], sums[at + 1], sums[at + 2], sums[at + 3] = start, count, total, squares


@part
def _add_returns(returns: Floats, powers: Floats, first: int, end: int, sums: Floats) -> None:
    n, rv, path, grids = int(sums[_N]), sums[_RV], sums[_END], len(sums) - _PATH
    pairs, auto, triples = sums[_PAIRS], sums[_AUTO], sums[_TRIPLES]
    cubes, fourths, down, gridded = sums[_CUBES], sums[_FOURTHS], sums[_DOWN], sums[_GRIDDED]
    before, power_1, power_2 = sums[_BEFORE], sums[_POWER_1], sums[_POWER_2]
    place = n % grids
    for i in range(first, end):
        move = returns[i]
        if move == move:
            square = move * move
            pairs += abs(move * before)
            auto += move * before
            triples += powers[i] * power_1 * power_2
            rv += square
            cubes += square * move
            fourths += square * square
            down += square if move < 0.0 else 0.0
            before, power_2, power_1 = move, power_1, powers[i]
            path += move
            n, place = n + 1, place + 1 if place + 1 < grids else 0
            if n >= grids:
                gridded += (path - sums[_PATH + place]) ** 2
            sums[_PATH + place] = path
    sums[_N], sums[_RV], sums[_END] = n, rv, path
    sums[_PAIRS], sums[_AUTO], sums[_TRIPLES] = pairs, auto, triples
    sums[_CUBES], sums[_FOURTHS], sums[_DOWN], sums[_GRIDDED] = cubes, fourths, down, gridded
    sums[_BEFORE], sums[_POWER_1], sums[_POWER_2] = before, power_1, power_2


@part
def over(one: float, other: float) -> float:
    """The quotient; missing where it is none."""
    value = one / other if other != 0.0 else math.nan
    return value if abs(value) < math.inf else math.nan


@part
def tell(sums: Floats, least: int, told: Floats) -> None:
    """(NAMES,) what the sums say, of what at least so many bars had."""
    for measure in range(MEASURES):
        told[measure] = math.nan
    n, rv, grids = sums[_N], sums[_RV], len(sums) - _PATH
    if n >= least and n >= 1.0:
        told[0] = rv
        told[6] = over(sums[_DOWN], rv)
        told[7] = over(math.sqrt(n) * sums[_CUBES], rv * math.sqrt(rv))
        told[8] = over(n * sums[_FOURTHS], rv * rv)
        if n >= grids:
            share = (n - grids + 1.0) / grids / n
            scaled = (sums[_GRIDDED] / grids - share * rv) / (1.0 - share)
            told[1], told[2] = max(scaled, 0.0), 1.0 if scaled < 0.0 else 0.0
        if n >= 2.0:
            told[3] = math.pi / 2.0 * n / (n - 1.0) * sums[_PAIRS]
            told[4] = max(over(rv - told[3], rv), 0.0) if rv > 0.0 else math.nan
            told[9] = 2.0 * math.sqrt(max(-sums[_AUTO] / (n - 1.0), 0.0))
        if n >= 3.0:
            told[5] = _jump_z(n, rv, told[3], sums[_TRIPLES])
    told[10] = 1e6 * sums[_MOVED] / sums[_TRADED] if sums[_TRADED] >= least else math.nan
    told[11] = sums[_RANGE] / (4.0 * math.log(2.0)) if sums[_RANGED] >= least else math.nan
    told[12] = sums[_SHAPE] if sums[_SHAPED] >= least else math.nan
    _tell_spreads(sums, least, told)
    if not abs(told[10]) < math.inf:
        told[10] = math.nan


@part
def _jump_z(n: float, rv: float, bpv: float, triples: float) -> float:
    quarticity = n * _TRIPOWER * n / (n - 2.0) * triples
    ratio = over(quarticity, bpv * bpv)
    return (
        over((rv - bpv) / rv, math.sqrt(_JUMP_VARIANCE / n * max(ratio, 1.0)))
        if rv > 0.0
        else math.nan
    )


@part
def _tell_spreads(sums: Floats, least: int, told: Floats) -> None:
    """Quoted spreads where enough bars have one, else those estimated from two bars."""
    for at in (_ESTIMATED, _ASKED):
        n = sums[at + 1]
        if n >= least and n >= 1.0:
            told[14] = sums[at] + sums[at + 2] / n
            told[15] = math.sqrt(max(sums[at + 3] / n - (sums[at + 2] / n) ** 2, 0.0))
            if at == _ESTIMATED:
                told[13] = told[14]


@kernel
def two_bar_spread(high: float, low: float, above: float, below: float, close: float) -> float:
    """Corwin and Schultz's spread of a bar and the one before it, whose prices are the last three.

    The gap from its close to this bar is taken out; an estimate below zero is zero. Where all of an
    unchanged range is spread, as when 99 and 101 are the bid and the ask, that is what is told:

    >>> round(two_bar_spread(101.0, 99.0, 101.0, 99.0, 100.0), 12)  # 2 / 100
    0.02
    """
    if not (high > 0.0 and low > 0.0 and above > 0.0 and below > 0.0 and close > 0.0):
        return math.nan
    top, bottom, last = math.log(high), math.log(low), math.log(close)
    shift = min(last - bottom, 0.0) + max(last - top, 0.0)
    one, other = top - bottom, math.log(above) - math.log(below)
    both = max(top + shift, math.log(above)) - min(bottom + shift, math.log(below))
    beta = one * one + other * other
    alpha = (math.sqrt(2.0 * beta) - math.sqrt(beta)) / (_ROOT * _ROOT) - both / _ROOT
    return 2.0 * math.tanh(max(alpha, 0.0) / 2.0)
