"""Stamps that a wrong clock made: outside the session, hours off, or the same bar minutes apart."""

import numpy as np

from tradewind.core.arrays import Flags
from tradewind.data.quality.bars import Bars, picked
from tradewind.data.quality.hours import MINUTE, SEEN, Hours
from tradewind.data.quality.verdicts import Check, Marks, marked

LATE = 30 * MINUTE  # by which a daily stamp may differ from the symbol's habit
HABIT = 0.05  # share of bars outside the session from which it is no fault


def off_session(bars: Bars) -> Marks:
    """Daily bars stamped far from where the symbol's are, and intraday bars outside their session.

    A symbol that has many of them trades in extended hours, and is left alone.
    """
    hours = Hours(bars)
    away = hours.after_close - hours.usually_after_close
    daily = hours.daily & (hours.nth_day >= 0) & (np.abs(away) >= LATE)
    intraday = ~hours.daily & hours.outside & ~_by_habit(bars, hours)
    judged = hours.told_at < np.iinfo(np.int64).max

    def reason(row: int) -> str:
        if hours.daily[row]:
            return f"stamped {away[row] / (60 * MINUTE):+.3g} h from where its bars usually are"
        return f"stamped outside the session of {bars.panel.table['session'][row]}"

    return marked(bars, judged & (daily | intraday), reason, hours.told_at)


def _by_habit(bars: Bars, hours: Hours) -> Flags:
    """(rows,) whether a symbol's bars so far, or its first forty, are often outside the session."""
    often = bars.counted(hours.outside) > HABIT * bars.nth
    codes = bars.symbol
    size = int(codes.max(initial=-1)) + 1
    early = bars.spine[bars.nth[bars.spine] < SEEN]
    of_first = np.bincount(codes[early], hours.outside[early].astype(float), size)
    return np.where(bars.nth >= SEEN, often, of_first[codes] > 0.3 * SEEN)


def no_session(bars: Bars) -> Marks:
    """Rows on days on which the declared calendar has no session."""
    strangers = Hours(bars).nth_day < 0
    return marked(bars, strangers, lambda row: f"{bars.panel.table['session'][row]} is no session")


def told_twice(bars: Bars) -> Marks:
    """A bar that moved, and is to the last digit the bar before it."""
    before = bars.before(1)
    same = (before >= 0) & ~bars.panel.corrections & (bars.high > bars.low)
    for values in (bars.open, bars.high, bars.low, bars.close, bars.volume):
        same &= (values == picked(values, before)) | np.isnan(values)
    same &= bars.volume != 0

    def reason(row: int) -> str:
        minutes = (bars.stamp[row] - bars.stamp[before[row]]) / MINUTE
        ago = f"{minutes / 1440:.3g} days" if minutes > 1440 else f"{minutes:.4g} minutes"
        ago = "a day" if minutes == 1440 else ago
        return f"the bar of {ago} before, again"

    return marked(bars, same, reason)


CHECKS = (
    Check(
        "clock.off_session",
        "error",
        "are stamped outside their session",
        "find the clock that wrote them, correct the stamps and read them again",
        off_session,
    ),
    Check(
        "clock.no_session",
        "warning",
        "lie on days without a session",
        "declare the calendar that the data keeps, or drop them",
        no_session,
    ),
    Check(
        "clock.told_twice",
        "warning",
        "are the bar before them under another stamp",
        "drop the repeat; two clocks wrote the same bar",
        told_twice,
    ),
)
