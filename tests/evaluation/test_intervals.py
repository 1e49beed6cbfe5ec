"""An interval covers what it says it covers, also where rows depend on their neighbours."""

import numpy as np
import pytest

from tradewind.core import stream
from tradewind.evaluation.intervals import block_length, interval, resamples


def autoregression(n: int, coefficient: float, seed: int) -> np.ndarray:
    noise = stream(seed, "noise").normal(size=n)
    for i in range(1, n):
        noise[i] += coefficient * noise[i - 1]
    return noise


def mean(values: np.ndarray) -> float:
    return float(values.mean())


@pytest.mark.parametrize("coefficient", [0.0, 0.6])
def test_the_interval_of_a_mean_covers_it_about_as_often_as_it_says(coefficient: float) -> None:
    trials = 150
    covered = 0
    for seed in range(trials):
        series = autoregression(400, coefficient, seed)
        low, high = interval(series, mean, stream(seed, "draws"), draws=300)
        covered += low <= 0 <= high
    # 95 % of 150 is 142; the binomial's 0.1 % quantile is 133; dependence costs a few points at n=400
    assert covered >= (133 if coefficient == 0 else 126)


def test_blocks_grow_with_dependence() -> None:
    lengths = [
        np.median([block_length(autoregression(2000, c, s)) for s in range(9)])
        for c in (0, 0.5, 0.9)
    ]
    assert lengths[0] < lengths[1] < lengths[2]


def test_resamples_are_blocks_that_wrap_and_reach_every_row() -> None:
    rows = resamples(50, 5.0, 200, stream(1, "draws"))
    follows = (np.diff(rows, axis=1) % 50 == 1).mean()
    assert follows == pytest.approx(0.8 + 0.2 / 50, abs=0.02)
    assert np.bincount(rows.ravel(), minlength=50).min() > 100


def test_too_few_rows_have_no_interval() -> None:
    assert np.isnan(interval(np.ones(5), mean, stream(1, "x"))).all()


def test_a_constant_series_has_a_point_for_an_interval() -> None:
    assert interval(np.full(50, 2.0), mean, stream(1, "x")) == (2.0, 2.0)
