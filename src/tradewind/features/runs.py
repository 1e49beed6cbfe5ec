"""In which order a recursion walks a panel that is corrected: `Runs`, each resumed from a kept state.

A recursion reads all that came before. Between two corrections of a symbol it only steps on; at a
correction it goes back to the first bar that changed, takes up the state from before it, and walks on
from there. So every moment sees what a walk over its whole snapshot would have given, to the bit, at the
price of the bars between a correction and the bar that it corrects.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from tradewind.core import Panel
from tradewind.core.arrays import Ints
from tradewind.features.compiled import kernel
from tradewind.features.windows import believed_at, by_symbol


@dataclass(frozen=True, eq=False)
class Runs:
    """Rows of a panel's table to step through, in runs that begin at `offsets`.

    `resume[r]` is the state that run r goes on from, -1 for a beginning; `keep[i]` where the state after
    row i is put for a later run, -1 for nowhere. `last[k, s]` is the place of the last row that symbol s
    had at moment k; -1 where it had none.
    """

    rows: Ints
    offsets: Ints  # (runs + 1,)
    resume: Ints  # (runs,)
    keep: Ints  # (rows,)
    last: Ints  # (moments, symbols)

    @property
    def kept(self) -> int:
        """How many states are kept."""
        return int(self.keep.max(initial=-1)) + 1


def runs_of(panel: Panel, times: Sequence[datetime]) -> Runs:
    """The rows that each symbol was known to have at each of these moments, as runs.

    >>> import polars as pl
    >>> panel = Panel.from_frame(pl.DataFrame({
    ...     "date": ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-03"], "symbol": "ACME",
    ...     "close": [1.0, 2.0, 3.0, 2.5],
    ...     "known_at": [f"2024-01-0{d}T22:00Z" for d in (2, 3, 4, 5)]}))
    >>> runs = runs_of(panel, sorted(panel.table["known_at"].unique()))
    >>> panel.table["close"].gather(runs.rows).to_list()  # three steps, then anew from the second
    [1.0, 2.0, 3.0, 2.5, 3.0]
    >>> runs.offsets.tolist(), runs.resume.tolist(), runs.keep.tolist(), runs.last.ravel().tolist()
    ([0, 3, 5], [-1, 0], [0, -1, -1, -1, -1], [0, 1, 2, 4])
    """
    first, gone = believed_at(panel, times)
    starts, stamps = by_symbol(panel)
    rows, offsets, before, last = walk(starts, stamps, first, gone, len(times))
    places = np.unique(before[before >= 0])
    keep = np.full(len(rows), -1, dtype=np.int64)
    keep[places] = np.arange(len(places))
    resume = np.where(before >= 0, keep[before], -1)
    return Runs(rows, offsets, resume, keep, last)


@kernel
def walk(
    starts: Ints, stamps: Ints, first: Ints, gone: Ints, moments: int
) -> tuple[Ints, Ints, Ints, Ints]:
    """(rows, offsets, before, last) where row r is believed at moments [first[r], gone[r]) and rows are
    sorted by symbol and stamp; `before` is the place of the row after which each run goes on, or -1."""
    rows = [np.int64(0) for _ in range(0)]
    offsets = [np.int64(0)]
    before = [np.int64(0) for _ in range(0)]
    last = np.full((moments, len(starts) - 1), -1, dtype=np.int64)
    newest = np.empty(moments, dtype=np.int64)  # the latest stamp known at each moment
    change = np.empty(moments, dtype=np.int64)  # the first row that changes at each moment
    place = np.full(len(stamps), -1, dtype=np.int64)  # where each row was stepped over last
    never = np.iinfo(np.int64).max
    for symbol in range(len(starts) - 1):
        begin, end = starts[symbol], starts[symbol + 1]
        newest[:] = np.iinfo(np.int64).min
        change[:] = never
        for row in range(begin, end):
            if first[row] < moments and first[row] < gone[row]:
                newest[first[row]] = max(newest[first[row]], stamps[row])
        for k in range(1, moments):
            newest[k] = max(newest[k], newest[k - 1])
        for row in range(begin, end):
            k = first[row]
            if 0 < k < gone[row] and k < moments and stamps[row] <= newest[k - 1]:
                change[k] = min(change[k], row)
        k = 0
        while k < moments and newest[k] == np.iinfo(np.int64).min:
            k += 1
        while k < moments:
            until = k + 1
            while until < moments and change[until] == never:
                until += 1
            low = begin
            if change[k] != never:
                low = change[k]
                while low > begin and stamps[low - 1] == stamps[change[k]]:
                    low -= 1
            resumed = low - 1
            while resumed >= begin and not first[resumed] < until <= gone[resumed]:
                resumed -= 1
            before.append(place[resumed] if resumed >= begin else np.int64(-1))
            spot, moment, row = before[-1], k, low
            while row < end and stamps[row] <= newest[until - 1]:
                if first[row] < until <= gone[row]:
                    while moment < until and newest[moment] < stamps[row]:
                        last[moment, symbol] = spot
                        moment += 1
                    spot = np.int64(len(rows))
                    place[row] = spot
                    rows.append(np.int64(row))
                row += 1
            while moment < until:
                last[moment, symbol] = spot
                moment += 1
            offsets.append(np.int64(len(rows)))
            k = until
    return (
        np.array(rows, dtype=np.int64),
        np.array(offsets, dtype=np.int64),
        np.array(before, dtype=np.int64),
        last,
    )
