"""Which row each symbol is known by at each moment, and for how long it has been: the heart of alignment.

A bar is every version of one (symbol, timestamp). At a moment a symbol is known by its newest bar that
has a version known by then, and that bar by the last such version. A correction of an older bar
displaces nothing, and a bar that arrives after a newer one is never seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tradewind.core import Panel
from tradewind.core.arrays import Ints
from tradewind.core.tables import micros, physical
from tradewind.data.alignment.pace import Pace

CELLS = 250_000  # of (moments, symbols) worked on at a time, so that memory stays bounded


@dataclass(frozen=True, eq=False)
class Newest:
    """Row numbers of a panel's table, -1 where a symbol has none, and how old each is.

    `fill` counts the moments since the bar was first known, `age` those of them at which a fresh one
    could have come. All are (moments, symbols).
    """

    rows: Ints
    fill: Ints
    age: Ints


def newest(panel: Panel, codes: Ints, pace: Pace) -> Iterator[tuple[slice, Newest]]:
    """The newest rows of some symbols, by their places in the panel's names, a few symbols at a time.

    >>> import polars as pl
    >>> panel = Panel.from_frame(pl.DataFrame({
    ...     "date": ["2024-01-02", "2024-01-03", "2024-01-02"], "symbol": "ACME",
    ...     "close": [1.0, 2.0, 1.5],
    ...     "known_at": ["2024-01-02T22:00Z", "2024-01-03T22:00Z", "2024-01-05T12:00Z"]}))
    >>> known = micros(panel.table["known_at"])[[0, 2, 1]]  # the correction of the 2nd comes last
    >>> pace = Pace(known, due=np.arange(3))
    >>> [(_, found)] = newest(panel, np.array([0]), pace)
    >>> panel.table["close"].gather(found.rows.ravel()).to_list(), found.fill.ravel().tolist()
    ([1.0, 2.0, 2.0], [0, 0, 1])
    """
    symbols = physical(panel.table["symbol"])
    starts = np.searchsorted(symbols, codes, "left")
    ends = np.searchsorted(symbols, codes, "right")
    at_once = max(1, CELLS // max(len(pace.grid), 1))
    for first in range(0, len(codes), at_once):
        part = slice(first, min(first + at_once, len(codes)))
        yield part, _newest(panel, starts[part], ends[part], pace)


def _newest(panel: Panel, starts: Ints, ends: Ints, pace: Pace) -> Newest:
    grid = pace.grid
    rows = np.concatenate([np.arange(*span) for span in zip(starts, ends, strict=True)])
    column = np.repeat(np.arange(len(starts)), ends - starts)
    known = micros(panel.table["known_at"])[rows]
    opens = ~panel.corrections[rows]  # the first version of a bar
    bar = np.cumsum(opens) - 1
    arrival = np.searchsorted(grid, known, "left")

    born, held = arrival[opens], np.full((len(grid), len(starts)), -1, dtype=np.int64)
    seen = np.flatnonzero(born < len(grid))
    held[born[seen], column[opens][seen]] = (
        seen  # of several at one moment the last, the newest, stays
    )
    np.maximum.accumulate(held, axis=0, out=held)

    known_by = np.flatnonzero(held >= 0)
    moment, one = known_by // len(starts), held.ravel()[known_by]
    width = len(grid) + 1
    version = np.searchsorted(bar * width + arrival, one * width + moment, "right") - 1
    born_at = np.searchsorted(pace.moments, known[opens], "left")[one]
    now = moment + pace.before
    return Newest(
        _spread(rows[version], known_by, held.shape),
        _spread(now - born_at, known_by, held.shape),
        _spread(pace.due[now] - pace.due[born_at], known_by, held.shape),
    )


def _spread(values: Ints, places: Ints, shape: tuple[int, ...]) -> Ints:
    """Values at their places, -1 everywhere else."""
    whole = np.full(shape, -1, dtype=np.int64)
    whole.ravel()[places] = values
    return whole
