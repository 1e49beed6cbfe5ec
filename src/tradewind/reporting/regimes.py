"""`RegimePicture`: in which regime a symbol was at each bar, as it was known there, beside its price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from tradewind.core.tables import UTC_TIME, by_value, require_columns


@dataclass(frozen=True, eq=False)
class RegimePicture:
    """What a page of regimes is made of.

    `rows` are the bars of one symbol: timestamp, close, the regime that was said, and one column of
    probability for each name; null where no regime was known. The model learnt from the first `taught` of
    them, and says of these in hindsight. `states` tells of each regime how often and how long it was,
    `follows` how often one came after another: each by which bars. `now` is where each symbol stands, in
    these regimes or in others.
    """

    subject: str
    told: str
    names: Sequence[str]
    facts: Mapping[str, str]  # what it was calibrated on, in the order in which it is told
    rows: pl.DataFrame
    states: Mapping[str, pl.DataFrame]  # regime, share, visits, bars, volatility, mean of a return
    follows: Mapping[str, pl.DataFrame]  # regime, and of each name the share of bars after its bars
    now: pl.DataFrame  # symbol, regime, probability, since, bars
    drawn: str = "close"  # what the price is
    taught: int = 0  # bars

    __eq__ = by_value

    def __post_init__(self) -> None:
        probabilities = dict.fromkeys(self.names, pl.Float64)
        known = self.rows.drop_nulls("regime") if "regime" in self.rows.columns else self.rows
        require_columns(
            known, "RegimePicture", {"timestamp": UTC_TIME, "regime": pl.String, **probabilities}
        )


def spoken(name: str) -> str:
    """A name as people say it.

    >>> spoken("low_vol"), spoken("mean_reverting"), spoken("ssr_active")
    ('low volatility', 'mean reverting', 'SSR active')
    """
    words = {"vol": "volatility", "ssr": "SSR", "luld": "LULD"}
    return " ".join(words.get(word, word) for word in name.split("_"))
