"""`with_sector`: the sector of each row, from the instruments, or as the bars said it by then."""

import polars as pl

from tradewind.core import Dataset, Market
from tradewind.core.joining import newest_as_known
from tradewind.core.panel import KEYS


def with_sector(rows: Dataset, market: Market) -> Dataset:
    """Add `sector`: that of the instruments; else what the newest bar of the symbol said by then.

    What nobody knows is null. A sector that is published later is not known before:

    >>> from tradewind.core import Panel
    >>> panel = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02", "2024-01-03"], "symbol": "ACME",
    ...     "close": [1.0, 2.0], "sector": [None, "metals"]}))
    >>> times = panel.table.select("symbol", decided_at="known_at")
    >>> with_sector(Dataset(times, ()), Market({"bars": panel})).table["sector"].to_list()
    [None, 'metals']
    """
    table = rows.table.drop("sector", strict=False)
    symbols = table.schema["symbol"]
    if "sector" in market.instruments.columns:
        known = market.instruments.select(pl.col("symbol").cast(symbols, strict=False), "sector")
        table = table.join(known.drop_nulls("symbol"), "symbol", "left", maintain_order="left")
    elif "sector" in market.panel.columns:
        said = market.panel.table.select(*KEYS, "sector").drop_nulls("sector")
        said = newest_as_known(said).select("symbol", "sector", decided_at="known_at")
        table = table.join_asof(said, on="decided_at", by="symbol", check_sortedness=False)
    else:
        table = table.with_columns(sector=pl.lit(None))
    sector = pl.col("sector").cast(pl.String)
    return Dataset(table.with_columns(sector), rows.features, rows.outcome)
