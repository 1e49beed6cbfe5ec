"""The technical family: the common indicators, each as a figure that compares across symbols and years.

Some are a function of a window of bars: those are summed lag by lag, neighbouring rows side by side. The
others carry a state on: `_step` is all of them, one bar on. Both are told run by run, and the state that a
run goes on from holds the bars to look back at as well; so wherever a history is cut and resumed, each
value is computed from the same numbers in the same order.

A bar that lacks what an indicator reads has no value of it. Of the windows that it lies in none is told;
a carried state stands still for it, and for what is too large for a number, so no bar spoils the next.
"""

import math

import numba
import numpy as np
import numpy.typing as npt

from tradewind.features.runs import Runs

INPUTS = ("high", "low", "close", "volume", "session")
NAMES = (
    *("sma_20", "sma_50", "wma_20", "bollinger_upper_20", "bollinger_lower_20"),
    *("bollinger_place_20", "bollinger_width_20", "cci_20", "roc_5", "roc_10", "roc_20", "cmo_14"),
    *("stochastic_14", "stochastic_d_14", "stochastic_slow_14", "williams_14"),
    *("donchian_upper_20", "donchian_lower_20", "donchian_width_20"),
    *("aroon_up_25", "aroon_down_25", "aroon_25", "ultimate_7_14_28", "mfi_14"),
    *("obv_20", "vwap_20", "cmf_20"),
    # from here on with a state that is carried
    *("ema_12", "ema_26", "ema_50", "ema_200", "dema_20", "tema_20", "kama_10"),
    *("macd_12_26", "macd_signal_9", "macd_histogram_9", "ppo_12_26", "trix_15"),
    *("rsi_14", "stochastic_rsi_14", "stochastic_rsi_d_14"),
    *("natr_14", "true_range_14", "momentum_10", "keltner_upper_20", "keltner_lower_20"),
    *("keltner_place_20", "plus_di_14", "minus_di_14", "dx_14", "adx_14", "sar"),
    *("adosc_3_10", "vwap_session"),
)
_SMA_20, _SMA_50, _WMA, _BOLLINGER_UPPER, _BOLLINGER_LOWER = range(5)
_BOLLINGER_PLACE, _BOLLINGER_WIDTH, _CCI, _ROC_5, _ROC_10, _ROC_20, _CMO = range(5, 12)
_STOCHASTIC, _STOCHASTIC_D, _STOCHASTIC_SLOW, _WILLIAMS = range(12, 16)
_DONCHIAN_UPPER, _DONCHIAN_LOWER, _DONCHIAN_WIDTH = range(16, 19)
_AROON_UP, _AROON_DOWN, _AROON, _ULTIMATE, _MFI, _OBV, _VWAP_20, _CMF = range(19, 27)
_EMA_12, _EMA_26, _EMA_50, _EMA_200, _DEMA, _TEMA, _KAMA = range(27, 34)
_MACD, _SIGNAL, _HISTOGRAM, _PPO, _TRIX, _RSI, _RSI_FAST, _RSI_D = range(34, 42)
_NATR, _TRUE_RANGE, _MOMENTUM, _KELTNER_UPPER, _KELTNER_LOWER, _KELTNER_PLACE = range(42, 48)
_PLUS_DI, _MINUS_DI, _DX, _ADX, _SAR, _ADOSC, _VWAP_SESSION = range(48, 55)

_HISTORY = 50  # bars that are looked back at, before the first of a run
_BLOCK = 256  # rows summed side by side: their sums stay in the nearest cache

# The rows of what is seen: the inputs, and what is told of them that later bars look back at
_HIGH, _LOW, _CLOSE, _VOLUME, _SESSION, _FAST, _RSI_SO_FAR, _FAST_RSI = range(8)
_BARS = 8
# What a bar says with the one before it
_TYPICAL, _UP, _DOWN, _REACHED, _BOUGHT, _NET, _MONEY, _FLOW, _INFLOW, _OUTFLOW = range(10)
_EFFICIENCY = 10
_PARTS = 11
# For how many bars in a row there was a close; a range as well; a close and a volume; all three
_CLOSED, _RANGED, _SOLD, _TRADED = range(4)
_WHOLE = 4
_SUMS = 4

