"""Each planted leak knows what it says it knows, and the truth says where it is."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from tradewind.core.arrays import Floats
from tradewind.core.errors import Misuse
from tradewind.data.synthetic import Leak, make_market
from tradewind.data.synthetic.leaks import CATALOGUE

SYMBOLS, BARS = 30, 1000
MARKET = make_market("crypto", SYMBOLS, BARS, seed=4, leaks=[Leak(name, 0.0) for name in CATALOGUE])


def column(name: str) -> Floats:
    return MARKET.panel.table[name].to_numpy().reshape(SYMBOLS, BARS)


RETURNS = np.diff(np.log(column("close")), axis=1, prepend=np.nan)
AHEAD = np.concatenate([RETURNS[:, 1:], np.full((SYMBOLS, 1), np.nan)], axis=1)


def correlation(one: Floats, other: Floats) -> float:
    both = np.isfinite(one) & np.isfinite(other)
    return float(np.corrcoef(one[both], other[both])[0, 1])


def test_the_catalogue_is_the_one_that_was_promised() -> None:
    assert set(CATALOGUE) == {
        "future_return", "centred_window", "full_sample_scaling", "back_fill", "restated_value",
        "rare_event_flag", "identity_fingerprint", "smoothed_regime",
    }  # fmt: skip


def test_every_leak_is_a_column_that_the_truth_names() -> None:
    told = MARKET.truth.leaks
    assert told["leak"].to_list() == list(CATALOGUE)
    assert set(told["column"]) <= set(MARKET.panel.columns)
    assert all(told["detail"].str.len_chars() > 10)


def test_leaks_are_null_only_where_nothing_is_to_come_or_nothing_was_published() -> None:
    nulls = MARKET.panel.table.null_count().row(0, named=True)
    assert {name: count for name, count in nulls.items() if count} == {
        "leak_future_return": SYMBOLS,
        "leak_restated_value": SYMBOLS * 62,
    }


def test_the_future_return_is_the_next_one() -> None:
    assert np.allclose(column("leak_future_return")[:, :-1], AHEAD[:, :-1], atol=1e-12)


def test_by_default_noise_hides_most_of_the_future_return() -> None:
    market = make_market("crypto", SYMBOLS, BARS, seed=4, leaks=["future_return"])
    noisy = market.panel.table["leak_future_return"].to_numpy().reshape(SYMBOLS, BARS)
    assert abs(correlation(noisy, AHEAD) - 1 / np.sqrt(1 + 3**2)) < 0.02


def test_the_centred_window_is_half_made_of_what_is_to_come() -> None:
    window = column("leak_centred_window")
    assert np.allclose(window[:, 20], RETURNS[:, 15:26].mean(axis=1))
    assert correlation(window, AHEAD) > 0.2


def test_full_sample_scaling_knows_the_mean_and_sd_of_the_whole_history() -> None:
    scaled = column("leak_full_sample_scaling")
    assert np.allclose(scaled.mean(axis=1), 0, atol=1e-9)
    assert np.allclose(scaled.std(axis=1), 1)


def test_back_filled_months_are_known_from_their_first_bar() -> None:
    filled = column("leak_back_fill")
    assert np.allclose(filled[:, 21:42], RETURNS[:, 21:42].mean(axis=1, keepdims=True))
    assert correlation(filled[:, 21:980:21], RETURNS[:, 41:1000:21]) > 0.1


def test_restated_values_stand_where_the_first_print_stood() -> None:
    restated = column("leak_restated_value")
    assert np.allclose(restated[:, 125:188], RETURNS[:, 63:147].mean(axis=1, keepdims=True))
    assert correlation(restated[:, 125:940:63], RETURNS[:, 146:961:63]) > 0.05


def test_rare_events_are_flagged_on_the_bar_before_them() -> None:
    flag = column("leak_rare_event_flag")
    assert 0.002 < flag.mean() < 0.01
    assert np.nanmean(np.abs(AHEAD[flag == 1])) > 2.5 * np.nanmean(np.abs(AHEAD[flag == 0]))
    assert np.all(flag[:, -1] == 0)


def test_a_fingerprint_names_its_symbol_and_nothing_else() -> None:
    table = make_market("fx", 20, 300, seed=1, leaks=["identity_fingerprint"]).panel.table
    own = table.group_by("symbol").agg(
        pl.col("leak_identity_fingerprint").mean().alias("mean"),
        pl.col("leak_identity_fingerprint").std().alias("sd"),
    )
    assert own["mean"].std() > 5 * own["sd"].mean()


def test_the_smoothed_regime_knows_turns_that_a_filter_cannot() -> None:
    market = make_market("crypto", 1, 8000, seed=2, leaks=["smoothed_regime"])
    volatile = (market.truth.regimes["regime"] == "volatile").to_numpy()
    smoothed = market.panel.table["leak_smoothed_regime"].to_numpy()
    assert smoothed[volatile].mean() > 0.8
    assert smoothed[~volatile].mean() < 0.1
    begins = np.flatnonzero(volatile[1:] & ~volatile[:-1]) + 1
    assert len(begins) > 20
    assert smoothed[begins].mean() > 0.4  # at the first moment, with none of its bars seen


def test_noise_blurs_a_leak_by_multiples_of_its_own_sd() -> None:
    leaks = [Leak("centred_window", 2.0)]
    blurred = make_market("crypto", SYMBOLS, BARS, seed=4, leaks=leaks).panel.table
    found = correlation(
        blurred["leak_centred_window"].to_numpy(), column("leak_centred_window").ravel()
    )
    assert abs(found - 1 / np.sqrt(5)) < 0.02


def test_leaks_can_be_planted_in_every_kind_and_size() -> None:
    for kind, freq, periods in (("property", "1mo", 30), ("equity", "1h", 3), ("fx", "1m", 500)):
        panel = make_market(kind, 2, periods, freq, leaks=list(CATALOGUE)).panel
        assert sum(name.startswith("leak_") for name in panel.columns) == len(CATALOGUE)


def test_a_leak_is_not_known_any_later_than_its_row() -> None:
    table = MARKET.panel.table
    assert (table["known_at"] - table["timestamp"]).max() == timedelta()


def test_noise_below_zero_is_refused() -> None:
    with pytest.raises(Misuse, match="a leak with noise -1: give 0 or more"):
        Leak("back_fill", -1)
