"""The Alpha158 family: the shape of a bar, and 29 measures of the last 5, 10, 20, 30 and 60 bars.

All of it in one pass. Sums are taken anew for each row, backwards from it: the shorter windows are met on
the way to the longest, and neighbouring rows are summed side by side, which is as fast as running sums
are and, unlike them, makes each value a function of its window alone. What is kept from row to row is
exact: the order of closes, and how many bars in a row are whole.
"""

import math
from typing import Any

import numpy as np

from tradewind.core.arrays import Floats, Ints
from tradewind.features.compiled import kernel, part

WINDOWS = (5, 10, 20, 30, 60)
LOOKBACK = 61
INPUTS = ("open", "high", "low", "close", "volume", "vwap")
BAR = ("KMID", "KLEN", "KMID2", "KUP", "KUP2", "KLOW", "KLOW2", "KSFT", "KSFT2")
PRICE = ("OPEN0", "HIGH0", "LOW0", "VWAP0")
ROLLING = (
    *("ROC", "MA", "STD", "BETA", "RSQR", "RESI", "MAX", "MIN", "QTLU", "QTLD", "RANK", "RSV"),
    *("IMAX", "IMIN", "IMXD", "CORR", "CORD", "CNTP", "CNTN", "CNTD", "SUMP", "SUMN", "SUMD"),
    *("VMA", "VSTD", "WVMA", "VSUMP", "VSUMN", "VSUMD"),
)
NAMES = (*BAR, *PRICE, *(f"{name}{bars}" for name in ROLLING for bars in WINDOWS))


_WINDOWS = np.array(WINDOWS)
_BLOCK = 256  # rows summed side by side: what they add up stays in the nearest cache
_FIRST = len(BAR) + len(PRICE)
_MEASURES = len(ROLLING)

# What is seen of a bar: the inputs, and what it says with the one before it; a depth is a low upside down
_OPEN, _HIGH, _LOW, _CLOSE, _VOLUME, _VWAP = range(6)
_DEPTH, _LOG_VOLUME, _RATIO, _LOG_RATIO, _MOVED = range(6, 11)
_UP, _DOWN, _ROSE, _FELL, _MORE, _LESS = range(11, 17)
_SEEN = 17
# For how many bars in a row there were prices; a volume; a volume, and one before it
_PRICED, _TRADED, _CHANGED = range(3)
_WHOLE = 3
# The sums of each row, over the lags so far: of differences from the row itself and of their squares,
_SQUARED = np.array([_CLOSE, _LOG_VOLUME, _RATIO, _LOG_RATIO, _MOVED, _VOLUME])
_C, _CC, _L, _LL, _R, _RR, _Q, _QQ, _W, _WW, _V, _VV = range(12)
# of their products with those of another, of what is added as it is, of closes times their lag, of the
# closes below; then what was reached, and the fifths
_MULTIPLIED = np.array([(_LOG_VOLUME, _CLOSE, 12), (_LOG_RATIO, _RATIO, 13)])
_CL, _QR = 12, 13
_ADDED = np.array([_UP, _DOWN, _ROSE, _FELL, _MORE, _LESS])
_UPS, _DOWNS, _RISES, _FALLS, _MORES, _LESSES = range(14, 20)
_CT, _RANK = 20, 21
_REACHED = np.array([(_HIGH, 22), (_DEPTH, 24)])
_TOP, _TOP_AT, _DEEPEST, _DEEPEST_AT, _UPPER, _LOWER = range(22, 28)
_SUMS = 28
_NOW: Any = np.int64(0)  # of an int of Python's what adds up would be compiled twice


def alpha158(bars: Floats, offsets: Ints, first: Ints) -> Floats:
    """(features, rows) of bars (6, rows): open, high, low, close, volume and vwap, in segments that begin
    at `offsets`; of segment s the rows from `first[s]` on, NaN where there is no value.

    >>> prices = np.tile(np.exp(np.arange(70.0) / 100), (6, 1))
    >>> values = alpha158(prices, np.array([0, 70]), np.array([0]))
    >>> row = dict(zip(NAMES, values[:, -1], strict=True))
    >>> [round(float(row[name]), 9) for name in ("ROC5", "RANK20", "CNTP60")]  # exp(-5 / 100), ...
    [0.951229425, 1.0, 1.0]
    """
    out = np.empty((len(NAMES), bars.shape[1]))
    over_segments(np.ascontiguousarray(bars), offsets, first, _WINDOWS, out)
    return out


