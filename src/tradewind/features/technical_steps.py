"""The technical indicators that carry a state from bar to bar: `step` is all of them, one bar on.

A mean begins as the plain mean of its first values and is weighted from then on, as Wilder and TA-Lib
have it. What a bar lacks does not step: the state stands still, and the bar has no value. Nor does what
is too large for a number, so no bar can spoil the ones after it.
"""

import math

import numba

from tradewind.features import technical_windows
from tradewind.features.technical_windows import (
    CLOSE,
    CLOSED,
    EFFICIENCY,
    FAST_RSI,
    FLOW,
    HIGH,
    LOW,
    RANGED,
    RSI,
    SESSION,
    TRADED,
    TYPICAL,
    VOLUME,
    Floats,
    Ints,
    over,
)

NAMES = (
    *("ema_12", "ema_26", "ema_50", "ema_200", "dema_20", "tema_20", "kama_10"),
    *("macd_12_26", "macd_signal_9", "macd_histogram_9", "ppo_12_26", "trix_15"),
    *("rsi_14", "stochastic_rsi_14", "stochastic_rsi_d_14"),
    *("natr_14", "true_range_14", "momentum_10", "keltner_upper_20", "keltner_lower_20"),
    *("keltner_place_20", "plus_di_14", "minus_di_14", "dx_14", "adx_14", "sar"),
    *("adosc_3_10", "vwap_session"),
)
_N = len(technical_windows.NAMES)
_EMA_12, _EMA_26, _EMA_50, _EMA_200, _DEMA, _TEMA, _KAMA = range(_N, _N + 7)
_MACD, _SIGNAL, _HISTOGRAM, _PPO, _TRIX, _RSI, _RSI_K, _RSI_D = range(_N + 7, _N + 15)
_NATR, _REACH, _MOMENTUM, _UPPER, _LOWER, _PLACE = range(_N + 15, _N + 21)
_PLUS, _MINUS, _DX, _ADX, _SAR, _ADOSC, _SESSION = range(_N + 21, _N + 28)

# Means that are carried, each with how many values it took while it began
_M12, _M26, _M50, _M200, _ONCE, _TWICE, _THRICE, _OF_MACD, _SMOOTH, _SMOOTHER, _SMOOTHEST = range(11)
_GAIN, _LOSS, _REACH_14, _REACH_10, _RISE, _FALL, _OF_DX, _MIDDLE, _VOLUME_10 = range(11, 20)
MEANS = 20
# What else is carried
_ADAPTED, _LAST, _LAST_HIGH, _LAST_LOW, _SIDE, _STOP, _EXTREME, _PACE = range(8)
_FLOW_3, _FLOW_10, _DAY, _DAY_MONEY, _DAY_VOLUME = range(8, 13)
LAST = 13


@numba.njit(cache=True, nogil=True)
def step(
    bars: Floats, parts: Floats, whole: Ints, i: int, means: Floats, last: Floats, out: Floats, row: int
) -> None:
    """Take bar i into the state, and tell the indicators after it."""
    bars[RSI, i] = bars[FAST_RSI, i] = math.nan
    if whole[CLOSED, i] == 0:
        return
    _averages(bars[CLOSE, i], means, out, row)
    _adapted(bars[CLOSE, i], parts[EFFICIENCY, i], last, out, row)
    _strength(bars, i, means, last, out, row)
    if whole[RANGED, i] > 0:
        high, low, close = bars[HIGH, i], bars[LOW, i], bars[CLOSE, i]
        _ranges(bars, parts[TYPICAL, i], whole, i, means, last, out, row)
        _directions(high, low, means, last, out, row)
        _parabolic(high, low, close, last, out, row)
        last[_LAST_HIGH], last[_LAST_LOW] = high, low
    if whole[TRADED, i] > 0:
        _flows(bars[VOLUME, i], parts[FLOW, i], means, last, out, row)
        _session(bars[SESSION, i], parts[TYPICAL, i], bars[VOLUME, i], bars[CLOSE, i], last, out, row)
    last[_LAST] = bars[CLOSE, i]


