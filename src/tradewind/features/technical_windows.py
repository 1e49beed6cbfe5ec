"""The technical indicators that are a function of a window of bars: summed lag by lag, rows side by side.

What a sum reads lies in a row of `bars` or of `parts`, which says what a bar and the one before it make
together. A window is whole if each of its bars has what the indicator reads; of one that is not, nothing
is told.
"""

import math

import numba
import numpy as np
import numpy.typing as npt

NAMES = (
    *("sma_20", "sma_50", "wma_20", "bollinger_upper_20", "bollinger_lower_20"),
    *("bollinger_place_20", "bollinger_width_20", "cci_20", "roc_5", "roc_10", "roc_20", "cmo_14"),
    *("stochastic_14", "stochastic_d_14", "stochastic_slow_14", "williams_14"),
    *("donchian_upper_20", "donchian_lower_20", "donchian_width_20"),
    *("aroon_up_25", "aroon_down_25", "aroon_25", "ultimate_7_14_28", "mfi_14"),
    *("obv_20", "vwap_20", "cmf_20"),
)
_SMA_20, _SMA_50, _WMA, _UPPER, _LOWER, _PLACE, _WIDTH, _CCI, _ROC_5, _ROC_10, _ROC_20, _CMO = (
    range(12)
)
_STOCHASTIC, _STOCHASTIC_D, _STOCHASTIC_SLOW, _WILLIAMS = range(12, 16)
_DONCHIAN_UPPER, _DONCHIAN_LOWER, _DONCHIAN_WIDTH = range(16, 19)
_AROON_UP, _AROON_DOWN, _AROON, _ULTIMATE, _MFI, _OBV, _VWAP, _CMF = range(19, 27)

HISTORY = 50  # bars that are looked back at, before the first that is asked for
BLOCK = 256  # rows summed side by side: their sums stay in the nearest cache

HIGH, LOW, CLOSE, VOLUME, SESSION, FAST, RSI, FAST_RSI = range(8)  # the last three are told here
BARS = 8
CLOSED, RANGED, SOLD, TRADED = range(4)  # has a close; and a range; a close and a volume; all
WHOLE = 4
TYPICAL, _UP, _DOWN, _REACH, _BOUGHT, _NET, _MONEY, FLOW, _INFLOW, _OUTFLOW, EFFICIENCY = range(11)
PARTS = 11
SUMS = 4

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@numba.njit(cache=True, nogil=True)
def take_apart(bars: Floats, count: int, parts: Floats, whole: Ints) -> None:
    """What each bar says with the one before it, and for how many bars in a row there was what is read.

    A bar has a close if that is above zero and no other price of it is not; it has a range if it has
    a high and a low as well, and a volume if that is not below zero.
    """
    whole[:, 0] = 0
    for i in range(count):
        high, low, close, volume = bars[HIGH, i], bars[LOW, i], bars[CLOSE, i], bars[VOLUME, i]
        closed = close > 0.0 and not (high <= 0.0 or low <= 0.0)
        ranged = closed and high > 0.0 and low > 0.0
        before = max(i - 1, 0)
        whole[CLOSED, i] = whole[CLOSED, before] + 1 if closed else 0
        whole[RANGED, i] = whole[RANGED, before] + 1 if ranged else 0
        whole[SOLD, i] = whole[SOLD, before] + 1 if closed and volume >= 0.0 else 0
        whole[TRADED, i] = whole[TRADED, before] + 1 if ranged and volume >= 0.0 else 0
        typical, then = (high + low + close) / 3.0, bars[CLOSE, before]
        parts[TYPICAL, i], parts[_MONEY, i] = typical, typical * volume
        change, turn = close - then, typical - parts[TYPICAL, before]
        bottom = min(low, then)
        parts[_UP, i], parts[_DOWN, i] = max(change, 0.0), max(-change, 0.0)
        parts[_REACH, i], parts[_BOUGHT, i] = max(high, then) - bottom, close - bottom
        parts[_NET, i] = volume if change > 0.0 else -volume if change < 0.0 else 0.0
        parts[_INFLOW, i] = typical * volume if turn > 0.0 else 0.0
        parts[_OUTFLOW, i] = typical * volume if turn < 0.0 else 0.0
        push = (close - low) - (high - close)
        parts[FLOW, i] = push / (high - low) * volume if high > low else 0.0


@numba.njit(cache=True, nogil=True)
def tell_windows(
    bars: Floats, parts: Floats, whole: Ints, count: int, sums: Floats, out: Floats
) -> None:
    """The indicators of the rows from HISTORY on; the first of them is the first column of `out`."""
    for low in range(HISTORY, count, BLOCK):
        high = min(low + BLOCK, count)
        _closes(bars, parts, whole, low, high, sums, out)
        _ranges(bars, whole, low, high, sums, out)
        _reaches(parts, whole, low, high, sums, out)
        _volumes(bars, parts, whole, low, high, sums, out)


@numba.njit(cache=True, nogil=True)
def over(one: float, other: float) -> float:
    """The quotient; missing where it is none."""
    value = one / other if other != 0.0 else math.nan
    return value if abs(value) < math.inf else math.nan


