"""The volume profile: how what was traded lies over the tenths of the range in which it was traded."""

import math

from tradewind.core.arrays import Floats
from tradewind.features.compiled import kernel, part

TENTHS = 10
NAMES = tuple(f"profile_{tenth}" for tenth in range(1, TENTHS + 1))


@kernel
def profile(
    high: Floats, low: Floats, volume: Floats, first: int, end: int, least: int, told: Floats
) -> None:
    """(10,) of the bars from first to end, the share of the volume in each tenth of the way from the lowest low to the highest high.

    A bar's volume lies evenly over its own range. Bars without prices, or without a volume where others
    have one, are left out, and fewer than `least` say nothing; nor do prices that did not move. Where no
    bar has a volume each counts as much as another: a profile of the time spent at a price.

    >>> import numpy as np
    >>> shares = np.empty(10)
    >>> high, low = np.array([110.0, 105.0]), np.array([100.0, 105.0])
    >>> profile(high, low, np.array([10.0, 10.0]), 0, 2, 1, shares)  # a tenth of 10 each, and 10 in one
    >>> shares.round(2).tolist()
    [0.05, 0.05, 0.05, 0.05, 0.05, 0.55, 0.05, 0.05, 0.05, 0.05]
    """
    for tenth in range(TENTHS):
        told[tenth] = math.nan
    top, bottom, priced, traded = -math.inf, math.inf, 0, 0
    for i in range(first, end):
        if high[i] == high[i]:
            top, bottom, priced = max(top, high[i]), min(bottom, low[i]), priced + 1
            traded += volume[i] >= 0.0
    if (traded or priced) < least or not 1e-300 < top - bottom < math.inf:
        return
    for tenth in range(TENTHS):
        told[tenth] = 0.0
    scale, total = TENTHS / (top - bottom), 0.0
    for i in range(first, end):
        weight = volume[i] if traded else 1.0
        if high[i] == high[i] and weight > 0.0:
            total += weight
            _spread((low[i] - bottom) * scale, (high[i] - bottom) * scale, weight, told)
    for tenth in range(TENTHS):
        share = told[tenth] / total if 0.0 < total < math.inf else math.nan
        told[tenth] = share if share < math.inf else math.nan


@part
def _spread(low: float, high: float, weight: float, told: Floats) -> None:
    """Add a weight evenly from low to high, both in tenths."""
    first, last = min(int(low), TENTHS - 1), min(int(high), TENTHS - 1)
    if first == last:
        told[first] += weight
        return
    each = weight / (high - low)
    told[first] += each * (first + 1 - low)
    for tenth in range(first + 1, last):
        told[tenth] += each
    told[last] += each * (high - last)
