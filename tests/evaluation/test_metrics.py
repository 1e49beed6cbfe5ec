"""Metrics give their known answers."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.core import stream
from tradewind.evaluation.logistic import fit_logistic, logit, slope_variance
from tradewind.evaluation.metrics import (
    brier,
    crps,
    log_loss,
    max_drawdown,
    reliability,
    sharpe,
    wilson,
)


def test_losses_of_a_coin_are_log_two_and_a_quarter() -> None:
    up, outcomes = np.full(4, 0.5), np.array([0, 1, 0, 1.0])
    assert log_loss(up, outcomes) == pytest.approx(np.log(2))
    assert brier(up, outcomes) == pytest.approx(0.25)


def test_certainty_that_fails_costs_much_and_not_infinitely() -> None:
    assert log_loss(np.array([0.0]), np.array([1.0]))[0] == pytest.approx(27.6, abs=0.1)


def test_wilson_interval_of_a_half_in_a_hundred() -> None:
    low, high = wilson(np.array([0.5]), np.array([100.0]))
    assert (low[0], high[0]) == (pytest.approx(0.4038, abs=1e-4), pytest.approx(0.5962, abs=1e-4))


def test_reliability_counts_every_row_once() -> None:
    up = stream(1, "p").random(1000)
    table = reliability(up, (stream(2, "y").random(1000) < up).astype(float))
    assert table["rows"].sum() == 1000
    assert (
        (table["low"] <= table["predicted"]) & (table["predicted"] <= table["high"])
    ).mean() >= 0.8


def test_a_constant_forecast_has_one_bin() -> None:
    assert reliability(np.full(10, 0.5), np.ones(10))["rows"].tolist() == [10.0]


def test_sharpe_of_what_never_moved_is_zero() -> None:
    assert sharpe(np.zeros(10), 252.0) == 0.0
    assert sharpe(np.array([0.01, -0.01] * 50), 252.0) == pytest.approx(0.0)
    assert max_drawdown(np.array([1.0, 2.0, 1.0, 4.0])) == 0.5


def test_the_slope_of_honest_probabilities_is_one_within_its_error() -> None:
    rng = stream(3, "honest")
    p = rng.beta(5, 5, 5000)
    outcomes = (rng.random(5000) < p).astype(float)
    slope, bias = fit_logistic(logit(p), outcomes)
    error = slope_variance(logit(p), outcomes, np.arange(5000), slope, bias) ** 0.5
    assert abs(slope - 1) < 3 * error < 0.3


def test_rows_of_one_moment_do_not_count_as_many() -> None:
    rng = stream(4, "clusters")
    x = np.repeat(rng.normal(size=100), 50)
    outcomes = np.repeat((rng.random(100) < 0.5).astype(float), 50)
    slope, bias = fit_logistic(x, outcomes)
    each = slope_variance(x, outcomes, np.arange(5000), slope, bias)
    together = slope_variance(x, outcomes, np.repeat(np.arange(100), 50), slope, bias)
    assert together > 20 * each


def test_the_crps_of_a_normal_is_the_known_one() -> None:
    level = (np.arange(20_000) + 0.5) / 20_000
    normal = np.array([NormalDist().inv_cdf(one) for one in level.tolist()])
    assert crps(normal, np.ones(20_000), outcome=1.0) == pytest.approx(0.6024414, abs=2e-5)
    assert crps(normal, np.ones(20_000), outcome=0.0) == pytest.approx(0.2336950, abs=2e-5)


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 3)), min_size=1, max_size=12))
def test_the_crps_is_how_far_off_members_are_less_half_of_how_far_apart(
    members: list[tuple[float, float]],
) -> None:
    values, weights = np.array(members).T
    share = weights / weights.sum()
    off = (share * np.abs(values - 0.7)).sum()
    apart = (np.outer(share, share) * np.abs(values[:, None] - values)).sum()
    assert crps(values, weights, 0.7) == pytest.approx(off - apart / 2, abs=1e-12)


def test_members_that_are_counted_twice_are_two_members() -> None:
    once = crps(np.array([1.0, 2.0]), np.array([2.0, 1.0]), 1.4)
    assert once == pytest.approx(crps(np.array([1.0, 2.0, 1.0]), np.ones(3), 1.4))
