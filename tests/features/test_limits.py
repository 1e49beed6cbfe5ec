"""Restrictions and limits say what their rules say; the volume profile lies where the volume does."""

import numpy as np
import pytest

from tests.features.test_realised import MINUTE, whole
from tradewind.core.arrays import Floats
from tradewind.features.realised.kernel import NAMES
from tradewind.features.realised.limits import STATES

SSR, UP, DOWN, HALTED = (NAMES.index(name) for name in STATES)
PROFILE = slice(NAMES.index("profile_1"), NAMES.index("profile_10") + 1)


def flat(sessions: int, bars: int = 30, price: float = 100.0) -> Floats:
    """Minutes of one price, each traded a little."""
    rows, none = sessions * bars, np.full((3, sessions * bars), np.nan)
    times = np.arange(rows) * MINUTE + np.arange(rows) // bars * 1_000 * MINUTE
    prices = np.full((4, rows), price)
    return np.vstack([prices, np.ones(rows), np.arange(rows) // bars, times, none])


def test_a_fall_of_ten_percent_restricts_the_rest_of_the_session_and_the_next() -> None:
    bars = flat(4)
    bars[2, 40] = 90.0
    ssr = whole(bars)[SSR]
    assert np.isnan(ssr[:30]).all()  # no close before
    assert ssr[30:].tolist() == [0.0] * 10 + [1.0] * 20 + [1.0] * 30 + [0.0] * 30


def test_a_fall_of_less_restricts_nothing() -> None:
    bars = flat(3)
    bars[2, 40] = 90.1
    assert not whole(bars)[SSR, 30:].any()


def test_days_have_a_restriction_and_no_limits() -> None:
    bars = flat(6, bars=1)
    bars[2, 2] = 85.0
    values = whole(bars)
    assert values[SSR, 1:].tolist() == [0, 1, 1, 0, 0]
    assert np.isnan(values[[UP, DOWN]]).all()


@pytest.mark.parametrize(("price", "band"), [(100.0, 0.05), (2.0, 0.2), (0.5, 0.3)])
def test_a_limit_is_a_band_around_the_last_five_minutes(price: float, band: float) -> None:
    """15 cents of 50 are 30 %."""
    bars = flat(2, price=price)
    bars[1, 45], bars[2, 50] = price * (1 + 0.75 * band), price * (1 - 1.1 * band)
    values = whole(bars)
    assert values[UP, 45] == pytest.approx(0.5)
    assert values[DOWN, 50] == 1
    assert values[[UP, DOWN], 44].tolist() == [0, 0]


def test_the_reference_follows_the_mean_of_five_minutes_once_it_is_a_percent_away() -> None:
    bars = flat(2)
    bars[:4, 45:] = 104.0  # the mean is 104 five minutes later, and what was 4 % up is no distance
    values = whole(bars)
    assert values[UP, 45] == pytest.approx(0.6)
    assert not values[UP, 51:].any()
    bars[:4, 45:] = 100.9
    assert np.allclose(whole(bars)[UP, 45:], 0.0)


def test_the_first_bar_of_a_session_has_no_reference() -> None:
    assert np.isnan(whole(flat(2))[UP, [0, 30]]).all()


def test_a_bar_without_a_trade_is_halted_and_so_is_the_end_of_a_pause_after_a_limit() -> None:
    bars = flat(2)
    bars[4, 40] = 0.0
    bars[2, 50] = 94.0
    bars[6, 51:] += 5 * MINUTE
    halted = whole(bars)[HALTED]
    assert np.flatnonzero(halted == 1).tolist() == [40, 51]
    bars[2, 50] = 100.0  # a quiet stretch is no pause
    assert np.flatnonzero(whole(bars)[HALTED] == 1).tolist() == [40]


def test_limits_do_not_depend_on_a_bar_that_has_no_price() -> None:
    bars = flat(3)
    bars[3, 59] = np.nan  # the last of its session: the close is the one before
    bars[2, 70] = 85.0
    values = whole(bars)
    assert np.isnan(values[[SSR, UP, DOWN], 59]).all()
    assert values[SSR, 69:72].tolist() == [0, 1, 1]


def test_the_profile_is_the_share_of_volume_in_each_tenth_of_the_range() -> None:
    """Bars of one price each, at the middle of every tenth from 100 to 110, but for the two ends."""
    bars = flat(1, bars=100)
    tenth = np.arange(100) % 10
    bars[:4] = 100.5 + tenth
    bars[:4, 98], bars[:4, 99] = 100.0, 110.0
    bars[4] = 1.0 + tenth
    counted = np.arange(40, 100)
    price, volume = bars[3, counted], bars[4, counted]
    shares = [volume[(price >= 100 + t) & (price < 101 + t + (t == 9))].sum() for t in range(10)]
    assert whole(bars)[PROFILE, -1] == pytest.approx(np.array(shares) / volume.sum())


def test_without_volumes_the_profile_is_of_time_at_a_price() -> None:
    bars = flat(1, bars=100)
    bars[:4] = 100.0 + np.arange(100) % 11
    timed = whole(bars)[PROFILE, -1]
    bars[4] = np.nan
    assert np.array_equal(whole(bars)[PROFILE, -1], timed)
    assert timed.sum() == pytest.approx(1)
    bars[4] = 0.0
    assert np.isnan(whole(bars)[PROFILE, -1]).all()


def test_a_bar_is_spread_over_its_own_range() -> None:
    bars = flat(1, bars=80)
    bars[1], bars[2] = 110.0, 100.0
    assert whole(bars)[PROFILE, -1] == pytest.approx(np.full(10, 0.1))
