"""The arithmetic of the first features: one pass over segments of bars, each value from its own window.

A value is computed from the `LOOKBACK` bars that end at its row, in the same order whatever came
before, so cutting the history elsewhere changes no bit. A missing price makes the value missing.
"""

import math

import numba
import numpy as np
import numpy.typing as npt

LOOKBACK = 61
NAMES = (
    "return_1",  # log return of the last bar
    "return_5",
    "return_20",
    "return_60",
    "volatility_20",  # standard deviation of the last 20 log returns
    "range_20",  # mean of log(high / low)
    "gap_1",  # log(open / previous close)
    "volume_surprise_20",  # log volume against the mean of the 20 bars before it
    "up_share_20",  # share of the last 20 bars that closed higher
    "from_high_60",  # log distance to the highest close of 60 bars
)

Floats = npt.NDArray[np.float64]


def bar_features(
    bars: Floats, offsets: npt.NDArray[np.int64], wanted: npt.NDArray[np.bool_]
) -> Floats:
    """(rows, features) of bars (5, rows): open, high, low, close, volume; NaN where there is none.

    >>> prices = np.tile(np.exp(np.arange(70.0) / 100), (5, 1))
    >>> values = bar_features(prices, np.array([0, 70]), np.ones(70, dtype=bool))
    >>> [round(float(x), 9) for x in values[-1, :4]]
    [0.01, 0.05, 0.2, 0.6]
    """
    out = np.full((bars.shape[1], len(NAMES)), np.nan)
    _fill(bars, offsets, wanted, out)
    return out


@numba.njit(cache=True, nogil=True)
def _log_ratio(one: float, other: float) -> float:
    """log(one / other); missing where either is missing or not above zero."""
    return math.log(one / other) if one > 0.0 and other > 0.0 else math.nan


@numba.njit(cache=True, nogil=True)
def _highest(values: Floats, first: int, last: int) -> float:
    """The highest of values[first..last]; missing where one of them is."""
    top = values[first]
    for i in range(first + 1, last + 1):
        if math.isnan(values[i]):
            return math.nan
        top = max(top, values[i])
    return float(top)


@numba.njit(cache=True, nogil=True)
def _log_volume(volume: float) -> float:
    return math.log1p(volume) if volume >= 0.0 else math.nan


@numba.njit(cache=True, nogil=True)
def _fill(
    bars: Floats, offsets: npt.NDArray[np.int64], wanted: npt.NDArray[np.bool_], out: Floats
) -> None:
    opens, highs, lows, closes, volumes = bars[0], bars[1], bars[2], bars[3], bars[4]
    for segment in range(len(offsets) - 1):
        begin = offsets[segment]
        for row in range(begin, offsets[segment + 1]):
            if not wanted[row]:
                continue
            age = row - begin
            if age >= 1:
                out[row, 0] = _log_ratio(closes[row], closes[row - 1])
                out[row, 6] = _log_ratio(opens[row], closes[row - 1])
            if age >= 5:
                out[row, 1] = _log_ratio(closes[row], closes[row - 5])
            if age >= 20:
                out[row, 2] = _log_ratio(closes[row], closes[row - 20])
                _month(highs, lows, closes, volumes, row, out)
            if age >= 60:
                out[row, 3] = _log_ratio(closes[row], closes[row - 60])
                out[row, 9] = _log_ratio(closes[row], _highest(closes, row - 59, row))


@numba.njit(cache=True, nogil=True)
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
    out[row, 4] = math.sqrt(max(squares / 20 - mean * mean, 0.0)) if total == total else math.nan
    out[row, 5] = ranges / 20
    out[row, 7] = _log_volume(volumes[row]) - volume / 20
    out[row, 8] = ups / 20 if total == total else math.nan
