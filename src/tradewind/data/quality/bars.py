"""`Bars`: a panel as arrays, and for each row the bars around it that could be known."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core import Calendar, Panel
from tradewind.core.arrays import Flags, Floats
from tradewind.core.tables import floats, micros, physical

Moments = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int64]
Made = TypeVar("Made")

PRICES = ("open", "high", "low", "close")
ROUNDING = 1e-9  # relative, by which a close may lie above a high


@dataclass(frozen=True, eq=False)
class Bars:
    """A panel as arrays of (rows,), with the spine by which each row is judged.

    The spine is the first version of each bar that was the newest of its symbol when it came, and is a
    bar at all. Its rows are known in the order in which they are stamped, so whatever is known at any
    moment holds the spine's beginning and nothing else of it: what a row's neighbours are never
    changes later. A correction and a late row are judged by the spine, and are no part of it:

    >>> from tradewind.core import find_calendar
    >>> panel = Panel.from_frame(pl.DataFrame({
    ...     "date": ["2024-01-02", "2024-01-03", "2024-01-03", "2024-01-04"],
    ...     "symbol": "ACME", "close": [1.0, 2.0, 3.0, 4.0],
    ...     "known_at": [f"2024-01-0{day}T22:00Z" for day in (2, 3, 9, 4)],
    ... }))
    >>> bars = Bars(panel, find_calendar("XNYS"))
    >>> bars.spine.tolist(), bars.before(1).tolist(), bars.after(1).tolist()
    ([0, 1, 3], [-1, 0, 0, 1], [1, 3, 3, -1])
    """

    panel: Panel
    calendar: Calendar
    shared: pl.DataFrame | None = None  # bars of two names, where the panel is part of a larger one

    def __len__(self) -> int:
        return len(self.panel)

    def once(self, make: Callable[["Bars"], Made]) -> Made:
        """What a function makes of these bars, made once for all the checks that ask. It may not hold the
        bars: such a ring keeps them in memory for long."""
        if make not in self._made:
            self._made[make] = make(self)
        made: Made = self._made[make]
        return made

    @cached_property
    def _made(self) -> dict[Any, Any]:
        return {}

    def column(self, name: str) -> Floats:
        """(rows,) of a column, NaN where there is none."""
        if name in self.panel.columns and self.panel.table.schema[name].is_numeric():
            return floats(self.panel.table[name])
        return np.full(len(self), np.nan)

    @cached_property
    def open(self) -> Floats:
        return self.column("open")

    @cached_property
    def high(self) -> Floats:
        return self.column("high")

    @cached_property
    def low(self) -> Floats:
        return self.column("low")

    @cached_property
    def close(self) -> Floats:
        return self.column("close")

    @cached_property
    def volume(self) -> Floats:
        return self.column("volume")

    @cached_property
    def symbol(self) -> Rows:
        return physical(self.panel.table["symbol"]).astype(np.int64)

    @cached_property
    def stamp(self) -> Moments:
        return micros(self.panel.table["timestamp"])

    @cached_property
    def known(self) -> Moments:
        return micros(self.panel.table["known_at"])

    @property
    def have_range(self) -> bool:
        """Whether these are bars, and not observations of one value that may be a rate or a return."""
        return {"high", "low"} <= set(self.panel.columns)

    @cached_property
    def out_of_order(self) -> Flags:
        """(rows,) whether a price lies outside low..high."""
        prices = np.stack([self.open, self.high, self.low, self.close])
        lowest, highest = np.fmin.reduce(prices), np.fmax.reduce(prices)
        slack = ROUNDING * np.fmax(np.abs(lowest), np.abs(highest))
        outside: Flags = (self.low > lowest + slack) | (self.high < highest - slack)
        return outside

    @cached_property
    def without_price(self) -> Flags:
        """(rows,) whether a price of a bar is exactly zero, which no price is."""
        prices = np.stack([self.open, self.high, self.low, self.close])
        zero: Flags = (prices == 0).any(axis=0) & self.have_range
        return zero

    @cached_property
    def spine(self) -> Rows:
        """The rows of the spine, ascending."""
        return np.flatnonzero(self._in_spine)

    @cached_property
    def in_order(self) -> Flags:
        """(rows,) whether a row is the first version of a bar that was then its symbol's newest."""
        first = ~self.panel.corrections
        order = pl.DataFrame({"symbol": self.symbol, "known": self.known}).filter(first)
        earliest = order.select(pl.col("known").cum_min(reverse=True).over("symbol"))["known"]
        inside = first.copy()
        inside[first] = (order["known"] == earliest).to_numpy()
        return inside

    @cached_property
    def _in_spine(self) -> Flags:
        sound = np.isfinite(self.close) & ~self.out_of_order & ~self.without_price
        return self.in_order & sound

    @cached_property
    def place(self) -> Rows:
        """(rows,) how many rows of the spine, of all symbols, lie before this bar's."""
        counted = np.concatenate([[0], np.cumsum(self._in_spine)])
        start = np.arange(len(self))
        start[self.panel.corrections] = 0
        return counted[np.maximum.accumulate(start)] if len(self) else counted[:0]

    def before(self, nth: int) -> Rows:
        """(rows,) the row of the nth bar of the spine before each, or -1."""
        return self._last if nth == 1 else self._at(self.place - nth)

    @cached_property
    def _last(self) -> Rows:
        return self._at(self.place - 1)

    def after(self, nth: int) -> Rows:
        """(rows,) the row of the nth bar of the spine after each, or -1."""
        mine = self._at(self.place)
        itself = (mine >= 0) & (self.stamp[mine] == self.stamp)
        return self._at(self.place + nth - 1 + itself)

    def _at(self, place: Rows) -> Rows:
        """The row at a place of the spine where that is one of the same symbol, else -1."""
        if not len(self.spine):
            return np.full(len(place), -1)
        row = self.spine[np.clip(place, 0, len(self.spine) - 1)]
        mine = (place >= 0) & (place < len(self.spine)) & (self.symbol[row] == self.symbol)
        return np.where(mine, row, -1)

    def rolled(self, values: Floats, window: int, least: int) -> Floats:
        """(rows,) the median of `values` over the bars of the spine before each row, NaN if few."""
        of_spine = pl.DataFrame({"symbol": self.symbol, "value": values})[self.spine]
        median = pl.col("value").fill_nan(None).rolling_median(window, min_samples=least)
        rolling = of_spine.select(median.over("symbol"))["value"]
        return picked(self._spread(floats(rolling)), self.before(1))

    def _spread(self, of_spine: Floats) -> Floats:
        spread = np.full(len(self), np.nan)
        spread[self.spine] = of_spine
        return spread

    def known_with(self, others: Rows) -> Moments:
        """(rows,) when each row and another (-1: none) were both known."""
        return np.where(others >= 0, np.maximum(self.known, self.known[others]), self.known)

    @cached_property
    def nth(self) -> Rows:
        """(rows,) how many bars of the spine of its symbol lie before each row."""
        codes, first = np.unique(self.symbol[self.spine], return_index=True)
        if not len(codes):
            return np.zeros(len(self), dtype=np.int64)
        at = np.clip(np.searchsorted(codes, self.symbol), 0, len(codes) - 1)
        begins = np.where(codes[at] == self.symbol, first[at], self.place)
        return self.place - begins

    def counted(self, flags: Flags) -> Rows:
        """(rows,) at how many bars of the spine of its symbol, before each row, a flag was set."""
        total = np.concatenate([[0], np.cumsum(flags[self.spine])])
        since: Rows = total[self.place] - total[self.place - self.nth]
        return since

    @cached_property
    def near_zero(self) -> Flags:
        """(rows,) whether a close is below zero, or a tenth of what is usual. One of exactly zero is not
        told from a value that is missing, and says nothing."""
        near: Flags = self.close < 0.1 * self.rolled(np.abs(self.close), 60, 5)
        return np.asarray((near & (self.close != 0)) | (self.close < 0))

    @cached_property
    def like_prices(self) -> Flags:
        """(rows,) whether the closes before have kept away from zero, so that their logs mean something;
        rates and differences do not."""
        if self.have_range:
            return np.ones(len(self), dtype=bool)
        return np.asarray(self.counted(self.near_zero) == 0)

    @cached_property
    def change(self) -> Floats:
        """(rows,) log of the close over the close before it."""
        return log_ratio(self.close, picked(self.close, self.before(1)))

    @cached_property
    def usual_change(self) -> Floats:
        """(rows,) the sd of a change, from the median of the last 60 before each row that were any: where
        a name is seldom traded, bars without a change say nothing."""
        moved = np.where(self.change == 0, np.nan, np.abs(self.change))
        return SD * self.rolled(moved, 60, 8)

    @cached_property
    def opening(self) -> Floats:
        """(rows,) log of the open over the close before it."""
        return log_ratio(self.open, picked(self.close, self.before(1)))

    @cached_property
    def usual_opening(self) -> Floats:
        """(rows,) the sd of that, likewise."""
        return SD * self.rolled(np.abs(self.opening), 60, 8)


SD = 1.4826  # of a normal, per median of its absolute value


def picked(values: Floats, rows: Rows) -> Floats:
    """The values at these rows, NaN at -1.

    >>> picked(np.array([1.0, 2.0]), np.array([1, -1]))
    array([ 2., nan])
    """
    if not len(values):
        return np.full(len(rows), np.nan)
    return np.where(rows >= 0, values[rows], np.nan)


def log_ratio(one: Floats, other: Floats) -> Floats:
    """log(one / other) where both are above zero, else NaN.

    >>> log_ratio(np.array([1.0, -1.0]), np.array([1.0, 1.0]))
    array([ 0., nan])
    """
    both = (one > 0) & (other > 0)
    return np.log(np.where(both, one, np.nan)) - np.log(np.where(both, other, np.nan))
