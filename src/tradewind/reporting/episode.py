"""`EpisodePicture`: one past episode in the prices it was seen in, and what followed it."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tradewind.core.tables import UTC_TIME, by_value, require_columns

PRICES: Mapping[str, type[pl.DataType] | pl.DataType] = {
    "step": pl.Int64,
    "stamp": UTC_TIME,
    "close": pl.Float64,
}
AFTERWARDS: Mapping[str, type[pl.DataType] | pl.DataType] = {
    "bars": pl.Int64,
    "value": pl.Float64,
    "resolved_at": UTC_TIME,
}


@dataclass(frozen=True, eq=False)
class EpisodePicture:
    """What a page of one episode is made of.

    Of `prices` the bar at step 0 is the last that was known when the episode was; it spans the steps from
    `first` to `last`. `afterwards` are the log returns from there, every version of each.
    """

    subject: str
    told: str
    facts: Mapping[str, str]
    prices: pl.DataFrame
    first: int
    last: int
    afterwards: pl.DataFrame

    __eq__ = by_value

    def __post_init__(self) -> None:
        require_columns(self.prices, "EpisodePicture", PRICES)
        require_columns(self.afterwards, "EpisodePicture", AFTERWARDS)
