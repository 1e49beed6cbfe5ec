"""`Explained`: a feature in words, and its values under the price that it was computed from."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tradewind.core.tables import UTC_TIME, by_value, require_columns

DRAWN: Mapping[str, type[pl.DataType] | pl.DataType] = {"timestamp": UTC_TIME}


@dataclass(frozen=True, eq=False)
class Explained:
    """What a feature is, and a stretch of one symbol: timestamp, close and value, null where unknown."""

    name: str
    doc: str
    facts: Mapping[str, str]  # what it is made of, in the order in which it is told
    symbol: str
    origin: str
    rows: pl.DataFrame

    __eq__ = by_value

    def __post_init__(self) -> None:
        require_columns(self.rows, "Explained", DRAWN)
