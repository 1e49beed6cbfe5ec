"""In which order each symbol's rows came to be known, and which values each of them changed.

A table of features is kept as bars are: a value is a row with the moment from which it could be known,
and a correction of a bar is a later version of every value that the bar has a part in.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tradewind.core import Panel
from tradewind.core.arrays import Ints
from tradewind.features.runs import walk
from tradewind.features.windows import by_symbol


@dataclass(frozen=True, eq=False)
class Arrivals:
    """The rows of a panel as each symbol came to know them, in runs that go back to what is corrected.

    `known` is when the value at each place could be known first, in microseconds; `again` how many rows
    before it lies what changed it, 0 where the row itself is new.

    >>> import polars as pl
    >>> panel = Panel.from_frame(pl.DataFrame({
    ...     "date": ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-03"], "symbol": "ACME",
    ...     "close": [1.0, 2.0, 3.0, 2.5],
    ...     "known_at": [f"2024-01-0{d}T22:00Z" for d in (2, 3, 4, 5)]}))
    >>> arrivals = arrivals_of(panel)
    >>> panel.table["close"].gather(arrivals.rows).to_list(), arrivals.again.tolist()
    ([1.0, 2.0, 3.0, 2.5, 3.0], [0, 0, 0, 0, 1])
    """

    rows: Ints
    offsets: Ints  # (runs + 1,)
    before: (
        Ints  # (runs,) the place after which each run goes on; -1 where that lies before the panel
    )
    symbol: Ints  # (runs,) counted among the symbols that have rows
    newest: Ints  # (symbols that have rows,) the place of the newest row of each, in the end
    known: Ints  # (rows,)
    again: Ints  # (rows,)


def arrivals_of(panel: Panel) -> Arrivals:
    """Every version of every row, symbol by symbol."""
    starts, stamps = by_symbol(panel)
    known, superseded = panel.life
    parts: list[tuple[Ints, ...]] = []
    place = 0
    for begin, end in pairwise(np.unique(starts).tolist()):
        of = slice(begin, end)
        moments, first = np.unique(known[of], return_inverse=True)
        gone = np.searchsorted(moments, superseded[of])
        rows, offsets, before, last = walk(
            np.array([0, end - begin]), stamps[of], first, gone, len(moments)
        )
        told, again = _told(known[of][rows], offsets)
        before = np.where(before >= 0, before + place, -1)
        symbol = np.full(len(before), len(parts))
        parts.append(
            (rows + begin, offsets[1:] + place, before, symbol, last[-1] + place, told, again)
        )
        place += len(rows)
    nothing = np.zeros(0, dtype=np.int64)
    rows, ends, *rest = (np.concatenate(one) for one in zip((nothing,) * 7, *parts, strict=True))
    return Arrivals(rows, np.append(0, ends), *rest)


def _told(known: Ints, offsets: Ints) -> tuple[Ints, Ints]:
    """When each value could be known first, and how many rows before it its change lies.

    The first row of a run is the one whose coming began it; what follows and was known by then is told
    again because of the rows that came with it.
    """
    run = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    began = known[offsets[:-1]][run]
    place = np.arange(len(known))
    changed = np.maximum.accumulate(np.where(known >= began, place, 0))
    return np.maximum(known, began), place - changed
