"""`profile`: how far every stretch of a series lies from each of many patterns, whatever their height and scale."""

from collections.abc import Sequence

import numba
import numpy as np

from tradewind.core.arrays import Flags, Floats
from tradewind.core.errors import Misuse

BLOCK = 4096  # points transformed at once: they stay in the cache
RESTART = 512  # windows after which the running moments begin anew, lest errors gather
FADED = 1e-4  # of the most that it was: what is left of a sum of squares is mostly error
STILL = 1e-12  # of its largest value: a query that spreads less than this does not move


def profile(series: Floats, queries: Sequence[Floats]) -> list[Floats]:
    """For each query of m points the (n - m + 1,) Euclidean distances to each stretch, both z-normalised.

    Infinite where a point is missing; between two that do not move 0, between one and one that moves
    sqrt(m). Where the pattern lies in the series ten times as high and upside up, it is at no distance:

    >>> wave = np.sin(np.arange(20.0))
    >>> series = np.concatenate([np.arange(50.0), 100 + 10 * wave, np.arange(30.0)])
    >>> distances, = profile(series, [wave])
    >>> int(distances.argmin()), bool(distances.min() < 1e-6)
    (50, True)
    """
    series = np.ascontiguousarray(series, dtype=np.float64)
    found: list[Floats] = [np.empty(0)] * len(queries)
    lengths = np.array([len(query) for query in queries])
    for length in np.unique(lengths):
        if not 2 <= length <= len(series):
            raise Misuse(
                f"a query of {length} points against {len(series)}",
                "give at least two, and no more than the series has",
            )
        rows = np.flatnonzero(lengths == length)
        these = _of_one_length(
            series, np.array([queries[int(row)] for row in rows], dtype=np.float64)
        )
        for row, distances in zip(rows, these, strict=True):
            found[row] = distances
    return found


def _of_one_length(series: Floats, queries: Floats) -> list[Floats]:
    """Distances by overlapping blocks: each is transformed once, for all the queries."""
    length = queries.shape[1]
    points = max(BLOCK, 1 << (4 * length - 1).bit_length())
    missing = np.isnan(series)
    centre = series[~missing].mean() if not missing.all() else 0.0
    clean = np.where(missing, 0.0, series - centre)
    spreads = _spreads(clean, missing, length)
    step = points - length + 1
    starts = np.arange(0, len(series) - length + 1, step)
    padded = np.concatenate([clean, np.zeros(points)])
    blocks = np.fft.rfft(padded[starts[:, None] + np.arange(points)])  # (blocks, frequencies)
    found = []
    for query in queries:
        out = np.empty(len(spreads))
        spread = float(query.std())
        if np.isnan(spread):
            found.append(np.full(len(spreads), np.inf))
            continue
        still = spread <= STILL * np.abs(query).max()
        shape = np.zeros(length) if still else (query - query.mean()) / spread
        products = np.fft.irfft(blocks * np.fft.rfft(shape[::-1], points), points)
        _distances(products[:, length - 1 :], spreads, length, still, out)
        found.append(out)
    return found


@numba.njit(cache=True, nogil=True)
def _spreads(series: Floats, missing: Flags, length: int) -> Floats:
    """(windows,) standard deviations; 0 where a window does not move, NaN where a point is missing."""
    out = np.empty(len(series) - length + 1)
    gaps, still, mean, squares, peak = 0, 0, 0.0, 0.0, 0.0
    for last in range(1, length - 1):
        still = still + 1 if series[last] == series[last - 1] else 0
    for first in range(len(out)):
        last = first + length - 1
        still = still + 1 if series[last] == series[last - 1] else 0
        if first > 0:
            gone, new, before = series[first - 1], series[last], mean
            gaps += int(missing[last]) - int(missing[first - 1])
            mean += (new - gone) / length
            squares += (new - gone) * (new - mean + gone - before)
            peak = max(peak, squares)
        if first % RESTART == 0 or squares < FADED * peak:
            window = series[first : last + 1]
            gaps = missing[first : last + 1].sum()
            mean = window.mean()
            squares = ((window - mean) ** 2).sum()
            peak = squares
        out[first] = 0.0 if still >= length - 1 else np.sqrt(max(squares, 0.0) / length)
        if gaps:
            out[first] = np.nan
    return out


@numba.njit(cache=True, nogil=True)
def _distances(products: Floats, spreads: Floats, length: int, still: bool, out: Floats) -> None:
    """From inner products with a query of mean 0 and spread 1."""
    blocks, step = products.shape
    for block in range(blocks):
        first = block * step
        for place in range(min(step, len(out) - first)):
            spread = spreads[first + place]
            if spread > 0:
                alike = products[block, place] / (length * spread)
                out[first + place] = np.sqrt(max(2 * length * (1 - alike), 0.0))
            else:
                out[first + place] = np.inf if np.isnan(spread) else np.sqrt(length * 1.0)
            if still:
                out[first + place] = 0.0 if spread == 0 else np.sqrt(length * 1.0)
