"""The technical family: the common indicators, each as a figure that compares across symbols and years.

Some are a function of a window of bars: those are summed lag by lag, neighbouring rows side by side. The
others carry a state on: `_step` is all of them, one bar on. Both are told run by run, and the state that a
run goes on from holds the bars to look back at as well; so wherever a history is cut and resumed, each
value is computed from the same numbers in the same order.

A bar that lacks what an indicator reads has no value of it. Of the windows that it lies in none is told;
a carried state stands still for it, and for what is too large for a number, so no bar spoils the next.
"""

import math
from typing import Any

import numpy as np

from tradewind.core.arrays import Floats, Ints
from tradewind.features.compiled import kernel, part
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
_BLOCK = 128  # rows summed side by side: their sums stay in the nearest caches

# Numbers that are handed to a compiled function are numpy's: of an int of Python's it would be compiled
# for each value. What is seen of a bar: the inputs, and what is told of them that later bars look back at;
_HIGH, _LOW, _CLOSE, _VOLUME, _SESSION, _FAST, _RSI_SO_FAR, _FAST_RSI = np.arange(8)
_BARS = 8
# and, not kept, what it says with the one before it
_TYPICAL, _UP, _DOWN, _REACHED, _BOUGHT, _NET, _MONEY, _FLOW, _INFLOW, _OUTFLOW = np.arange(8, 18)
_EFFICIENCY = 18
_SEEN = 19
# For how many bars in a row there was a close; a range as well; a close and a volume; all three
_CLOSED, _RANGED, _SOLD, _TRADED = range(4)
_WHOLE = 4

# The sums of each row: what is added up, from how many bars before it to how many, and the sum that it goes
# on from (its own: none); of highs and lows the same
_ADDED = np.array(
    [
        *((_UP, 0, 10, 0), (_DOWN, 0, 10, 1), (_UP, 10, 14, 0), (_DOWN, 10, 14, 1)),
        *((_BOUGHT, 0, 7, 4), (_REACHED, 0, 7, 5), (_BOUGHT, 7, 14, 4), (_REACHED, 7, 14, 5)),
        *((_BOUGHT, 14, 28, 6), (_REACHED, 14, 28, 7), (_VOLUME, 0, 20, 10), (_NET, 0, 20, 11)),
        *((_MONEY, 0, 20, 12), (_FLOW, 0, 20, 13), (_INFLOW, 0, 14, 14), (_OUTFLOW, 0, 14, 15)),
    ]
)
_UPS_10, _DOWNS_10, _UPS_14, _DOWNS_14 = range(4)
_BOUGHT_7, _REACHED_7, _BOUGHT_14, _REACHED_14, _BOUGHT_28, _REACHED_28 = range(4, 10)
_VOLUMES, _NETS, _MONIES, _FLOWS, _INFLOWS, _OUTFLOWS = range(10, 16)
_TOTAL, _SQUARES, _LAGGED, _LONGER, _USUAL, _APART = range(16, 22)
_FROM_OWN = np.array(
    [(_CLOSE, 50), (_TYPICAL, 20)]
)  # the longer sum of closes, and the usual price
_REACHES = np.array([(0, 14, 22), (14, 20, 26), (20, 26, 30)])  # and where they are put
_IN_14, _IN_20, _IN_26 = range(22, 34, 4)  # of each: top, its lag, bottom, its lag
_SUMS = 34

