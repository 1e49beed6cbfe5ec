"""Each measure is what its definition says, and its known answers follow from the definition by hand."""

import math

import numpy as np
import pytest

from tests.features.paths import by_definition
from tradewind.core import stream
from tradewind.core.errors import Misuse
from tradewind.features.realised.measures import OF_RETURNS, measured, two_bar_spread

STEPS = 0.01 * np.arange(9)


def test_eight_equal_steps() -> None:
    """n = 8 of 0.01: RV = 8e-4, BPV = pi / 2 (8 / 7) 7e-4; on 2 grids 7 spans of 0.02 and m = 3.5,
    so (28e-4 / 2 - 3.5 / 8 RV) / (1 - 3.5 / 8); on 5 grids 4 spans of 0.05 and m = 0.8."""
    two, five = measured(STEPS, grids=2), measured(STEPS)
    assert two["rv"] == pytest.approx(8e-4)
    assert two["bpv"] == pytest.approx(math.pi / 2 * 8e-4)
    assert two["tsrv"] == pytest.approx(0.00186667, abs=5e-9)
    assert five["tsrv"] == pytest.approx((0.01 / 5 - 0.1 * 8e-4) / 0.9)
    assert (two["down"], two["jump"], two["tsrv_floored"]) == (0, 0, 0)
    assert (two["skew"], two["kurtosis"]) == (pytest.approx(1), pytest.approx(1))


def test_one_jump_among_nothing_is_all_of_the_variance() -> None:
    """No two neighbours move, so BPV is 0; n = 8 and one r: skew sqrt(8), kurtosis 8."""
    path = measured(np.array([0, 0, 0, 0, 0.1, 0.1, 0.1, 0.1, 0.1]))
    assert (path["bpv"], path["jump"]) == (0, 1)
    assert path["skew"] == pytest.approx(math.sqrt(8))
    assert path["kurtosis"] == pytest.approx(8)


def test_a_price_that_only_bounces_has_no_variance_on_two_scales() -> None:
    """Every second price is the same: on two grids no span moves, so what is left is below zero."""
    path = measured(0.01 * (np.arange(20) % 2), grids=2)
    assert path["rv"] == pytest.approx(19e-4)
    assert (path["tsrv"], path["tsrv_floored"]) == (0, 1)
    assert path["roll"] == pytest.approx(0.02)  # 2 sqrt(0.01^2)


def test_noise_is_taken_out_and_the_spread_found_in_it() -> None:
    """A walk of sd 1e-4 seen at random sides of a spread of 1e-3: RV is n (1e-8 + 2 (5e-4)^2)."""
    rng, n = stream(5, "noise"), 20_000
    seen = rng.normal(0, 1e-4, n + 1).cumsum() + rng.choice([-5e-4, 5e-4], n + 1)
    path = measured(seen, grids=200)
    assert path["rv"] == pytest.approx(n * (1e-8 + 5e-7), rel=0.05)
    assert path["tsrv"] == pytest.approx(n * 1e-8, rel=0.35)
    assert path["roll"] == pytest.approx(1e-3, rel=0.05)


def test_the_jump_test_is_normal_without_jumps_and_sees_one() -> None:
    rng = stream(6, "jumps")
    paths = rng.normal(0, 1e-3, (400, 390)).cumsum(axis=1)
    scores = [measured(path)["jump_z"] for path in paths]
    assert np.mean(scores) == pytest.approx(0, abs=0.25)
    assert np.std(scores) == pytest.approx(1, abs=0.15)
    paths[0, 200:] += 0.02
    assert measured(paths[0])["jump_z"] > 5


@pytest.mark.parametrize("grids", [2, 5, 9])
def test_each_measure_of_a_path_is_its_definition(grids: int) -> None:
    for n in (10, 61, 390):
        path = stream(n, "path").normal(0, 0.01, n).cumsum()
        ours, theirs = measured(path, grids), by_definition(np.diff(path), grids)
        assert {*ours} == {*theirs} == {*OF_RETURNS}
        for name, value in theirs.items():
            assert ours[name] == pytest.approx(value, rel=1e-9, abs=1e-15), name


def test_a_path_too_short_says_nothing() -> None:
    assert all(math.isnan(value) for value in measured(np.array([0.0])).values())
    few = measured(np.array([0.0, 0.01, 0.02]))
    assert (few["rv"], few["bpv"]) == (pytest.approx(2e-4), pytest.approx(math.pi / 2 * 2e-4))
    assert math.isnan(few["tsrv"])


def test_prices_that_stand_still_have_a_variance_of_zero_and_no_shares_of_it() -> None:
    path = measured(np.zeros(30))
    assert [path[name] for name in ("rv", "tsrv", "bpv", "roll")] == [0, 0, 0, 0]
    assert all(math.isnan(path[name]) for name in ("jump", "jump_z", "down", "skew", "kurtosis"))


def test_one_grid_is_not_two_scales() -> None:
    with pytest.raises(Misuse, match="two scales over 1 grids: a coarser scale needs 2 at least"):
        measured(STEPS, grids=1)


def test_a_range_that_does_not_move_is_all_spread() -> None:
    """beta = 2 x^2 and gamma = x^2 give alpha = x, and so 2 (e^x - 1) / (1 + e^x) = 2 (h - l) / (h + l)."""
    assert two_bar_spread(103.0, 99.0, 103.0, 99.0, 100.0) == pytest.approx(2 * 4 / 202)


def test_a_gap_between_two_bars_is_no_spread() -> None:
    bar = two_bar_spread(103.0, 99.0, 103.0, 99.0, 99.0)
    assert two_bar_spread(1.2 * 103, 1.2 * 99, 103.0, 99.0, 99.0) == pytest.approx(bar)
    assert two_bar_spread(103.0 / 2, 99.0 / 2, 103.0, 99.0, 103.0) == pytest.approx(bar)


def test_ranges_that_go_on_from_each_other_leave_no_spread() -> None:
    assert two_bar_spread(120.0, 110.0, 110.0, 100.0, 110.0) == 0
    assert math.isnan(two_bar_spread(math.nan, 110.0, 110.0, 100.0, 110.0))
