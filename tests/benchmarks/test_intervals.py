"""Intervals cover what they should, and growth that is known is found."""

import numpy as np
import pytest

from benchmarks.intervals import exponent_of, median_of, ratio_of


@pytest.mark.parametrize("power", [0.0, 1.0, 1.5, 2.0])
def test_the_exponent_of_a_known_power_law_is_recovered(power: float) -> None:
    rng = np.random.default_rng(7)
    runs = {
        size: (0.01 * size**power * rng.lognormal(0, 0.05, 30)).tolist() for size in (62, 250, 1000)
    }
    found = exponent_of(runs, rng)
    assert found.low <= power <= found.high
    assert found.high - found.low < 0.05


def test_the_interval_of_a_median_covers_it_nineteen_times_in_twenty() -> None:
    rng = np.random.default_rng(7)
    sets = [median_of(rng.lognormal(0, 0.3, 40).tolist(), rng) for _ in range(200)]
    covered = sum(found.low <= 1.0 <= found.high for found in sets)
    assert 181 <= covered <= 199  # 190 are expected, and three standard deviations are 9


def test_a_load_that_strikes_both_of_a_pair_does_not_move_their_ratio() -> None:
    rng = np.random.default_rng(7)
    load = rng.lognormal(0, 1.0, 60)
    found = ratio_of((1.05 * load * rng.lognormal(0, 0.02, 60)).tolist(), load.tolist(), rng)
    assert 1.0 < found.low < 1.05 < found.high < 1.1
