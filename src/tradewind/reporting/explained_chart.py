"""A feature under its price: how it went, how often it was where, and where it was silent."""

from collections.abc import Iterator
from itertools import groupby

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core.arrays import Flags, Floats
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
from tradewind.reporting.figures import count, percent
from tradewind.reporting.svg import Drawing

LEFT, PRICE, BELOW = 60.0, (22.0, 190.0), (232.0, 400.0)
HEIGHT = 436.0
SILENT = 404.0, 5.0  # where the marks of missing values begin, and how tall they are
STEEP = 3.0  # highest over lowest, from which prices are drawn on a log scale
BINS = 24
PAUSE = 30.0  # times the usual time from bar to bar, from which no line is drawn between them


def feature_chart(explained: Explained, width: float) -> str:
    """The close above and the feature below, bar beside bar; nothing where no price is known."""
    rows = explained.rows
    close, value = finite(rows["close"]), finite(rows["value"])
    if len(rows) < 2 or np.isnan(close).all():
        return ""
    drawing = Drawing(width, HEIGHT, explained.name, explained.doc, name="chart")
    x = Scale(0.0, len(rows) - 1.0, LEFT, width - (96.0 if width > 600 else 50.0))
    across, sitting = x.along(np.arange(float(len(rows)))), sittings(rows["timestamp"])
    _look_back(drawing, explained, across)
    for bar, label in bar_ticks(rows["timestamp"], int(x.end // 90)):
        drawing.line(x.at(bar), PRICE[0], x.at(bar), BELOW[1], "grid")
        drawing.text(x.at(bar), BELOW[1] + 26, label, "tick", "middle")
    steep = bool(np.nanmin(close) > 0 and np.nanmax(close) / np.nanmin(close) > STEEP)
    drawing.text(0, 11, f"close of {explained.symbol}{', log scale' if steep else ''}", "caption")
    _curve(drawing, across, close, sitting, _axis(drawing, close, PRICE, x.end, steep))
    drawing.text(0, BELOW[0] - 11, f"{explained.name}, {explained.units}", "caption")
    if not np.isnan(value).all():
        y = _axis(drawing, value, BELOW, x.end, False)
        _curve(drawing, across, value, sitting, y)
        _how_often(drawing, value, y, x.end + 8, width)
    _silent(drawing, explained, across)
    return str(drawing)


def bar_ticks(stamps: pl.Series, most: int) -> list[tuple[int, str]]:
    """The bars with which hours, days, months or years begin: nights and weekends take no room."""
    ticks = time_ticks(stamps[0], stamps[-1], most)
    bars = np.searchsorted(micros(stamps), [int(when.timestamp() * 1e6) for when, _ in ticks])
    labels = {int(bar): label for bar, (_, label) in zip(bars, ticks, strict=True)}
    return [
        (bar, label)
        for (bar, label), after in zip(
            labels.items(), [*list(labels)[1:], 2 * len(stamps)], strict=True
        )
        if after - bar > len(stamps) / (2 * most)
    ]


def sittings(stamps: pl.Series) -> npt.NDArray[np.intp]:
    """In which run of bars each lies, one begun after each pause much longer than from bar to bar.

    >>> from datetime import UTC, datetime
    >>> minutes = [datetime(2024, 1, 2, hour, minute, tzinfo=UTC) for hour in (3, 9) for minute in (0, 1, 2)]
    >>> sittings(pl.Series(minutes)).tolist()
    [0, 0, 0, 1, 1, 1]
    """
    steps = np.diff(micros(stamps))
    return np.cumsum(np.concatenate([[False], steps > PAUSE * np.median(steps)]))


def _look_back(drawing: Drawing, explained: Explained, across: Floats) -> None:
    """A band under the bars that the last value is made of, and what it is."""
    verb, bars = ("remembers" if explained.carried else "reads"), explained.lookback
    if bars == 1:
        told = f"it {verb} its own bar alone"
    elif bars > len(across):
        told = f"it {verb} {bars:,} bars, more than these"
    else:
        told = f"shaded: the {bars:,} bars it {verb}"
        left, right = float(across[-bars]), float(across[-1])
        drawing.rect(left, PRICE[0], right - left, PRICE[1] - PRICE[0], "model band")
    drawing.text(float(across[-1]), 11, told, "tick", "end")


def _axis(
    drawing: Drawing, values: Floats, between: tuple[float, float], right: float, steep: bool
) -> Scale:
    top, bottom = between
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    ticks = log_ticks(low, high, 4) if steep else number_ticks(low, high, 4)
    y = Scale(*(log_bounds(low, high) if steep else (ticks[0], ticks[-1])), bottom, top, steep)
    for tick, label in labelled(ticks):
        drawing.line(LEFT, y.at(tick), right, y.at(tick), "zero" if tick == 0 else "grid")
        drawing.text(LEFT - 6, y.at(tick) + 4, label, "tick", "end")
    return y


def _curve(
    drawing: Drawing, across: Floats, values: Floats, sitting: npt.NDArray[np.intp], y: Scale
) -> None:
    """A line that breaks where bars or values are missing, and a dot where a value stands alone."""
    kept = extremes(values, int(drawing.width / 2))
    x, down = broken(across[kept], y.along(values[kept]), sitting[kept])
    drawing.curve(x, down, "model curve thin")
    for place in np.flatnonzero(alone(down)):
        drawing.circle(float(x[place]), float(down[place]), 1.5, "model dot")


def broken(across: Floats, values: Floats, sitting: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
    """The same points with nothing between those of two sittings.

    >>> x, y = broken(np.array([0.0, 1.0, 2.0]), np.ones(3), np.array([0, 0, 1]))
    >>> x.tolist(), y.tolist()
    ([0.0, 1.0, 2.0, 2.0], [1.0, 1.0, nan, 1.0])
    """
    after = np.flatnonzero(np.diff(sitting)) + 1
    return np.insert(across, after, across[after]), np.insert(values, after, np.nan)


def alone(values: Floats) -> Flags:
    """Which values have none beside them, so that no line shows them.

    >>> alone(np.array([1.0, np.nan, 2.0, 3.0])).tolist()
    [True, False, False, False]
    """
    known = np.concatenate([[False], ~np.isnan(values), [False]])
    single: Flags = known[1:-1] & ~known[:-2] & ~known[2:]
    return single


def _how_often(drawing: Drawing, values: Floats, y: Scale, left: float, right: float) -> None:
    """Beside the line, how many of the values lie at each height."""
    counts, edges = np.histogram(values[~np.isnan(values)], BINS, (y.low, y.high))
    drawing.text(right, BELOW[0] - 11, "how often", "tick", "end")
    tall = abs(y.start - y.end) / BINS
    for number, edge in zip(counts.tolist(), edges[1:].tolist(), strict=True):
        if number:
            long = (right - left) * number / counts.max()
            tip = count(number, "value", "values") + ", " + percent(number / counts.sum())
            drawing.rect(left, y.at(edge), long, tall - 1, "model range", tip)


def _silent(drawing: Drawing, explained: Explained, across: Floats) -> None:
    """A mark below each run of bars without a value, which tells why."""
    half = float(np.median(np.diff(across))) / 2
    for why, first, last in runs(explained.rows["why"].to_list()):
        left, right = float(across[first]) - half, float(across[last]) + half
        told = count(last - first + 1, "bar", "bars") + " without a value: " + why
        drawing.rect(left, SILENT[0], max(right - left, 1.5), SILENT[1], "absent", told)


def runs(reasons: list[str | None]) -> Iterator[tuple[str, int, int]]:
    """Each reason that holds, and the first and last place of a run of it.

    >>> list(runs([None, "too young", "too young", None, "no volume"]))
    [('too young', 1, 2), ('no volume', 4, 4)]
    """
    for why, places in groupby(range(len(reasons)), reasons.__getitem__):
        run = list(places)
        if why is not None:
            yield why, run[0], run[-1]