# Means that are carried: the values that each begins with, and the weight of a value from then on
_EXPONENTIAL = (12, 26, 50, 200, 20, 20, 20, 9, 15, 15, 15, 20, 10)
_WILDER = (14, 14, 14, 10, 14, 14, 14)
_MEANS = len(_EXPONENTIAL) + len(_WILDER)
_M12, _M26, _M50, _M200, _ONCE, _TWICE, _THRICE, _OF_MACD = np.arange(0, 32, 4)
_SMOOTH, _SMOOTHER, _SMOOTHEST, _MIDDLE, _VOLUME_10 = np.arange(32, 52, 4)
_GAIN, _LOSS, _REACH_14, _REACH_10, _RISE, _FALL, _OF_DX = np.arange(52, 80, 4)
_MEAN, _TAKEN, _FEW, _WEIGHT = range(4)
# What else is carried
_ADAPTED, _LAST, _LAST_HIGH, _LAST_LOW, _SIDE, _STOP, _EXTREME, _PACE = range(80, 88)
_FLOW_3, _FLOW_10, _DAY, _DAY_MONEY, _DAY_VOLUME = range(88, 93)
_CARRIED = 93
_ROUNDING = 1e-9  # a strength that moved less in 14 bars did not move: closes stand still
STATE = _BARS * _HISTORY + _CARRIED

_BEGINNING = np.full(STATE, np.nan)
_BEGINNING[-_CARRIED : _ADAPTED - _CARRIED] = np.ravel(
    [(0.0, 0.0, n, 2.0 / (n + 1.0)) for n in _EXPONENTIAL]
    + [(0.0, 0.0, n, 1.0 / n) for n in _WILDER]
)

Place = np.signedinteger[Any]


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
    out = np.empty((len(NAMES), bars.shape[1]))
    bars = np.ascontiguousarray(bars)  # one compilation
    _walk(bars, runs.offsets, runs.resume, runs.keep, _BEGINNING, states, out)
    return out


@kernel
def _walk(
    bars: Floats,
    offsets: Ints,
    resume: Ints,
    keep: Ints,
    beginning: Floats,
    states: Floats,
    out: Floats,
) -> None:
    longest = 0
    for run in range(len(resume)):
        longest = max(longest, offsets[run + 1] - offsets[run])
    seen, whole = (
        np.empty((_SEEN, _HISTORY + longest)),
        np.empty((_WHOLE, _HISTORY + longest), np.int64),
    )
    sums, carried = np.empty((_SUMS, _BLOCK)), np.empty(_CARRIED)
    for run in range(len(resume)):
        start, end = offsets[run], offsets[run + 1]
        count, shift = _HISTORY + end - start, start - _HISTORY
        _take_up(states[resume[run]] if resume[run] >= 0 else beginning, seen, carried)
        _take_apart(bars, shift, count, seen, whole)
        for f in range(len(out)):
            for row in range(start, end):
                out[f, row] = math.nan
        for low in range(_HISTORY, count, _BLOCK):
            high = min(low + _BLOCK, count)
            _sum_up(seen, low, high, sums)
            _tell_closes(seen, whole, low, high, sums, shift, out)
            _tell_ranges(seen, whole, low, high, sums, shift, out)
            _tell_volumes(seen, whole, low, high, sums, shift, out)
        for i in range(_HISTORY, count):
            row = i + shift
            seen[_RSI_SO_FAR, i] = seen[_FAST_RSI, i] = math.nan
            if whole[_CLOSED, i] > 0:
                _step_closes(seen, i, carried, out, row)
            if whole[_RANGED, i] > 0:
                _step_ranges(seen, whole[_CLOSED, i], i, carried, out, row)
                _step_parabolic(seen, i, carried, out, row)
            if whole[_TRADED, i] > 0:
                _step_volumes(seen, i, carried, out, row)
            if whole[_CLOSED, i] > 0:
                carried[_LAST] = seen[_CLOSE, i]
            if keep[row] >= 0:
                _put_down(seen, i, carried, states[keep[row]])


@part
def _take_up(state: Floats, seen: Floats, carried: Floats) -> None:
    for row in range(_BARS):
        for i in range(_HISTORY):
            seen[row, i] = state[row * _HISTORY + i]
    for i in range(len(carried)):
        carried[i] = state[_BARS * _HISTORY + i]


@part
def _put_down(seen: Floats, now: int, carried: Floats, state: Floats) -> None:
    """Keep the bars up to now, which later windows look back at, and what is carried."""
    for row in range(_BARS):
        for i in range(_HISTORY):
            state[row * _HISTORY + i] = seen[row, now + 1 - _HISTORY + i]
    for i in range(len(carried)):
        state[_BARS * _HISTORY + i] = carried[i]


