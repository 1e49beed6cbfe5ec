"""`MarketFamily`: features of a symbol that need the bars of others, from windows that lie side by side."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numba
import numpy as np

from tradewind.core.tables import micros
from tradewind.features.seen import Floats, Ints, Seen
from tradewind.features.spec import FeatureSpec
from tradewind.features.windows import believed_at


class MarketKernel(Protocol):
    """(numbers, symbols, moments) -> (features, symbols): what is said of each symbol at the last of these
    moments of the market; NaN where a symbol had no bar, and where there is no value."""

    def __call__(self, bars: Floats, /) -> Floats: ...


@dataclass(frozen=True)
class MarketFamily:
    """Each value is a function of the last moments of the market alone, as all symbols stood when asked.

    A moment of the market is one at which a bar of any symbol was complete; symbols that keep other
    hours have none there. `each` says what is read of every bar; `among` gives, for these symbols, the
    kernel. Here, the price of each less that of the dearest:

    >>> import polars as pl
    >>> from tradewind.core import Panel
    >>> spec = FeatureSpec("below", "toy", ("close",), 1, "price", "below the dearest", "max(c) - c")
    >>> toy = MarketFamily("toy", "a toy", ("close",), (spec,), lambda bars: bars,
    ...     lambda names: lambda bars: np.nanmax(bars) - bars[:, :, -1])
    >>> panel = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02"], "A": [3.0], "B": [5.0]}))
    >>> toy.values(Seen(panel, panel.moments))
    array([[2., 0.]])
    """

    name: str
    doc: str
    inputs: tuple[str, ...]
    specs: tuple[FeatureSpec, ...]
    each: Callable[[Floats], Floats]
    among: Callable[[tuple[str, ...]], MarketKernel]

    @property
    def lookback(self) -> int:
        """The moments of the market that the widest of its features reads."""
        return max(spec.lookback for spec in self.specs)

    def values(self, seen: Seen) -> Floats:
        """(features, answers)."""
        out = np.full((len(self.specs), len(seen.moment)), np.nan)
        kernel = self.among(tuple(seen.panel.names.categories))
        bounds = np.searchsorted(seen.moment, np.arange(len(seen.times) + 1))
        for k, bars in enumerate(self._side_by_side(seen)):
            answers = slice(bounds[k], bounds[k + 1])
            if answers.stop > answers.start:
                out[:, answers] = kernel(bars)[:, seen.symbol[answers]]
        return out

    def _side_by_side(self, seen: Seen) -> Iterator[Floats]:
        """(numbers, symbols, moments) for each moment that is asked for, always in the same array."""
        windows = seen.windows(self.lookback)
        bars = self.each(seen.bars(self.inputs, windows.rows))
        stamps = micros(seen.panel.table["timestamp"])
        moments, place = np.unique(stamps, return_inverse=True)
        known = np.full(len(moments), len(seen.times), dtype=np.int64)
        np.minimum.at(known, place, believed_at(seen.panel, seen.times)[0])
        segment = np.searchsorted(windows.offsets, windows.last, side="right") - 1
        begins = windows.offsets[segment]
        place, column = place[windows.rows], np.empty(len(moments), dtype=np.int64)
        side = np.empty((len(bars), windows.last.shape[1], self.lookback))
        for k in range(len(seen.times)):
            lowest = _number(known, k, self.lookback, column)
            _lay(bars, place, windows.last[k], begins[k], column, lowest, side)
            yield side


@numba.njit(cache=True, nogil=True)
def _number(known: Ints, k: int, wanted: int, column: Ints) -> int:
    """Number the last moments of the market of which a bar was known at k, and say which is the first."""
    moment, left = len(known) - 1, wanted
    while moment >= 0 and left > 0:
        if known[moment] <= k:
            left -= 1
            column[moment] = left
        moment -= 1
    return moment + 1


@numba.njit(cache=True, nogil=True)
def _lay(
    bars: Floats, place: Ints, last: Ints, begins: Ints, column: Ints, lowest: int, side: Floats
) -> None:
    """Each symbol's bars, from its last backwards, into the columns of their moments."""
    side[:] = np.nan
    for symbol in range(len(last)):
        row = last[symbol]
        while row >= begins[symbol] and row >= 0 and place[row] >= lowest:
            for number in range(len(bars)):
                side[number, symbol, column[place[row]]] = bars[number, row]
            row -= 1