@kernel
def over_segments(bars: Floats, offsets: Ints, first: Ints, windows: Ints, out: Floats) -> None:
    """The shape of each bar that is asked for, and the measures of the windows that end there."""
    longest, history = 0, windows[-1]
    for segment in range(len(offsets) - 1):
        longest = max(longest, offsets[segment + 1] - offsets[segment])
    seen = np.empty((_SEEN, history + longest))
    whole = np.empty((_WHOLE, history + longest), np.int64)
    sums, ordered = np.empty((_SUMS, _BLOCK)), np.empty((len(windows), history))
    told = np.empty(_MEASURES)
    for segment in range(len(offsets) - 1):
        shift = offsets[segment] - history
        start, end = first[segment] - shift, offsets[segment + 1] - shift
        _take_apart(bars, shift, history, end, seen, whole)
        _of_bars(seen, whole, start, end, shift, out)
        _in_order(seen[_CLOSE], start, windows, ordered)
        for low in range(start, end, _BLOCK):
            high = min(low + _BLOCK, end)
            _begin(high - low, sums)
            lag = _NOW
            for w in range(len(windows)):
                bars_of_it = windows[w]
                _fifths(seen[_CLOSE], start, low, high, bars_of_it, ordered[w], sums)
                _add_up(seen, low, high, lag, bars_of_it, sums)
                _tell(
                    seen,
                    whole,
                    low,
                    high,
                    bars_of_it,
                    sums,
                    told,
                    shift,
                    out[_FIRST + w :],
                    len(windows),
                )
                lag = bars_of_it


@part
def _take_apart(bars: Floats, shift: int, begin: int, end: int, seen: Floats, whole: Ints) -> None:
    """What each bar says with the one before it, behind bars that are missing; and for how many in a row
    prices are above zero and volumes not below."""
    for kind in range(len(seen)):
        for i in range(begin):
            seen[kind, i] = math.nan
    for kind in range(len(bars)):
        for i in range(begin, end):
            seen[kind, i] = bars[kind, shift + i]
    priced = traded = changed = 0
    for i in range(begin, end):
        close, volume = seen[_CLOSE, i], seen[_VOLUME, i]
        then, before = seen[_CLOSE, i - 1], seen[_VOLUME, i - 1]
        seen[_DEPTH, i] = -seen[_LOW, i]
        seen[_LOG_VOLUME, i] = math.log(volume + 1.0) if volume >= 0.0 else math.nan
        ratio = close / then if then > 0.0 else math.nan
        seen[_RATIO, i], seen[_MOVED, i] = ratio, abs(ratio - 1.0) * volume
        follows = before > 0.0 and volume >= 0.0
        seen[_LOG_RATIO, i] = math.log(volume / before + 1.0) if follows else math.nan
        change, rise = close - then, volume - before
        up, down = max(change, 0.0), max(-change, 0.0)
        seen[_UP, i], seen[_ROSE, i] = up, 1.0 if up > 0.0 else 0.0
        seen[_DOWN, i], seen[_FELL, i] = down, 1.0 if down > 0.0 else 0.0
        seen[_MORE, i], seen[_LESS, i] = max(rise, 0.0), max(-rise, 0.0)
        fine = seen[_OPEN, i] > 0.0 and seen[_HIGH, i] > 0.0 and seen[_LOW, i] > 0.0 and close > 0.0
        priced = priced + 1 if fine else 0
        traded = traded + 1 if volume >= 0.0 else 0
        changed = changed + 1 if follows else 0
        whole[_PRICED, i], whole[_TRADED, i], whole[_CHANGED, i] = priced, traded, changed


@part
def _over(one: float, other: float) -> float:
    """The quotient; missing where it is none."""
    value = one / other if other != 0.0 else math.nan
    return value if abs(value) < math.inf else math.nan


@part
def _of_bars(seen: Floats, whole: Ints, start: int, end: int, shift: int, out: Floats) -> None:
    for i in range(start, end):
        row = shift + i
        for f in range(_FIRST):
            out[f, row] = math.nan
        if whole[_PRICED, i] < 1:
            continue
        o, h, w, c = seen[_OPEN, i], seen[_HIGH, i], seen[_LOW, i], seen[_CLOSE, i]
        body, top, bottom, beyond = c - o, h - max(o, c), min(o, c) - w, 2.0 * c - h - w
        out[0, row], out[1, row], out[2, row] = _over(body, o), _over(h - w, o), _over(body, h - w)
        out[3, row], out[4, row] = _over(top, o), _over(top, h - w)
        out[5, row], out[6, row] = _over(bottom, o), _over(bottom, h - w)
        out[7, row], out[8, row] = _over(beyond, o), _over(beyond, h - w)
        out[9, row], out[10, row], out[11, row] = _over(o, c), _over(h, c), _over(w, c)
        out[12, row] = _over(seen[_VWAP, i], c) if seen[_VWAP, i] > 0.0 else math.nan