@part
def _take_apart(bars: Floats, shift: int, count: int, seen: Floats, whole: Ints) -> None:
    """What each bar says with the one before it, and for how many bars in a row there was what is read.

    A bar has a close if that is above zero and no other price of it is not; it has a range if it has
    a high and a low as well, and a volume if that is not below zero.
    """
    for i in range(len(bars)):
        for at in range(_HISTORY, count):
            seen[i, at] = bars[i, at + shift]
    for kind in range(len(whole)):
        whole[kind, 0] = 0
    for i in range(count):
        high, low, close, volume = seen[_HIGH, i], seen[_LOW, i], seen[_CLOSE, i], seen[_VOLUME, i]
        closed = close > 0.0 and not (high <= 0.0 or low <= 0.0)
        ranged = closed and high > 0.0 and low > 0.0
        before = i - 1 if i else 0
        whole[_CLOSED, i] = whole[_CLOSED, before] + 1 if closed else 0
        whole[_RANGED, i] = whole[_RANGED, before] + 1 if ranged else 0
        whole[_SOLD, i] = whole[_SOLD, before] + 1 if closed and volume >= 0.0 else 0
        whole[_TRADED, i] = whole[_TRADED, before] + 1 if ranged and volume >= 0.0 else 0
        typical, then = (high + low + close) / 3.0, seen[_CLOSE, before]
        seen[_TYPICAL, i], seen[_MONEY, i] = typical, typical * volume
        change, turn = close - then, typical - seen[_TYPICAL, before]
        bottom = min(low, then)
        seen[_UP, i], seen[_DOWN, i] = max(change, 0.0), max(-change, 0.0)
        seen[_REACHED, i], seen[_BOUGHT, i] = max(high, then) - bottom, close - bottom
        seen[_NET, i] = volume if change > 0.0 else -volume if change < 0.0 else 0.0
        seen[_INFLOW, i] = typical * volume if turn > 0.0 else 0.0
        seen[_OUTFLOW, i] = typical * volume if turn < 0.0 else 0.0
        push = (close - low) - (high - close)
        seen[_FLOW, i] = push / (high - low) * volume if high > low else 0.0


@part
def _over(one: float, other: float) -> float:
    """The quotient; missing where it is none."""
    value = one / other if other != 0.0 else math.nan
    return value if abs(value) < math.inf else math.nan


@part
def _sum_up(seen: Floats, low: int, high: int, sums: Floats) -> None:
    """All sums of the rows from low to high."""
    for k in range(len(sums)):
        for i in range(high - low):
            sums[k, i] = 0.0
    for k in range(len(_ADDED)):
        values, first, last, begin = _ADDED[k]
        for i in range(high - low):
            sums[k, i] = sums[begin, i]
        _add(seen[values], low, high, first, last, sums[k])
    for k in range(len(_FROM_OWN)):
        _add_apart(seen[_FROM_OWN[k, 0]], low, high, _FROM_OWN[k, 1], sums[_LONGER + k])
    _spread(seen[_CLOSE], low, high, sums)
    _away(seen[_TYPICAL], low, high, sums[_USUAL], sums[_APART])
    for i in range(high - low):
        sums[_IN_14, i], sums[_IN_14 + 2, i] = -math.inf, math.inf
    for k in range(len(_REACHES)):
        first, last, at = _REACHES[k]
        for lag in range(first, last):
            _extremes(seen, low - lag, high - low, float(lag), at, sums)
        if at < _IN_26:
            for part in range(4):
                for i in range(high - low):
                    sums[at + 4 + part, i] = sums[at + part, i]


@part
def _add(values: Floats, low: int, high: int, first: int, last: int, total: Floats) -> None:
    """Add to the total of each row the values `first` to `last - 1` bars before it."""
    for lag in range(first, last):
        then = values[low - lag : high - lag]
        for i in range(len(then)):
            total[i] += then[i]