# Means that are carried: the values that each begins with, and the weight of a value from then on
_EXPONENTIAL = (12, 26, 50, 200, 20, 20, 20, 9, 15, 15, 15, 20, 10)
_M12, _M26, _M50, _M200, _ONCE, _TWICE, _THRICE, _OF_MACD, _SMOOTH, _SMOOTHER, _SMOOTHEST = range(
    11
)
_MIDDLE, _VOLUME_10 = range(11, 13)
_WILDER = (14, 14, 14, 10, 14, 14, 14)
_GAIN, _LOSS, _REACH_14, _REACH_10, _RISE, _FALL, _OF_DX = range(13, 20)
_MEAN, _TAKEN, _FEW, _WEIGHT = range(4)
_BEGINNING = np.array(
    [(0.0, 0.0, n, 2.0 / (n + 1.0)) for n in _EXPONENTIAL]
    + [(0.0, 0.0, n, 1.0 / n) for n in _WILDER]
)
# What else is carried
_ADAPTED, _LAST, _LAST_HIGH, _LAST_LOW, _SIDE, _STOP, _EXTREME, _PACE = range(8)
_FLOW_3, _FLOW_10, _DAY, _DAY_MONEY, _DAY_VOLUME = range(8, 13)
_LASTS = 13
_ROUNDING = 1e-9  # a strength that moved less in 14 bars did not move: closes stand still
_MEANS = len(_BEGINNING)
STATE = _BARS * _HISTORY + 4 * _MEANS + _LASTS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def technical(bars: Floats, runs: Runs) -> Floats:
    """(features, rows) of bars (5, rows): high, low, close, volume and the number of the session.

    >>> close = np.exp(np.arange(300.0) / 100)
    >>> runs = Runs(*(np.array(x) for x in ([0], [0, 300], [-1], [-1] * 300, [[299]])))
    >>> values = technical(np.vstack([1.01 * close, close, close, close, np.zeros(300)]), runs)
    >>> row = dict(zip(NAMES, values[:, -1], strict=True))
    >>> [round(float(row[name]), 6) for name in ("rsi_14", "roc_10", "aroon_25")]  # 100 exp(.1) - 100
    [100.0, 10.517092, 100.0]
    """
    return stepped_on(bars, runs, np.empty((runs.kept, STATE)))


def stepped_on(bars: Floats, runs: Runs, states: Floats) -> Floats:
    """The same from states (kept, STATE) that were kept before; each is replaced by the one kept now."""
    out = np.full((len(NAMES), bars.shape[1]), np.nan)
    longest = int(np.diff(runs.offsets).max(initial=0))
    bars = np.ascontiguousarray(bars)  # one compilation
    _walk(bars, runs.offsets, runs.resume, runs.keep, longest, states, out)
    return out


@numba.njit(cache=True, nogil=True)
def _walk(
    bars: Floats, offsets: Ints, resume: Ints, keep: Ints, longest: int, states: Floats, out: Floats
) -> None:
    seen = np.empty((_BARS, _HISTORY + longest))
    parts, sums = np.empty((_PARTS, _HISTORY + longest)), np.empty((_SUMS, _BLOCK))
    whole = np.empty((_WHOLE, _HISTORY + longest), dtype=np.int64)
    means, last = np.empty(_BEGINNING.shape), np.empty(_LASTS)
    for run in range(len(resume)):
        start, end = offsets[run], offsets[run + 1]
        count = _HISTORY + end - start
        if resume[run] < 0:
            _begin(seen, means, last)
        else:
            _take_up(states[resume[run]], seen, means, last)
        for i in range(len(bars)):
            for row in range(start, end):
                seen[i, _HISTORY + row - start] = bars[i, row]
        _take_apart(seen, count, parts, whole)
        _tell_windows(seen, parts, whole, count, sums, out[:, start:end])
        for row in range(start, end):
            i = _HISTORY + row - start
            _step(seen, parts, whole, i, means, last, out, row)
            if keep[row] >= 0:
                _put_down(seen, i, means, last, states[keep[row]])


@numba.njit(cache=True, nogil=True)
def _begin(seen: Floats, means: Floats, last: Floats) -> None:
    seen[:, :_HISTORY] = math.nan
    last[:] = math.nan
    for mean in range(_MEANS):
        for i in range(4):
            means[mean, i] = _BEGINNING[mean, i]


