"""`Hours`: the sessions of a panel's calendar, and what each symbol's own first bars say of its habits."""

from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import polars as pl

from tradewind.core.arrays import Flags, Floats
from tradewind.core.tables import micros, physical
from tradewind.data.quality.bars import Bars, Moments, Rows

SEEN = 40  # first bars of a symbol that tell its habits
MINUTE = 60_000_000  # microseconds
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Hours:
    """When the session of each row begins and ends, and each symbol's step, all (rows,).

    Habits are read from the first forty bars that came, and stand from the moment the fortieth is
    known (`told_at`): so a longer history never changes what was said of a shorter one.

    >>> from tradewind.core import find_calendar
    >>> from tradewind.data.synthetic import make_market
    >>> hours = Hours(Bars(make_market("fx", 1, 60, "1h").panel, find_calendar("24/5")))
    >>> int(hours.step[0]) // MINUTE, bool(hours.daily[0])
    (60, False)
    """

    bars: Bars

    @cached_property
    def session(self) -> Rows:
        return physical(self.bars.panel.table["session"]).astype(np.int64)

    @cached_property
    def days(self) -> Rows:
        """The calendar's sessions from the first of the panel to its last."""
        column = self.bars.panel.table["session"]
        first, last = cast("tuple", (column.min(), column.max()))  # type: ignore[type-arg]
        return physical(self.bars.calendar.sessions(first, last)).astype(np.int64)

    @cached_property
    def nth_day(self) -> Rows:
        """(rows,) the place of each row's session among the days, -1 where it is none. A month may be
        named by any of its days."""
        if not len(self.days):
            return np.full(len(self.bars), -1)
        named, of = np.unique(self.session, return_inverse=True)
        closes = self.bars.calendar.closes(pl.Series(named).cast(pl.Int32).cast(pl.Date))
        place = np.searchsorted(self.days, named, side="right") - 1
        return np.where(closes.is_not_null().to_numpy(), place, -1)[of]

    @cached_property
    def edges(self) -> tuple[Moments, Moments]:
        """(days,) when each session begins, and ends."""
        calendar = self.bars.calendar
        days = pl.Series(self.days).cast(pl.Int32).cast(pl.Date)
        return micros(calendar.opens(days)), micros(calendar.closes(days))

    @cached_property
    def _habits(self) -> tuple[Moments, Flags, Moments, Moments, Flags]:
        """For each row, of its symbol: step, daily, usual offset from the close, told_at, sparse."""
        size = int(self.bars.symbol.max(initial=-1)) + 1
        step, told_at = np.ones(size, np.int64), np.full(size, NEVER)
        daily, sparse, offset = np.zeros(size, bool), np.zeros(size, bool), np.zeros(size, np.int64)
        came = np.flatnonzero(self.bars.in_order)
        for rows in _by_symbol(self.bars.symbol, came):
            first, code = rows[:SEEN], self.bars.symbol[rows[0]]
            if len(first) < SEEN:
                continue
            told_at[code] = self.bars.known[first[-1]]
            another_day = np.diff(self.session[first]) != 0
            daily[code] = another_day.mean() > 0.75
            offset[code] = np.median(self.after_close[first])
            steps = np.diff(self.bars.stamp[first])[~another_day]
            if len(steps):
                step[code] = max(int(np.sort(steps)[len(steps) // 4]), 1)
                sparse[code] = (steps > step[code]).mean() > 0.1
        of = self.bars.symbol
        return step[of], daily[of], offset[of], told_at[of], sparse[of]

    @property
    def step(self) -> Moments:
        """(rows,) the time from bar to bar of each symbol, where it is not daily."""
        return self._habits[0]

    @property
    def daily(self) -> Flags:
        """(rows,) whether a symbol has one bar a session."""
        return self._habits[1]

    @property
    def usually_after_close(self) -> Moments:
        """(rows,) by how much a symbol's stamps are usually later than the close."""
        return self._habits[2]

    @property
    def told_at(self) -> Moments:
        """(rows,) when a symbol's habits were known; never for a symbol of few bars."""
        return self._habits[3]

    @property
    def sparse(self) -> Flags:
        """(rows,) whether a symbol has no bar where nobody traded."""
        return self._habits[4]

    @cached_property
    def after_close(self) -> Moments:
        """(rows,) how much later than its session's close a row is stamped; 0 where that is none."""
        if not len(self.days):
            return np.zeros_like(self.bars.stamp)
        return np.where(self.nth_day >= 0, self.bars.stamp - self.edges[1][self.nth_day], 0)

    @cached_property
    def outside(self) -> Flags:
        """(rows,) whether a row is stamped outside its session, or in another than it says."""
        if not len(self.days):
            return np.zeros(len(self.bars), dtype=bool)
        says = self.bars.calendar.sessions_of(self.bars.panel.table["timestamp"])
        other = physical(says).astype(np.int64) != self.session
        early = self.bars.stamp <= self.edges[0][self.nth_day]
        outside: Flags = (self.nth_day >= 0) & (early | (self.after_close > 0) | other)
        return outside

    def nth_bar(self) -> Floats:
        """(rows,) which bar of the calendar each row is, counted from the first; NaN outside."""
        nth = np.full(len(self.bars), np.nan)
        known = (self.nth_day >= 0) & (self.told_at < NEVER)
        for step in np.unique(np.where(self.daily, 0, self.step)[known]).tolist():
            mine = known & (np.where(self.daily, 0, self.step) == step)
            nth[mine] = self._counted(mine, step)
        return nth

    def _counted(self, mine: Flags, step: int) -> Floats:
        day = self.nth_day[mine]
        if step == 0:
            return day.astype(float)
        begin, end = self.edges
        size = -(-(end - begin) // step)
        before = np.concatenate([[0], np.cumsum(size)])
        within = -(-(self.bars.stamp[mine] - begin[day]) // step)
        nth: Floats = (before[day] + np.clip(within, 1, size[day])).astype(float)
        return nth


def _by_symbol(symbol: Rows, rows: Rows) -> list[Rows]:
    """Ascending rows, split where the symbol changes."""
    breaks = np.flatnonzero(np.diff(symbol[rows])) + 1
    return np.split(rows, breaks) if len(rows) else []