@numba.njit(cache=True, nogil=True)
def begin(means: Floats, last: Floats) -> None:
    """The state before the first bar."""
    means[:] = 0.0
    last[:] = math.nan


@numba.njit(cache=True, nogil=True)
def _mean(means: Floats, at: int, n: int, weight: float, value: float) -> float:
    """A mean, one value on; missing while it has fewer than n, and where there is no value to take."""
    mean, taken = means[at, 0], means[at, 1]
    after = mean + (value / n if taken < n else weight * (value - mean))
    if not abs(after) < math.inf:
        return math.nan
    means[at, 0], means[at, 1] = after, min(taken + 1.0, float(n))
    return float(after) if taken + 1.0 >= n else math.nan


@numba.njit(cache=True, nogil=True)
def _ema(means: Floats, at: int, n: int, value: float) -> float:
    return _mean(means, at, n, 2.0 / (n + 1.0), value)


@numba.njit(cache=True, nogil=True)
def _wilder(means: Floats, at: int, n: int, value: float) -> float:
    return _mean(means, at, n, 1.0 / n, value)


@numba.njit(cache=True, nogil=True)
def _averages(c: float, means: Floats, out: Floats, row: int) -> None:
    """Exponential means of the close, and what is made of them."""
    fast, slow = _ema(means, _M12, 12, c), _ema(means, _M26, 26, c)
    out[_EMA_12, row], out[_EMA_26, row] = over(c - fast, c), over(c - slow, c)
    out[_EMA_50, row] = over(c - _ema(means, _M50, 50, c), c)
    out[_EMA_200, row] = over(c - _ema(means, _M200, 200, c), c)
    once = _ema(means, _ONCE, 20, c)
    twice = _ema(means, _TWICE, 20, once)
    thrice = _ema(means, _THRICE, 20, twice)
    out[_DEMA, row] = over(c - (2.0 * once - twice), c)
    out[_TEMA, row] = over(c - (3.0 * once - 3.0 * twice + thrice), c)
    macd = fast - slow
    signal = _ema(means, _OF_MACD, 9, macd)
    out[_MACD, row], out[_SIGNAL, row] = over(macd, c), over(signal, c)
    out[_HISTOGRAM, row], out[_PPO, row] = over(macd - signal, c), over(100.0 * macd, slow)
    smooth = _ema(means, _SMOOTHER, 15, _ema(means, _SMOOTH, 15, c))
    before = means[_SMOOTHEST, 0] if means[_SMOOTHEST, 1] >= 15 else math.nan
    out[_TRIX, row] = over(100.0 * (_ema(means, _SMOOTHEST, 15, smooth) - before), before)


@numba.njit(cache=True, nogil=True)
def _adapted(c: float, straight: float, last: Floats, out: Floats, row: int) -> None:
    """Kaufman's mean: the straighter the last 10 closes lie, the faster it follows."""
    if not straight >= 0.0:
        return
    weight = (straight * (2.0 / 3.0 - 2.0 / 31.0) + 2.0 / 31.0) ** 2
    before = last[_ADAPTED] if last[_ADAPTED] > 0.0 else last[_LAST]
    last[_ADAPTED] = before + weight * (c - before)
    out[_KAMA, row] = over(c - last[_ADAPTED], c)


@numba.njit(cache=True, nogil=True)
def _strength(bars: Floats, i: int, means: Floats, last: Floats, out: Floats, row: int) -> None:
    """Relative strength, where it stands among its last 14, and the mean of three such places."""
    change = bars[CLOSE, i] - last[_LAST]
    gain = _wilder(means, _GAIN, 14, max(change, 0.0) if change == change else math.nan)
    loss = _wilder(means, _LOSS, 14, max(-change, 0.0) if change == change else math.nan)
    strength, fast = bars[RSI], bars[FAST_RSI]
    strength[i] = out[_RSI, row] = over(100.0 * gain, gain + loss)
    top = bottom = strength[i]
    for at in range(i - 13, i):
        known = strength[at] == strength[at] and top == top
        top = max(top, strength[at]) if known else math.nan
        bottom = min(bottom, strength[at]) if known else math.nan
    fast[i] = out[_RSI_K, row] = over(100.0 * (strength[i] - bottom), top - bottom)
    out[_RSI_D, row] = (fast[i - 2] + fast[i - 1] + fast[i]) / 3.0


