"""What a regime shows in its bars: how high they are, what trades, at which spread, and whether moves go on.

These are what the states of a detector are told apart by. Each reads a few bars at most, so that a new
regime shows at once; it is the filter that remembers, not the feature.
"""

import math

import numpy as np

from tradewind.core.arrays import Floats, Ints
from tradewind.features.compiled import kernel, part
from tradewind.features.spec import FeatureSpec, Units

INPUTS = ("high", "low", "close", "volume", "spread_bps")
MOVES = 3  # products of successive returns that are averaged
LOOKBACK = MOVES + 2
_ROWS: tuple[tuple[str, str, int, Units, str, str], ...] = (
    ("observed_range", "high low", 1, "log", "how high the bar is", "log(log(h / l))"),
    ("observed_volume", "volume", 1, "log", "what was traded", "log(v)"),
    ("observed_spread", "spread_bps", 1, "log", "what it costs to cross", "log(spread_bps)"),
    (
        "observed_autocorrelation",
        "close",
        LOOKBACK,
        "ratio",
        "whether each of the last moves went on as the one before: 1 the same again, -1 back",
        "mean(2 r r[-1] / (r^2 + r[-1]^2), 3), r = log(c / c[-1])",
    ),
)
SPECS = tuple(
    FeatureSpec(name, "observed", tuple(inputs.split()), lookback, units, doc, formula)
    for name, inputs, lookback, units, doc, formula in _ROWS
)
NAMES = tuple(spec.name for spec in SPECS)


def observed(bars: Floats, offsets: Ints, first: Ints) -> Floats:
    """(features, rows) of bars (5, rows): high, low, close, volume, spread; NaN where there is none.

    A price that grows by the same share each day goes on; one that falls back does not:

    >>> grows, bounces = np.exp(0.01 * np.arange(5)), np.array([1.0, 2.0, 1.0, 2.0, 1.0])
    >>> bars = np.array([[2.0] * 10, [1.0] * 10, [*grows, *bounces], [1.0] * 10, [np.nan] * 10])
    >>> observed(bars, np.array([0, 5, 10]), np.array([0, 5]))[:, [4, 9]].round(6).tolist()
    [[-0.366513, -0.366513], [0.0, 0.0], [nan, nan], [1.0, -1.0]]
    """
    out = np.empty((len(NAMES), bars.shape[1]))
    _fill(bars, offsets, first, out)
    return out


@part
def _log(value: float) -> float:
    """The log of what is above nought; missing else."""
    return math.log(value) if value > 0.0 else math.nan


@part
def _return(closes: Floats, row: int) -> float:
    known = closes[row] > 0.0 and closes[row - 1] > 0.0
    return math.log(closes[row] / closes[row - 1]) if known else math.nan


@part
def _went_on(closes: Floats, row: int) -> float:
    """The mean over the last moves; a price that stood still neither went on nor back."""
    total, before = 0.0, _return(closes, row - MOVES)
    for i in range(row - MOVES + 1, row + 1):
        step = _return(closes, i)
        squares = step * step + before * before
        total += 2.0 * step * before / squares if squares != 0.0 else 0.0
        before = step
    return total / MOVES


@kernel
def _fill(bars: Floats, offsets: Ints, first: Ints, out: Floats) -> None:
    highs, lows, closes, volumes, spreads = bars[0], bars[1], bars[2], bars[3], bars[4]
    for f in range(len(out)):
        for row in range(out.shape[1]):
            out[f, row] = math.nan
    for segment in range(len(offsets) - 1):
        for row in range(first[segment], offsets[segment + 1]):
            if highs[row] > lows[row] > 0.0 and highs[row] / lows[row] < math.inf:
                out[0, row] = _log(math.log(highs[row] / lows[row]))
            out[1, row] = _log(volumes[row])
            out[2, row] = _log(spreads[row])
            if row - offsets[segment] >= LOOKBACK - 1:
                out[3, row] = _went_on(closes, row)
