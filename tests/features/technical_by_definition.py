"""The technical indicators once more, each as a book defines it: over whole series, slowly, by numpy.

Prices stay prices here; what the features make of them is the last step of `features`.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tradewind.core.arrays import Floats


def rolled(x: Floats, n: int) -> Floats:
    """(rows, n): the last n values up to each row, NaN before the first."""
    return sliding_window_view(np.concatenate([np.full(n - 1, np.nan), x]), n)


def before(x: Floats, n: int = 1) -> Floats:
    return np.concatenate([np.full(n, np.nan), x[:-n]])


def mean(x: Floats, n: int) -> Floats:
    out: Floats = rolled(x, n).mean(axis=1)
    return out


def total(x: Floats, n: int) -> Floats:
    return rolled(x, n).sum(axis=1)


def weighted_mean(x: Floats, n: int, weight: float) -> Floats:
    """Begun by the plain mean of the first n values that there are."""
    out, first = np.full(len(x), np.nan), int(np.isnan(x).sum())
    out[first + n - 1] = x[first : first + n].mean()
    for i in range(first + n, len(x)):
        out[i] = (1 - weight) * out[i - 1] + weight * x[i]
    return out


def ema(x: Floats, n: int) -> Floats:
    return weighted_mean(x, n, 2 / (n + 1))


def wilder(x: Floats, n: int) -> Floats:
    return weighted_mean(x, n, 1 / n)


def kama(c: Floats, n: int) -> Floats:
    path = total(np.abs(c - before(c)), n)
    straight = np.abs(c - before(c, n)) / path
    out, now = np.full(len(c), np.nan), c[n - 1]
    for i in range(n, len(c)):
        weight = (straight[i] * 2 / 3 + (1 - straight[i]) * 2 / 31) ** 2
        now = out[i] = weight * c[i] + (1 - weight) * now
    return out


def sar(h: Floats, w: Floats) -> Floats:
    """Wilder's rules, 1978: the stop of the next bar may not lie within the last two."""
    out, pace = np.full(len(h), np.nan), 0.02
    rising = not (w[0] - w[1] > 0 and w[0] - w[1] > h[1] - h[0])
    stop, extreme = (w[0], h[1]) if rising else (h[0], w[1])
    for i in range(1, len(h)):
        highest, lowest = max(h[max(i - 1, 1) : i + 1]), min(w[max(i - 1, 1) : i + 1])
        if (w[i] <= stop) if rising else (h[i] >= stop):
            rising, pace = not rising, 0.02
            stop = min(extreme, lowest) if rising else max(extreme, highest)
            extreme = h[i] if rising else w[i]
        elif (h[i] > extreme) if rising else (w[i] < extreme):
            pace = min(pace + 0.02, 0.2)
            extreme = h[i] if rising else w[i]
        out[i] = stop
        stop += pace * (extreme - stop)
        stop = min(stop, lowest) if rising else max(stop, highest)
    return out


