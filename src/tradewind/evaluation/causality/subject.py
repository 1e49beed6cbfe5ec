"""What is audited: a `Subject` answers for the rows that it is `Shown`, and each answer has its key."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
import polars as pl

from tradewind.core.arrays import Floats, Ints
from tradewind.core.clock import EPOCH
from tradewind.core.reading import CANONICAL, plain_name

PRICES = ("open", "high", "low", "close", "adj_close")
KEY = {"symbol": pl.String, "stamp": pl.Int64, "at": pl.Int64, "nth": pl.UInt32}


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of the data, by number: whose each is, of when, and when it was known (microseconds).

    Rows of one symbol and one `kind` can stand in for each other: what is missing in one is so in all.
    """

    symbol: pl.Series  # (rows,) text
    stamp: Ints
    known: Ints
    kind: Ints

    @cached_property
    def moments(self) -> Ints:
        """The distinct moments at which something became known, ascending."""
        return np.unique(self.known)

    @cached_property
    def codes(self) -> Ints:
        """(rows,) a number for each symbol."""
        return self.symbol.rank("dense").to_numpy().astype(np.int64) - 1

    def named(self, row: int) -> str:
        """A row as a person would call it."""
        return place(str(self.symbol[row]), int(self.stamp[row]))

    def __len__(self) -> int:
        return len(self.known)


@dataclass(frozen=True, eq=False)
class Shown:
    """What a subject is shown: rows of the data in an order, whose values each of them carries, and what
    its prices, and its other numbers, are multiplied by.

    >>> Shown.only(np.array([2, 0])).source.tolist()
    [2, 0]
    """

    rows: Ints
    source: Ints
    factor: Floats  # (2, rows) of prices, of other numbers

    @classmethod
    def only(cls, rows: Ints) -> "Shown":
        """These rows, as they are."""
        return cls(rows, rows, np.ones((2, len(rows))))

    @property
    def as_they_are(self) -> bool:
        """Nothing is garbled."""
        return bool((self.rows == self.source).all() and (self.factor == 1).all())


@dataclass(frozen=True, eq=False)
class Answer:
    """Values by their key: symbol and stamp, the moment `at` which there was such a row, and a number
    for those that share all three."""

    keys: pl.DataFrame
    values: pl.DataFrame

    def where(self, rows: pl.Expr) -> "Answer":
        """Only the rows whose keys are so."""
        kept = self.keys.select(rows).to_series()
        return Answer(self.keys.filter(kept), self.values.filter(kept))


Reads = Literal["alone", "others"] | None


@dataclass(frozen=True)
class Claim:
    """What a column says of itself: computed in two ways it agrees to `tolerance`, relative; it reads
    `lookback` bars, and has by then settled to `settles`; it `reads` its own symbol alone, or
    others too, in whatever order they come."""

    tolerance: float = 0.0
    lookback: int | None = None
    settles: float = 0.0
    reads: Reads = None


class Subject(Protocol):
    """Something that computes columns from rows of data, and can be asked to do so for other rows."""

    @property
    def name(self) -> str: ...

    @property
    def rows(self) -> Rows: ...

    @property
    def given(self) -> frozenset[str]:
        """The columns of the data, which an answer may hand back: they are not what it computes."""
        ...

    def claim(self, column: str) -> Claim: ...

    def __call__(self, shown: Shown, /) -> Answer: ...


def moved(column: pl.Series, factor: Floats) -> pl.Series:
    """A column with its numbers multiplied; prices by one factor, so that their order within a row stays.

    >>> moved(pl.Series("Close", [2.0, 3.0]), np.array([[1.5, 1.0], [9.0, 9.0]])).to_list()
    [3.0, 3.0]
    """
    if not column.dtype.is_float():
        return column
    return (column * pl.Series(factor_of(column.name, factor))).cast(column.dtype)


def factor_of(name: str, factor: Floats) -> Floats:
    """What a column of that name is multiplied by."""
    row: Floats = factor[0] if CANONICAL.get(plain_name(name)) in PRICES else factor[1]
    return row


def keyed(symbol: pl.Series, stamp: pl.Series, at: pl.Series) -> pl.DataFrame:
    """Keys of an answer.

    >>> text, same = pl.Series(["A", "A"]), pl.Series([5, 5])
    >>> keyed(text, same, same)["nth"].to_list()
    [0, 1]
    """
    keys = pl.DataFrame({"symbol": symbol, "stamp": stamp, "at": at})
    nth = pl.lit(0).alias("nth")
    if not _in_order(symbol, stamp):
        nth = pl.int_range(pl.len()).over("symbol", "stamp", "at").alias("nth")
    return keys.with_columns(nth).cast(KEY)  # type: ignore[arg-type]


def _in_order(symbol: pl.Series, stamp: pl.Series) -> bool:
    """Symbol by symbol, each row later than the one before: seen at a glance, and then none is like another."""
    begins = (symbol != symbol.shift(1)).fill_null(True)
    later = (begins | (stamp > stamp.shift(1))).fill_null(True).all()
    return bool(later) and int(begins.sum()) == symbol.n_unique()


def missing_in(table: pl.DataFrame) -> Ints:
    """(rows,) a number for each set of columns that a row lacks.

    >>> missing_in(pl.DataFrame({"x": [1, None, 2], "y": [None, 1, None]})).tolist()
    [0, 1, 0]
    """
    if not table.width:
        return np.zeros(len(table), dtype=np.int64)
    lacks = table.select(pl.all().is_null())
    return (
        lacks.select(pl.struct(pl.all()).rank("dense")).to_series().to_numpy().astype(np.int64) - 1
    )


def place(symbol: str, stamp: int) -> str:
    """Symbol and moment in words; a midnight is a date.

    >>> place("ACME", 1_704_153_600_000_000), place("", 1_704_229_200_000_000)
    ('ACME at 2024-01-02', '2024-01-02 21:00 UTC')
    """
    when = EPOCH + timedelta(microseconds=stamp)
    midnight = when == when.replace(hour=0, minute=0, second=0, microsecond=0)
    seconds = "minutes" if not (when.second or when.microsecond) else "auto"
    told = when.isoformat(" ", seconds).removesuffix("+00:00") + " UTC"
    moment = when.date().isoformat() if midnight else told
    return f"{symbol} at {moment}" if symbol else moment