@part
def _in_order(close: Floats, start: int, windows: Ints, ordered: Floats) -> None:
    """The closes of each window that ends at the first row, but for that row's own: what a shorter one holds
    the next one holds as well."""
    ago = 1
    for w in range(len(windows)):
        for place in range(ordered.shape[1]):
            ordered[w, place] = ordered[w - 1, place] if w and place < windows[w - 1] else math.inf
        while ago < windows[w]:
            _instead(ordered[w], windows[w], math.inf, _sortable(close[start - ago]))
            ago += 1


@part
def _fifths(
    close: Floats, start: int, low: int, high: int, bars: int, window: Floats, sums: Floats
) -> None:
    """The upper and lower fifth of the closes of each row, which are kept in order from row to row."""
    upper, lower = 0.8 * (bars - 1), 0.2 * (bars - 1)
    above, below = int(upper), int(lower)
    for i in range(low, high):
        old = close[i - bars] if i > start else math.nan
        _instead(window, bars, _sortable(old), _sortable(close[i]))
        top, bottom = window[above], window[below]
        sums[_UPPER, i - low] = top + (window[above + 1] - top) * (upper - above)
        sums[_LOWER, i - low] = bottom + (window[below + 1] - bottom) * (lower - below)


@part
def _sortable(value: float) -> float:
    return value if value == value else math.inf


@part
def _instead(window: Floats, held: int, old: float, value: float) -> None:
    """One value in the place of another; only those between the two move."""
    place, end = 0, held
    while place < end:
        middle = (place + end) // 2
        if window[middle] < old:
            place = middle + 1
        else:
            end = middle
    while place + 1 < held and window[place + 1] < value:
        window[place] = window[place + 1]
        place += 1
    while place > 0 and window[place - 1] > value:
        window[place] = window[place - 1]
        place -= 1
    window[place] = value


@part
def _begin(rows: int, sums: Floats) -> None:
    for k in range(len(sums)):
        nothing = -math.inf if k in (_TOP, _DEEPEST) else 0.0
        for i in range(rows):
            sums[k, i] = nothing


@part
def _add_up(seen: Floats, low: int, high: int, first: int, end: int, sums: Floats) -> None:
    """All sums of the rows from low to high, over the lags from first to end."""
    for k in range(len(_SQUARED)):
        _add_squares(seen[_SQUARED[k]], low, high, first, end, sums[2 * k], sums[2 * k + 1])
    for k in range(len(_MULTIPLIED)):
        one, other, at = _MULTIPLIED[k]
        _add_products(seen[one], seen[other], low, high, first, end, sums[at])
    for k in range(len(_ADDED)):
        _add(seen[_ADDED[k]], low, high, first, end, sums[_UPS + k])
    _add_ranks(seen[_CLOSE], low, high, first, end, sums[_CT], sums[_RANK])
    for k in range(len(_REACHED)):
        kind, at = _REACHED[k]
        _reach(seen[kind], low, high, first, end, sums[at], sums[at + 1])


@part
def _add_squares(
    values: Floats, low: int, high: int, first: int, end: int, total: Floats, squares: Floats
) -> None:
    now = values[low:high]
    for lag in range(first, end):
        then = values[low - lag :]
        for i in range(len(now)):
            d = then[i] - now[i]
            total[i] += d
            squares[i] += d * d


@part
def _add_products(
    values: Floats, others: Floats, low: int, high: int, first: int, end: int, products: Floats
) -> None:
    now, other_now = values[low:high], others[low:high]
    for lag in range(first, end):
        then, other_then = values[low - lag :], others[low - lag :]
        for i in range(len(now)):
            products[i] += (then[i] - now[i]) * (other_then[i] - other_now[i])


@part
def _add(values: Floats, low: int, high: int, first: int, end: int, total: Floats) -> None:
    for lag in range(first, end):
        then = values[low - lag : high - lag]
        for i in range(len(then)):
            total[i] += then[i]


@part
def _add_ranks(
    values: Floats, low: int, high: int, first: int, end: int, lagged: Floats, rank: Floats
) -> None:
    """What lies below the row, its likes as half; and differences from it, each times its lag."""
    now = values[low:high]
    for lag in range(first, end):
        then = values[low - lag :]
        for i in range(len(now)):
            lagged[i] += lag * (then[i] - now[i])
            rank[i] += (1.0 if then[i] < now[i] else 0.0) + (0.5 if then[i] == now[i] else 0.0)


