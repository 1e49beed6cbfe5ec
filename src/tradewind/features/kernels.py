"""The arithmetic of the first features: one pass over segments of bars, each value from its own window.

A value is computed from the `LOOKBACK` bars that end at its row, in the same order whatever came
before, so cutting the history elsewhere changes no bit. A missing price makes the value missing.
"""

import math

import numpy as np

from tradewind.core.arrays import Floats, Ints
from tradewind.features.compiled import kernel, part
from tradewind.features.spec import FeatureSpec, Units

LOOKBACK = 61
INPUTS = ("open", "high", "low", "close", "volume")
_ROWS: tuple[tuple[str, str, int, Units, str, str], ...] = (
    ("return_1", "close", 2, "log", "return of the last bar", "log(c / c[-1])"),
    ("return_5", "close", 6, "log", "return of the last 5 bars", "log(c / c[-5])"),
    ("return_20", "close", 21, "log", "return of the last 20 bars", "log(c / c[-20])"),
    ("return_60", "close", 61, "log", "return of the last 60 bars", "log(c / c[-60])"),
    (
        "volatility_20",
        "close",
        21,
        "log",
        "spread of the last 20 returns, over 20",
        "sd0(return_1, 20)",
    ),
    ("range_20", "high low close", 21, "log", "usual height of a bar", "mean(log(h / l), 20)"),
    ("gap_1", "open close", 2, "log", "return from close to open", "log(o / c[-1])"),
    (
        "volume_surprise_20",
        "close volume",
        21,
        "log",
        "volume against the 20 bars before",
        "log(1 + v) - mean(log(1 + v), 20)[-1]",
    ),
    ("up_share_20", "close", 21, "share", "of 20 bars that rose", "mean(c > c[-1], 20)"),
    (
        "from_high_60",
        "close",
        61,
        "log",
        "distance to the highest close",
        "log(c / max(c, 60))",
    ),
)
SPECS = tuple(
    FeatureSpec(name, "bars", tuple(inputs.split()), lookback, units, doc, formula)
    for name, inputs, lookback, units, doc, formula in _ROWS
)
NAMES = tuple(spec.name for spec in SPECS)


def bar_features(bars: Floats, offsets: Ints, first: Ints) -> Floats:
    """(features, rows) of bars (5, rows): open, high, low, close, volume; NaN where there is none.

    >>> prices = np.tile(np.exp(np.arange(70.0) / 100), (5, 1))
    >>> values = bar_features(prices, np.array([0, 70]), np.array([0]))
    >>> [round(float(x), 9) for x in values[:4, -1]]
    [0.01, 0.05, 0.2, 0.6]
    """
    out = np.empty((len(NAMES), bars.shape[1]))
    _fill(bars, offsets, first, out)
    return out


@part
def _log_ratio(one: float, other: float) -> float:
    """log(one / other), though the ratio be no number; missing where either is missing or not above zero."""
    if not (one > 0.0 and other > 0.0):
        return math.nan
    ratio = one / other
    return math.log(ratio) if 0.0 < ratio < math.inf else math.log(one) - math.log(other)


@part
def _highest(values: Floats, first: int, last: int) -> float:
    """The highest of values[first..last]; missing where one of them is."""
    top = values[first]
    for i in range(first + 1, last + 1):
        if math.isnan(values[i]):
            return math.nan
        top = max(top, values[i])
    return float(top)


@part
def _log_volume(volume: float) -> float:
    return math.log1p(volume) if volume >= 0.0 else math.nan


@kernel
def _fill(bars: Floats, offsets: Ints, first: Ints, out: Floats) -> None:
    opens, highs, lows, closes, volumes = bars[0], bars[1], bars[2], bars[3], bars[4]
    for f in range(len(out)):
        for row in range(out.shape[1]):
            out[f, row] = math.nan
    for segment in range(len(offsets) - 1):
        begin = offsets[segment]
        for row in range(first[segment], offsets[segment + 1]):
            age = row - begin
            if age >= 1:
                out[0, row] = _log_ratio(closes[row], closes[row - 1])
                out[6, row] = _log_ratio(opens[row], closes[row - 1])
            if age >= 5:
                out[1, row] = _log_ratio(closes[row], closes[row - 5])
            if age >= 20:
                out[2, row] = _log_ratio(closes[row], closes[row - 20])
                _month(highs, lows, closes, volumes, row, out)
            if age >= 60:
                out[3, row] = _log_ratio(closes[row], closes[row - 60])
                out[9, row] = _log_ratio(closes[row], _highest(closes, row - 59, row))


@part
def _month(
    highs: Floats, lows: Floats, closes: Floats, volumes: Floats, row: int, out: Floats
) -> None:
    """The features of the last 20 bars."""
    total = squares = ranges = volume = 0.0
    ups = 0
    for i in range(row - 19, row + 1):
        step = _log_ratio(closes[i], closes[i - 1])
        total += step
        squares += step * step
        ranges += _log_ratio(highs[i], lows[i])
        volume += _log_volume(volumes[i - 1])
        ups += closes[i] > closes[i - 1]
    mean = total / 20
    out[4, row] = math.sqrt(max(squares / 20 - mean * mean, 0.0)) if total == total else math.nan
    out[5, row] = ranges / 20
    out[7, row] = _log_volume(volumes[row]) - volume / 20
    out[8, row] = ups / 20 if total == total else math.nan
