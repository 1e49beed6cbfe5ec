"""What all symbols do together: how far apart they go, how many rise, and how much they go as one.

The same for each symbol of a moment. Over one moment it is of the symbols that have a bar at it; over a
window, of those with a return in a quarter of it. Where there is a universe its members are counted: in
a mean those of each moment, and in what is told of each symbol's window those of the last.
"""

import math

import numpy as np

from tradewind.core.arrays import Floats
from tradewind.features.across.moves import (
    REACH,
    coarse,
    enough,
    fine,
    logs_and_money,
    mean_and_sd,
    mean_moves,
    moves_of,
    pair_sums,
)
from tradewind.features.across.together import MarketFamily, SideBySide
from tradewind.features.compiled import kernel, part
from tradewind.features.spec import FeatureSpec, Units

RETURNS = (1, 5, 20, 60)
WINDOWS = (20, 60)
APART = (1, 20)
LEAST = 3  # symbols
_Row = tuple[str, int, Units, str, str]
_ROWS: tuple[_Row, ...] = (
    *((f"market_return_{n}", n, "log", f"mean return of all symbols over {n} moments", "sum(m, n)")
      for n in RETURNS),
    *((f"market_volatility_{n}", n, "log", f"spread of that mean over {n} moments", "sd(m, n)")
      for n in WINDOWS),
    *((f"dispersion_{n}", n, "log", f"spread of the symbols' returns over {n} moments",
       "sd over symbols of sum(r, n)") for n in APART),
    *((f"breadth_{n}", n, "share", f"of symbols, those that rose over {n} moments",
       "mean over symbols of sum(r, n) > 0") for n in APART),
    *((f"together_{n}", n, "share", f"mean correlation of two symbols over {n} moments",
       "(var(sum of z, n) - s) / (s (s - 1)), z = (r - mean(r, n)) / sd(r, n), s symbols")
      for n in WINDOWS),
)  # fmt: skip


def all_together(side: SideBySide) -> Floats:
    """(features, symbols) of log closes; the second number of a bar is not read here.

    >>> steps = np.array([0.0, 0.1, -0.1, 0.3])[:, None] * np.ones(90)
    >>> everybody = np.zeros((4, 90), dtype=np.int64)
    >>> values = all_together(SideBySide(np.stack([steps.cumsum(axis=1)] * 2), everybody, everybody))
    >>> dict(zip((row[0] for row in _ROWS), values[:, 0].round(9).tolist()))["breadth_20"]
    0.5
    """
    closes = side.bars[0]
    moves, gaps = np.empty(closes.shape), np.empty(closes.shape, dtype=np.int64)
    moves_of(closes, moves, gaps)
    means = mean_moves(moves, side.members, 1)[0]
    out = np.empty(len(_ROWS))
    _tell(moves[side.members[:, -1] >= 0], means, out)
    return np.repeat(out[:, None], len(moves), axis=1)


MARKET_WIDE = MarketFamily(
    "market_wide",
    "return, volatility, dispersion, breadth and mean correlation of all symbols together",
    ("close", "volume"),
    tuple(
        FeatureSpec(name, "market_wide", ("close",), window + REACH, units, doc, formula)
        for name, window, units, doc, formula in _ROWS
    ),
    logs_and_money,
    lambda _: all_together,
)


@kernel
def _tell(moves: Floats, means: Floats, out: Floats) -> None:
    for feature in range(len(out)):
        out[feature] = math.nan
    row = 0
    for window in RETURNS:
        out[row] = _sum(means[-window:], window)
        row += 1
    for window in WINDOWS:
        count, squares, _, _ = pair_sums(means[-window:], means[-window:])
        if enough(count, window):
            out[row] = math.sqrt(squares / (count - 1))
        row += 1
    returns = np.empty(len(moves))
    for window in APART:
        rose = 0
        for symbol in range(len(moves)):
            returns[symbol] = _sum(moves[symbol, -window:], window)
            rose += returns[symbol] > 0.0
        _, sd, count = mean_and_sd(returns)
        if count >= LEAST:
            out[row], out[row + len(APART)] = sd, rose / count
        row += 1
    row += len(APART)
    for window in WINDOWS:
        out[row] = _mean_correlation(moves, window)
        row += 1


@part
def _sum(values: Floats, window: int) -> float:
    total, count = 0.0, 0
    for value in values:
        if not math.isnan(value):
            total += value
            count += 1
    return total if enough(count, window) else math.nan


@part
def _mean_correlation(moves: Floats, moments: int) -> float:
    """Of all pairs of symbols that moved and missed no moment, without going through the pairs: the
    variance of a sum of variables of variance 1 is their number and twice the sum of the correlations."""
    count, sums, rest = 0, np.zeros(moments), np.zeros(moments)
    for symbol in range(len(moves)):
        own, total = moves[symbol, -moments:], 0.0
        whole, squares, _, _ = pair_sums(own, own)
        if whole < moments or squares == 0.0:
            continue
        count += 1
        for move in own:
            total += move
        mean, sd = total / moments, math.sqrt(squares / (moments - 1))
        for moment in range(moments):
            score = (own[moment] - mean) / sd
            sums[moment] += coarse(score)
            rest[moment] += fine(score)
    if count < LEAST:
        return math.nan
    variance = 0.0
    for moment in range(moments):
        variance += (sums[moment] + rest[moment]) ** 2 / (moments - 1)
    return (variance - count) / (count * (count - 1.0))
