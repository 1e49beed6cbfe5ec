"""`Walk`: the bars of a panel at one scale, each as it stood when it was first known, in that order.

Who walks sees what somebody who sat there saw. A correction changes no bar that was walked, and unsays
nothing; a bar that comes after a later one of its symbol is left out, as is one without a close.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.context.patterns.scales import Scale, gathered_already, length_of
from tradewind.core import Panel
from tradewind.core.arrays import Floats, Ints
from tradewind.core.clock import micros_of
from tradewind.core.coarser import ends_of
from tradewind.core.errors import BadTable, nearest
from tradewind.core.tables import floats, micros, physical

COLUMNS = ("open", "high", "low", "close", "volume")
CLOSE, VOLUME = 3, 4
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Walk:
    """Bars by symbol and then in time, in which order they also became known.

    A column that the panel lacks is NaN throughout; the close never is.
    """

    scale: Scale
    symbols: tuple[str, ...]
    offsets: Ints  # (symbols + 1,)
    stamp: Ints  # (bars,) microseconds since 1970
    known: Ints  # (bars,) ascending within a symbol
    bars: Floats  # (5, bars): open, high, low, close, volume

    @property
    def close(self) -> Floats:
        """(bars,)."""
        close: Floats = self.bars[CLOSE]
        return close

    @cached_property
    def segments(self) -> dict[str, slice]:
        """Each symbol's bars as a slice."""
        spans = pairwise(self.offsets.tolist())
        return {name: slice(*span) for name, span in zip(self.symbols, spans, strict=True)}

    def newest(self, symbol: str, at: datetime) -> int:
        """The place of the last bar of a symbol that was known at a moment; -1 where there is none."""
        span = self.segments.get(symbol, slice(0, 0))
        count = int(np.searchsorted(self.known[span], micros_of(at), side="right"))
        return span.start + count - 1 if count else -1


def walked(panel: Panel, scale: Scale, calendar: str = "XNYS") -> Walk:
    """The bars of a panel gathered to a scale, as `core.coarser` would, each in its first version.

    >>> days = ["2024-01-02", "2024-01-03", "2024-01-02"]
    >>> panel = Panel.from_frame(pl.DataFrame({"date": days, "symbol": "ACME", "close": [1.0, 2.0, 9.0],
    ...     "known_at": ["2024-01-02T22:00Z", "2024-01-03T22:00Z", "2024-01-05T12:00Z"]}))
    >>> walked(panel, "1d").close.tolist()  # 9 was not what anybody saw
    [1.0, 2.0]
    """
    length_of(scale)
    if "close" not in panel.columns:
        raise BadTable("the bars have no column 'close'", nearest("close", panel.columns))
    if not len(panel):
        none = np.zeros(0, dtype=np.int64)
        return Walk(scale, (), np.zeros(1, dtype=np.int64), none, none, np.empty((5, 0)))
    as_it_is = gathered_already(panel, scale)
    ends = panel.table["timestamp"] if as_it_is else ends_of(panel, scale, calendar)
    stamps, codes = micros(panel.table["timestamp"]), physical(panel.table["symbol"])
    offsets = _boundaries(codes)
    known, superseded = panel.life
    bars = np.full((len(COLUMNS), len(panel)), np.nan)
    for row, name in enumerate(COLUMNS):
        if name in panel.columns:
            bars[row] = floats(panel.table[name])
    rows, end, since, gathered = _gather(micros(ends), stamps, known, superseded, offsets, bars)
    names = panel.table["symbol"][offsets[:-1].tolist()].cast(pl.String)
    return Walk(scale, tuple(names), rows, end, since, gathered)


def _boundaries(codes: npt.NDArray[np.integer[Any]]) -> Ints:
    """(symbols + 1,) where each symbol's rows begin, and the end of the last."""
    starts = np.flatnonzero(codes[1:] != codes[:-1]) + 1
    return np.concatenate([[0], starts, [len(codes)]]).astype(np.int64)


@numba.njit(cache=True, nogil=True)
def _gather(
    ends: Ints, stamps: Ints, known: Ints, superseded: Ints, offsets: Ints, bars: Floats
) -> tuple[Ints, Ints, Ints, Floats]:
    """(offsets, end, known, bars) of the longer bars that are walked."""
    most = len(ends)
    out, end, since = np.empty((5, most)), np.empty(most, np.int64), np.empty(most, np.int64)
    kept = np.zeros(len(offsets), dtype=np.int64)
    complete = np.empty(most, np.int64)  # when a row with this stamp or a later one was known
    count = 0
    for symbol in range(len(offsets) - 1):
        begin, after = offsets[symbol], offsets[symbol + 1]
        soonest = NEVER
        for row in range(after - 1, begin - 1, -1):
            soonest = min(soonest, known[row])
            complete[row] = soonest
        first, mine, closing = begin, count, begin
        while first < after:
            last = first
            seen = known[first]
            while last + 1 < after and ends[last + 1] == ends[first]:
                last += 1
                seen = min(seen, known[last])
            closing = max(closing, first)
            while closing < after and stamps[closing] < ends[first]:
                closing += 1
            if closing < after:
                at = max(seen, complete[closing])
                bar = _bar(bars, known, superseded, first, last, at)
                if not np.isnan(bar[CLOSE]):
                    while count > mine and since[count - 1] > at:
                        count -= 1  # it came after this one: whoever walked had passed it
                    out[0, count], out[1, count], out[2, count] = bar[0], bar[1], bar[2]
                    out[CLOSE, count], out[VOLUME, count] = bar[CLOSE], bar[VOLUME]
                    end[count], since[count] = ends[first], at
                    count += 1
            first = last + 1
        kept[symbol + 1] = count
    return kept, end[:count].copy(), since[:count].copy(), out[:, :count].copy()


@numba.njit(cache=True, nogil=True)
def _bar(
    bars: Floats, known: Ints, superseded: Ints, first: int, last: int, at: int
) -> tuple[float, float, float, float, float]:
    """Open, high, low, close and volume of the rows first..last as they were known at a moment."""
    opened = high = low = close = volume = np.nan
    started = False
    for row in range(first, last + 1):
        if not known[row] <= at < superseded[row]:
            continue
        if not started:
            opened, high, low, volume = bars[0, row], bars[1, row], bars[2, row], bars[VOLUME, row]
        else:  # what one bar lacks the longer one lacks
            high = high if high >= bars[1, row] or np.isnan(high) else bars[1, row]
            low = low if low <= bars[2, row] or np.isnan(low) else bars[2, row]
            volume += bars[VOLUME, row]
        close = bars[CLOSE, row]
        started = True
    return opened, high, low, close, volume
