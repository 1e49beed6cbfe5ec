"""`Explained`: a feature in words, and its values under the price that it was computed from; and a family."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tradewind.core.tables import UTC_TIME, by_value, require_columns

DRAWN: Mapping[str, type[pl.DataType] | pl.DataType] = {"timestamp": UTC_TIME}


@dataclass(frozen=True, eq=False)
class Explained:
    """What a feature is, and a stretch of one symbol: timestamp, close, value, and why where it is null.

    It reads the last `lookback` bars; or, `carried` from bar to bar, it remembers about so many.
    """

    name: str
    doc: str
    units: str
    lookback: int
    carried: bool
    facts: Mapping[str, str]  # what it is made of, in the order in which it is told
    symbol: str
    origin: str
    rows: pl.DataFrame

    __eq__ = by_value

    def __post_init__(self) -> None:
        require_columns(self.rows, "Explained", DRAWN)


@dataclass(frozen=True)
class Line:
    """A feature in a line."""

    name: str
    doc: str
    formula: str
    units: str


@dataclass(frozen=True, eq=False)
class ExplainedFamily:
    """The features of a family, and a stretch of one symbol: timestamp, close, and a column for each."""

    name: str
    doc: str
    symbol: str
    origin: str
    lines: tuple[Line, ...]
    rows: pl.DataFrame

    __eq__ = by_value

    def __post_init__(self) -> None:
        require_columns(self.rows, "ExplainedFamily", DRAWN)