@numba.njit(cache=True, nogil=True)
def _take_up(state: Floats, seen: Floats, means: Floats, last: Floats) -> None:
    for row in range(_BARS):
        for i in range(_HISTORY):
            seen[row, i] = state[row * _HISTORY + i]
    for mean in range(_MEANS):
        for i in range(4):
            means[mean, i] = state[_BARS * _HISTORY + 4 * mean + i]
    for i in range(_LASTS):
        last[i] = state[STATE - _LASTS + i]


@numba.njit(cache=True, nogil=True)
def _put_down(seen: Floats, now: int, means: Floats, last: Floats, state: Floats) -> None:
    """Keep the bars up to now, which later windows look back at, and what is carried."""
    for row in range(_BARS):
        for i in range(_HISTORY):
            state[row * _HISTORY + i] = seen[row, now + 1 - _HISTORY + i]
    for mean in range(_MEANS):
        for i in range(4):
            state[_BARS * _HISTORY + 4 * mean + i] = means[mean, i]
    for i in range(_LASTS):
        state[STATE - _LASTS + i] = last[i]


@numba.njit(cache=True, nogil=True)
def _take_apart(bars: Floats, count: int, parts: Floats, whole: Ints) -> None:
    """What each bar says with the one before it, and for how many bars in a row there was what is read.

    A bar has a close if that is above zero and no other price of it is not; it has a range if it has
    a high and a low as well, and a volume if that is not below zero.
    """
    whole[:, 0] = 0
    for i in range(count):
        high, low, close, volume = bars[_HIGH, i], bars[_LOW, i], bars[_CLOSE, i], bars[_VOLUME, i]
        closed = close > 0.0 and not (high <= 0.0 or low <= 0.0)
        ranged = closed and high > 0.0 and low > 0.0
        before = max(i - 1, 0)
        whole[_CLOSED, i] = whole[_CLOSED, before] + 1 if closed else 0
        whole[_RANGED, i] = whole[_RANGED, before] + 1 if ranged else 0
        whole[_SOLD, i] = whole[_SOLD, before] + 1 if closed and volume >= 0.0 else 0
        whole[_TRADED, i] = whole[_TRADED, before] + 1 if ranged and volume >= 0.0 else 0
        typical, then = (high + low + close) / 3.0, bars[_CLOSE, before]
        parts[_TYPICAL, i], parts[_MONEY, i] = typical, typical * volume
        change, turn = close - then, typical - parts[_TYPICAL, before]
        bottom = min(low, then)
        parts[_UP, i], parts[_DOWN, i] = max(change, 0.0), max(-change, 0.0)
        parts[_REACHED, i], parts[_BOUGHT, i] = max(high, then) - bottom, close - bottom
        parts[_NET, i] = volume if change > 0.0 else -volume if change < 0.0 else 0.0
        parts[_INFLOW, i] = typical * volume if turn > 0.0 else 0.0
        parts[_OUTFLOW, i] = typical * volume if turn < 0.0 else 0.0
        push = (close - low) - (high - close)
        parts[_FLOW, i] = push / (high - low) * volume if high > low else 0.0


@numba.njit(cache=True, nogil=True)
def _over(one: float, other: float) -> float:
    """The quotient; missing where it is none."""
    value = one / other if other != 0.0 else math.nan
    return value if abs(value) < math.inf else math.nan


@numba.njit(cache=True, nogil=True)
def _tell_windows(
    bars: Floats, parts: Floats, whole: Ints, count: int, sums: Floats, out: Floats
) -> None:
    """The indicators of the rows from _HISTORY on; the first of them is the first column of `out`."""
    for low in range(_HISTORY, count, _BLOCK):
        high = min(low + _BLOCK, count)
        _tell_closes(bars, parts, whole, low, high, sums, out)
        _tell_ranges(bars, whole, low, high, sums, out)
        _tell_reaches(parts, whole, low, high, sums, out)
        _tell_volumes(bars, parts, whole, low, high, sums, out)


