"""Which rows each moment could see: the part of every feature that corrections make hard.

The feature at (symbol, t) is the kernel on `panel.as_of(t)`. Taking a snapshot per moment would cost a
full pass each; but between two corrections of a symbol its snapshots only grow at the end, and a kernel
sees `lookback` rows. So a symbol's history is cut into epochs at every late row, each epoch becomes one
segment of the rows believed in it (its new rows and a window before them), and one pass of a kernel
over those segments gives the value at every moment, to the bit what a snapshot would have given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from tradewind.core import Panel
from tradewind.core.arrays import Ints
from tradewind.core.clock import micros_of
from tradewind.core.panel import NEVER
from tradewind.core.tables import micros, physical
from tradewind.features.compiled import kernel


@dataclass(frozen=True, eq=False)
class Windows:
    """Rows of a panel's table to hand to a kernel, and where each moment finds its value.

    `rows` are row numbers of the panel's table, in segments that begin at `offsets`; the rows of a
    segment before `first` are there to be looked back at, and no moment asks for their own value.
    `last[k, s]` is the place in `rows` of the last row that symbol s had at moment k; -1 where it had
    none.
    """

    rows: Ints
    offsets: Ints  # (segments + 1,)
    first: Ints  # (segments,)
    last: Ints  # (moments, symbols)


def windows_of(panel: Panel, times: Sequence[datetime], lookback: int) -> Windows:
    """The rows that each symbol was known to have at each of these moments.

    >>> import polars as pl
    >>> panel = Panel.from_frame(pl.DataFrame({
    ...     "date": ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-02"], "symbol": "ACME",
    ...     "close": [1.0, 2.0, 3.0, 1.5],
    ...     "known_at": [f"2024-01-0{d}T22:00Z" for d in (2, 3, 4, 4)]}))
    >>> seen = windows_of(panel, sorted(panel.table["known_at"].unique()), lookback=3)
    >>> panel.table["close"].gather(seen.rows).to_list()  # as known on the 3rd, then on the 4th
    [1.0, 2.0, 1.5, 2.0, 3.0]
    >>> seen.last.ravel().tolist()
    [0, 1, 4]
    """
    first, gone = believed_at(panel, times)
    starts, stamps = by_symbol(panel)
    last = np.full((len(times), len(starts) - 1), -1)
    rows, offsets, asked = _stitch(starts, stamps, first, gone, lookback, last)
    return Windows(rows, offsets, asked, last)


def believed_at(panel: Panel, times: Sequence[datetime]) -> tuple[Ints, Ints]:
    """Each version is believed at the moments from `first` up to `gone`: two arrays of (rows,)."""
    moments = np.array([micros_of(when) for when in times], dtype=np.int64)
    known, superseded = panel.life
    first = np.searchsorted(moments, known, side="left")
    gone = np.where(superseded == NEVER, len(moments), np.searchsorted(moments, superseded, "left"))
    return first, gone


def by_symbol(panel: Panel) -> tuple[Ints, Ints]:
    """Where each declared symbol's rows begin (symbols + 1,), and the stamp of each row."""
    symbols = physical(panel.table["symbol"]).astype(np.int64)
    starts = np.searchsorted(symbols, np.arange(len(panel.names.categories) + 1))
    return starts.astype(np.int64), micros(panel.table["timestamp"])


@kernel
def _stitch(
    starts: Ints, stamps: Ints, first: Ints, gone: Ints, lookback: int, last: Ints
) -> tuple[Ints, Ints, Ints]:
    """Row r is believed at moments [first[r], gone[r]); rows are sorted by symbol and stamp."""
    moments = len(last)
    rows = [np.int64(0) for _ in range(0)]
    offsets = [np.int64(0)]
    asked = [np.int64(0) for _ in range(0)]
    newest = np.empty(moments, dtype=np.int64)  # the latest stamp known at each moment
    opens = np.empty(moments, dtype=np.bool_)  # an epoch begins: something earlier changed
    for symbol in range(len(starts) - 1):
        begin, end = starts[symbol], starts[symbol + 1]
        for k in range(moments):
            newest[k], opens[k] = np.iinfo(np.int64).min, False
        for row in range(begin, end):
            if first[row] < moments and stamps[row] > newest[first[row]]:
                newest[first[row]] = stamps[row]
        for k in range(1, moments):
            newest[k] = max(newest[k], newest[k - 1])
        for row in range(begin, end):
            k = first[row]
            if 0 < k < gone[row] and k < moments and stamps[row] <= newest[k - 1]:
                opens[k] = True
        k = 0
        while k < moments and newest[k] == np.iinfo(np.int64).min:
            k += 1
        place = begin
        while k < moments:
            until = k + 1
            while until < moments and not opens[until]:
                until += 1
            while place < end and stamps[place] <= newest[until - 1]:
                place += 1
            row, windowed, base = place - 1, 0, len(rows)
            while row >= begin and windowed < lookback:
                if first[row] < until <= gone[row]:
                    rows.append(row)
                    windowed += stamps[row] <= newest[k]
                row -= 1
            size = len(rows) - base
            for i in range(size // 2):
                other = rows[base + size - 1 - i]
                rows[base + size - 1 - i] = rows[base + i]
                rows[base + i] = other
            offsets.append(np.int64(len(rows)))
            spot = base
            for moment in range(k, until):
                while spot + 1 < len(rows) and stamps[rows[spot + 1]] <= newest[moment]:
                    spot += 1
                last[moment, symbol] = spot
            asked.append(last[k, symbol])
            k = until
    return (
        np.array(rows, dtype=np.int64),
        np.array(offsets, dtype=np.int64),
        np.array(asked, dtype=np.int64),
    )