@part
def _reach(
    values: Floats, low: int, high: int, first: int, end: int, top: Floats, place: Floats
) -> None:
    """The highest of all, and the lag of the first time that it was reached."""
    for lag in range(first, end):
        then = values[low - lag : high - lag]
        for i in range(len(then)):
            reached = then[i] >= top[i]
            top[i] = then[i] if reached else top[i]
            place[i] = float(lag) if reached else place[i]


@part
def _correlation(n: float, a: float, aa: float, b: float, bb: float, ab: float) -> float:
    """Of two things by their sums; missing where one of them does not move."""
    spread = (n * aa - a * a) * (n * bb - b * b)
    return _over(n * ab - a * b, math.sqrt(spread)) if spread > 0.0 else math.nan


@part
def _deviation(n: float, a: float, aa: float) -> float:
    return math.sqrt(max(aa - a * a / n, 0.0) / (n - 1.0))


@part
def _tell(
    seen: Floats,
    whole: Ints,
    low: int,
    high: int,
    window: int,
    sums: Floats,
    told: Floats,
    shift: int,
    out: Floats,
    windows: int,
) -> None:
    """The 29 measures of a window, each row of them so many below the one before; NaN if it is not whole."""
    n = float(window)
    mean_lag, lags = (n - 1.0) / 2.0, n * (n * n - 1.0) / 12.0
    for k in range(high - low):
        i = low + k
        for measure in range(len(told)):
            told[measure] = math.nan
        priced, traded = whole[_PRICED, i], whole[_TRADED, i]
        if priced >= window:
            c, top, bottom = seen[_CLOSE, i], sums[_TOP, k], -sums[_DEEPEST, k]
            a, aa = sums[_C, k], sums[_CC, k]
            each, mean, slope = 1.0 / c, a / n, (mean_lag * a - sums[_CT, k]) / lags
            told[1], told[2] = (c + mean) * each, _deviation(n, a, aa) * each
            told[3], told[4] = slope * each, _over(slope * slope * lags, aa - a * mean)
            told[5] = (-mean - slope * mean_lag) * each
            told[6], told[7] = top * each, bottom * each
            told[8], told[9] = _over(sums[_UPPER, k], c), _over(sums[_LOWER, k], c)
            told[10], told[11] = (sums[_RANK, k] + 0.5) / n, _over(c - bottom, top - bottom)
            told[12], told[13] = (n - sums[_TOP_AT, k]) / n, (n - sums[_DEEPEST_AT, k]) / n
            told[14] = (sums[_DEEPEST_AT, k] - sums[_TOP_AT, k]) / n
            if traded >= window:
                told[15] = _correlation(n, a, aa, sums[_L, k], sums[_LL, k], sums[_CL, k])
        if priced > window:
            told[0] = _over(seen[_CLOSE, i - window], seen[_CLOSE, i])
            told[17], told[18] = sums[_RISES, k] / n, sums[_FALLS, k] / n
            told[19] = told[17] - told[18]
            _shares(sums[_UPS, k], sums[_DOWNS, k], told[20:])
            if traded > window:
                mean = seen[_MOVED, i] + sums[_W, k] / n
                told[25] = _over(_deviation(n, sums[_W, k], sums[_WW, k]), mean)
            if whole[_CHANGED, i] >= window:
                a, aa, ab = sums[_R, k], sums[_RR, k], sums[_QR, k]
                told[16] = _correlation(n, a, aa, sums[_Q, k], sums[_QQ, k], ab)
        if traded >= window and seen[_VOLUME, i] > 0.0:
            v, each = seen[_VOLUME, i], 1.0 / seen[_VOLUME, i]
            told[23] = (v + sums[_V, k] / n) * each
            told[24] = _deviation(n, sums[_V, k], sums[_VV, k]) * each
        if traded > window:
            _shares(sums[_MORES, k], sums[_LESSES, k], told[26:])
        for measure in range(len(told)):
            value = told[measure]
            out[measure * windows, shift + i] = value if abs(value) < math.inf else math.nan


@part
def _shares(up: float, down: float, told: Floats) -> None:
    """What rose and what fell of all that moved, and the difference."""
    if up + down > 0.0:
        each = 1.0 / (up + down)
        told[0], told[1], told[2] = up * each, down * each, (up - down) * each