@numba.njit(cache=True, nogil=True)
def _tell_closes(
    bars: Floats, parts: Floats, whole: Ints, low: int, high: int, sums: Floats, out: Floats
) -> None:
    """What reads the closes alone: averages, Bollinger's bands, rates of change, Chande's momentum."""
    close, closed = bars[_CLOSE], whole[_CLOSED]
    total, squares, lagged, longer = sums[0], sums[1], sums[2], sums[3]
    sums[:] = 0.0
    _spread(close, low, high, 20, total, squares, lagged)
    _sum_apart(close, low, high, 50, longer)
    for i in range(low, high):
        k, row, c = i - low, i - _HISTORY, close[i]
        for at, bars_ago in ((_ROC_5, 5), (_ROC_10, 10), (_ROC_20, 20)):
            if closed[i] > bars_ago:
                out[at, row] = _over(100.0 * (c - close[i - bars_ago]), close[i - bars_ago])
        if closed[i] >= 20:
            below = total[k] / 20.0  # the mean, from the close
            spread = math.sqrt(max(squares[k] / 20.0 - below * below, 0.0))
            out[_SMA_20, row] = _over(-below, c)
            out[_WMA, row] = _over(lagged[k] / 210.0 - total[k] * 20.0 / 210.0, c)
            out[_BOLLINGER_UPPER, row] = _over(-below - 2.0 * spread, c)
            out[_BOLLINGER_LOWER, row] = _over(-below + 2.0 * spread, c)
            out[_BOLLINGER_PLACE, row] = _over(-below + 2.0 * spread, 4.0 * spread)
            out[_BOLLINGER_WIDTH, row] = _over(4.0 * spread, c)
        if closed[i] >= 50:
            out[_SMA_50, row] = _over(-longer[k] / 50.0, c)
    sums[:] = 0.0
    ups, downs = sums[0], sums[1]
    _sum(parts[_UP], low, high, 0, 10, ups)
    _sum(parts[_DOWN], low, high, 0, 10, downs)
    for i in range(low, high):
        moved, path = abs(close[i] - close[i - 10]), ups[i - low] + downs[i - low]
        straight = _over(moved, path) if path > moved else 1.0
        parts[_EFFICIENCY, i] = straight if closed[i] > 10 else math.nan
    _sum(parts[_UP], low, high, 10, 14, ups)
    _sum(parts[_DOWN], low, high, 10, 14, downs)
    for i in range(low, high):
        up, down = ups[i - low], downs[i - low]
        if closed[i] > 14:
            out[_CMO, i - _HISTORY] = _over(100.0 * (up - down), up + down)


@numba.njit(cache=True, nogil=True)
def _tell_ranges(bars: Floats, whole: Ints, low: int, high: int, sums: Floats, out: Floats) -> None:
    """What reads the highest high and the lowest low: stochastics, Williams, Donchian, Aroon."""
    highs, lows, close, ranged = bars[_HIGH], bars[_LOW], bars[_CLOSE], whole[_RANGED]
    top, top_lag, bottom, bottom_lag = sums[0], sums[1], sums[2], sums[3]
    sums[0], sums[2] = -math.inf, math.inf
    _extremes(highs, lows, low, high, 0, 14, sums)
    for i in range(low, high):
        k, row, c = i - low, i - _HISTORY, close[i]
        bars[_FAST, i] = math.nan
        if ranged[i] >= 14:
            bars[_FAST, i] = _over(100.0 * (c - bottom[k]), top[k] - bottom[k])
            out[_STOCHASTIC, row] = bars[_FAST, i]
            out[_WILLIAMS, row] = _over(-100.0 * (top[k] - c), top[k] - bottom[k])
    fast = bars[_FAST]
    for i in range(low, high):
        if ranged[i] >= 16:
            out[_STOCHASTIC_D, i - _HISTORY] = _over(fast[i - 2] + fast[i - 1] + fast[i], 3.0)
        if ranged[i] >= 18:
            outer, inner = fast[i - 4] + fast[i], fast[i - 3] + fast[i - 1]
            out[_STOCHASTIC_SLOW, i - _HISTORY] = _over(
                outer + 2.0 * inner + 3.0 * fast[i - 2], 9.0
            )
    _extremes(highs, lows, low, high, 14, 20, sums)
    for i in range(low, high):
        k, row, c = i - low, i - _HISTORY, close[i]
        if ranged[i] >= 20:
            out[_DONCHIAN_UPPER, row] = _over(c - top[k], c)
            out[_DONCHIAN_LOWER, row] = _over(c - bottom[k], c)
            out[_DONCHIAN_WIDTH, row] = _over(top[k] - bottom[k], c)
    _extremes(highs, lows, low, high, 20, 26, sums)
    for i in range(low, high):
        k, row = i - low, i - _HISTORY
        if ranged[i] >= 26:
            out[_AROON_UP, row] = 100.0 * (25.0 - top_lag[k]) / 25.0
            out[_AROON_DOWN, row] = 100.0 * (25.0 - bottom_lag[k]) / 25.0
            out[_AROON, row] = 100.0 * (bottom_lag[k] - top_lag[k]) / 25.0


