"""The technical features say what their definitions say, wherever a history is cut and taken up again."""

import numpy as np
import pytest

from tests.features import technical_by_definition as book
from tradewind.core import stream
from tradewind.core.arrays import Floats
from tradewind.features.runs import Runs
from tradewind.features.technical.catalogue import SPECS, STEPS, WINDOWS
from tradewind.features.technical.kernel import NAMES, STATE, stepped_on, technical

CARRIED = [NAMES.index(row[0]) for row in STEPS]
WINDOWED = [NAMES.index(row[0]) for row in WINDOWS]


def made(rows: int = 700, seed: int = 3) -> Floats:
    """(5, rows) high, low, close, volume, session; some closes repeat, and a session is 40 bars."""
    rng = stream(seed, "bars")
    close = np.round(50 * np.exp(rng.normal(0, 0.02, rows).cumsum()), 1)
    opened = close * np.exp(rng.normal(0, 0.01, rows))
    high = np.maximum(opened, close) * np.exp(rng.uniform(0.001, 0.01, rows))
    low = np.minimum(opened, close) / np.exp(rng.uniform(0.001, 0.01, rows))
    volume = np.round(rng.lognormal(5, 0.5, rows))
    return np.vstack([high, low, close, volume, np.arange(rows) // 40])


def runs(*sizes: int, resume: int = -1, keep: int = -1) -> Runs:
    """Runs of these sizes; the states of all are put in the place `keep` after their last bars."""
    offsets = np.array([0, *np.cumsum(sizes)])
    kept = np.full(offsets[-1], -1)
    kept[offsets[1:] - 1] = keep
    last = np.array([offsets[1:] - 1])
    return Runs(np.arange(offsets[-1]), offsets, np.full(len(sizes), resume), kept, last)


def whole(bars: Floats) -> Floats:
    return technical(bars, runs(bars.shape[1]))


def told(values: Floats, row: int = -1) -> dict[str, float]:
    return dict(zip(NAMES, values[:, row].tolist(), strict=True))


def test_each_of_the_55_is_what_its_definition_says() -> None:
    bars = made()
    values, defined = whole(bars), book.features(bars)
    compared = 0
    for name, series in defined.items():
        rows = slice(100 if name != "ema_200" else 250, None)
        ours = values[NAMES.index(name), rows]
        assert ours == pytest.approx(series[rows], rel=1e-9, abs=1e-9 * np.nanstd(series)), name
        compared += len(ours)
    assert {*defined} == {*NAMES}
    assert len(defined) == 55
    assert compared == 54 * 600 + 450


def test_a_feature_begins_with_the_bar_that_completes_its_first_values() -> None:
    bars = made(300)
    values, defined = whole(bars), book.features(bars)
    for name, series in defined.items():
        if (
            name == "adosc_3_10"
        ):  # a mean that begins with the first flow, told once ten volumes are in
            continue
        assert np.array_equal(np.isnan(values[NAMES.index(name)]), np.isnan(series)), name


def test_the_catalogue_names_them_in_their_order() -> None:
    assert tuple(spec.name for spec in SPECS) == NAMES


def test_a_window_is_the_bars_that_the_feature_declares() -> None:
    bars = made(150)
    values = whole(bars)
    for f in WINDOWED:
        lookback = SPECS[f].lookback
        assert whole(bars[:, 150 - lookback :])[f, -1] == values[f, -1], NAMES[f]
        assert np.isnan(whole(bars[:, 151 - lookback :])[f]).all(), NAMES[f]


def test_what_lies_beyond_the_declared_bars_is_forgotten_to_nine_digits() -> None:
    bars = made(5_000)
    values = whole(bars)
    spread = np.nanstd(values, axis=1)
    for f in CARRIED:
        for end in (4_000, 4_500, 5_000):
            later = whole(bars[:, end - SPECS[f].lookback : end])[f, -1]
            assert abs(later - values[f, end - 1]) <= 1e-9 * spread[f], NAMES[f]


def test_bar_by_bar_from_a_stored_state_gives_the_bits_of_one_pass() -> None:
    bars = made(20_000)
    batch = whole(bars)
    state = np.empty((1, STATE))
    first, on = runs(1, keep=0), runs(1, resume=0, keep=0)
    online = [stepped_on(bars[:, :1], first, state)]
    online += [stepped_on(bars[:, i : i + 1], on, state) for i in range(1, 20_000)]
    assert np.array_equal(np.hstack(online), batch, equal_nan=True)
    assert batch.size > 1_000_000


def test_where_a_history_is_cut_changes_no_bit() -> None:
    bars = made(1_000)
    values = whole(bars)
    for cut in (1, 37, 49, 50, 51, 255, 256, 257, 400):
        state = np.empty((1, STATE))
        stepped_on(bars[:, :cut], runs(cut, keep=0), state)
        later = stepped_on(bars[:, cut:], runs(1_000 - cut, resume=0), state)
        assert np.array_equal(later, values[:, cut:], equal_nan=True)


def test_one_symbol_never_reads_the_rows_of_another() -> None:
    one, other = made(120, 1), made(90, 2)
    both = technical(np.hstack([one, other]), runs(120, 90))
    assert np.array_equal(both, np.hstack([whole(one), whole(other)]), equal_nan=True)


@pytest.mark.parametrize("row", range(4))
@pytest.mark.parametrize("value", [np.nan, 0.0, -37.0, 1e308, 1e-308])
def test_a_bad_value_is_never_infinite_and_gone_when_its_window_is(row: int, value: float) -> None:
    bars = made(300)
    bars[row, 70] = value
    values, fine = whole(bars), whole(made(300))
    assert not np.isinf(values).any()
    assert np.array_equal(values[:, :70], fine[:, :70], equal_nan=True)
    after = values[WINDOWED, 120:], fine[WINDOWED, 120:]
    assert np.array_equal(*after, equal_nan=True)
    assert not np.isnan(values[NAMES.index("rsi_14"), 71:]).any()


@pytest.mark.parametrize("value", [0.0, -37.0])
@pytest.mark.parametrize("row", range(3))
def test_a_bar_with_a_price_not_above_zero_is_as_if_it_were_left_out(
    row: int, value: float
) -> None:
    bars = made(300)
    bars[row, 150] = value
    values, without = whole(bars), whole(np.delete(bars, 150, axis=1))
    assert np.isnan(values[:, 150]).all()
    windowed_too = ("kama_10", "momentum_10", "stochastic_rsi_14", "stochastic_rsi_d_14")
    carried = [f for f in CARRIED if NAMES[f] not in windowed_too]
    assert np.array_equal(values[carried, 151:], without[carried, 150:], equal_nan=True)
    assert np.isnan(values[[NAMES.index("sma_20"), NAMES.index("cci_20")], 150:170]).all()


def test_closes_alone_have_the_features_of_closes() -> None:
    bars = made(300)
    bars[[0, 1, 3]] = np.nan
    values = whole(bars)
    having = {NAMES[f] for f in range(len(NAMES)) if not np.isnan(values[f, -1])}
    assert having == {spec.name for spec in SPECS if spec.inputs == ("close",)}
    assert len(having) == 26


def test_prices_that_do_not_move_have_no_strength_and_no_place() -> None:
    values = told(whole(np.full((5, 300), 3.1)))
    missing = (
        *("bollinger_place_20", "cci_20", "cmo_14", "stochastic_14", "williams_14", "rsi_14"),
        *("stochastic_rsi_14", "ultimate_7_14_28", "mfi_14", "keltner_place_20", "adx_14"),
    )
    assert all(np.isnan(values[name]) for name in missing)
    still = ("sma_20", "wma_20", "ema_50", "macd_12_26", "natr_14", "sar", "vwap_20", "kama_10")
    assert [values[name] for name in still] == pytest.approx([0] * len(still), abs=1e-12)


def test_volume_that_is_missing_or_nought_is_missed_only_where_it_is_read() -> None:
    bars = made(300)
    bars[3, 100:] = 0.0
    values = told(whole(bars))
    missing = {name for name, value in values.items() if np.isnan(value)}
    assert missing == {"mfi_14", "obv_20", "vwap_20", "cmf_20", "vwap_session"}


def test_on_a_straight_line_each_lies_where_its_weights_put_it() -> None:
    """Closes t from 2 on, highs t + 1, lows t - 1, one share a bar: all follows from lags of means.

    A mean with weights w lies sum(w lag) below the line: 19/2 and 49/2 for plain ones, 19/3 for weights
    20 to 1, (1 - a) / a = (n - 1) / 2 for exponential ones, 5/4 for Kaufman's at his fastest, a = 4/9.
    Double and triple ones take the lag out. The deviation of 20 numbers in a row is sqrt((400 - 1) / 12)
    and they lie 5 from their mean on average. True ranges are 2, and highs rise by 1.
    """
    line = np.arange(2.0, 6_001.0)
    values = told(whole(np.vstack([line + 1, line - 1, line, np.ones(5_999), np.zeros(5_999)])))
    c, sd = 6_000.0, np.sqrt(399 / 12)
    of_close = {
        "sma_20": 19 / 2, "sma_50": 49 / 2, "wma_20": 19 / 3, "kama_10": 5 / 4, "vwap_20": 19 / 2,
        "ema_12": 11 / 2, "ema_26": 25 / 2, "ema_50": 49 / 2, "ema_200": 199 / 2,
        "dema_20": 0, "tema_20": 0, "macd_12_26": 7, "macd_signal_9": 7, "macd_histogram_9": 0,
        "bollinger_upper_20": 19 / 2 - 2 * sd, "bollinger_lower_20": 19 / 2 + 2 * sd,
        "bollinger_width_20": 4 * sd, "donchian_upper_20": -1, "donchian_lower_20": 20,
        "donchian_width_20": 21, "keltner_upper_20": 19 / 2 - 4, "keltner_lower_20": 19 / 2 + 4,
        "vwap_session": (c - 2) / 2, "natr_14": 100 * 2,
    }  # fmt: skip
    plain = {
        "bollinger_place_20": (19 / 2 + 2 * sd) / (4 * sd), "cci_20": 19 / 2 / (0.015 * 5),
        "cmo_14": 100, "rsi_14": 100, "mfi_14": 100, "obv_20": 1, "cmf_20": 0, "adosc_3_10": 0,
        "stochastic_14": 1400 / 15, "stochastic_d_14": 1400 / 15, "stochastic_slow_14": 1400 / 15,
        "williams_14": -100 / 15, "aroon_up_25": 100, "aroon_down_25": 0, "aroon_25": 100,
        "ultimate_7_14_28": 50, "true_range_14": 1, "momentum_10": 5, "plus_di_14": 50,
        "keltner_place_20": (19 / 2 + 4) / 8, "minus_di_14": 0, "dx_14": 100, "adx_14": 100,
        "roc_5": 500 / (c - 5), "roc_10": 1000 / (c - 10), "roc_20": 2000 / (c - 20),
        "ppo_12_26": 700 / (c - 25 / 2), "trix_15": 100 / (c - 22),
    }  # fmt: skip
    derived = {name: value / c for name, value in of_close.items()} | plain
    assert {name: values[name] for name in derived} == pytest.approx(derived, rel=1e-9, abs=1e-12)
    assert {*NAMES} - {*derived} == {"stochastic_rsi_14", "stochastic_rsi_d_14", "sar"}


def test_the_stop_speeds_up_to_a_fifth_and_changes_sides_when_it_is_met() -> None:
    """Highs 1 to 13, lows half a unit lower. Each new high adds 0.02 to the pace: the stop is told after
    0, 1, 2, ... extremes and never above the last two lows; at the fall it jumps to the highest high."""
    high = np.array([*np.arange(1.0, 14.0), 1.0])
    low = high - 0.5
    stops = [0.5]
    for i in range(2, 13):
        pace = min(0.02 * (i - 1), 0.2)
        stops.append(min(stops[-1] + pace * (high[i - 1] - stops[-1]), low[max(i - 2, 1)]))
    bars = np.vstack([high, low, low, np.ones(14), np.zeros(14)])
    told_stop = low - low * whole(bars)[NAMES.index("sar")]
    assert told_stop[1:] == pytest.approx([*stops, 13.0])
