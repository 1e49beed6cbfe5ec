"""What the writer writes, so that whoever comes after the crash knows what should be there."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from tradewind.core import Panel
from tradewind.data.store import MarketStore

SYMBOLS = pl.Enum(["ACME", "BOLT"])
FIRST = datetime(2024, 1, 1, 21, tzinfo=UTC)


def day(number: int) -> Panel:
    """The bars of one day."""
    at = FIRST + timedelta(days=number)
    table = pl.DataFrame(
        {
            "symbol": pl.Series(["ACME", "BOLT"], dtype=SYMBOLS),
            "timestamp": [at, at],
            "known_at": [at, at],
            "session": [at.date(), at.date()],
            "close": [100.0 + number, 200.0 + number],
        }
    )
    times = pl.col("timestamp", "known_at").cast(pl.Datetime("us", "UTC"))
    return Panel(table.with_columns(times))


def document(number: int) -> dict[str, Any]:
    """The document of one day."""
    return {"day": number, "regime": "calm"}


def days(store: MarketStore) -> list[int]:
    """The days that are in the store, each whole and as it was written."""
    panel = store.read() if "bars" in store.tables and store.version else None
    if panel is None:
        return []
    there = [(at - FIRST).days for at in panel.moments]
    for number in there:
        rows = panel.table.filter(pl.col("timestamp") == FIRST + timedelta(days=number))
        assert rows["close"].to_list() == [100.0 + number, 200.0 + number]
    return there