@part
def _add_apart(values: Floats, low: int, high: int, bars: int, total: Floats) -> None:
    """The same of differences from the row's own value: nothing, where nothing moves."""
    now = values[low:high]
    for lag in range(bars):
        then = values[low - lag : high - lag]
        for i in range(len(then)):
            total[i] += then[i] - now[i]


@part
def _spread(close: Floats, low: int, high: int, sums: Floats) -> None:
    """The same of 20 closes, and of their squares and of each times its lag."""
    now, total, squares, lagged = close[low:high], sums[_TOTAL], sums[_SQUARES], sums[_LAGGED]
    for lag in range(20):
        then = close[low - lag : high - lag]
        for i in range(len(then)):
            d = then[i] - now[i]
            total[i] += d
            squares[i] += d * d
            lagged[i] += lag * d


@part
def _away(typical: Floats, low: int, high: int, mean: Floats, total: Floats) -> None:
    """How far 20 typical prices lie from their mean, added up; the mean counts from the row's own."""
    now = typical[low:high]
    for i in range(len(now)):
        mean[i] /= 20.0
    for lag in range(20):
        then = typical[low - lag : high - lag]
        for i in range(len(then)):
            total[i] += abs(then[i] - now[i] - mean[i])


@part
def _extremes(seen: Floats, low: int, rows: int, lag: float, at: int, sums: Floats) -> None:
    """The highest high and the lowest low so far, and the lag of the newest bar that reached them."""
    up, down = seen[_HIGH, low : low + rows], seen[_LOW, low : low + rows]
    top, top_lag, bottom, bottom_lag = sums[at], sums[at + 1], sums[at + 2], sums[at + 3]
    for i in range(rows):
        top_lag[i] = lag if up[i] > top[i] else top_lag[i]
        top[i] = up[i] if up[i] > top[i] else top[i]
        bottom_lag[i] = lag if down[i] < bottom[i] else bottom_lag[i]
        bottom[i] = down[i] if down[i] < bottom[i] else bottom[i]


@part
def _tell_closes(
    seen: Floats, whole: Ints, low: int, high: int, sums: Floats, shift: int, out: Floats
) -> None:
    """What reads the closes alone: averages, Bollinger's bands, rates of change, Chande's momentum."""
    close = seen[_CLOSE]
    for i in range(low, high):
        k, row, c, bars = i - low, i + shift, close[i], whole[_CLOSED, i]
        for at in range(3):
            ago = 5 << at  # 5, 10, 20
            if bars > ago:
                out[_ROC_5 + at, row] = _over(100.0 * (c - close[i - ago]), close[i - ago])
        if bars >= 20:
            below = sums[_TOTAL, k] / 20.0  # the mean, from the close
            spread = math.sqrt(max(sums[_SQUARES, k] / 20.0 - below * below, 0.0))
            out[_SMA_20, row] = _over(-below, c)
            out[_WMA, row] = _over(sums[_LAGGED, k] / 210.0 - sums[_TOTAL, k] * 20.0 / 210.0, c)
            out[_BOLLINGER_UPPER, row] = _over(-below - 2.0 * spread, c)
            out[_BOLLINGER_LOWER, row] = _over(-below + 2.0 * spread, c)
            out[_BOLLINGER_PLACE, row] = _over(-below + 2.0 * spread, 4.0 * spread)
            out[_BOLLINGER_WIDTH, row] = _over(4.0 * spread, c)
        if bars >= 50:
            out[_SMA_50, row] = _over(-sums[_LONGER, k] / 50.0, c)
        moved, path = abs(c - close[i - 10]), sums[_UPS_10, k] + sums[_DOWNS_10, k]
        straight = _over(moved, path) if path > moved else 1.0
        seen[_EFFICIENCY, i] = straight if bars > 10 else math.nan
        up, down = sums[_UPS_14, k], sums[_DOWNS_14, k]
        if bars > 14:
            out[_CMO, row] = _over(100.0 * (up - down), up + down)


