"""What each technical feature is, in words and as a formula; n is the number in its name.

An indicator that is a price or an amount of one symbol says nothing beside another's, so it is told as
its distance from the close, (c - x) / c; one that is a difference of prices as a share of the close, or
in true ranges; an amount of volume as a share of what was traded. What has no unit is as its inventor
scaled it, mostly 0 to 100. `docs/technical.md` says how each relates to TA-Lib's.
"""

from tradewind.features.spec import FeatureSpec, Units

_C, _HL, _HLC, _CV, _HLCV = (
    "close",
    "high low",
    "high low close",
    "close volume",
    "high low close volume",
)
_Row = tuple[str, str, int, Units, str, str]


def fading(bars: int, means: int = 1) -> int:
    """Bars after which an exponential mean of this many has forgotten nine digits, `means` of them nested.

    >>> fading(12)  # (11 / 13) ** 169 is 5e-13
    169
    """
    return 13 * (bars + 1) * (20 + 3 * (means - 1)) // 20


_WILDER = fading(27)  # his mean of n bars is an exponential one of 2 n - 1
_CASCADE = fading(27, 2) + 14

WINDOWS: tuple[_Row, ...] = (
    ("sma_20", _C, 20, "ratio", "close above its mean", "(c - sma) / c"),
    ("sma_50", _C, 50, "ratio", "close above its mean", "(c - sma) / c"),
    ("wma_20", _C, 20, "ratio", "close above its mean with weights n to 1", "(c - wma) / c"),
    ("bollinger_upper_20", _C, 20, "ratio", "close above the upper band", "(c - sma - 2 sd) / c"),
    ("bollinger_lower_20", _C, 20, "ratio", "close above the lower band", "(c - sma + 2 sd) / c"),
    ("bollinger_place_20", _C, 20, "share", "%B: place between the bands", "(c - sma + 2 sd) / (4 sd)"),
    ("bollinger_width_20", _C, 20, "ratio", "how far the bands are apart", "4 sd / c"),
    ("cci_20", _HLC, 20, "value", "commodity channel index, of p = (h + l + c) / 3",
     "(p - sma(p)) / (0.015 mean(|p - sma(p)|, n))"),
    ("roc_5", _C, 6, "percent", "rate of change", "100 (c / c[-n] - 1)"),
    ("roc_10", _C, 11, "percent", "rate of change", "100 (c / c[-n] - 1)"),
    ("roc_20", _C, 21, "percent", "rate of change", "100 (c / c[-n] - 1)"),
    ("cmo_14", _C, 15, "percent", "Chande's momentum, by plain sums as he has it",
     "100 (sum(up, n) - sum(down, n)) / sum(|c - c[-1]|, n)"),
    ("stochastic_14", _HLC, 14, "percent", "fast %K: place in the range",
     "100 (c - min(l, n)) / (max(h, n) - min(l, n))"),
    ("stochastic_d_14", _HLC, 16, "percent", "fast %D, which is the slow %K", "mean(stochastic_14, 3)"),
    ("stochastic_slow_14", _HLC, 18, "percent", "slow %D", "mean(stochastic_d_14, 3)"),
    ("williams_14", _HLC, 14, "percent", "Williams' %R", "stochastic_14 - 100"),
    ("donchian_upper_20", _HLC, 20, "ratio", "close above the highest high", "(c - max(h, n)) / c"),
    ("donchian_lower_20", _HLC, 20, "ratio", "close above the lowest low", "(c - min(l, n)) / c"),
    ("donchian_width_20", _HLC, 20, "ratio", "height of the channel", "(max(h, n) - min(l, n)) / c"),
    ("aroon_up_25", _HL, 26, "percent", "how new the highest high is", "100 (n - bars since max(h, n + 1)) / n"),
    ("aroon_down_25", _HL, 26, "percent", "how new the lowest low is", "100 (n - bars since min(l, n + 1)) / n"),
    ("aroon_25", _HL, 26, "percent", "Aroon oscillator", "aroon_up_25 - aroon_down_25"),
    ("ultimate_7_14_28", _HLC, 29, "percent", "ultimate oscillator, of b = c - min(l, c[-1]) and true range t",
     "100 (4 r(7) + 2 r(14) + r(28)) / 7, r(n) = sum(b, n) / sum(t, n)"),
    ("mfi_14", _HLCV, 15, "percent", "money flow index: of p v, what flowed in as p = (h + l + c) / 3 rose",
     "100 sum(in, n) / (sum(in, n) + sum(out, n))"),
    ("obv_20", _CV, 21, "share", "change of the on-balance volume, of what was traded",
     "sum(sign(c - c[-1]) v, n) / sum(v, n)"),
    ("vwap_20", _HLCV, 20, "ratio", "close above the average traded price, p = (h + l + c) / 3",
     "(c - sum(p v, n) / sum(v, n)) / c"),
    ("cmf_20", _HLCV, 20, "share", "change of the accumulation line, of what was traded: Chaikin's money flow",
     "sum(v ((c - l) - (h - c)) / (h - l), n) / sum(v, n)"),
)  # fmt: skip