@numba.njit(cache=True, nogil=True)
def _tell_reaches(
    parts: Floats, whole: Ints, low: int, high: int, sums: Floats, out: Floats
) -> None:
    """What reads typical prices and true ranges: the channel index and the ultimate oscillator."""
    ranged, typical, mean, apart = whole[_RANGED], parts[_TYPICAL], sums[0], sums[1]
    sums[:] = 0.0
    _sum_apart(typical, low, high, 20, mean)
    for k in range(high - low):
        mean[k] /= 20.0
    _away(typical, low, high, 20, mean, apart)
    for i in range(low, high):
        if ranged[i] >= 20:
            usual = 0.015 * (apart[i - low] / 20.0)
            out[_CCI, i - _HISTORY] = _over(-mean[i - low], usual)
    bought, reach, told = sums[0], sums[1], sums[2]
    sums[:] = 0.0
    first = 0
    for last, weight in ((7, 4.0), (14, 2.0), (28, 1.0)):
        _sum(parts[_BOUGHT], low, high, first, last, bought)
        _sum(parts[_REACHED], low, high, first, last, reach)
        for k in range(high - low):
            told[k] += weight * _over(bought[k], reach[k])
        first = last
    for i in range(low, high):
        if ranged[i] > 28:
            out[_ULTIMATE, i - _HISTORY] = _over(100.0 * told[i - low], 7.0)


@numba.njit(cache=True, nogil=True)
def _tell_volumes(
    bars: Floats, parts: Floats, whole: Ints, low: int, high: int, sums: Floats, out: Floats
) -> None:
    """What weighs by volume: on balance, average price, accumulation, money flow."""
    close, sold, traded = bars[_CLOSE], whole[_SOLD], whole[_TRADED]
    total, net, money, flow = sums[0], sums[1], sums[2], sums[3]
    sums[:] = 0.0
    _sum(bars[_VOLUME], low, high, 0, 20, total)
    _sum(parts[_NET], low, high, 0, 20, net)
    _sum(parts[_MONEY], low, high, 0, 20, money)
    _sum(parts[_FLOW], low, high, 0, 20, flow)
    for i in range(low, high):
        k, row, c = i - low, i - _HISTORY, close[i]
        if sold[i] > 20:
            out[_OBV, row] = _over(net[k], total[k])
        if traded[i] >= 20:
            out[_VWAP_20, row] = _over(c - _over(money[k], total[k]), c)
            out[_CMF, row] = _over(flow[k], total[k])
    sums[:] = 0.0
    _sum(parts[_INFLOW], low, high, 0, 14, total)
    _sum(parts[_OUTFLOW], low, high, 0, 14, net)
    for i in range(low, high):
        k = i - low
        if traded[i] > 14:
            out[_MFI, i - _HISTORY] = _over(100.0 * total[k], total[k] + net[k])


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
def _step(
    bars: Floats,
    parts: Floats,
    whole: Ints,
    i: int,
    means: Floats,
    last: Floats,
    out: Floats,
    row: int,
) -> None:
    """Take bar i into the state, and tell the indicators after it."""
    bars[_RSI_SO_FAR, i] = bars[_FAST_RSI, i] = math.nan
    if whole[_CLOSED, i] == 0:
        return
    _step_averages(bars[_CLOSE, i], means, out, row)
    _step_adapted(bars[_CLOSE, i], parts[_EFFICIENCY, i], last, out, row)
    _step_strength(bars, i, means, last, out, row)
    if whole[_RANGED, i] > 0:
        high, low, close = bars[_HIGH, i], bars[_LOW, i], bars[_CLOSE, i]
        _step_ranges(bars, parts[_TYPICAL, i], whole, i, means, last, out, row)
        _step_directions(high, low, means, last, out, row)
        _step_parabolic(high, low, close, last, out, row)
        last[_LAST_HIGH], last[_LAST_LOW] = high, low
    if whole[_TRADED, i] > 0:
        _step_flows(bars[_VOLUME, i], parts[_FLOW, i], means, last, out, row)
        _step_session(
            bars[_SESSION, i], parts[_TYPICAL, i], bars[_VOLUME, i], bars[_CLOSE, i], last, out, row
        )
    last[_LAST] = bars[_CLOSE, i]


