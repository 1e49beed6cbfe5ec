"""The rows nearest to a query by FAISS: exactly, or by cells where there are very many. The one file that
knows FAISS.

Cells: the rows are divided among centres, and a query looks into the cells whose centres are nearest to it.
It may miss a neighbour that lies in another cell; how many, docs/library.md says.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from tradewind.context.library.nearest import (
    MARGIN,
    Allowed,
    ExactNearest,
    Nearest,
    Rows,
    Vectors,
)
from tradewind.core.arrays import Floats
from tradewind.core.vendors import load

MORE = 16  # rows asked for beyond k, to see where the certain ones end
CELLS_ABOVE = 100_000
SCANNED = 20_000  # a filter that leaves no more than so many rows is answered by an exact scan
PROBES = 40
SEED = 20_240_102


@dataclass(frozen=True, eq=False)
class FaissExact:
    """A flat index: every inner product is taken."""

    index: Any
    name = "exact (faiss)"

    @property
    def size_bytes(self) -> int:
        return int(self.index.ntotal * self.index.d * 4)

    @classmethod
    def of(cls, vectors: Vectors) -> "FaissExact":
        """An index of these rows."""
        index = load("faiss", extra="vectors").IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return cls(index)

    def candidates(self, query: Floats, k: int, upto: int, allowed: Allowed | None) -> Rows:
        faiss = load("faiss", extra="vectors")
        asked = query.astype(np.float32)[None]
        chosen = _Chosen(upto, allowed)
        settings = faiss.SearchParameters(sel=chosen.selector)
        fetched = min(k + MORE, chosen.count)
        while fetched:
            with _one_thread():
                scores, rows = self.index.search(asked, fetched, params=settings)
            sure = scores[0, min(k, fetched) - 1] - MARGIN
            if fetched == chosen.count or scores[0, -1] < sure:
                found: Rows = rows[0][scores[0] >= sure]
                return found
            fetched = min(2 * fetched, chosen.count)
        return np.empty(0, np.intp)

    def dump(self) -> bytes:
        return b""


@dataclass(frozen=True, eq=False)
class FaissCells:
    """Cells of rows in float16."""

    index: Any
    vectors: Vectors
    name = "cells (faiss, float16)"

    @property
    def size_bytes(self) -> int:
        return int(self.index.ntotal * (self.index.code_size + 8))

    @classmethod
    def of(cls, vectors: Vectors, dumped: bytes = b"") -> "FaissCells":
        """An index of these rows, from what was dumped of it if anything was."""
        faiss = load("faiss", extra="vectors")
        if dumped:
            return cls(faiss.deserialize_index(np.frombuffer(dumped, np.uint8)), vectors)
        width, cells = vectors.shape[1], int(len(vectors) ** 0.5)
        index = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(width),
            width,
            cells,
            faiss.ScalarQuantizer.QT_fp16,
            faiss.METRIC_INNER_PRODUCT,
            False,  # rows themselves, not what is left beside their centre
        )
        index.cp.seed, index.cp.niter, index.cp.spherical = SEED, 8, True
        index.cp.max_points_per_centroid = 64
        index.train(vectors)
        index.add(vectors)
        return cls(index, vectors)

    def candidates(self, query: Floats, k: int, upto: int, allowed: Allowed | None) -> Rows:
        faiss = load("faiss", extra="vectors")
        chosen = _Chosen(upto, allowed)
        if chosen.count <= max(SCANNED, k):
            return ExactNearest(self.vectors).candidates(query, k, upto, allowed)
        settings = faiss.SearchParametersIVF(sel=chosen.selector, nprobe=PROBES)
        asked = query.astype(np.float32)[None]
        with _one_thread():
            _, rows = self.index.search(asked, min(k + MORE, chosen.count), params=settings)
        found: Rows = rows[0][rows[0] >= 0]
        return found

    def dump(self) -> bytes:
        written: bytes = load("faiss", extra="vectors").serialize_index(self.index).tobytes()
        return written


@contextmanager
def _one_thread() -> Iterator[None]:
    """One query is searched by the thread that asks; to wait for a second core costs more than it gives."""
    faiss = load("faiss", extra="vectors")
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)


class _Chosen:
    """The rows below `upto` that are allowed, as FAISS selects them."""

    def __init__(self, upto: int, allowed: Allowed | None) -> None:
        faiss = load("faiss", extra="vectors")
        if allowed is None:
            self.count, self.selector = upto, faiss.IDSelectorRange(0, upto)
        else:
            self.count = int(np.count_nonzero(allowed))
            self.selector = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))


def by_faiss(vectors: Vectors, dumped: bytes = b"") -> Nearest:
    """Exact for as long as that is fast, cells above."""
    if len(vectors) > CELLS_ABOVE:
        return FaissCells.of(vectors, dumped)
    return FaissExact.of(vectors)
