"""`MarketFamily`: features of a symbol that need the bars of others, from windows that lie side by side."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tradewind.core.arrays import Floats, Ints
from tradewind.core.clock import micros_of
from tradewind.core.tables import micros
from tradewind.features.across.spells import members_over, sectors_over
from tradewind.features.compiled import kernel
from tradewind.features.seen import Seen
from tradewind.features.spec import FeatureSpec
from tradewind.features.windows import believed_at


@dataclass(frozen=True, eq=False)
class SideBySide:
    """The last moments of the market, as all symbols stood when asked: the numbers of their bars, NaN where
    there was none; and at each of these moments 0 for who was a member of the universe, the number of
    each symbol's sector, and -1 for who was none and had none."""

    bars: Floats  # (numbers, symbols, moments)
    members: Ints  # (symbols, moments)
    sectors: Ints  # (symbols, moments)


class MarketKernel(Protocol):
    """(features, symbols): what is said of each symbol at the last moment; NaN where there is no value."""

    def __call__(self, side: SideBySide, /) -> Floats: ...


@dataclass(frozen=True)
class MarketFamily:
    """Each value is a function of the last moments of the market alone, as all symbols stood when asked.

    A moment of the market is one at which a bar of any symbol was complete; symbols that keep other
    hours have none there, and of one that has none at all nothing is said. `each` says what is read of
    every bar; `among` gives, for these symbols, the kernel. Here, the price of each less the dearest:

    >>> import polars as pl
    >>> from tradewind.core import Panel
    >>> spec = FeatureSpec("below", "toy", ("close",), 1, "price", "below the dearest", "max(c) - c")
    >>> toy = MarketFamily("toy", "a toy", ("close",), (spec,), lambda bars: bars,
    ...     lambda names: lambda side: np.nanmax(side.bars) - side.bars[:, :, -1])
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
        kernel = self.among(seen.names)
        bounds = np.searchsorted(seen.moment, np.arange(len(seen.times) + 1))
        for k, side in enumerate(self._side_by_side(seen)):
            answers = slice(bounds[k], bounds[k + 1])
            if answers.stop > answers.start:
                out[:, answers] = said_of(kernel, side)[:, seen.symbol[answers]]
        return out

    def _side_by_side(self, seen: Seen) -> Iterator[SideBySide]:
        """For each moment that is asked for, the bars always in the same array."""
        windows = seen.windows(self.lookback)
        bars = self.each(seen.bars(self.inputs, windows.rows))
        stamps = micros(seen.panel.table["timestamp"])
        moments, place = np.unique(stamps, return_inverse=True)
        known = np.full(len(moments), len(seen.times), dtype=np.int64)
        np.minimum.at(known, place, believed_at(seen.panel, seen.times)[0])
        segment = np.searchsorted(windows.offsets, windows.last, side="right") - 1
        begins = windows.offsets[segment]
        place, column = place[windows.rows], np.empty(len(moments), dtype=np.int64)
        bars_beside = np.empty((len(bars), windows.last.shape[1], self.lookback))
        there = np.empty(self.lookback, dtype=np.int64)
        members = members_over(seen.universe, seen.names)
        sectors = sectors_over(seen.sectors, seen.names)
        for k, when in enumerate(map(micros_of, seen.times)):
            lowest = _number(known, k, moments, column, there)
            _lay(bars, place, windows.last[k], begins[k], column, lowest, bars_beside)
            yield SideBySide(bars_beside, members.at(when, there), sectors.at(when, there))


def said_of(kernel: MarketKernel, side: SideBySide) -> Floats:
    """(features, symbols) of those that have a bar side by side with others; NaN of all else."""
    values = kernel(side)
    values[:, np.isnan(side.bars).all(axis=(0, 2))] = np.nan
    return values


@kernel
def _number(known: Ints, k: int, moments: Ints, column: Ints, there: Ints) -> int:
    """Number the last moments of the market of which a bar was known at k, say which these are, and which
    is the first."""
    for place in range(len(there)):
        there[place] = np.iinfo(np.int64).min
    moment, left = len(known) - 1, len(there)
    while moment >= 0 and left > 0:
        if known[moment] <= k:
            left -= 1
            column[moment] = left
            there[left] = moments[moment]
        moment -= 1
    return moment + 1


@kernel
def _lay(
    bars: Floats, place: Ints, last: Ints, begins: Ints, column: Ints, lowest: int, side: Floats
) -> None:
    """Each symbol's bars, from its last backwards, into the columns of their moments."""
    for number in range(len(side)):
        for symbol in range(side.shape[1]):
            for moment in range(side.shape[2]):
                side[number, symbol, moment] = np.nan
    for symbol in range(len(last)):
        row = last[symbol]
        while row >= begins[symbol] and row >= 0 and place[row] >= lowest:
            for number in range(len(bars)):
                side[number, symbol, column[place[row]]] = bars[number, row]
            row -= 1
