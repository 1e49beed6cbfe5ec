"""The online filter: one step a row, whether a row comes alone or with a history.

`advance` is all there is; a history is a loop of it, so the bits are the same.
"""

import math

import numba
import numpy as np

from tradewind.context.regimes.scaling import CLIP
from tradewind.core.arrays import Floats, Ints

_compiled = numba.njit(cache=True, nogil=True, error_model="numpy")
NOT_BEGUN = -1.0


@_compiled
def log_densities(
    scaled: Floats, means: Floats, factors: Floats, heights: Floats, out: Floats
) -> float:
    """Of one row in each state into `out`; the largest."""
    highest = -math.inf
    for k in range(len(means)):
        squares = 0.0
        for i in range(len(scaled)):
            part = 0.0
            for j in range(i + 1):
                part += factors[k, i, j] * (scaled[j] - means[k, j])
            squares += part * part
        out[k] = heights[k] - 0.5 * squares
        highest = max(highest, out[k])
    return highest


@_compiled
def advance(
    row: Floats,
    usual: Floats,
    start: Floats,
    moves: Floats,
    means: Floats,
    factors: Floats,
    heights: Floats,
    best: bool,
    weights: Floats,
    work: Floats,
) -> float:
    """Move the `weights` (K,) of the states on by one row; the log density of the row given those before.

    `weights` that begin with NOT_BEGUN are of nobody yet. A row with a missing value tells nothing: the
    weights make one move. `work` is (2, max(K, D)).
    """
    states, before = len(start), work[0]
    begun = weights[0] != NOT_BEGUN
    for k in range(states):
        before[k] = weights[k]
    for k in range(states):
        if not begun:
            weights[k] = start[k]
            continue
        came = 0.0
        for j in range(states):
            way = before[j] * moves[j, k]
            came = max(came, way) if best else came + way
        weights[k] = came
    scaled = work[0, : len(row)]
    told = True
    for i in range(len(row)):
        away = (row[i] - usual[0, i]) / usual[1, i]
        told = told and away == away
        scaled[i] = min(max(away, -CLIP), CLIP)
    highest = 0.0
    if told:
        densities = work[1, :states]
        highest = log_densities(scaled, means, factors, heights, densities)
        for k in range(states):
            weights[k] *= math.exp(densities[k] - highest)
    total = 0.0
    for k in range(states):
        total += weights[k]
    for k in range(states):
        weights[k] /= total
    return highest + math.log(total) if told else 0.0


@_compiled
def advance_all(
    rows: Floats,
    offsets: Ints,
    usual: Floats,
    start: Floats,
    moves: Floats,
    means: Floats,
    factors: Floats,
    heights: Floats,
    best: bool,
    weights: Floats,
    out: Floats,
) -> float:
    """Symbols (S, 2, D) of `usual` and (S, K) of `weights`, one after the other; `out` is (rows, K)."""
    work = np.empty((2, max(len(start), rows.shape[1])))
    total = 0.0
    for s in range(len(offsets) - 1):
        for row in range(offsets[s], offsets[s + 1]):
            total += advance(
                rows[row], usual[s], start, moves, means, factors, heights, best, weights[s], work
            )
            for k in range(len(start)):
                out[row, k] = weights[s, k]
    return total
