"""Equity of the model against the baseline over time, and below it how far each is under its peak."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

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
from tradewind.reporting.figures import day, decimals_for, number, percent
from tradewind.reporting.svg import Drawing, apart

STRIPS = 90  # places along the time axis at which a pointer is told the figures


@dataclass(frozen=True)
class Frame:
    """Where things are in a chart of this width."""

    width: float
    tall: float  # of the equity panel
    right: float

    @classmethod
    def of(cls, width: float, named: bool) -> "Frame":
        return cls(width, 240 if named else 200, width - (108 if named else 52))


def equity_chart(equity: pl.DataFrame, width: float) -> str:
    """Both curves from 1; on a log scale where the largest is over three times the smallest."""
    rows = equity.sort("at")
    curves = {name: finite(rows[name]) for name in ("baseline", "model")}
    seen = np.concatenate(list(curves.values()))
    seen = seen[~np.isnan(seen)]
    if not len(seen) or rows["at"][0] == rows["at"][-1]:
        return ""
    named = width > 600
    frame = Frame.of(width, named)
    drawing = Drawing(width, frame.tall + 142, "Equity", equity_words(equity), name="chart")
    stamps = micros(rows["at"]).astype(np.float64)
    x = Scale(stamps[0], stamps[-1], 44, frame.right)
    _time_axis(drawing, frame, x, rows["at"][0], rows["at"][-1])
    y = _equity_axis(drawing, frame, float(seen.min()), float(seen.max()))
    for name, values in curves.items():
        kept = extremes(values, int(width / 2))
        drawing.curve(x.along(stamps[kept]), y.along(values[kept]), f"{name} curve")
    _drawdowns(drawing, frame, x, stamps, curves)
    _end_labels(drawing, frame, y, curves, named)
    _strips(drawing, frame, x, stamps, rows["at"].to_list(), curves)
    return str(drawing)


def _drawdowns(
    drawing: Drawing, frame: Frame, x: Scale, stamps: Floats, curves: Mapping[str, Floats]
) -> None:
    """How far each curve is below its peak; the model's as an area."""
    falls = {name: drawdown(values) for name, values in curves.items()}
    y = _drawdown_axis(drawing, frame, float(np.nanmin(np.concatenate(list(falls.values())))))
    for name, values in falls.items():
        kept = extremes(values, int(frame.width / 2))
        across, down = x.along(stamps[kept]), y.along(values[kept])
        if name == "model":
            _area(drawing, across, down, y.at(0.0))
        drawing.curve(across, down, f"{name} curve thin")


def finite(column: pl.Series) -> Floats:
    """A column as numbers, NaN where it is not known."""
    values = floats(column)
    return np.where(np.isfinite(values), values, np.nan)


def drawdown(values: Floats) -> Floats:
    """(n,) how far each value is under the peak so far, as a share of it: 0 or less.

    >>> drawdown(np.array([1.0, 2.0, 1.5, np.nan, 2.5])).tolist()
    [0.0, 0.0, -0.25, nan, 0.0]
    """
    peak = np.fmax.accumulate(values)
    return np.asarray(values / peak - 1)


def extremes(values: Floats, most: int) -> npt.NDArray[np.intp]:
    """The rows to draw: the first, lowest and highest of each of so many stretches, and the last.

    A picture of 900 pixels cannot show 10,000 points, and must not lose the worst of them:

    >>> crash = np.ones(10_000)
    >>> crash[4321] = 0.1
    >>> kept = extremes(crash, 500)
    >>> bool(4321 in kept), len(kept) < 1600
    (True, True)
    """
    if len(values) <= 2 * most:
        return np.arange(len(values))
    edges = np.linspace(0, len(values), most + 1).astype(np.intp)
    kept = [edges[:-1], np.array([len(values) - 1])]
    for signed in (np.nan_to_num(values, nan=np.inf), np.nan_to_num(-values, nan=np.inf)):
        lowest = [start + signed[start:end].argmin() for start, end in pairwise(edges)]
        kept.append(np.array(lowest))
    return np.unique(np.concatenate(kept))


