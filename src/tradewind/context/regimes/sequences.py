"""`Sequences`: the rows of a Dataset as one sequence a symbol, and the way back."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core import Dataset
from tradewind.core.arrays import Flags, Floats, Ints
from tradewind.core.tables import physical

T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Sequences:
    """Values of symbols one after the other, each in the order of its moments.

    Row i of these is row `rows[i]` of the Dataset; symbol s has the rows from `offsets[s]` on.

    >>> from datetime import UTC, datetime
    >>> day = [datetime(2024, 1, d, tzinfo=UTC) for d in (2, 2, 3)]
    >>> table = pl.DataFrame({"decided_at": day, "symbol": ["A", "B", "A"], "x": [1.0, 2.0, 3.0]},
    ...     schema_overrides={"symbol": pl.Enum(["A", "B"]), "decided_at": pl.Datetime("us", "UTC")})
    >>> one = Sequences.of(Dataset(table, ("x",)))
    >>> one.names, one.values.ravel().tolist(), one.offsets.tolist(), one.rows.tolist()
    (('A', 'B'), [1.0, 3.0, 2.0], [0, 2, 3], [0, 2, 1])
    """

    names: tuple[str, ...]
    values: Floats  # (rows, features), NaN for what is missing
    offsets: Ints  # (symbols + 1,)
    rows: npt.NDArray[np.intp]  # (rows,)
    moments: pl.Series  # (rows,) when each is decided

    @classmethod
    def of(cls, features: Dataset) -> "Sequences":
        """Those of the features that the Dataset names."""
        codes = physical(features.table["symbol"])
        rows = np.argsort(codes, kind="stable")
        begins = np.flatnonzero(np.diff(codes[rows].astype(np.int64), prepend=-1))
        names = features.table["symbol"][rows[begins]].cast(pl.String)
        values = np.ascontiguousarray(features.matrix[rows])
        offsets = np.append(begins, len(rows)).astype(np.int64)
        moments = features.table["decided_at"][rows]
        return cls(tuple(names), values, offsets, rows, moments)

    @property
    def known(self) -> Flags:
        """(rows,) where no value is missing."""
        return np.asarray(np.isfinite(self.values).all(axis=1))

    def spread(self, of_symbols: Floats) -> Floats:
        """(rows, ...) of what each symbol has: (symbols, ...)."""
        return np.repeat(of_symbols, np.diff(self.offsets), axis=0)

    def back(self, values: npt.NDArray[T]) -> npt.NDArray[T]:
        """(rows, ...) in the order of the Dataset."""
        ordered = np.empty_like(values)
        ordered[self.rows] = values
        return ordered
