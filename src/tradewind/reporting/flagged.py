"""A small picture of a bar that was flagged: the prices around it, and the bar itself marked."""

from datetime import datetime

import numpy as np

from tradewind.core.arrays import Floats
from tradewind.core.tables import floats, micros
from tradewind.reporting.axes import (
    Scale,
    labelled,
    log_bounds,
    log_ticks,
    number_ticks,
    time_ticks,
)
from tradewind.reporting.quality import Example
from tradewind.reporting.svg import Drawing

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 300.0, 168.0, 50.0, 8.0, 144.0
STEEP = 8.0  # highest over lowest, from which a log scale shows both


def flagged_chart(example: Example) -> str:
    """Low to high and close of each bar; nothing where no price is known.

    >>> import polars as pl
    >>> from datetime import UTC
    >>> bars = pl.DataFrame({"timestamp": [datetime(2024, 1, day, tzinfo=UTC) for day in (2, 3, 4)],
    ...     "low": [9.0, 1.0, 9.0], "high": [11.0, 12.0, 11.0], "close": [10.0, 10.0, 10.0],
    ...     "flagged": [False, True, False]}).cast({"timestamp": pl.Datetime("us", "UTC")})
    >>> drawn = flagged_chart(Example("ACME", bars["timestamp"][1], "low 1", bars))
    >>> '<title>ACME around 2024-01-03 00:00</title><desc>low 1</desc>' in drawn
    True
    """
    bars = example.bars
    prices = bars.select("low", "high", "close").unpivot()["value"].drop_nulls()
    if not len(prices):
        return ""
    title = f"{example.symbol} around {example.timestamp:%Y-%m-%d %H:%M}"
    drawing = Drawing(WIDTH, HEIGHT, title, example.reason, name="chart")
    stamps = micros(bars["timestamp"]).astype(np.float64)
    air = max((stamps[-1] - stamps[0]) / (2 * max(len(bars) - 1, 1)), 1.0)
    x = Scale(stamps[0] - air, stamps[-1] + air, LEFT, WIDTH - 2)
    y = _price_axis(drawing, float(prices.min()), float(prices.max()))  # type: ignore[arg-type]
    _time_axis(drawing, x, bars["timestamp"][0], bars["timestamp"][-1])
    _bars(drawing, example, x, y, stamps)
    return str(drawing)


def _price_axis(drawing: Drawing, low: float, high: float) -> Scale:
    logarithmic = low > 0 and high / low > STEEP
    ticks = log_ticks(low, high, 4) if logarithmic else number_ticks(low, high, 4)
    ends = log_bounds(low, high) if logarithmic else (ticks[0], ticks[-1])
    y = Scale(*ends, BOTTOM, TOP, logarithmic)
    for tick, label in labelled(ticks) if len(ticks) > 1 else ((ticks[0], f"{ticks[0]:g}"),):
        drawing.line(LEFT, y.at(tick), WIDTH - 2, y.at(tick), "grid")
        drawing.text(LEFT - 6, y.at(tick) + 4, label, "tick", "end")
    return y


def _time_axis(drawing: Drawing, x: Scale, first: datetime, last: datetime) -> None:
    for when, label in time_ticks(first, last, 4):
        across = x.at(when.timestamp() * 1e6)
        drawing.text(min(max(across, LEFT + 12), WIDTH - 26), HEIGHT - 6, label, "tick", "middle")


def _bars(
    drawing: Drawing,
    example: Example,
    x: Scale,
    y: Scale,
    stamps: Floats,
) -> None:
    bars = example.bars
    marked = bars["flagged"].to_numpy()
    across = x.along(stamps)
    for place in np.flatnonzero(marked).tolist():
        drawing.rect(across[place] - 5, TOP, 10, BOTTOM - TOP, "flag wash")
    lows, highs, closes = (floats(bars[name]) for name in ("low", "high", "close"))
    for place in np.flatnonzero(highs > lows).tolist():
        kind = "flag range" if marked[place] else "span"
        drawing.line(across[place], y.at(lows[place]), across[place], y.at(highs[place]), kind)
    drawing.curve(across, y.along(closes), "model curve thin")
    for place in np.flatnonzero(marked & np.isfinite(closes)).tolist():
        drawing.circle(across[place], y.at(closes[place]), 4, "flag dot", example.reason)