@numba.njit(inline="always")
def _on(means: Floats, at: int, value: float) -> float:
    """A mean, one value on; missing while it has too few, and where there is no value to take."""
    few, taken = means[at, _FEW], means[at, _TAKEN] + 1.0
    change = value / few if taken <= few else means[at, _WEIGHT] * (value - means[at, _MEAN])
    after = means[at, _MEAN] + change
    if abs(after) < math.inf:
        means[at, _MEAN], means[at, _TAKEN] = after, min(taken, few)
    else:
        after = math.nan
    return after if taken >= few else math.nan


@numba.njit(cache=True, nogil=True)
def _step_averages(c: float, means: Floats, out: Floats, row: int) -> None:
    """Exponential means of the close, and what is made of them."""
    fast, slow = _on(means, _M12, c), _on(means, _M26, c)
    out[_EMA_12, row], out[_EMA_26, row] = _over(c - fast, c), _over(c - slow, c)
    out[_EMA_50, row] = _over(c - _on(means, _M50, c), c)
    out[_EMA_200, row] = _over(c - _on(means, _M200, c), c)
    once = _on(means, _ONCE, c)
    twice = _on(means, _TWICE, once)
    thrice = _on(means, _THRICE, twice)
    out[_DEMA, row] = _over(c - (2.0 * once - twice), c)
    out[_TEMA, row] = _over(c - (3.0 * once - 3.0 * twice + thrice), c)
    macd = fast - slow
    signal = _on(means, _OF_MACD, macd)
    out[_MACD, row], out[_SIGNAL, row] = _over(macd, c), _over(signal, c)
    out[_HISTOGRAM, row], out[_PPO, row] = _over(macd - signal, c), _over(100.0 * macd, slow)
    smooth = _on(means, _SMOOTHER, _on(means, _SMOOTH, c))
    before = means[_SMOOTHEST, _MEAN] if means[_SMOOTHEST, _TAKEN] >= 15.0 else math.nan
    out[_TRIX, row] = _over(100.0 * (_on(means, _SMOOTHEST, smooth) - before), before)


@numba.njit(cache=True, nogil=True)
def _step_adapted(c: float, straight: float, last: Floats, out: Floats, row: int) -> None:
    """Kaufman's mean: the straighter the last 10 closes lie, the faster it follows."""
    if not straight >= 0.0:
        return
    weight = (straight * (2.0 / 3.0 - 2.0 / 31.0) + 2.0 / 31.0) ** 2
    before = last[_ADAPTED] if last[_ADAPTED] > 0.0 else last[_LAST]
    last[_ADAPTED] = before + weight * (c - before)
    out[_KAMA, row] = _over(c - last[_ADAPTED], c)


@numba.njit(cache=True, nogil=True)
def _step_strength(
    bars: Floats, i: int, means: Floats, last: Floats, out: Floats, row: int
) -> None:
    """Relative strength, where it stands among its last 14, and the mean of three such places."""
    change = bars[_CLOSE, i] - last[_LAST]
    gain = _on(means, _GAIN, max(change, 0.0) if change == change else math.nan)
    loss = _on(means, _LOSS, max(-change, 0.0) if change == change else math.nan)
    strength, fast = bars[_RSI_SO_FAR], bars[_FAST_RSI]
    strength[i] = out[_RSI, row] = 100.0 * _over(gain, gain + loss)
    top = bottom = strength[i]
    for at in range(i - 13, i):
        known = strength[at] == strength[at] and top == top
        top = max(top, strength[at]) if known else math.nan
        bottom = min(bottom, strength[at]) if known else math.nan
    spread = top - bottom if top - bottom > _ROUNDING else 0.0
    fast[i] = out[_RSI_FAST, row] = 100.0 * _over(strength[i] - bottom, spread)
    out[_RSI_D, row] = (fast[i - 2] + fast[i - 1] + fast[i]) / 3.0


