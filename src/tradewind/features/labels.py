"""What came of it: the outcome of each row, with the moment at which it was known."""

import polars as pl

from tradewind.core import Dataset, Market
from tradewind.core.panel import KEYS


def with_rise(rows: Dataset, market: Market, horizon: int) -> Dataset:
    """Add `rise`: 1 if the close `horizon` bars later is above the last close known, else 0.

    Measured on the versions first known, so no later correction can change a label; `resolved_at` is
    when the later close was first known. Rows too near the end are not resolved and carry null.

    >>> from tradewind.core import Panel
    >>> from tradewind.features.bars import BarFeatures
    >>> panel = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02", "2024-01-03", "2024-01-04"],
    ...     "symbol": "ACME", "close": [3.0, 2.0, 4.0]}))
    >>> market = Market({"bars": panel})
    >>> with_rise(BarFeatures()(market, panel.moments), market, 1).table["rise"].to_list()
    [0.0, 1.0, None]
    """
    first = market.panel.table.filter(~pl.Series(market.panel.corrections))
    later = first.select(
        *KEYS,
        "close",
        ahead=pl.col("close").shift(-horizon).over("symbol"),
        resolved_at=pl.col("known_at").shift(-horizon).over("symbol"),
    )
    by_arrival = later.sort("known_at", maintain_order=True)
    newest = pl.col("timestamp") == pl.col("timestamp").cum_max().over("symbol")
    last = by_arrival.filter(newest).drop("timestamp")
    joined = rows.table.join_asof(
        last,
        left_on="decided_at",
        right_on="known_at",
        by="symbol",
        check_sortedness=False,
    )
    resolved = pl.col("ahead").is_not_null() & pl.col("close").is_not_null()
    table = joined.with_columns(
        rise=pl.when(resolved).then((pl.col("ahead") > pl.col("close")).cast(pl.Float64)),
        resolved_at=pl.when(resolved).then("resolved_at"),
    )
    keep = [*rows.table.columns, "rise", "resolved_at"]
    return Dataset(table.select(keep), rows.features, "rise")
