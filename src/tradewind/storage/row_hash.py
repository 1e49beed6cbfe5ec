"""What a set of rows holds, as one number that no order and no division into files can change.

Each row is mixed to 64 bits from its columns' names and values, and the rows are summed in two lanes.
Sums add up, so each file carries its own and a table's is read from its files' footers. A null adds
nothing: a column that came later leaves the rows that never had it as they were. It is a check against
accident, not against someone who forges rows.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Words = npt.NDArray[np.uint64]
WRAP = 2**64
LANES = (0x9E3779B97F4A7C15, 0xD1B54A32D192ED03)


@dataclass(frozen=True)
class RowSum:
    """Rows, counted and summed.

    >>> table = pl.DataFrame({"symbol": ["A", "B"], "close": [1.0, None]})
    >>> whole = row_sum(table)
    >>> whole == row_sum(table[1:]) + row_sum(table[:1])
    True
    >>> whole == row_sum(table.with_columns(close=pl.Series([1.0, 2.0])))
    False
    """

    rows: int = 0
    lanes: tuple[int, int] = (0, 0)

    def __add__(self, other: "RowSum") -> "RowSum":
        one, two = self.lanes
        lanes = ((one + other.lanes[0]) % WRAP, (two + other.lanes[1]) % WRAP)
        return RowSum(self.rows + other.rows, lanes)

    def __str__(self) -> str:
        return f"{self.rows}:{self.lanes[0]:016x}{self.lanes[1]:016x}"

    @classmethod
    def parse(cls, text: str) -> "RowSum":
        """The sum that a footer carries.

        >>> RowSum.parse(str(RowSum(2, (3, 4))))
        RowSum(rows=2, lanes=(3, 4))
        """
        rows, _, lanes = text.partition(":")
        return cls(int(rows), (int(lanes[:16], 16), int(lanes[16:], 16)))


def row_sum(table: pl.DataFrame) -> RowSum:
    """The rows of a table, counted and summed; the same values in a wider type are the same."""
    total = np.zeros(len(table), dtype=np.uint64)
    for column in table.iter_columns():
        _add(total, column)
    one, two = (int(_mixed(total, seed).sum(dtype=np.uint64)) for seed in LANES)
    return RowSum(len(table), (one, two))


def _add(total: Words, column: pl.Series) -> None:
    """Add a column's part to each row."""
    if isinstance(column.dtype, pl.Array):
        for place in range(column.dtype.size):
            _add(total, column.arr.get(place).alias(f"{column.name}[{place}]"))
        return
    part = _mixed(_words(column), _seed(column.name))
    if column.null_count():
        part[column.is_null().to_numpy()] = 0
    total += part


def _words(column: pl.Series) -> Words:
    """Each value as 64 bits; what stands for a null does not matter."""
    if isinstance(column.dtype, pl.Enum | pl.Categorical):
        column = column.cast(pl.String)
    if column.dtype == pl.String:
        names = column.drop_nulls().unique()
        codes = column.cast(pl.Enum(names)).to_physical().fill_null(0).to_numpy()
        words = np.array([_seed(name) for name in names] or [0], dtype=np.uint64)
        coded: Words = words[codes]
        return coded
    if column.dtype.is_float():
        reals: Any = column.cast(pl.Float64).fill_null(0.0).to_numpy() + 0.0  # -0.0 is 0.0
        return np.ascontiguousarray(reals).view(np.uint64)
    numbers: Any = column.to_physical().cast(pl.Int64).fill_null(0).to_numpy()
    return np.ascontiguousarray(numbers).view(np.uint64)


def _seed(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _mixed(words: Words, seed: int) -> Words:
    """The finish of splitmix64: every bit of the result depends on every bit of the word."""
    mixed = words ^ np.uint64(seed)
    mixed *= np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return mixed