@numba.njit(cache=True, nogil=True)
def _step_ranges(
    bars: Floats,
    typical: float,
    whole: Ints,
    i: int,
    means: Floats,
    last: Floats,
    out: Floats,
    row: int,
) -> None:
    """True range, and what is measured by it."""
    c, then = bars[_CLOSE, i], last[_LAST]
    reach = max(bars[_HIGH, i], then) - min(bars[_LOW, i], then) if then > 0.0 else math.nan
    usual = _on(means, _REACH_14, reach)
    out[_NATR, row], out[_TRUE_RANGE, row] = _over(100.0 * usual, c), _over(reach, usual)
    if whole[_CLOSED, i] > 10:
        out[_MOMENTUM, row] = _over(c - bars[_CLOSE, i - 10], usual)
    middle = _on(means, _MIDDLE, typical)
    width = 2.0 * _on(means, _REACH_10, reach)
    out[_KELTNER_UPPER, row], out[_KELTNER_LOWER, row] = (
        _over(c - middle - width, c),
        _over(c - middle + width, c),
    )
    out[_KELTNER_PLACE, row] = _over(c - middle + width, 2.0 * width)


@numba.njit(cache=True, nogil=True)
def _step_directions(
    high: float, low: float, means: Floats, last: Floats, out: Floats, row: int
) -> None:
    """Wilder's directional movement: the larger of the two by which a bar leaves the one before it."""
    up, down = high - last[_LAST_HIGH], last[_LAST_LOW] - low
    if up != up:
        return
    rise = _on(means, _RISE, up if up > max(down, 0.0) else 0.0)
    fall = _on(means, _FALL, down if down > max(up, 0.0) else 0.0)
    usual = means[_REACH_14, _MEAN]
    out[_PLUS_DI, row], out[_MINUS_DI, row] = _over(100.0 * rise, usual), _over(100.0 * fall, usual)
    out[_DX, row] = 100.0 * _over(abs(rise - fall), rise + fall)
    out[_ADX, row] = _on(means, _OF_DX, out[_DX, row])


@numba.njit(cache=True, nogil=True)
def _step_parabolic(
    high: float, low: float, close: float, last: Floats, out: Floats, row: int
) -> None:
    """Wilder's stop: it speeds up with each new extreme, and changes sides when it is met.

    Long and short are one story: short, prices are seen upside down.
    """
    above, below = last[_LAST_HIGH], last[_LAST_LOW]
    if above != above:
        return
    if last[_SIDE] != last[_SIDE]:
        short = below - low > max(high - above, 0.0)
        last[_SIDE], last[_PACE] = -1.0 if short else 1.0, 0.02
        last[_STOP], last[_EXTREME] = (above, low) if short else (below, high)
        above, below = high, low
    side, stop = last[_SIDE], last[_STOP]
    met = low <= stop if side > 0.0 else high >= stop
    if met:
        side = -side
        stop = min(last[_EXTREME], below, low) if side > 0.0 else max(last[_EXTREME], above, high)
        last[_SIDE], last[_PACE], last[_EXTREME] = side, 0.02, high if side > 0.0 else low
    elif high > last[_EXTREME] if side > 0.0 else low < last[_EXTREME]:
        last[_PACE] = min(last[_PACE] + 0.02, 0.2)
        last[_EXTREME] = high if side > 0.0 else low
    out[_SAR, row] = _over(close - stop, close)
    ahead = stop + last[_PACE] * (last[_EXTREME] - stop)
    last[_STOP] = min(ahead, below, low) if side > 0.0 else max(ahead, above, high)


@numba.njit(cache=True, nogil=True)
def _step_flows(
    volume: float, flow: float, means: Floats, last: Floats, out: Floats, row: int
) -> None:
    """Chaikin's oscillator of accumulation: its fast mean less its slow one, each as it lies from the
    line itself, so that where the line began does not matter."""
    usual = _on(means, _VOLUME_10, volume)
    if not abs(flow) < math.inf:
        return
    begun = last[_FLOW_3] == last[_FLOW_3]
    last[_FLOW_3] = 0.5 * (last[_FLOW_3] - flow) if begun else 0.0
    last[_FLOW_10] = 9.0 / 11.0 * (last[_FLOW_10] - flow) if begun else 0.0
    out[_ADOSC, row] = _over(last[_FLOW_3] - last[_FLOW_10], usual)


@numba.njit(cache=True, nogil=True)
def _step_session(
    day: float, typical: float, volume: float, close: float, last: Floats, out: Floats, row: int
) -> None:
    """The average price of what was traded in the session so far."""
    if day != last[_DAY]:
        last[_DAY], last[_DAY_MONEY], last[_DAY_VOLUME] = day, 0.0, 0.0
    last[_DAY_MONEY] += typical * volume
    last[_DAY_VOLUME] += volume
    out[_VWAP_SESSION, row] = _over(close - _over(last[_DAY_MONEY], last[_DAY_VOLUME]), close)