@numba.njit(cache=True, nogil=True)
def _sum(values: Floats, low: int, high: int, first: int, last: int, total: Floats) -> None:
    """Add to the total of each row the values `first` to `last - 1` bars before it."""
    for lag in range(first, last):
        then = values[low - lag : high - lag]
        for i in range(len(then)):
            total[i] += then[i]


@numba.njit(cache=True, nogil=True)
def _sum_apart(values: Floats, low: int, high: int, bars: int, total: Floats) -> None:
    """The same of differences from the row's own value: nothing, where nothing moves."""
    now = values[low:high]
    for lag in range(bars):
        then = values[low - lag : high - lag]
        for i in range(len(then)):
            total[i] += then[i] - now[i]


@numba.njit(cache=True, nogil=True)
def _spread(
    values: Floats, low: int, high: int, bars: int, total: Floats, squares: Floats, lagged: Floats
) -> None:
    """The same, and of their squares and of each times its lag."""
    now = values[low:high]
    for lag in range(bars):
        then = values[low - lag : high - lag]
        for i in range(len(then)):
            d = then[i] - now[i]
            total[i] += d
            squares[i] += d * d
            lagged[i] += lag * d


@numba.njit(cache=True, nogil=True)
def _extremes(
    highs: Floats, lows: Floats, low: int, high: int, first: int, last: int, extremes: Floats
) -> None:
    """The highest high and the lowest low so far, and the lag of the newest bar that reached them."""
    top, top_lag, bottom, bottom_lag = extremes[0], extremes[1], extremes[2], extremes[3]
    for lag in range(first, last):
        up, down = highs[low - lag : high - lag], lows[low - lag : high - lag]
        for i in range(len(up)):
            top_lag[i] = float(lag) if up[i] > top[i] else top_lag[i]
            top[i] = up[i] if up[i] > top[i] else top[i]
            bottom_lag[i] = float(lag) if down[i] < bottom[i] else bottom_lag[i]
            bottom[i] = down[i] if down[i] < bottom[i] else bottom[i]


@numba.njit(cache=True, nogil=True)
def _away(values: Floats, low: int, high: int, bars: int, mean: Floats, total: Floats) -> None:
    """How far the values lie from their mean, added up; the mean counts from the row's own value."""
    now = values[low:high]
    for lag in range(bars):
        then = values[low - lag : high - lag]
        for i in range(len(then)):
            total[i] += abs(then[i] - now[i] - mean[i])


@numba.njit(cache=True, nogil=True)
def _closes(
    bars: Floats, parts: Floats, whole: Ints, low: int, high: int, sums: Floats, out: Floats
) -> None:
    """What reads the closes alone: averages, Bollinger's bands, rates of change, Chande's momentum."""
    close, closed = bars[CLOSE], whole[CLOSED]
    total, squares, lagged, longer = sums[0], sums[1], sums[2], sums[3]
    sums[:] = 0.0
    _spread(close, low, high, 20, total, squares, lagged)
    _sum_apart(close, low, high, 50, longer)
    for i in range(low, high):
        k, row, c = i - low, i - HISTORY, close[i]
        for at, bars_ago in ((_ROC_5, 5), (_ROC_10, 10), (_ROC_20, 20)):
            if closed[i] > bars_ago:
                out[at, row] = over(100.0 * (c - close[i - bars_ago]), close[i - bars_ago])
        if closed[i] >= 20:
            below = total[k] / 20.0  # the mean, from the close
            spread = math.sqrt(max(squares[k] / 20.0 - below * below, 0.0))
            out[_SMA_20, row] = over(-below, c)
            out[_WMA, row] = over(lagged[k] / 210.0 - total[k] * 20.0 / 210.0, c)
            out[_UPPER, row] = over(-below - 2.0 * spread, c)
            out[_LOWER, row] = over(-below + 2.0 * spread, c)
            out[_PLACE, row] = over(-below + 2.0 * spread, 4.0 * spread)
            out[_WIDTH, row] = over(4.0 * spread, c)
        if closed[i] >= 50:
            out[_SMA_50, row] = over(-longer[k] / 50.0, c)
    sums[:] = 0.0
    ups, downs = sums[0], sums[1]
    _sum(parts[_UP], low, high, 0, 10, ups)
    _sum(parts[_DOWN], low, high, 0, 10, downs)
    for i in range(low, high):
        moved, path = abs(close[i] - close[i - 10]), ups[i - low] + downs[i - low]
        straight = over(moved, path) if path > moved else 1.0
        parts[EFFICIENCY, i] = straight if closed[i] > 10 else math.nan
    _sum(parts[_UP], low, high, 10, 14, ups)
    _sum(parts[_DOWN], low, high, 10, 14, downs)
    for i in range(low, high):
        up, down = ups[i - low], downs[i - low]
        if closed[i] > 14:
            out[_CMO, i - HISTORY] = over(100.0 * (up - down), up + down)