@part
def _tell_ranges(
    seen: Floats, whole: Ints, low: int, high: int, sums: Floats, shift: int, out: Floats
) -> None:
    """What reads highs and lows: stochastics, Williams, Donchian, Aroon, the channel index, the ultimate
    oscillator."""
    fast = seen[_FAST]
    for i in range(low, high):
        k, row, c, bars = i - low, i + shift, seen[_CLOSE, i], whole[_RANGED, i]
        fast[i] = math.nan
        if bars >= 14:
            top, bottom = sums[_IN_14, k], sums[_IN_14 + 2, k]
            fast[i] = _over(100.0 * (c - bottom), top - bottom)
            out[_STOCHASTIC, row] = fast[i]
            out[_WILLIAMS, row] = _over(-100.0 * (top - c), top - bottom)
        if bars >= 16:
            out[_STOCHASTIC_D, row] = _over(fast[i - 2] + fast[i - 1] + fast[i], 3.0)
        if bars >= 18:
            outer, inner = fast[i - 4] + fast[i], fast[i - 3] + fast[i - 1]
            out[_STOCHASTIC_SLOW, row] = _over(outer + 2.0 * inner + 3.0 * fast[i - 2], 9.0)
        if bars >= 20:
            top, bottom = sums[_IN_20, k], sums[_IN_20 + 2, k]
            out[_DONCHIAN_UPPER, row] = _over(c - top, c)
            out[_DONCHIAN_LOWER, row] = _over(c - bottom, c)
            out[_DONCHIAN_WIDTH, row] = _over(top - bottom, c)
            out[_CCI, row] = _over(-sums[_USUAL, k], 0.015 * (sums[_APART, k] / 20.0))
        if bars >= 26:
            top_lag, bottom_lag = sums[_IN_26 + 1, k], sums[_IN_26 + 3, k]
            out[_AROON_UP, row] = 100.0 * (25.0 - top_lag) / 25.0
            out[_AROON_DOWN, row] = 100.0 * (25.0 - bottom_lag) / 25.0
            out[_AROON, row] = 100.0 * (bottom_lag - top_lag) / 25.0
        if bars > 28:
            told, weight = 0.0, 4.0
            for at in range(_BOUGHT_7, _BOUGHT_28 + 2, 2):
                told += weight * _over(sums[at, k], sums[at + 1, k])
                weight *= 0.5
            out[_ULTIMATE, row] = _over(100.0 * told, 7.0)


@part
def _tell_volumes(
    seen: Floats, whole: Ints, low: int, high: int, sums: Floats, shift: int, out: Floats
) -> None:
    """What weighs by volume: on balance, average price, accumulation, money flow."""
    for i in range(low, high):
        k, row, c, bars = i - low, i + shift, seen[_CLOSE, i], whole[_TRADED, i]
        total = sums[_VOLUMES, k]
        if whole[_SOLD, i] > 20:
            out[_OBV, row] = _over(sums[_NETS, k], total)
        if bars >= 20:
            out[_VWAP_20, row] = _over(c - _over(sums[_MONIES, k], total), c)
            out[_CMF, row] = _over(sums[_FLOWS, k], total)
        if bars > 14:
            out[_MFI, row] = _over(
                100.0 * sums[_INFLOWS, k], sums[_INFLOWS, k] + sums[_OUTFLOWS, k]
            )


@part
def _on(carried: Floats, at: Place, value: float) -> float:
    """A mean, one value on; missing while it has too few, and where there is no value to take."""
    few, taken = carried[at + _FEW], carried[at + _TAKEN] + 1.0
    mean = carried[at + _MEAN]
    after = mean + (value / few if taken <= few else carried[at + _WEIGHT] * (value - mean))
    if not abs(after) < math.inf:
        return math.nan
    carried[at + _MEAN], carried[at + _TAKEN] = after, min(taken, few)
    return after if taken >= few else math.nan


