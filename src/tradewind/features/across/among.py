"""Arithmetic among the rows of one group: its mean and spread, and what a line through it leaves.

Sums are taken in the order of what is summed. So who stands beside whom in a table, and which other
groups are there, changes no bit.
"""

import math

import numba
import numpy as np

from tradewind.core.arrays import Floats, Ints

_SAME = 1e-20  # of a covariate's squares: with no more of its own it is the others again


def spread_among(values: Floats, groups: Ints) -> tuple[Floats, Floats, Floats]:
    """(rows,) how many of each row's group have a value, their mean, and their standard deviation.

    >>> count, mean, sd = spread_among(np.array([1.0, 3.0, np.nan, 7.0]), np.array([0, 0, 0, 1]))
    >>> count.tolist(), mean.tolist(), sd.round(3).tolist()
    ([2.0, 2.0, 2.0, 1.0], [2.0, 2.0, 2.0, 7.0], [1.414, 1.414, 1.414, nan])
    """
    order = np.lexsort((values, groups))
    out = np.full((3, len(values)), np.nan)
    _spread(values, order, _bounds(groups[order]), out)
    return out[0], out[1], out[2]


def residuals_among(values: Floats, on: Floats, groups: Ints, least: int) -> Floats:
    """(rows,) what least squares on `on` (covariates, rows) and a constant leave of the values.

    A covariate that does not vary within a group, or only as others do, is left out there. Groups with
    fewer than `least` rows in which everything is known, or of which nothing is free, have none.

    >>> height = np.array([1.0, 2.0, 3.0, 4.0])
    >>> residuals_among(5 + 2 * height, height[None], np.zeros(4, dtype=np.int64), least=3).round(9).tolist()
    [0.0, 0.0, 0.0, 0.0]
    """
    whole = np.isfinite(values) & np.isfinite(on).all(axis=0)
    rows = np.flatnonzero(whole)
    order = rows[np.lexsort((*on[:, rows], values[rows], groups[rows]))]
    out = np.full(len(values), np.nan)
    _fit(values, on, order, _bounds(groups[order]), least, out)
    return out


def _bounds(groups: Ints) -> Ints:
    """Where each run of equal numbers begins, and the end of the last."""
    begins = np.flatnonzero(np.diff(groups, prepend=-1))
    return np.append(begins, len(groups)).astype(np.int64)


@numba.njit(cache=True, nogil=True)
def _spread(values: Floats, order: Ints, bounds: Ints, out: Floats) -> None:
    for group in range(len(bounds) - 1):
        begin, end, total, count = bounds[group], bounds[group + 1], 0.0, 0
        for place in range(begin, end):
            if not math.isnan(values[order[place]]):
                total += values[order[place]]
                count += 1
        mean = total / count if count > 0 else math.nan
        squares = 0.0
        for place in range(begin, begin + count):  # what is missing comes last
            squares += (values[order[place]] - mean) ** 2
        sd = math.sqrt(squares / (count - 1)) if count > 1 else math.nan
        for place in range(begin, end):
            row = order[place]
            out[0, row], out[1, row], out[2, row] = count, mean, sd


@numba.njit(cache=True, nogil=True)
def _fit(values: Floats, on: Floats, order: Ints, bounds: Ints, least: int, out: Floats) -> None:
    longest = 0
    for group in range(len(bounds) - 1):
        longest = max(longest, bounds[group + 1] - bounds[group])
    bases, left = np.empty((len(on), longest)), np.empty(longest)
    for group in range(len(bounds) - 1):
        begin, count = bounds[group], bounds[group + 1] - bounds[group]
        if count < least:
            continue
        kept = 0
        for covariate in range(len(on)):
            base = bases[kept, :count]
            for i in range(count):
                base[i] = on[covariate, order[begin + i]]
            kept += _made_free(base, bases[:kept, :count])
        if count < kept + 2:
            continue
        rest = left[:count]
        for i in range(count):
            rest[i] = values[order[begin + i]]
        _made_free(rest, bases[:kept, :count])
        for i in range(count):
            out[order[begin + i]] = rest[i]


@numba.njit(cache=True, nogil=True)
def _made_free(vector: Floats, bases: Floats) -> bool:
    """Take out of a vector its mean and what lies along each base, twice for the rounding. Whether
    anything is left."""
    before, total = _product(vector, vector), 0.0
    for value in vector:
        total += value
    vector -= total / len(vector)
    for _ in range(2):
        for base in bases:
            vector -= base * (_product(vector, base) / _product(base, base))
    return _product(vector, vector) > _SAME * before


@numba.njit(cache=True, nogil=True)
def _product(one: Floats, other: Floats) -> float:
    total = 0.0
    for i in range(len(one)):
        total += one[i] * other[i]
    return total