@numba.njit(cache=True, nogil=True)
def _ranges(bars: Floats, whole: Ints, low: int, high: int, sums: Floats, out: Floats) -> None:
    """What reads the highest high and the lowest low: stochastics, Williams, Donchian, Aroon."""
    highs, lows, close, ranged = bars[HIGH], bars[LOW], bars[CLOSE], whole[RANGED]
    top, top_lag, bottom, bottom_lag = sums[0], sums[1], sums[2], sums[3]
    sums[0], sums[2] = -math.inf, math.inf
    _extremes(highs, lows, low, high, 0, 14, sums)
    for i in range(low, high):
        k, row, c = i - low, i - HISTORY, close[i]
        bars[FAST, i] = math.nan
        if ranged[i] >= 14:
            bars[FAST, i] = over(100.0 * (c - bottom[k]), top[k] - bottom[k])
            out[_STOCHASTIC, row] = bars[FAST, i]
            out[_WILLIAMS, row] = over(-100.0 * (top[k] - c), top[k] - bottom[k])
    fast = bars[FAST]
    for i in range(low, high):
        if ranged[i] >= 16:
            out[_STOCHASTIC_D, i - HISTORY] = over(fast[i - 2] + fast[i - 1] + fast[i], 3.0)
        if ranged[i] >= 18:
            outer, inner = fast[i - 4] + fast[i], fast[i - 3] + fast[i - 1]
            out[_STOCHASTIC_SLOW, i - HISTORY] = over(outer + 2.0 * inner + 3.0 * fast[i - 2], 9.0)
    _extremes(highs, lows, low, high, 14, 20, sums)
    for i in range(low, high):
        k, row, c = i - low, i - HISTORY, close[i]
        if ranged[i] >= 20:
            out[_DONCHIAN_UPPER, row] = over(c - top[k], c)
            out[_DONCHIAN_LOWER, row] = over(c - bottom[k], c)
            out[_DONCHIAN_WIDTH, row] = over(top[k] - bottom[k], c)
    _extremes(highs, lows, low, high, 20, 26, sums)
    for i in range(low, high):
        k, row = i - low, i - HISTORY
        if ranged[i] >= 26:
            out[_AROON_UP, row] = 100.0 * (25.0 - top_lag[k]) / 25.0
            out[_AROON_DOWN, row] = 100.0 * (25.0 - bottom_lag[k]) / 25.0
            out[_AROON, row] = 100.0 * (bottom_lag[k] - top_lag[k]) / 25.0


@numba.njit(cache=True, nogil=True)
def _reaches(parts: Floats, whole: Ints, low: int, high: int, sums: Floats, out: Floats) -> None:
    """What reads typical prices and true ranges: the channel index and the ultimate oscillator."""
    ranged, typical, mean, apart = whole[RANGED], parts[TYPICAL], sums[0], sums[1]
    sums[:] = 0.0
    _sum_apart(typical, low, high, 20, mean)
    for k in range(high - low):
        mean[k] /= 20.0
    _away(typical, low, high, 20, mean, apart)
    for i in range(low, high):
        if ranged[i] >= 20:
            usual = 0.015 * (apart[i - low] / 20.0)
            out[_CCI, i - HISTORY] = over(-mean[i - low], usual)
    bought, reach, told = sums[0], sums[1], sums[2]
    sums[:] = 0.0
    first = 0
    for last, weight in ((7, 4.0), (14, 2.0), (28, 1.0)):
        _sum(parts[_BOUGHT], low, high, first, last, bought)
        _sum(parts[_REACH], low, high, first, last, reach)
        for k in range(high - low):
            told[k] += weight * over(bought[k], reach[k])
        first = last
    for i in range(low, high):
        if ranged[i] > 28:
            out[_ULTIMATE, i - HISTORY] = over(100.0 * told[i - low], 7.0)


@numba.njit(cache=True, nogil=True)
def _volumes(
    bars: Floats, parts: Floats, whole: Ints, low: int, high: int, sums: Floats, out: Floats
) -> None:
    """What weighs by volume: on balance, average price, accumulation, money flow."""
    close, sold, traded = bars[CLOSE], whole[SOLD], whole[TRADED]
    total, net, money, flow = sums[0], sums[1], sums[2], sums[3]
    sums[:] = 0.0
    _sum(bars[VOLUME], low, high, 0, 20, total)
    _sum(parts[_NET], low, high, 0, 20, net)
    _sum(parts[_MONEY], low, high, 0, 20, money)
    _sum(parts[FLOW], low, high, 0, 20, flow)
    for i in range(low, high):
        k, row, c = i - low, i - HISTORY, close[i]
        if sold[i] > 20:
            out[_OBV, row] = over(net[k], total[k])
        if traded[i] >= 20:
            out[_VWAP, row] = over(c - over(money[k], total[k]), c)
            out[_CMF, row] = over(flow[k], total[k])
    sums[:] = 0.0
    _sum(parts[_INFLOW], low, high, 0, 14, total)
    _sum(parts[_OUTFLOW], low, high, 0, 14, net)
    for i in range(low, high):
        k = i - low
        if traded[i] > 14:
            out[_MFI, i - HISTORY] = over(100.0 * total[k], total[k] + net[k])
