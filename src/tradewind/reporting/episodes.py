"""`EpisodesPicture`: what a symbol looks like now, the past episodes that resemble it, and what followed them."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tradewind.core.tables import by_value, require_columns

PATHS: Mapping[str, type[pl.DataType] | pl.DataType] = {
    "episode": pl.Int64,
    "step": pl.Float64,
    "value": pl.Float64,
}
FOUND: Mapping[str, type[pl.DataType] | pl.DataType] = {
    "episode": pl.Int64,
    "symbol": pl.String,
    "kind": pl.String,
    "when": pl.String,
    "similarity": pl.Float64,
}


@dataclass(frozen=True, eq=False)
class EpisodesPicture:
    """What a page of episodes is made of.

    `paths` are log prices, 0 at the moment of each: up to it where `step` is not above 0, and what
    followed where it is; episode 0 is the one that is asked about, and nothing follows it. `found` are
    the others, the nearest first, with `followed` at the horizon, null where that is not known.
    """

    subject: str
    told: str
    horizon: str
    facts: Mapping[str, str]
    paths: pl.DataFrame
    found: pl.DataFrame
    outcomes: Mapping[str, tuple[float, ...]]  # of what, its 10, 50 and 90 per cent quantiles

    __eq__ = by_value

    def __post_init__(self) -> None:
        require_columns(self.paths, "EpisodesPicture", PATHS)
        require_columns(self.found, "EpisodesPicture", FOUND)
