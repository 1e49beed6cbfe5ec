"""K-means: centres to which the rows are near (Lloyd 1982), begun apart (Arthur and Vassilvitskii 2007)."""

from typing import NamedTuple

import numba
import numpy as np

from tradewind.core import Rng
from tradewind.core.arrays import Floats, Ints

ROUNDS = 100
_compiled = numba.njit(cache=True, nogil=True, error_model="numpy")


def centres_apart(rows: Floats, count: int, rng: Rng) -> Floats:
    """(count, D) rows, each drawn the likelier the further it lies from those before it.

    >>> from tradewind.core import stream
    >>> rows = np.repeat([[0.0], [9.0]], 5, axis=0)
    >>> sorted(centres_apart(rows, 2, stream(7, "doc")).ravel().tolist())
    [0.0, 9.0]
    """
    chosen = [rows[rng.integers(len(rows))]]
    away = ((rows - chosen[0]) ** 2).sum(axis=1)
    while len(chosen) < count:
        total = away.sum()
        weights = away / total if total > 0 else None  # all rows are the same: any will do
        chosen.append(rows[rng.choice(len(rows), p=weights)])
        away = np.minimum(away, ((rows - chosen[-1]) ** 2).sum(axis=1))
    return np.array(chosen)


class Settled(NamedTuple):
    """Centres, the nearest to each row and the mean squared distance to it, and how it came to that."""

    centres: Floats
    nearest: Ints
    loss: float
    rounds: int
    converged: bool


def settle(rows: Floats, centres: Floats) -> Settled:
    """From these centres until no row changes its nearest."""
    centres, nearest = centres.copy(), np.full(len(rows), -1)
    for done in range(ROUNDS):
        moved, loss = _move(rows, centres, nearest)
        if not moved:
            return Settled(centres, nearest, loss / len(rows), done, True)
    return Settled(centres, nearest, loss / len(rows), ROUNDS, False)


@_compiled
def _move(rows: Floats, centres: Floats, nearest: Ints) -> tuple[bool, float]:
    """One round, in place; a centre that nobody is near stays."""
    sums, counts = np.zeros(centres.shape), np.zeros(len(centres))
    moved, loss = False, 0.0
    for row in range(len(rows)):
        least, place = np.inf, 0
        for k in range(len(centres)):
            away = 0.0
            for i in range(rows.shape[1]):
                away += (rows[row, i] - centres[k, i]) ** 2
            if away < least:
                least, place = away, k
        moved |= nearest[row] != place
        nearest[row] = place
        loss += least
        counts[place] += 1
        for i in range(rows.shape[1]):
            sums[place, i] += rows[row, i]
    for k in range(len(centres)):
        if counts[k] > 0:
            for i in range(rows.shape[1]):
                centres[k, i] = sums[k, i] / counts[k]
    return moved, loss
