"""What came of it: the outcome of each row, with the moment at which it was known."""

from typing import Literal

import polars as pl

from tradewind.core import Dataset, Market
from tradewind.core.panel import KEYS

Against = Literal["peers", "itself"]


def with_outcome(rows: Dataset, market: Market, horizon: int, against: Against) -> Dataset:
    """Add `rises`, or `beats_its_peers`: 1 if the close `horizon` bars on did better than the last close known, else 0.

    Better than `itself` is a rise; better than its `peers` is a larger rise than the median of the
    symbols forecast at the same moment, which leaves the market's own luck out. Measured on the versions
    first known, so no later correction can change a label; `resolved_at` is when every close that it
    needs was first known. Rows too near the end are not resolved and carry null.

    >>> from tradewind.core import Panel
    >>> from tradewind.features.bars import BarFeatures
    >>> panel = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02", "2024-01-03", "2024-01-04"],
    ...     "symbol": "ACME", "close": [3.0, 2.0, 4.0]}))
    >>> market = Market({"bars": panel})
    >>> with_outcome(BarFeatures()(market, panel.moments), market, 1, "itself").table["rises"].to_list()
    [0.0, 1.0, None]
    """
    table = rows.table.join_asof(
        _closes(market, horizon),
        left_on="decided_at",
        right_on="known_at",
        by="symbol",
        check_sortedness=False,
    )
    change = pl.col("ahead") / pl.col("close")
    name, better, known = "rises", change > 1, pl.col("resolved_at")
    if against == "peers":
        name = "beats_its_peers"
        better = change > change.median().over("decided_at")
        known = pl.col("resolved_at").max().over("decided_at")
    resolved = change.is_not_null()
    outcome = pl.when(resolved).then(better.cast(pl.Float64)).alias(name)
    table = table.with_columns(outcome, pl.when(resolved).then(known).alias("resolved_at"))
    return Dataset(table.select(*rows.table.columns, name, "resolved_at"), rows.features, name)


def _closes(market: Market, horizon: int) -> pl.DataFrame:
    """Each symbol's last close by when it became so, and the close some bars ahead."""
    first = market.panel.table.filter(~pl.Series(market.panel.corrections))
    pairs = first.select(
        *KEYS,
        "close",
        ahead=pl.col("close").shift(-horizon).over("symbol"),
        resolved_at=pl.col("known_at").shift(-horizon).over("symbol"),
    )
    by_arrival = pairs.sort("known_at", maintain_order=True)
    newest = pl.col("timestamp") == pl.col("timestamp").cum_max().over("symbol")
    return by_arrival.filter(newest).drop("timestamp")