def features(bars: Floats) -> dict[str, Floats]:
    """Each feature of (5, rows) high, low, close, volume, session."""
    h, w, c, v, session = bars
    change, p = c - before(c), (h + w + c) / 3
    up, down = np.where(change > 0, change, 0 * change), np.where(change < 0, -change, 0 * change)
    reach = np.maximum(h, before(c)) - np.minimum(w, before(c))
    sma, sd = mean(c, 20), rolled(c, 20).std(axis=1)
    top, bottom = rolled(h, 14).max(axis=1), rolled(w, 14).min(axis=1)
    upper, lower = rolled(h, 20).max(axis=1), rolled(w, 20).min(axis=1)
    newest_high = 25 - np.argmax(rolled(h, 26)[:, ::-1], axis=1) + 0 * before(h, 25)
    newest_low = 25 - np.argmin(rolled(w, 26)[:, ::-1], axis=1) + 0 * before(w, 25)
    fast = 100 * (c - bottom) / (top - bottom)
    bought = c - np.minimum(w, before(c))
    parts = [total(bought, n) / total(reach, n) for n in (7, 14, 28)]
    inflow = np.where(p > before(p), p * v, 0 * before(p))
    outflow = np.where(p < before(p), p * v, 0 * before(p))
    signed = np.sign(change) * v
    push = ((c - w) - (h - c)) / (h - w) * v
    line = push.cumsum()
    quick, slow = line[0], line[0]
    oscillator = np.zeros(len(c))
    for i in range(1, len(c)):
        quick, slow = quick + 2 / 4 * (line[i] - quick), slow + 2 / 11 * (line[i] - slow)
        oscillator[i] = quick - slow
    once = ema(c, 20)
    twice = ema(once, 20)
    macd = ema(c, 12) - ema(c, 26)
    signal = ema(macd, 9)
    smooth = ema(ema(ema(c, 15), 15), 15)
    gain, loss = wilder(up, 14), wilder(down, 14)
    rsi = 100 - 100 / (1 + gain / loss)
    lows, highs = rolled(rsi, 14).min(axis=1), rolled(rsi, 14).max(axis=1)
    fast_rsi = 100 * (rsi - lows) / (highs - lows)
    atr, middle, band = wilder(reach, 14), ema(p, 20), 2 * wilder(reach, 10)
    climb, fall = h - before(h), before(w) - w
    plus = np.where((climb > fall) & (climb > 0), climb, 0 * climb)
    minus = np.where((fall > climb) & (fall > 0), fall, 0 * fall)
    plus_di, minus_di = 100 * wilder(plus, 14) / atr, 100 * wilder(minus, 14) / atr
    dx = 100 * np.abs(plus_di - minus_di) / (plus_di + minus_di)
    days = [np.flatnonzero(session[: i + 1] == session[i]) for i in range(len(c))]
    day_price = np.array([(p[day] * v[day]).sum() / v[day].sum() for day in days])
    return {
        "sma_20": (c - sma) / c,
        "sma_50": (c - mean(c, 50)) / c,
        "wma_20": (c - np.average(rolled(c, 20), axis=1, weights=np.arange(1, 21))) / c,
        "bollinger_upper_20": (c - sma - 2 * sd) / c,
        "bollinger_lower_20": (c - sma + 2 * sd) / c,
        "bollinger_place_20": (c - sma + 2 * sd) / (4 * sd),
        "bollinger_width_20": 4 * sd / c,
        "cci_20": (p - mean(p, 20))
        / (0.015 * np.abs(rolled(p, 20) - mean(p, 20)[:, None]).mean(axis=1)),
        "roc_5": 100 * (c / before(c, 5) - 1),
        "roc_10": 100 * (c / before(c, 10) - 1),
        "roc_20": 100 * (c / before(c, 20) - 1),
        "cmo_14": 100 * total(change, 14) / total(np.abs(change), 14),
        "stochastic_14": fast,
        "stochastic_d_14": mean(fast, 3),
        "stochastic_slow_14": mean(mean(fast, 3), 3),
        "williams_14": -100 * (top - c) / (top - bottom),
        "donchian_upper_20": (c - upper) / c,
        "donchian_lower_20": (c - lower) / c,
        "donchian_width_20": (upper - lower) / c,
        "aroon_up_25": 100 * newest_high / 25,
        "aroon_down_25": 100 * newest_low / 25,
        "aroon_25": 100 * (newest_high - newest_low) / 25,
        "ultimate_7_14_28": 100 * (4 * parts[0] + 2 * parts[1] + parts[2]) / 7,
        "mfi_14": 100 - 100 / (1 + total(inflow, 14) / total(outflow, 14)),
        "obv_20": (np.nancumsum(signed) - before(np.nancumsum(signed), 20)) / total(v, 20),
        "vwap_20": (c - total(p * v, 20) / total(v, 20)) / c,
        "cmf_20": total(push, 20) / total(v, 20),
        "ema_12": (c - ema(c, 12)) / c,
        "ema_26": (c - ema(c, 26)) / c,
        "ema_50": (c - ema(c, 50)) / c,
        "ema_200": (c - ema(c, 200)) / c,
        "dema_20": (c - 2 * once + twice) / c,
        "tema_20": (c - 3 * once + 3 * twice - ema(twice, 20)) / c,
        "kama_10": (c - kama(c, 10)) / c,
        "macd_12_26": macd / c,
        "macd_signal_9": signal / c,
        "macd_histogram_9": (macd - signal) / c,
        "ppo_12_26": 100 * (ema(c, 12) / ema(c, 26) - 1),
        "trix_15": 100 * (smooth / before(smooth) - 1),
        "rsi_14": rsi,
        "stochastic_rsi_14": fast_rsi,
        "stochastic_rsi_d_14": mean(fast_rsi, 3),
        "natr_14": 100 * atr / c,
        "true_range_14": reach / atr,
        "momentum_10": (c - before(c, 10)) / atr,
        "keltner_upper_20": (c - middle - band) / c,
        "keltner_lower_20": (c - middle + band) / c,
        "keltner_place_20": (c - middle + band) / (2 * band),
        "plus_di_14": plus_di,
        "minus_di_14": minus_di,
        "dx_14": dx,
        "adx_14": wilder(dx, 14),
        "sar": (c - sar(h, w)) / c,
        "adosc_3_10": oscillator / ema(v, 10),
        "vwap_session": (c - day_price) / c,
    }
