"""The technical indicators that carry a state from bar to bar: `step` is all of them, one bar on.

A mean begins as the plain mean of its first values and is weighted from then on, as Wilder and TA-Lib
have it. What a bar lacks does not step: the state stands still, and the bar has no value. Nor does what
is too large for a number, so no bar can spoil the ones after it.
"""

import math

import numba
import numpy as np

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

# Means that are carried: the values that each begins with, and the weight of a value from then on
_EXPONENTIAL = (12, 26, 50, 200, 20, 20, 20, 9, 15, 15, 15, 20, 10)
_M12, _M26, _M50, _M200, _ONCE, _TWICE, _THRICE, _OF_MACD, _SMOOTH, _SMOOTHER, _SMOOTHEST = range(
    11
)
_MIDDLE, _VOLUME_10 = range(11, 13)
_WILDER = (14, 14, 14, 10, 14, 14, 14)
_GAIN, _LOSS, _REACH_14, _REACH_10, _RISE, _FALL, _OF_DX = range(13, 20)
_MEAN, _TAKEN, _FEW, _WEIGHT = range(4)
BEGINNING = np.array(
    [(0.0, 0.0, n, 2.0 / (n + 1.0)) for n in _EXPONENTIAL]
    + [(0.0, 0.0, n, 1.0 / n) for n in _WILDER]
)
# What else is carried
_ADAPTED, _LAST, _LAST_HIGH, _LAST_LOW, _SIDE, _STOP, _EXTREME, _PACE = range(8)
_FLOW_3, _FLOW_10, _DAY, _DAY_MONEY, _DAY_VOLUME = range(8, 13)
LAST = 13
_ROUNDING = 1e-9  # a strength that moved less in 14 bars did not move: closes stand still


@numba.njit(cache=True, nogil=True)
def step(
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
        _session(
            bars[SESSION, i], parts[TYPICAL, i], bars[VOLUME, i], bars[CLOSE, i], last, out, row
        )
    last[_LAST] = bars[CLOSE, i]


@numba.njit(cache=True, nogil=True)
def _on(mean: Floats, value: float) -> float:
    """A mean, one value on; missing while it has too few, and where there is no value to take."""
    few, taken = mean[_FEW], mean[_TAKEN] + 1.0
    step = value / few if taken <= few else mean[_WEIGHT] * (value - mean[_MEAN])
    if not abs(mean[_MEAN] + step) < math.inf:
        return math.nan
    mean[_MEAN] += step
    mean[_TAKEN] = min(taken, few)
    return float(mean[_MEAN]) if taken >= few else math.nan


@numba.njit(cache=True, nogil=True)
def _averages(c: float, means: Floats, out: Floats, row: int) -> None:
    """Exponential means of the close, and what is made of them."""
    fast, slow = _on(means[_M12], c), _on(means[_M26], c)
    out[_EMA_12, row], out[_EMA_26, row] = over(c - fast, c), over(c - slow, c)
    out[_EMA_50, row] = over(c - _on(means[_M50], c), c)
    out[_EMA_200, row] = over(c - _on(means[_M200], c), c)
    once = _on(means[_ONCE], c)
    twice = _on(means[_TWICE], once)
    thrice = _on(means[_THRICE], twice)
    out[_DEMA, row] = over(c - (2.0 * once - twice), c)
    out[_TEMA, row] = over(c - (3.0 * once - 3.0 * twice + thrice), c)
    macd = fast - slow
    signal = _on(means[_OF_MACD], macd)
    out[_MACD, row], out[_SIGNAL, row] = over(macd, c), over(signal, c)
    out[_HISTOGRAM, row], out[_PPO, row] = over(macd - signal, c), over(100.0 * macd, slow)
    smooth = _on(means[_SMOOTHER], _on(means[_SMOOTH], c))
    smoothest = means[_SMOOTHEST]
    before = smoothest[_MEAN] if smoothest[_TAKEN] >= 15.0 else math.nan
    out[_TRIX, row] = over(100.0 * (_on(smoothest, smooth) - before), before)


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
    gain = _on(means[_GAIN], max(change, 0.0) if change == change else math.nan)
    loss = _on(means[_LOSS], max(-change, 0.0) if change == change else math.nan)
    strength, fast = bars[RSI], bars[FAST_RSI]
    strength[i] = out[_RSI, row] = 100.0 * over(gain, gain + loss)
    top = bottom = strength[i]
    for at in range(i - 13, i):
        known = strength[at] == strength[at] and top == top
        top = max(top, strength[at]) if known else math.nan
        bottom = min(bottom, strength[at]) if known else math.nan
    spread = top - bottom if top - bottom > _ROUNDING else 0.0
    fast[i] = out[_RSI_K, row] = 100.0 * over(strength[i] - bottom, spread)
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
    usual = _on(means[_REACH_14], reach)
    out[_NATR, row], out[_REACH, row] = over(100.0 * usual, c), over(reach, usual)
    if whole[CLOSED, i] > 10:
        out[_MOMENTUM, row] = over(c - bars[CLOSE, i - 10], usual)
    middle = _on(means[_MIDDLE], typical)
    width = 2.0 * _on(means[_REACH_10], reach)
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
    rise = _on(means[_RISE], up if up > max(down, 0.0) else 0.0)
    fall = _on(means[_FALL], down if down > max(up, 0.0) else 0.0)
    usual = means[_REACH_14, _MEAN]
    out[_PLUS, row], out[_MINUS, row] = over(100.0 * rise, usual), over(100.0 * fall, usual)
    out[_DX, row] = 100.0 * over(abs(rise - fall), rise + fall)
    out[_ADX, row] = _on(means[_OF_DX], out[_DX, row])


@numba.njit(cache=True, nogil=True)
def _parabolic(high: float, low: float, close: float, last: Floats, out: Floats, row: int) -> None:
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
def _flows(volume: float, flow: float, means: Floats, last: Floats, out: Floats, row: int) -> None:
    """Chaikin's oscillator of accumulation: its fast mean less its slow one, each as it lies from the
    line itself, so that where the line began does not matter."""
    usual = _on(means[_VOLUME_10], volume)
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
