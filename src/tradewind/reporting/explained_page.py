"""`render(explained)`: one feature as a page, drawn under the price."""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core.tables import micros
from tradewind.reporting.axes import (
    Scale,
    labelled,
    log_bounds,
    log_ticks,
    number_ticks,
    time_ticks,
)
from tradewind.reporting.curves import extremes, finite
from tradewind.reporting.explained import Explained
from tradewind.reporting.figures import day, decimals_for, number, percent
from tradewind.reporting.filling import filled
from tradewind.reporting.svg import Drawing

WIDE, NARROW = 900.0, 358.0
LEFT, PRICE, BELOW, BOTTOM = 60.0, (22.0, 190.0), (232.0, 400.0), 400.0
STEEP = 3.0  # highest over lowest, from which prices are drawn on a log scale
Array = npt.NDArray[np.float64]


def render(explained: Explained) -> str:
    """The page as one string, which asks for nothing from outside."""
    return filled("explained.html", seen(explained))


def seen(explained: Explained) -> dict[str, Any]:
    """Everything the template shows, as text and drawings."""
    return {
        "subject": explained.name,
        "doc": explained.doc,
        "facts": explained.facts,
        "symbol": explained.symbol,
        "origin": explained.origin,
        "words": words(explained),
        "wide": feature_chart(explained, WIDE),
        "narrow": feature_chart(explained, NARROW),
    }


def words(explained: Explained) -> str:
    """Where the values lie, and how many there are.

    >>> from datetime import UTC, datetime
    >>> rows = pl.DataFrame({"timestamp": [datetime(2024, 1, d, tzinfo=UTC) for d in (2, 3)],
    ...     "close": [1.0, 2.0], "value": [None, 0.693]}).cast({"timestamp": pl.Datetime("us", "UTC")})
    >>> words(Explained("return_1", "", {}, "ACME", "", rows))
    'Of 2 bars of ACME, 2 Jan 2024 to 3 Jan 2024, 50.0 % have a value; it lies between 0.693 and 0.693.'
    """
    rows = explained.rows
    values = rows["value"].drop_nulls()
    if not len(rows):
        return f"There are no bars of {explained.symbol}."
    span = f"{day(rows['timestamp'][0])} to {day(rows['timestamp'][-1])}"
    told = f"Of {len(rows):,} bars of {explained.symbol}, {span}, {percent(len(values) / len(rows))} have a value"
    if not len(values):
        return told + "."
    low, high = (number(end, decimals_for(end, None, None)) for end in _ends(values))
    return f"{told}; it lies between {low} and {high}."


def feature_chart(explained: Explained, width: float) -> str:
    """The close above and the feature below, over one axis of time; nothing where no price is known."""
    rows = explained.rows
    close, value = finite(rows["close"]), finite(rows["value"])
    if len(rows) < 2 or np.isnan(close).all():
        return ""
    drawing = Drawing(width, 430, explained.name, words(explained), name="chart")
    stamps = micros(rows["timestamp"]).astype(np.float64)
    x = Scale(stamps[0], stamps[-1], LEFT, width - 8)
    for when, label in time_ticks(rows["timestamp"][0], rows["timestamp"][-1], int(width // 90)):
        across = x.at(when.timestamp() * 1e6)
        drawing.line(across, PRICE[0], across, BOTTOM, "grid")
        drawing.text(min(across, width - 30), BOTTOM + 18, label, "tick", "middle")
    drawing.text(0, 11, f"close of {explained.symbol}", "caption")
    steep = bool(np.nanmin(close) > 0 and np.nanmax(close) / np.nanmin(close) > STEEP)
    _panel(drawing, x.along(stamps), close, PRICE, steep)
    drawing.text(0, BELOW[0] - 11, explained.name, "caption")
    if not np.isnan(value).all():
        _panel(drawing, x.along(stamps), value, BELOW, False)
    return str(drawing)


def _panel(
    drawing: Drawing, across: Array, values: Array, between: tuple[float, float], steep: bool
) -> None:
    top, bottom = between
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    ticks = log_ticks(low, high, 4) if steep else number_ticks(low, high, 4)
    ends = log_bounds(low, high) if steep else (ticks[0], ticks[-1])
    y = Scale(*ends, bottom, top, steep)
    for tick, label in labelled(ticks):
        drawing.line(LEFT, y.at(tick), float(across[-1]), y.at(tick), "grid")
        drawing.text(LEFT - 6, y.at(tick) + 4, label, "tick", "end")
    kept = extremes(values, int(drawing.width / 2))
    drawing.curve(across[kept], y.along(values[kept]), "model curve thin")


def _ends(values: pl.Series) -> tuple[float, float]:
    numbers = finite(values)
    return float(np.nanmin(numbers)), float(np.nanmax(numbers))
