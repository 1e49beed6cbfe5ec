"""Halts: bars in which a price stands still are passed over, as if the market had been closed meanwhile.

Whoever counts them learns that nothing is usual, and takes the noise after a halt for figures.
"""

import numba
import numpy as np

from tradewind.core.arrays import Floats, Ints

STILL = 3  # bars on end may be without a move before the next such is one of a halt


@numba.njit(cache=True, nogil=True)
def outside_halts(close: Floats, offsets: Ints) -> Ints:
    """The bars that are of no halt, by symbol and then in time.

    >>> outside_halts(np.array([5.0, 6.0, 6.0, 6.0, 6.0, 6.0, 6.0, 7.0]), np.array([0, 8])).tolist()
    [0, 1, 2, 3, 4, 7]
    """
    kept, count = np.empty(len(close), np.int64), 0
    for symbol in range(len(offsets) - 1):
        still = 0
        for row in range(offsets[symbol], offsets[symbol + 1]):
            moved = row == offsets[symbol] or close[row] != close[row - 1]
            still = 0 if moved else still + 1
            if still <= STILL:
                kept[count] = row
                count += 1
    return kept[:count].copy()
