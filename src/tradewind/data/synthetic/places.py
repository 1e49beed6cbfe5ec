"""Where faults can be planted: rows that exist once, trade, and have neighbours to be judged by."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core.arrays import Flags, Ints
from tradewind.core.rng import Rng
from tradewind.core.tables import floats, micros, physical

Rows = npt.NDArray[np.intp]

HOUR = 3_600_000_000  # microseconds
MOST_HOURS = 9  # by which a clock is wrong
MARGIN = 2  # bars between one fault and the next
LONGEST_GAP = 5  # bars
LONGEST_SHIFT = 10  # bars
TRIES = 200  # places looked at, at least, before there is none


@dataclass(frozen=True)
class Ground:
    """The rows of a table in its order: all (rows,). `free` ones carry no fault yet, and one version."""

    symbol: npt.NDArray[np.generic]
    stamp: Ints
    trades: Flags
    free: Flags

    @property
    def edge(self) -> Flags:
        """Rows within the margin of their symbol's first or last."""
        near = np.ones(len(self.symbol), dtype=bool)
        near[MARGIN:-MARGIN] = self.symbol[2 * MARGIN :] != self.symbol[: -2 * MARGIN]
        return near

    def without(self, rows: Rows) -> "Ground":
        """The ground that is left beside these rows."""
        free = self.free.copy()
        for step in range(-MARGIN, MARGIN + 1):
            free[np.clip(rows + step, 0, len(free) - 1)] = False
        return Ground(self.symbol, self.stamp, self.trades, free)


def survey(table: pl.DataFrame) -> Ground:
    """The ground of a table of bars.

    >>> from datetime import datetime
    >>> table = pl.DataFrame({"symbol": [1] * 6, "timestamp": [datetime(2024, 1, d) for d in range(1, 7)],
    ...     "volume": [5.0, 5, 5, 0, 5, 5]})
    >>> single(survey(table), 1, np.random.Generator(np.random.PCG64(1)))
    array([2])
    """
    symbol, stamp = physical(table["symbol"]), micros(table["timestamp"])
    same = np.zeros(len(table) + 1, dtype=bool)
    same[1:-1] = (symbol[1:] == symbol[:-1]) & (stamp[1:] == stamp[:-1])
    return Ground(symbol, stamp, floats(table["volume"]) > 0, ~(same[1:] | same[:-1]))


def single(ground: Ground, count: int, rng: Rng) -> Rows:
    """Single rows anywhere but at the edges of a history."""
    rows = np.flatnonzero(ground.free & ground.trades & ~ground.edge)
    return _apart(rng.choice(rows, min(count, len(rows)), replace=False))


def one_a_symbol(ground: Ground, count: int, rng: Rng) -> Rows:
    """At most one row of each symbol."""
    rows = rng.permutation(np.flatnonzero(ground.free & ground.trades & ~ground.edge))
    _, first = np.unique(ground.symbol[rows], return_index=True)
    return np.sort(rows[np.sort(first)[:count]])


def inner_runs(ground: Ground, count: int, rng: Rng) -> Rows:
    """Runs of one to five rows that have rows before and after them."""
    inside = ~ground.edge
    first = np.flatnonzero(inside)
    last = first + rng.integers(0, LONGEST_GAP, len(first))
    last = np.where(inside[np.minimum(last, len(inside) - 1)], last, first)
    return _runs(ground, first, last, count, rng)


def runs_beside_a_closure(ground: Ground, count: int, rng: Rng) -> Rows:
    """Runs that a clock some hours wrong moves into hours without bars, so no two rows collide."""
    after, before = closures(ground.symbol, ground.stamp)
    ends, starts = np.flatnonzero(after), np.flatnonzero(before)
    length = rng.integers(2, LONGEST_SHIFT, len(ends) + len(starts))
    first = np.concatenate([ends - length[: len(ends)], starts])
    last = np.concatenate([ends, starts + length[len(ends) :]])
    return _runs(ground, first, last, count, rng)


def closures(symbol: npt.NDArray[np.generic], stamp: Ints) -> tuple[Flags, Flags]:
    """(rows,) whether no bar of the symbol follows, or precedes, for longer than a clock is wrong."""
    wide = np.ones(len(stamp) + 1, dtype=bool)
    wide[1:-1] = (symbol[1:] != symbol[:-1]) | (np.diff(stamp) > MOST_HOURS * HOUR)
    return wide[1:], wide[:-1]


def runs_of(rows: Rows) -> list[tuple[int, int]]:
    """Ascending rows as spans of consecutive ones.

    >>> runs_of(np.array([3, 4, 8]))
    [(3, 5), (8, 9)]
    """
    breaks = np.flatnonzero(np.diff(rows) > 1)
    first = rows[np.append(0, breaks + 1)] if len(rows) else rows
    last = rows[np.append(breaks, len(rows) - 1)] if len(rows) else rows
    return list(zip(first.tolist(), (last + 1).tolist(), strict=True))


def _runs(ground: Ground, first: Rows, last: Rows, count: int, rng: Rng) -> Rows:
    """Some of the spans from `first` to `last`, those of free rows of one symbol, until they hold
    `count` rows."""
    free, rows, found = ground.free.copy(), np.zeros(len(ground.free), dtype=bool), 0
    for nth in rng.permutation(len(first))[: max(4 * count, TRIES)].tolist():
        span = slice(first[nth], last[nth] + 1)
        within = first[nth] >= 0 and last[nth] < len(free)
        if not within or ground.symbol[span][0] != ground.symbol[span][-1] or not free[span].all():
            continue
        rows[span] = True
        free[max(first[nth] - MARGIN, 0) : last[nth] + 1 + MARGIN] = False
        found += int(last[nth] - first[nth] + 1)
        if found >= count:
            break
    return np.flatnonzero(rows)


def _apart(rows: Rows) -> Rows:
    """Rows in order, without those too close to the one before."""
    rows = np.sort(rows)
    return rows[np.append(True, np.diff(rows) > MARGIN)] if len(rows) else rows
