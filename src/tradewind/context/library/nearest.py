"""`Nearest`: which rows may be the most similar; `ExactNearest` finds them all, with numpy alone.

An index proposes, in float32; who is nearest is decided in float64 by `similarities`, so that every exact
index gives the same rows, in the same order, with the same bits.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from tradewind.context.library.scan import scores, scores_of
from tradewind.core.arrays import Floats

Rows = npt.NDArray[np.intp]
Allowed = npt.NDArray[np.bool_]
Vectors = npt.NDArray[np.float32]  # (rows, 128), unit length

# Twice what a sum of 128 products of unit vectors can be off in float32, whatever its order.
MARGIN = 2 * 130 * 2.0**-24


class Nearest(Protocol):
    """Proposes rows: an exact one every row that may be among the `k` nearest, others most of them."""

    @property
    def name(self) -> str: ...

    @property
    def size_bytes(self) -> int:
        """What it holds in memory besides the vectors that it was made of."""
        ...

    def candidates(self, query: Floats, k: int, upto: int, allowed: Allowed | None) -> Rows: ...

    def dump(self) -> bytes:
        """What was learnt to build it, for whoever builds it again; empty where nothing was."""
        ...


@dataclass(frozen=True, eq=False)
class ExactNearest:
    """A scan over all rows.

    >>> vectors = np.eye(3, 128, dtype=np.float32)
    >>> ExactNearest(vectors).candidates(np.eye(3, 128)[1], 1, upto=3, allowed=None)
    array([1])
    """

    vectors: Vectors
    name = "exact (numpy)"
    size_bytes = 0

    def candidates(self, query: Floats, k: int, upto: int, allowed: Allowed | None) -> Rows:
        asked = query.astype(np.float32)
        if allowed is None:
            return near_the_top(scores(self.vectors, asked, upto), k)
        found = scores_of(self.vectors, asked, allowed)
        return near_the_top(found, min(k, int(np.count_nonzero(allowed))))

    def dump(self) -> bytes:
        return b""


def near_the_top(near: npt.NDArray[np.float32], k: int) -> Rows:
    """Where the similarities lie that are among the k highest, or may be when they are taken exactly.

    >>> near_the_top(np.array([0.1, 0.9, 0.9 - 1e-6, 0.5], dtype=np.float32), 1)
    array([1, 2])
    """
    if k >= len(near):
        return np.arange(len(near))
    lowest = np.partition(near, len(near) - k)[len(near) - k]
    return np.flatnonzero(near >= lowest - np.float32(MARGIN))


def similarities(vectors: Vectors, query: Floats) -> Floats:
    """(rows,) cosines in float64, each summed in the same order however many rows there are."""
    products: Any = vectors.astype(np.float64) * query
    total: Floats = products.sum(axis=1)
    return total
