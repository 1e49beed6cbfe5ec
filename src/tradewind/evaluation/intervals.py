"""How surely: the stationary bootstrap, its block length chosen on the series that is averaged."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from tradewind.core import Rng
from tradewind.core.arrays import Floats

Statistic = Callable[[Floats], float]


def block_length(series: Floats) -> float:
    """Politis and White's (2004, corrected 2009) mean block length for the stationary bootstrap.

    Uncorrelated rows need blocks of about 1; the AR(1) of coefficient 0.9 needs tens:

    >>> rng = np.random.Generator(np.random.PCG64(1))
    >>> noise = rng.normal(size=4000)
    >>> walk = noise.copy()
    >>> for i in range(1, 4000): walk[i] += 0.9 * walk[i - 1]
    >>> block_length(noise) < 5 < 20 < block_length(walk)
    True
    """
    n = len(series)
    centred = series - series.mean()
    if n < 8 or np.allclose(centred, 0):
        return 1.0
    quiet = max(5, int(np.sqrt(np.log10(n))))
    most = min(int(np.ceil(np.sqrt(n))) + quiet, n - 1)
    covariance = np.array([(centred[: n - k] * centred[k:]).sum() / n for k in range(most + 1)])
    loud = np.abs(covariance[1:] / covariance[0]) > 2 * np.sqrt(np.log10(n) / n)
    lags = np.flatnonzero(loud)
    run = next(
        (k for k in range(most - quiet) if not loud[k : k + quiet].any()),
        int(lags[-1]) + 1 if len(lags) else 0,
    )
    bandwidth = min(2 * max(run, 1), most)
    k = np.arange(-bandwidth, bandwidth + 1)
    window = np.clip(2 * (1 - np.abs(k) / bandwidth), 0, 1)
    weighted = window * covariance[np.abs(k)]
    slope = float((weighted * np.abs(k)).sum())
    spectrum = float(weighted.sum())
    if spectrum <= 0:
        return 1.0
    length = (2 * slope**2 / (2 * spectrum**2)) ** (1 / 3) * n ** (1 / 3)
    return float(np.clip(length, 1.0, np.ceil(min(3 * np.sqrt(n), n / 3))))


def resamples(n: int, mean_block: float, draws: int, rng: Rng) -> npt.NDArray[np.intp]:
    """(draws, n) row numbers: blocks of geometric length, wrapped round the end."""
    fresh = rng.random((draws, n)) < 1 / mean_block
    fresh[:, 0] = True
    starts = rng.integers(n, size=(draws, n))
    place = np.arange(n)
    begun = np.maximum.accumulate(np.where(fresh, place, 0), axis=1)
    return (np.take_along_axis(starts, begun, axis=1) + place - begun) % n


def interval(
    series: Floats, statistic: Statistic, rng: Rng, *, draws: int = 1000, level: float = 0.95
) -> tuple[float, float]:
    """The percentile interval of a statistic of a series in time; (nan, nan) for fewer than 8 rows.

    >>> rng = np.random.Generator(np.random.PCG64(1))
    >>> low, high = interval(rng.normal(0.1, 1, 2000), lambda x: float(x.mean()), rng)
    >>> 0.0 < low < 0.1 < high < 0.2
    True
    """
    if len(series) < 8:
        return float("nan"), float("nan")
    averaged = series if series.ndim == 1 else series[:, 0]
    rows = resamples(len(series), block_length(averaged), draws, rng)
    values = np.array([statistic(series[row]) for row in rows])
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
