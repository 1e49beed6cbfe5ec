"""`assign`: who gets what, so that the whole is worth most; exact, for the few states that there are."""

from functools import cache

import numpy as np

from tradewind.core.arrays import Floats


def assign(worth: Floats, none: float = -np.inf) -> list[int]:
    """For each row a column of its own, or -1 which is worth `none`; the sum is the largest there is.

    The greedy choice of 5 for the first row would leave 0 for the second:

    >>> assign(np.array([[5.0, 4.0], [4.0, 0.0]]))
    [1, 0]
    >>> assign(np.array([[5.0], [4.0]]), none=0.0)
    [0, -1]
    """
    rows, columns = worth.shape

    @cache
    def best(row: int, taken: int) -> tuple[float, tuple[int, ...]]:
        if row == rows:
            return 0.0, ()
        rest, places = best(row + 1, taken)
        found = none + rest, (-1, *places)
        for column in range(columns):
            if not taken >> column & 1:
                rest, places = best(row + 1, taken | 1 << column)
                if worth[row, column] + rest > found[0]:
                    found = float(worth[row, column]) + rest, (column, *places)
        return found

    return [*best(0, 0)[1]]
