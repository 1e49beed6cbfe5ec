"""What a set of runs says, and how surely: medians, paired ratios and growth, each with its interval.

All intervals are percentile bootstraps of 95 %. Medians, because a busy machine disturbs some runs
badly and most of them little.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import Floats

RESAMPLES = 2000


@dataclass(frozen=True)
class Estimate:
    """A figure and its interval."""

    value: float
    low: float
    high: float


def median_of(values: Sequence[float], rng: np.random.Generator) -> Estimate:
    """The median of runs.

    >>> median_of([1.0, 1.1, 9.0, 1.0, 1.1], np.random.default_rng(7)).value
    1.1
    """
    runs = np.asarray(values)
    return _estimate(float(np.median(runs)), _medians(runs, rng))


def ratio_of(
    ours: Sequence[float], reference: Sequence[float], rng: np.random.Generator
) -> Estimate:
    """The median of ours over the reference, pair by pair: what the load did to both cancels.

    >>> ratio_of([2.0, 20.0, 4.0], [1.0, 10.0, 2.0], np.random.default_rng(7))
    Estimate(value=2.0, low=2.0, high=2.0)
    """
    return median_of((np.asarray(ours) / np.asarray(reference)).tolist(), rng)


def exponent_of(runs: Mapping[int, Sequence[float]], rng: np.random.Generator) -> Estimate:
    """How time grows with size: the slope of log time over log size. 1 is linear, 2 quadratic.

    >>> round(exponent_of({1: [2.0], 4: [8.0], 16: [32.0]}, np.random.default_rng(7)).value, 6)
    1.0
    """
    sizes = np.log(np.array(list(runs), dtype=float))
    samples = [np.asarray(values) for values in runs.values()]
    medians = np.array([np.median(values) for values in samples])
    resampled = np.stack(
        [_medians(values, rng) for values in samples], axis=1
    )  # (resamples, sizes)
    slopes = _slopes(sizes, np.log(resampled))
    return _estimate(float(_slopes(sizes, np.log(medians[None, :]))[0]), slopes)


def _slopes(x: Floats, y: Floats) -> Floats:
    """Least-squares slope of each row of y, (rows, points), over x, (points,)."""
    centred = x - x.mean()
    return np.asarray(y @ centred / (centred @ centred), dtype=np.float64)


def _medians(values: Floats, rng: np.random.Generator) -> Floats:
    """(resamples,) medians of the values drawn again with replacement."""
    draws = rng.integers(0, len(values), (RESAMPLES, len(values)))
    return np.asarray(np.median(values[draws], axis=1), dtype=np.float64)


def _estimate(value: float, resampled: Floats) -> Estimate:
    low, high = np.quantile(resampled, (0.025, 0.975))
    return Estimate(value, float(low), float(high))