@part
def _step_closes(seen: Floats, i: int, carried: Floats, out: Floats, row: int) -> None:
    """What follows the closes: exponential means and what is made of them, Kaufman's mean, strength."""
    c, then = seen[_CLOSE, i], carried[_LAST]
    fast, slow = _on(carried, _M12, c), _on(carried, _M26, c)
    out[_EMA_12, row], out[_EMA_26, row] = _over(c - fast, c), _over(c - slow, c)
    out[_EMA_50, row] = _over(c - _on(carried, _M50, c), c)
    out[_EMA_200, row] = _over(c - _on(carried, _M200, c), c)
    once = _on(carried, _ONCE, c)
    twice = _on(carried, _TWICE, once)
    thrice = _on(carried, _THRICE, twice)
    out[_DEMA, row] = _over(c - (2.0 * once - twice), c)
    out[_TEMA, row] = _over(c - (3.0 * once - 3.0 * twice + thrice), c)
    macd = fast - slow
    signal = _on(carried, _OF_MACD, macd)
    out[_MACD, row], out[_SIGNAL, row] = _over(macd, c), _over(signal, c)
    out[_HISTOGRAM, row], out[_PPO, row] = _over(macd - signal, c), _over(100.0 * macd, slow)
    smooth = _on(carried, _SMOOTHER, _on(carried, _SMOOTH, c))
    settled = carried[_SMOOTHEST + _TAKEN] >= carried[_SMOOTHEST + _FEW]
    before = carried[_SMOOTHEST + _MEAN] if settled else math.nan
    out[_TRIX, row] = _over(100.0 * (_on(carried, _SMOOTHEST, smooth) - before), before)
    straight = seen[_EFFICIENCY, i]
    if straight >= 0.0:  # the straighter the last 10 closes lie, the faster his mean follows
        weight = (straight * (2.0 / 3.0 - 2.0 / 31.0) + 2.0 / 31.0) ** 2
        adapted = carried[_ADAPTED] if carried[_ADAPTED] > 0.0 else then
        carried[_ADAPTED] = adapted + weight * (c - adapted)
        out[_KAMA, row] = _over(c - carried[_ADAPTED], c)
    change = c - then
    gain = _on(carried, _GAIN, max(change, 0.0) if change == change else math.nan)
    loss = _on(carried, _LOSS, max(-change, 0.0) if change == change else math.nan)
    strength, fast_rsi = seen[_RSI_SO_FAR], seen[_FAST_RSI]
    strength[i] = out[_RSI, row] = 100.0 * _over(gain, gain + loss)
    top = bottom = strength[i]
    for at in range(i - 13, i):
        known = strength[at] == strength[at] and top == top
        top = max(top, strength[at]) if known else math.nan
        bottom = min(bottom, strength[at]) if known else math.nan
    spread = top - bottom if top - bottom > _ROUNDING else 0.0
    fast_rsi[i] = out[_RSI_FAST, row] = 100.0 * _over(strength[i] - bottom, spread)
    out[_RSI_D, row] = (fast_rsi[i - 2] + fast_rsi[i - 1] + fast_rsi[i]) / 3.0


@part
def _step_ranges(seen: Floats, closes: int, i: int, carried: Floats, out: Floats, row: int) -> None:
    """True range and what is measured by it; and Wilder's directional movement, the larger of the two by
    which a bar leaves the one before it."""
    high, low, c, then = seen[_HIGH, i], seen[_LOW, i], seen[_CLOSE, i], carried[_LAST]
    reach = max(high, then) - min(low, then) if then > 0.0 else math.nan
    usual = _on(carried, _REACH_14, reach)
    out[_NATR, row], out[_TRUE_RANGE, row] = _over(100.0 * usual, c), _over(reach, usual)
    if closes > 10:
        out[_MOMENTUM, row] = _over(c - seen[_CLOSE, i - 10], usual)
    middle = _on(carried, _MIDDLE, seen[_TYPICAL, i])
    width = 2.0 * _on(carried, _REACH_10, reach)
    out[_KELTNER_UPPER, row] = _over(c - middle - width, c)
    out[_KELTNER_LOWER, row] = _over(c - middle + width, c)
    out[_KELTNER_PLACE, row] = _over(c - middle + width, 2.0 * width)
    up, down = high - carried[_LAST_HIGH], carried[_LAST_LOW] - low
    if up == up:
        rise = _on(carried, _RISE, up if up > max(down, 0.0) else 0.0)
        fall = _on(carried, _FALL, down if down > max(up, 0.0) else 0.0)
        usual = carried[_REACH_14 + _MEAN]
        out[_PLUS_DI, row] = _over(100.0 * rise, usual)
        out[_MINUS_DI, row] = _over(100.0 * fall, usual)
        out[_DX, row] = 100.0 * _over(abs(rise - fall), rise + fall)
        out[_ADX, row] = _on(carried, _OF_DX, out[_DX, row])


