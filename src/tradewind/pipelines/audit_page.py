"""The page of the causality audit: what it finds of leaks that are known, in functions and in columns."""

from collections.abc import Mapping
from datetime import timedelta

import polars as pl

from tradewind.data.synthetic import make_market


def frames_of(symbols: int, periods: int, seed: int) -> Mapping[str, pl.DataFrame]:
    """Bars of a made market in three forms: as they are, with reports among them, with corrections."""
    bars = _bars(symbols, periods, seed, plants=())
    return {
        "bars": bars.drop("known_at"),
        "reports": pl.concat([bars, _reports(bars)], how="diagonal").sort("symbol", "known_at"),
        "revised": _bars(symbols, periods, seed, plants=("revisions",)),
    }


def _bars(symbols: int, periods: int, seed: int, plants: tuple[str, ...]) -> pl.DataFrame:
    table = make_market("equity", symbols, periods, seed=seed, plants=plants).panel.table
    names = ("symbol", "timestamp", "known_at", "open", "high", "low", "close", "volume")
    return table.select(names).with_columns(pl.col("symbol").cast(pl.String))


def _reports(bars: pl.DataFrame) -> pl.DataFrame:
    """A figure of every 40th bar, published 20 days later."""
    rows = bars.filter(pl.int_range(pl.len()).over("symbol") % 40 == 39)
    late = pl.col("timestamp") + timedelta(days=20)
    return rows.select("symbol", "timestamp", known_at=late, figure=pl.col("close") / 10)
