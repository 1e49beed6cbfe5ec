"""The scan over vectors, on the thread that asks.

A matrix product on several threads is faster by a little on an idle machine, and waits for milliseconds on
a busy one until a second core is free; a search is promised within half of one.
"""

import numba
import numpy as np
import numpy.typing as npt

from tradewind.core.arrays import Flags

UNLIKE = np.float32(-2.0)  # below every cosine


@numba.njit(cache=True, nogil=True, fastmath=True)  # in any order: who is near is decided elsewhere
def scores(
    vectors: npt.NDArray[np.float32], query: npt.NDArray[np.float32], upto: int
) -> npt.NDArray[np.float32]:
    """(upto,) inner products, to the precision of float32.

    >>> scores(np.eye(3, 128, dtype=np.float32), np.ones(128, np.float32), 2).tolist()
    [1.0, 1.0]
    """
    found = np.empty(upto, np.float32)
    for row in range(upto):
        found[row] = _product(vectors, query, row)
    return found


@numba.njit(cache=True, nogil=True, fastmath=True)
def scores_of(
    vectors: npt.NDArray[np.float32],
    query: npt.NDArray[np.float32],
    allowed: Flags,
) -> npt.NDArray[np.float32]:
    """(rows,) the same for the rows that are allowed; UNLIKE for the others, which are not read.

    >>> allowed = np.array([False, True])
    >>> scores_of(np.eye(3, 128, dtype=np.float32), np.ones(128, np.float32), allowed).tolist()
    [-2.0, 1.0]
    """
    found = np.empty(len(allowed), np.float32)
    for row in range(len(allowed)):
        found[row] = _product(vectors, query, row) if allowed[row] else UNLIKE
    return found


@numba.njit(cache=True, nogil=True, fastmath=True)
def _product(
    vectors: npt.NDArray[np.float32], query: npt.NDArray[np.float32], row: int
) -> np.float32:
    total = np.float32(0.0)
    for place in range(len(query)):
        total += vectors[row, place] * query[place]
    return total
