"""What the rows after each tell of it: for learning, and for pictures; never for what is served."""

import math

import numba
import numpy as np

from tradewind.context.regimes.forward import log_densities
from tradewind.core.arrays import Flags, Floats, Ints

_compiled = numba.njit(cache=True, nogil=True, error_model="numpy")


@_compiled
def look_back(
    scaled: Floats,
    known: Flags,
    offsets: Ints,
    start: Floats,
    moves: Floats,
    means: Floats,
    factors: Floats,
    heights: Floats,
    best: bool,
    out: Floats,
) -> None:
    """(rows, K) the weights given every row of the sequence, before and after.

    Of the best path alone, where `best`: then each weight is that of the best path through its state.
    """
    states = len(start)
    dense, after, now = np.empty(out.shape), np.empty(states), np.empty(states)
    for s in range(len(offsets) - 1):
        begin, end = offsets[s], offsets[s + 1]
        for row in range(begin, end):
            highest = 0.0
            if known[row]:
                highest = log_densities(scaled[row], means, factors, heights, dense[row])
            total = 0.0
            for k in range(states):
                dense[row, k] = math.exp(dense[row, k] - highest) if known[row] else 1.0
                came = 0.0 if row > begin else start[k]
                for j in range(states if row > begin else 0):
                    way = out[row - 1, j] * moves[j, k]
                    came = max(came, way) if best else came + way
                out[row, k] = came * dense[row, k]
                total += out[row, k]
            for k in range(states):
                out[row, k] /= total
        after[:] = 1.0
        for row in range(end - 2, begin - 1, -1):
            largest = 0.0
            for j in range(states):
                now[j] = 0.0
                for k in range(states):
                    way = moves[j, k] * dense[row + 1, k] * after[k]
                    now[j] = max(now[j], way) if best else now[j] + way
                largest = max(largest, now[j])
            total = 0.0
            for k in range(states):
                after[k] = now[k] / largest
                out[row, k] *= after[k]
                total += out[row, k]
            for k in range(states):
                out[row, k] /= total


@_compiled
def expect(
    scaled: Floats,
    known: Flags,
    offsets: Ints,
    start: Floats,
    moves: Floats,
    means: Floats,
    factors: Floats,
    heights: Floats,
    first: Floats,
    went: Floats,
    held: Floats,
    sums: Floats,
    squares: Floats,
) -> float:
    """What one round of learning counts, all of it in expectation; the log likelihood (Baum et al. 1970).

    `first` (K,) beginnings, `went` (K, K) moves, `held` (K,) rows, `sums` (K, D), `squares` (K, D, D) lower.
    """
    states, width = means.shape
    size = 0
    for s in range(len(offsets) - 1):
        size = max(size, offsets[s + 1] - offsets[s])
    ahead, dense, scale = np.empty((size, states)), np.empty((size, states)), np.empty(size)
    after, now = np.empty(states), np.empty(states)
    likelihood = 0.0
    first[:], went[:], held[:], sums[:], squares[:] = 0.0, 0.0, 0.0, 0.0, 0.0
    for s in range(len(offsets) - 1):
        begin, length = offsets[s], offsets[s + 1] - offsets[s]
        for t in range(length):
            highest = 0.0
            if known[begin + t]:
                highest = log_densities(scaled[begin + t], means, factors, heights, dense[t])
                for k in range(states):
                    dense[t, k] = math.exp(dense[t, k] - highest)
            else:
                dense[t] = 1.0
            total = 0.0
            for k in range(states):
                came = start[k]
                if t:
                    came = 0.0
                    for j in range(states):
                        came += ahead[t - 1, j] * moves[j, k]
                ahead[t, k] = came * dense[t, k]
                total += ahead[t, k]
            for k in range(states):
                ahead[t, k] /= total
            scale[t] = total
            likelihood += highest + math.log(total)
        after[:] = 1.0
        for t in range(length - 1, -1, -1):
            if t < length - 1:
                for k in range(states):
                    after[k] *= dense[t + 1, k] / scale[t + 1]
                for j in range(states):
                    now[j] = 0.0
                    for k in range(states):
                        way = moves[j, k] * after[k]
                        went[j, k] += ahead[t, j] * way
                        now[j] += way
                after[:] = now
            for k in range(states):
                weight = ahead[t, k] * after[k]
                if t == 0:
                    first[k] += weight
                if not known[begin + t]:
                    continue
                held[k] += weight
                for i in range(width):
                    part = weight * scaled[begin + t, i]
                    sums[k, i] += part
                    for j in range(i + 1):
                        squares[k, i, j] += part * scaled[begin + t, j]
    return likelihood
