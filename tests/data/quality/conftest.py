"""Small panels, and what the gate says of them."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from tradewind.core import Panel, find_calendar, stream
from tradewind.data.quality.gate import Gate, GateResult


def days(count: int, first: date = date(2022, 1, 3), calendar: str = "XNYS") -> list[date]:
    """The next so many sessions."""
    sessions = find_calendar(calendar).sessions(first, first + timedelta(days=2 * count + 10))
    return list(sessions[:count])


def walk(count: int, seed: int = 1, step: float = 0.01, start: float = 100.0) -> np.ndarray:
    """Closes that wander, so that something is usual."""
    return start * np.exp(np.cumsum(step * stream(seed, "walk").standard_normal(count)))


def bars(closes: Any, symbol: str = "ACME", volume: float = 1000.0, **changes: Any) -> pl.DataFrame:
    """Daily bars around these closes: each opens at the close before it."""
    close = np.asarray(closes, dtype=float)
    opened = np.concatenate([close[:1], close[:-1]])
    return pl.DataFrame(
        {
            "date": days(len(close)),
            "symbol": symbol,
            "open": opened,
            "high": np.maximum(opened, close) * 1.001,
            "low": np.minimum(opened, close) * 0.999,
            "close": close,
            "volume": volume,
        }
    ).with_columns(**changes)


def at(row: int, name: str, value: float) -> pl.Expr:
    """A column with another value in one row."""
    return pl.when(pl.int_range(pl.len()) == row).then(value).otherwise(name).alias(name)


def told(*tables: pl.DataFrame, calendar: str = "XNYS", check: str, **options: Any) -> pl.DataFrame:
    """The verdicts of one check on these bars."""
    panel = Panel.from_frame(pl.concat(tables), calendar=calendar, **options)
    return passed(panel, calendar).verdicts.filter(check=check)


def passed(panel: Panel, calendar: str = "XNYS") -> GateResult:
    return Gate(calendar=calendar)(panel)
