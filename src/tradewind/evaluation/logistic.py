"""Logistic regression of what happened on the log-odds that were given: the algebra of calibration."""

from typing import Any

import numpy as np
import numpy.typing as npt

from tradewind.core.arrays import Floats


def logit(up: Floats) -> Floats:
    """Log-odds, with certainty kept finite."""
    safe = np.clip(up, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(safe / (1 - safe)))


def fit_logistic(x: Floats, outcomes: Floats) -> tuple[float, float]:
    """Maximum likelihood of outcome ~ sigmoid(slope * x + bias), by Newton's method.

    >>> rng = np.random.Generator(np.random.PCG64(0))
    >>> x = rng.normal(size=20_000)
    >>> y = (rng.random(20_000) < 1 / (1 + np.exp(-(0.5 * x + 0.2)))).astype(float)
    >>> slope, bias = fit_logistic(x, y)
    >>> abs(slope - 0.5) < 0.05, abs(bias - 0.2) < 0.05
    (True, True)
    """
    if np.ptp(x) == 0:
        return 0.0, fit_bias(np.zeros_like(x), outcomes)
    columns = np.column_stack([x, np.ones_like(x)])
    theta = np.array([0.0, fit_bias(np.zeros_like(x), outcomes)])
    for _ in range(50):
        p = 1 / (1 + np.exp(-(columns * theta).sum(axis=1)))
        gradient = (columns * (outcomes - p)[:, None]).sum(axis=0)
        curvature = (columns[:, :, None] * columns[:, None, :] * (p * (1 - p))[:, None, None]).sum(
            0
        )
        step = np.linalg.solve(curvature + 1e-9 * np.eye(2), gradient)
        theta = theta + np.clip(step, -5, 5)
        if np.abs(step).max() < 1e-10:
            break
    return float(theta[0]), float(theta[1])


def fit_bias(offset: Floats, outcomes: Floats) -> float:
    """The bias at which the mean probability is the base rate, half a row of doubt on either side."""
    rate = (outcomes.sum() + 0.5) / (len(outcomes) + 1)
    bias = float(np.log(rate / (1 - rate)))
    for _ in range(50):
        p = 1 / (1 + np.exp(-(offset + bias)))
        step = (rate - p.mean()) / max((p * (1 - p)).mean(), 1e-12)
        bias += float(np.clip(step, -5, 5))
        if abs(step) < 1e-12:
            break
    return bias


def slope_variance(
    x: Floats,
    outcomes: Floats,
    moments: npt.NDArray[np.integer[Any]],
    slope: float,
    bias: float,
    horizon: int = 1,
) -> float:
    """Variance of the slope: a sandwich whose filling lets rows of one moment move together, and lets
    moments whose labels overlap (`horizon` steps) do so too, with Newey and West's weights over twice
    that many.

    Where all rows say the same there is no slope to speak of, and its variance is infinite.
    """
    if np.ptp(x) == 0:
        return float("inf")
    p = 1 / (1 + np.exp(-(slope * x + bias)))
    columns = np.column_stack([x, np.ones_like(x)])
    curvature = (columns[:, :, None] * columns[:, None, :] * (p * (1 - p))[:, None, None]).sum(0)
    _, group = np.unique(moments, return_inverse=True)
    scores = np.zeros((group.max() + 1, 2))
    np.add.at(scores, group, columns * (outcomes - p)[:, None])
    meat = _lagged(scores, 0)
    lags = min(2 * horizon - 1, len(scores)) if horizon > 1 else 1
    for lag in range(1, lags):
        together = _lagged(scores, lag)
        meat = meat + (1 - lag / lags) * (together + together.T)
    bread = np.linalg.inv(curvature + 1e-9 * np.eye(2))
    return max(0.0, float((bread @ meat @ bread)[0, 0]))


def _lagged(scores: Floats, lag: int) -> Floats:
    """(2, 2) the sum over moments of the score now by the score some moments before."""
    now, before = scores[lag:], scores[: len(scores) - lag]
    return np.asarray((now[:, :, None] * before[:, None, :]).sum(axis=0))
