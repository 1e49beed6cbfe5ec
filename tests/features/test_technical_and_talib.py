"""Where TA-Lib is installed: the features are its indicators, but for what `docs/technical.md` says."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.features.test_technical import NAMES, made, whole
from tradewind.core.arrays import Floats

FROM = 3_000  # its recursions have forgotten how they began


@pytest.fixture(scope="module")
def ta() -> Any:
    return pytest.importorskip(
        "talib", "0.8", reason="compares with TA-Lib 0.8, where there is one"
    )


def indicators(ta: Any, bars: Floats) -> dict[str, Floats]:
    """Each feature as TA-Lib gives it; a level as its distance from the close, as ours are."""
    h, w, c, v, _ = bars
    bands, keltner = ta.BBANDS(c, 20, 2.0, 2.0), ta.KC(h, w, c, 20, 10, 2.0)
    channel, macd, aroon = ta.DONCHIAN(h, w, 20), ta.MACD(c, 12, 26, 9), ta.AROON(h, w, 25)
    fast_rsi, rsi_d = ta.STOCHRSI(c, 14, 14, 3, 0)
    atr, volumes = ta.ATR(h, w, c, 14), 20 * ta.SMA(v, 20)
    levels = {
        "sma_20": ta.SMA(c, 20), "sma_50": ta.SMA(c, 50), "wma_20": ta.WMA(c, 20),
        "bollinger_upper_20": bands[0], "bollinger_lower_20": bands[2], "sar": ta.SAR(h, w),
        "donchian_upper_20": channel[0], "donchian_lower_20": channel[2], "ema_12": ta.EMA(c, 12),
        "ema_26": ta.EMA(c, 26), "ema_50": ta.EMA(c, 50), "ema_200": ta.EMA(c, 200),
        "dema_20": ta.DEMA(c, 20), "tema_20": ta.TEMA(c, 20), "kama_10": ta.KAMA(c, 10),
        "keltner_upper_20": keltner[0], "keltner_lower_20": keltner[2],
        "vwap_20": ta.SUM((h + w + c) / 3 * v, 20) / volumes,
    }  # fmt: skip
    plain = {
        "bollinger_place_20": (c - bands[2]) / (bands[0] - bands[2]),
        "bollinger_width_20": (bands[0] - bands[2]) / c, "cci_20": ta.CCI(h, w, c, 20),
        "roc_5": ta.ROC(c, 5), "roc_10": ta.ROC(c, 10), "roc_20": ta.ROC(c, 20),
        "stochastic_14": ta.STOCHF(h, w, c, 14, 3, 0)[0], "williams_14": ta.WILLR(h, w, c, 14),
        "stochastic_d_14": ta.STOCHF(h, w, c, 14, 3, 0)[1],
        "stochastic_slow_14": ta.STOCH(h, w, c, 14, 3, 0, 3, 0)[1],
        "donchian_width_20": (channel[0] - channel[2]) / c, "aroon_up_25": aroon[1],
        "aroon_down_25": aroon[0], "aroon_25": ta.AROONOSC(h, w, 25),
        "ultimate_7_14_28": ta.ULTOSC(h, w, c, 7, 14, 28), "mfi_14": ta.MFI(h, w, c, v, 14),
        "obv_20": ta.MOM(ta.OBV(c, v), 20) / volumes,
        "cmf_20": ta.MOM(ta.AD(h, w, c, v), 20) / volumes,
        "macd_12_26": macd[0] / c, "macd_signal_9": macd[1] / c, "macd_histogram_9": macd[2] / c,
        "ppo_12_26": ta.PPO(c, 12, 26, 1), "trix_15": ta.TRIX(c, 15), "rsi_14": ta.RSI(c, 14),
        "stochastic_rsi_14": fast_rsi, "stochastic_rsi_d_14": rsi_d,
        "natr_14": ta.NATR(h, w, c, 14), "true_range_14": ta.TRANGE(h, w, c) / atr,
        "momentum_10": ta.MOM(c, 10) / atr,
        "keltner_place_20": (c - keltner[2]) / (keltner[0] - keltner[2]),
        "plus_di_14": ta.PLUS_DI(h, w, c, 14), "minus_di_14": ta.MINUS_DI(h, w, c, 14),
        "dx_14": ta.DX(h, w, c, 14), "adx_14": ta.ADX(h, w, c, 14),
        "adosc_3_10": ta.ADOSC(h, w, c, v, 3, 10) / ta.EMA(v, 10),
    }  # fmt: skip
    return {name: (c - level) / c for name, level in levels.items()} | plain


def test_they_are_talibs_indicators(ta: Any) -> None:
    bars = made(6_000)
    values, theirs, compared = whole(bars), indicators(ta, np.ascontiguousarray(bars)), 0
    for name, series in theirs.items():
        usual = np.abs(series[FROM:]).mean()
        ours = values[NAMES.index(name), FROM:]
        assert ours == pytest.approx(series[FROM:], rel=1e-9, abs=1e-9 * usual), name
        compared += len(ours)
    assert {*NAMES} - {*theirs} == {"cmo_14", "vwap_session"}
    assert (len(theirs), compared) == (53, 159_000)


def test_talibs_chande_momentum_is_the_strength_once_more_and_ours_is_chandes(ta: Any) -> None:
    bars = made(6_000)
    values, close = whole(bars), np.ascontiguousarray(bars[2])
    strength = values[NAMES.index("rsi_14"), FROM:]
    assert ta.CMO(close, 14)[FROM:] == pytest.approx(2 * strength - 100, abs=1e-9)
    up, down = np.clip(np.diff(close), 0, None), np.clip(-np.diff(close), 0, None)
    ups, downs = 14 * ta.SMA(up, 14), 14 * ta.SMA(down, 14)
    plain = 100 * (ups - downs) / (ups + downs)
    assert values[NAMES.index("cmo_14"), FROM:] == pytest.approx(plain[FROM - 1 :], abs=1e-9)


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("rsi_14", lambda ta, bars: ta.RSI(bars[2], 14)),
        ("mfi_14", lambda ta, bars: ta.MFI(*bars[:4], 14)),
        ("cci_20", lambda ta, bars: ta.CCI(*bars[:3], 20)),
        ("stochastic_14", lambda ta, bars: ta.STOCHF(*bars[:3], 14, 3, 0)[0]),
        ("dx_14", lambda ta, bars: ta.DX(*bars[:3], 14)),
    ],
)
def test_where_nothing_moves_it_says_nought_and_we_say_nothing(
    ta: Any, name: str, of: Callable[[Any, Floats], Floats]
) -> None:
    still = np.full((5, 300), 4.0)
    assert of(ta, still)[-1] == 0
    assert np.isnan(whole(still)[NAMES.index(name), -1])