@numba.njit(cache=True, nogil=True)
def _ranges(
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
    c, then = bars[CLOSE, i], last[_LAST]
    reach = max(bars[HIGH, i], then) - min(bars[LOW, i], then) if then > 0.0 else math.nan
    usual = _wilder(means, _REACH_14, 14, reach)
    out[_NATR, row], out[_REACH, row] = over(100.0 * usual, c), over(reach, usual)
    if whole[CLOSED, i] > 10:
        out[_MOMENTUM, row] = over(c - bars[CLOSE, i - 10], usual)
    middle = _ema(means, _MIDDLE, 20, typical)
    width = 2.0 * _wilder(means, _REACH_10, 10, reach)
    out[_UPPER, row], out[_LOWER, row] = over(c - middle - width, c), over(c - middle + width, c)
    out[_PLACE, row] = over(c - middle + width, 2.0 * width)


@numba.njit(cache=True, nogil=True)
def _directions(
    high: float, low: float, means: Floats, last: Floats, out: Floats, row: int
) -> None:
    """Wilder's directional movement: the larger of the two by which a bar leaves the one before it."""
    up, down = high - last[_LAST_HIGH], last[_LAST_LOW] - low
    if up != up:
        return
    rise = _wilder(means, _RISE, 14, up if up > max(down, 0.0) else 0.0)
    fall = _wilder(means, _FALL, 14, down if down > max(up, 0.0) else 0.0)
    usual = means[_REACH_14, 0]
    out[_PLUS, row], out[_MINUS, row] = over(100.0 * rise, usual), over(100.0 * fall, usual)
    out[_DX, row] = over(100.0 * abs(rise - fall), rise + fall)
    out[_ADX, row] = _wilder(means, _OF_DX, 14, out[_DX, row])


@numba.njit(cache=True, nogil=True)
def _parabolic(
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
    out[_SAR, row] = over(close - stop, close)
    ahead = stop + last[_PACE] * (last[_EXTREME] - stop)
    last[_STOP] = min(ahead, below, low) if side > 0.0 else max(ahead, above, high)


@numba.njit(cache=True, nogil=True)
def _flows(
    volume: float, flow: float, means: Floats, last: Floats, out: Floats, row: int
) -> None:
    """Chaikin's oscillator of accumulation: its fast mean less its slow one, each as it lies from the
    line itself, so that where the line began does not matter."""
    usual = _ema(means, _VOLUME_10, 10, volume)
    if not abs(flow) < math.inf:
        return
    begun = last[_FLOW_3] == last[_FLOW_3]
    last[_FLOW_3] = 0.5 * (last[_FLOW_3] - flow) if begun else 0.0
    last[_FLOW_10] = 9.0 / 11.0 * (last[_FLOW_10] - flow) if begun else 0.0
    out[_ADOSC, row] = over(last[_FLOW_3] - last[_FLOW_10], usual)


@numba.njit(cache=True, nogil=True)
def _session(
    day: float, typical: float, volume: float, close: float, last: Floats, out: Floats, row: int
) -> None:
    """The average price of what was traded in the session so far."""
    if day != last[_DAY]:
        last[_DAY], last[_DAY_MONEY], last[_DAY_VOLUME] = day, 0.0, 0.0
    last[_DAY_MONEY] += typical * volume
    last[_DAY_VOLUME] += volume
    out[_SESSION, row] = over(close - over(last[_DAY_MONEY], last[_DAY_VOLUME]), close)
