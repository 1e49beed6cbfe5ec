"""`render(family)`: all features of a family in small, one beside the other, over the same bars."""

from typing import Any

import numpy as np
import polars as pl

from tradewind.reporting.axes import Scale, number_ticks
from tradewind.reporting.curves import extremes, finite
from tradewind.reporting.explained import ExplainedFamily
from tradewind.reporting.explained_chart import broken, sittings
from tradewind.reporting.figures import count, day, figure, percent
from tradewind.reporting.filling import filled
from tradewind.reporting.svg import Drawing

WIDE, TALL = 220.0, 64.0
POINTS = 90  # stretches of a line of which the ends and the extremes are drawn


def render(family: ExplainedFamily) -> str:
    """The page as one string, which asks for nothing from outside."""
    return filled("explained_family.html", seen(family))


def seen(family: ExplainedFamily) -> dict[str, Any]:
    """Everything the template shows, as text and drawings."""
    rows = family.rows
    span = f"{day(rows['timestamp'][0])} to {day(rows['timestamp'][-1])}" if len(rows) else ""
    return {
        "subject": family.name,
        "doc": family.doc,
        "origin": family.origin,
        "bars": f"{count(len(rows), 'bar', 'bars')} of {family.symbol}, {span}",
        "price": small_chart(rows, "close", f"close of {family.symbol}"),
        "price_words": words(rows["close"]),
        "features": [
            (line, small_chart(rows, line.name, line.name), words(rows[line.name]))
            for line in family.lines
        ],
    }


def words(values: pl.Series) -> str:
    """Between which ends the values lie, what the last is, and how many are missing.

    >>> words(pl.Series([None, 0.5, 0.25, 1.5]))
    '0.250 to 1.50, last 1.50; 25.0 % null'
    >>> words(pl.Series([None], dtype=pl.Float64))
    'null throughout'
    """
    numbers = finite(values)
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return "null throughout"
    low, high = figure(float(known.min())), figure(float(known.max()))
    span = f"{low} to {high}" if low != high else f"always {low}"
    last = figure(float(numbers[-1])) if not np.isnan(numbers[-1]) else "null"
    missing = 1 - len(known) / len(numbers)
    return f"{span}, last {last}" + (f"; {percent(missing)} null" if missing else "")


def small_chart(rows: pl.DataFrame, name: str, title: str) -> str:
    """One line without axes, and where nought is if it crosses it; nothing of less than two values."""
    values = finite(rows[name])
    if np.count_nonzero(~np.isnan(values)) < 2:
        return ""
    drawing = Drawing(WIDE, TALL, title, "", name="chart")
    x = Scale(0.0, len(rows) - 1.0, 1, WIDE - 1)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if low == high:
        low, *_, high = number_ticks(low, high, 4)
    y = Scale(low, high, TALL - 2, 2)
    if low < 0 < high:
        drawing.line(0, y.at(0.0), WIDE, y.at(0.0), "grid")
    kept = extremes(values, POINTS)
    across, sitting = x.along(kept.astype(np.float64)), sittings(rows["timestamp"])[kept]
    drawing.curve(*broken(across, y.along(values[kept]), sitting), "model curve thin")
    return str(drawing)
