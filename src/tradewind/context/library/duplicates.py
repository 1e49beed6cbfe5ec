"""`same_episodes`: which overlapping episodes of one symbol, scale and kind look the same."""

import numba
import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.context.library.nearest import Vectors
from tradewind.core.arrays import Flags, Ints
from tradewind.core.tables import micros

GROUP = ("symbol", "scale", "kind")
Pairs = npt.NDArray[np.intp]  # (pairs, 2): the row known earlier, the row known later


def same_episodes(rows: pl.DataFrame, vectors: Vectors, asked: Flags, alike: float) -> Pairs:
    """The pairs of rows that are one episode seen twice: of one group, with spans that overlap and a
    similarity above `alike`. Of each pair at least one is asked about.

    >>> from datetime import UTC, datetime, timedelta
    >>> day = [datetime(2024, 1, n, tzinfo=UTC) for n in (2, 3, 4, 5)]
    >>> rows = pl.DataFrame({"symbol": "ACME", "scale": timedelta(days=1), "kind": "gap", "episode": [1, 2],
    ...     "start": day[:2], "end": day[2:], "known_at": day[2:]})
    >>> same_episodes(rows, np.full((2, 128), 128**-0.5, np.float32), np.array([True, True]), 0.9)
    array([[0, 1]])
    """
    groups = rows.select(pl.struct(GROUP).rank("dense").cast(pl.Int64)).to_series().to_numpy()
    start, end = micros(rows["start"]), micros(rows["end"])
    order = np.lexsort((start, groups))
    found = order[
        _pairs(groups[order], start[order], end[order], asked[order], vectors[order], alike)
    ]
    known, number = micros(rows["known_at"]), rows["episode"].to_numpy()
    one, other = found[:, 0], found[:, 1]
    later = (known[one] > known[other]) | (
        (known[one] == known[other]) & (number[one] > number[other])
    )
    found[later] = found[later][:, ::-1]
    return found


@numba.njit(cache=True, nogil=True)
def _pairs(
    groups: Ints,
    start: Ints,
    end: Ints,
    asked: Flags,
    vectors: Vectors,
    alike: float,
) -> Pairs:
    """(pairs, 2) places of rows that are sorted by group and start."""
    found, size = np.empty((max(64, len(start)), 2), np.intp), 0
    for i in range(len(start)):
        j = i + 1
        while j < len(start) and groups[j] == groups[i] and start[j] < end[i]:
            if asked[i] or asked[j]:
                total = 0.0
                for place in range(vectors.shape[1]):
                    total += np.float64(vectors[i, place]) * np.float64(vectors[j, place])
                if total > alike:
                    if size == len(found):
                        grown = np.empty((2 * size, 2), np.intp)
                        grown[:size] = found
                        found = grown
                    found[size, 0] = i
                    found[size, 1] = j
                    size += 1
            j += 1
    return found[:size]