def _time_axis(drawing: Drawing, frame: Frame, x: Scale, first: datetime, last: datetime) -> None:
    bottom = frame.tall + 116
    for when, label in time_ticks(first, last, int((frame.right - 44) // 56)):
        across = x.at(when.timestamp() * 1e6)
        drawing.line(across, 22, across, bottom, "grid")
        drawing.text(across, bottom + 18, label, "tick", "middle")


def _equity_axis(drawing: Drawing, frame: Frame, low: float, high: float) -> Scale:
    logarithmic = low > 0 and high / low > 3
    if logarithmic:
        ticks, ends = log_ticks(low, high, 6), log_bounds(low, high)
    else:
        ticks = number_ticks(low, high, 6)
        ends = ticks[0], ticks[-1]
    y = Scale(*ends, frame.tall, 22, logarithmic)
    drawing.text(
        0, 11, "equity, 1 at the start" + (", log scale" if logarithmic else ""), "caption"
    )
    for tick, label in labelled(ticks):
        drawing.line(44, y.at(tick), frame.right, y.at(tick), "one" if tick == 1 else "grid")
        drawing.text(38, y.at(tick) + 4, label, "tick", "end")
    return y


def _drawdown_axis(drawing: Drawing, frame: Frame, deepest: float) -> Scale:
    top, bottom = frame.tall + 38, frame.tall + 116
    ticks = number_ticks(min(100 * deepest, -1.0), 0.0, 3)
    y = Scale(ticks[0] / 100, 0.0, bottom, top)
    drawing.text(0, frame.tall + 27, "below the peak so far", "caption")
    for tick, label in labelled(ticks):
        drawing.line(44, y.at(tick / 100), frame.right, y.at(tick / 100), "grid")
        drawing.text(38, y.at(tick / 100) + 4, f"{label} %", "tick", "end")
    return y


def _area(drawing: Drawing, across: Floats, down: Floats, ground: float) -> None:
    """The area between the curve and the ground; where the curve is not known it touches the ground."""
    curve = zip(across.tolist(), np.nan_to_num(down, nan=ground).tolist(), strict=True)
    edges = [(float(across[0]), ground), *curve, (float(across[-1]), ground)]
    drawing.path(edges, "model band", closed=True)


def _end_labels(
    drawing: Drawing, frame: Frame, y: Scale, curves: Mapping[str, Floats], named: bool
) -> None:
    known = {name: values[~np.isnan(values)] for name, values in curves.items()}
    last = {name: float(values[-1]) for name, values in known.items() if len(values)}
    heights = apart([y.at(value) for value in last.values()], 15, 26, frame.tall)
    for (name, value), height in zip(last.items(), heights, strict=True):
        figure = number(value, decimals_for(value, None, None))
        drawing.text(
            frame.right + 7, height + 4, f"{name} {figure}" if named else figure, f"label {name}"
        )


def _strips(
    drawing: Drawing,
    frame: Frame,
    x: Scale,
    stamps: Floats,
    moments: Sequence[datetime],
    curves: Mapping[str, Floats],
) -> None:
    """Unseen strips over the chart, each of which tells a pointer the figures at its last moment."""
    edges = np.unique(np.linspace(0, len(stamps) - 1, STRIPS + 1).astype(np.intp))
    for start, end in pairwise(edges):
        left, right = x.at(stamps[start]), x.at(stamps[end])
        model, baseline = (number(curves[name][end], 3) for name in ("model", "baseline"))
        tip = f"{day(moments[end])}: model {model}, baseline {baseline}"
        drawing.rect(left, 22, right - left, frame.tall + 94, "strip", tip)


def equity_words(equity: pl.DataFrame) -> str:
    """Where both curves ended, and how far each fell.

    >>> from datetime import UTC
    >>> curve = pl.DataFrame({"at": [datetime(2024, 1, d, tzinfo=UTC) for d in (2, 3, 4)],
    ...                       "model": [1.0, 0.8, 1.2], "baseline": [1.0, 1.1, None]})
    >>> equity_words(curve)
    'The model ended at 1.20 after falling 20.0 % at worst; the baseline at 1.10 after 0.0 %.'
    """
    told = []
    for name in ("model", "baseline"):
        values = finite(equity.sort("at")[name])
        values = values[~np.isnan(values)]
        if not len(values):
            return f"The equity of the {name} is not known."
        told.append((number(values[-1], 2), percent(-float(drawdown(values).min()))))
    (model, fell), (baseline, sank) = told
    return (
        f"The model ended at {model} after falling {fell} at worst; "
        f"the baseline at {baseline} after {sank}."
    )