STEPS: tuple[_Row, ...] = (
    ("ema_12", _C, fading(12), "ratio", "close above its exponential mean", "(c - ema) / c"),
    ("ema_26", _C, fading(26), "ratio", "close above its exponential mean", "(c - ema) / c"),
    ("ema_50", _C, fading(50), "ratio", "close above its exponential mean", "(c - ema) / c"),
    ("ema_200", _C, fading(200), "ratio", "close above its exponential mean", "(c - ema) / c"),
    ("dema_20", _C, fading(20, 2), "ratio", "close above the double exponential mean",
     "(c - 2 e + ema(e)) / c, e = ema(c)"),
    ("tema_20", _C, fading(20, 3), "ratio", "close above the triple exponential mean",
     "(c - 3 e + 3 ema(e) - ema(ema(e))) / c, e = ema(c)"),
    ("kama_10", _C, 600, "ratio", "close above Kaufman's adaptive mean, k += w (c - k)",
     "(c - k) / c, w = (e 2/3 + (1 - e) 2/31)^2, e = |c - c[-n]| / sum(|c - c[-1]|, n)"),
    ("macd_12_26", _C, fading(26), "ratio", "MACD, of the close", "(ema(c, 12) - ema(c, 26)) / c"),
    ("macd_signal_9", _C, fading(26, 2), "ratio", "its signal line, of the close", "ema(macd, 9) / c"),
    ("macd_histogram_9", _C, fading(26, 2), "ratio", "the line above its signal", "(macd - ema(macd, 9)) / c"),
    ("ppo_12_26", _C, fading(26), "percent", "percentage price oscillator",
     "100 (ema(c, 12) / ema(c, 26) - 1)"),
    ("trix_15", _C, fading(15, 3) + 1, "percent", "rate of change of the triple smoothed close",
     "100 (e / e[-1] - 1), e = ema(ema(ema(c)))"),
    ("rsi_14", _C, _WILDER, "percent", "relative strength index, by Wilder's means",
     "100 mean(up) / (mean(up) + mean(down))"),
    ("stochastic_rsi_14", _C, _CASCADE, "percent", "place of the strength among its last n",
     "100 (rsi - min(rsi, n)) / (max(rsi, n) - min(rsi, n))"),
    ("stochastic_rsi_d_14", _C, _CASCADE, "percent", "the same, smoothed", "mean(stochastic_rsi_14, 3)"),
    ("natr_14", _HLC, _WILDER, "percent", "average true range, of the close", "100 atr / c"),
    ("true_range_14", _HLC, _WILDER, "ratio", "true range against its average", "t / atr"),
    ("momentum_10", _HLC, _WILDER, "ratio", "momentum in average true ranges", "(c - c[-n]) / atr(14)"),
    ("keltner_upper_20", _HLC, fading(20), "ratio", "close above the upper band, p = (h + l + c) / 3",
     "(c - ema(p) - 2 atr(10)) / c"),
    ("keltner_lower_20", _HLC, fading(20), "ratio", "close above the lower band",
     "(c - ema(p) + 2 atr(10)) / c"),
    ("keltner_place_20", _HLC, fading(20), "share", "place between the bands",
     "(c - ema(p) + 2 atr(10)) / (4 atr(10))"),
    ("plus_di_14", _HLC, _WILDER, "percent", "upward directional movement", "100 mean(plus_dm) / atr"),
    ("minus_di_14", _HLC, _WILDER, "percent", "downward directional movement", "100 mean(minus_dm) / atr"),
    ("dx_14", _HLC, _WILDER, "percent", "how one-sided the movement is", "100 |plus - minus| / (plus + minus)"),
    ("adx_14", _HLC, _CASCADE, "percent", "average directional index", "mean(dx_14)"),
    ("sar", _HLC, 250, "ratio", "close above the parabolic stop, of pace 0.02 to 0.2", "(c - sar) / c"),
    ("adosc_3_10", _HLCV, fading(10), "ratio", "Chaikin's oscillator of the accumulation line a, in volumes",
     "(ema(a, 3) - ema(a, 10)) / ema(v, 10)"),
    ("vwap_session", f"{_HLCV} session", 1440, "ratio", "close above the session's average traded price so far",
     "(c - sum(p v) / sum(v)) / c"),
)  # fmt: skip

SPECS = tuple(
    FeatureSpec(name, "technical", tuple(inputs.split()), lookback, units, doc, formula)
    for name, inputs, lookback, units, doc, formula in (*WINDOWS, *STEPS)
)