@part
def _step_parabolic(seen: Floats, i: int, carried: Floats, out: Floats, row: int) -> None:
    """Wilder's stop: it speeds up with each new extreme, and changes sides when it is met.

    Long and short are one story: short, prices are seen upside down.
    """
    high, low, close = seen[_HIGH, i], seen[_LOW, i], seen[_CLOSE, i]
    above, below = carried[_LAST_HIGH], carried[_LAST_LOW]
    carried[_LAST_HIGH], carried[_LAST_LOW] = high, low
    if above != above:
        return
    if carried[_SIDE] != carried[_SIDE]:
        short = below - low > max(high - above, 0.0)
        carried[_SIDE], carried[_PACE] = -1.0 if short else 1.0, 0.02
        carried[_STOP], carried[_EXTREME] = (above, low) if short else (below, high)
        above, below = high, low
    side, stop = carried[_SIDE], carried[_STOP]
    met = low <= stop if side > 0.0 else high >= stop
    if met:
        side = -side
        extreme = carried[_EXTREME]
        stop = min(extreme, below, low) if side > 0.0 else max(extreme, above, high)
        carried[_SIDE], carried[_PACE] = side, 0.02
        carried[_EXTREME] = high if side > 0.0 else low
    elif high > carried[_EXTREME] if side > 0.0 else low < carried[_EXTREME]:
        carried[_PACE] = min(carried[_PACE] + 0.02, 0.2)
        carried[_EXTREME] = high if side > 0.0 else low
    out[_SAR, row] = _over(close - stop, close)
    ahead = stop + carried[_PACE] * (carried[_EXTREME] - stop)
    carried[_STOP] = min(ahead, below, low) if side > 0.0 else max(ahead, above, high)


@part
def _step_volumes(seen: Floats, i: int, carried: Floats, out: Floats, row: int) -> None:
    """Chaikin's oscillator of accumulation: its fast mean less its slow one, each as it lies from the
    line itself, so that where the line began does not matter. And the average price of what was traded in
    the session so far."""
    close, volume, flow, day = seen[_CLOSE, i], seen[_VOLUME, i], seen[_FLOW, i], seen[_SESSION, i]
    usual = _on(carried, _VOLUME_10, volume)
    if abs(flow) < math.inf:
        begun = carried[_FLOW_3] == carried[_FLOW_3]
        carried[_FLOW_3] = 0.5 * (carried[_FLOW_3] - flow) if begun else 0.0
        carried[_FLOW_10] = 9.0 / 11.0 * (carried[_FLOW_10] - flow) if begun else 0.0
        out[_ADOSC, row] = _over(carried[_FLOW_3] - carried[_FLOW_10], usual)
    if day != carried[_DAY]:
        carried[_DAY], carried[_DAY_MONEY], carried[_DAY_VOLUME] = day, 0.0, 0.0
    carried[_DAY_MONEY] += seen[_TYPICAL, i] * volume
    carried[_DAY_VOLUME] += volume
    out[_VWAP_SESSION, row] = _over(close - _over(carried[_DAY_MONEY], carried[_DAY_VOLUME]), close)
