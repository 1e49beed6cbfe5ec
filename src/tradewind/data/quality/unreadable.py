"""Rows that no panel can hold, as the quarantine keeps them: what was written, and why it is no row."""

import polars as pl

from tradewind.core.panel import KEYS
from tradewind.core.tables import UTC_TIME


def as_written(rows: pl.DataFrame) -> pl.DataFrame:
    """(symbol, timestamp, known_at, check, reason, quarantined_at, written) of rows as a source hands
    them over; a key that could not be read is null, and `written` is all of the row as JSON.

    >>> came = pl.DataFrame({"symbol": ["A"], "timestamp": ["soon"], "close": [1.5],
    ...     "check": ["row.timestamp"], "reason": ["its timestamp cannot be read"]})
    >>> as_written(came).select("symbol", "timestamp", "written").rows()
    [('A', None, '{"symbol":"A","timestamp":"soon","close":"1.5"}')]
    """
    about = ("check", "reason")
    plain = [_plain(name, dtype) for name, dtype in rows.schema.items() if name not in about]
    return rows.select(
        _read(rows, "symbol", pl.String),
        *[_read(rows, name, UTC_TIME) for name in KEYS[1:]],
        *about,
        pl.lit(None, dtype=UTC_TIME).alias("quarantined_at"),
        pl.struct(plain).struct.json_encode().alias("written"),
    )


def _plain(name: str, dtype: pl.DataType) -> pl.Expr:
    """A column as text; a vector as its numbers."""
    column = pl.col(name)
    return column.arr.to_list() if isinstance(dtype, pl.Array) else column.cast(pl.String)


def _read(rows: pl.DataFrame, name: str, dtype: type[pl.DataType] | pl.DataType) -> pl.Expr:
    """A key where it was read, else null."""
    found = rows.schema.get(name)
    text = dtype == pl.String and found is not None
    return (pl.col(name) if found == dtype or text else pl.lit(None)).cast(dtype).alias(name)
