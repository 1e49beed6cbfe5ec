"""What a calendar says of its sessions: known in advance, but for closures that nobody foresaw."""

from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl

from tradewind.core.arrays import Floats, Ints
from tradewind.core.calendar import Calendar, find_calendar
from tradewind.core.tables import floats, micros, physical

AROUND = 100
"""How many days are looked at on either side: a quarter, and the longest holiday."""
HOUR_US = 3_600_000_000
TURN = 3  # sessions that begin a month
TOLD = (
    *("turn_of_month", "sessions_to_month_end", "sessions_to_quarter_end"),
    *("days_to_session", "days_from_session", "holiday_after", "holiday_before"),
    *("session_hours", "next_session_hours"),
)
OPENS, CLOSES, MONTH_AHEAD, MONTH = range(len(TOLD), len(TOLD) + 4)
KEPT = len(TOLD) + 4
BLOCK = 128
"""Days that are looked up together: few enough that an exchange knows its sessions so far ahead."""


def told_of(calendar: str, blocks: Ints) -> Floats:
    """(told, opens, closes, month ahead and month; days) of each day of these blocks, which are counted since
    1970; of a day without a session the month alone, NaN else. Months are counted since year 0.

    >>> days = told_of("XNYS", np.array([154]))[:, [22, 23]]  # a Friday, and a Saturday
    >>> days[:4].tolist(), days[MONTH].tolist() == [2024 * 12.0] * 2
    ([[0.0, nan], [12.0, nan], [52.0, nan], [4.0, nan]], True)
    """
    if len(blocks) == 1:
        return _block(calendar, int(blocks[0]))
    nothing = np.empty((KEPT, 0))
    return np.hstack([nothing, *(_block(calendar, block) for block in blocks.tolist())])


@cache
def _block(calendar: str, block: int) -> Floats:
    """What is told of these days: a live bar looks it up."""
    days = np.arange(block * BLOCK, (block + 1) * BLOCK).astype("datetime64[D]")
    first, last = days[[0, -1]].tolist()
    table = days_of(find_calendar(calendar), first, last)
    here = physical(table["session"]).astype(np.int64) - block * BLOCK
    out = np.full((KEPT, BLOCK), np.nan)
    out[: len(TOLD), here] = [floats(table[name]) for name in TOLD]
    out[OPENS, here], out[CLOSES, here] = micros(table["opens"]), micros(table["closes"])
    out[MONTH_AHEAD, here] = floats(table["month_ahead"])
    out[MONTH] = days.astype("datetime64[M]").astype(np.int64) + 12 * 1970
    return out


def days_of(calendar: Calendar, first: date, last: date) -> pl.DataFrame:
    """A row a session: how far the next one is, and the ends of the month and the quarter, and how long it is.

    `month_ahead` counts the months since year 0 up to that of the next session. Weekends are no holidays.

    >>> from tradewind.core import find_calendar
    >>> days = days_of(find_calendar("XNYS"), date(2024, 12, 23), date(2024, 12, 26))
    >>> days.select("session", "days_to_session", "holiday_after", "sessions_to_month_end", "session_hours").rows()
    [(datetime.date(2024, 12, 23), 1, 0, 5, 6.5),
     (datetime.date(2024, 12, 24), 2, 1, 4, 3.5),
     (datetime.date(2024, 12, 26), 1, 0, 3, 6.5)]
    """
    around = timedelta(days=AROUND)
    sessions = calendar.sessions(first - around, last + around)
    session, after = pl.col("session"), _near(pl.col("session").shift(-1))
    table = (
        pl.DataFrame(
            {
                "session": sessions,
                "opens": calendar.opens(sessions),
                "closes": calendar.closes(sessions),
            }
        )
        .with_columns(
            session_hours=(pl.col("closes") - pl.col("opens")).dt.total_microseconds() / HOUR_US,
            days_to_session=(after - session).dt.total_days(),
            days_from_session=(session - _near(session.shift(1))).dt.total_days(),
            sessions_to_month_end=_left("1mo"),
            sessions_to_quarter_end=_left("3mo"),
            turn_of_month=((_left("1mo") == 0) | (_place("1mo") < TURN)).cast(pl.Int64),
            month_ahead=after.dt.year().cast(pl.Int64) * 12 + after.dt.month() - 1,
            holiday_after=_holiday(session, after) if calendar.daily else pl.lit(None, pl.Int64),
        )
        .with_columns(
            next_session_hours=pl.when(after.is_not_null()).then(pl.col("session_hours").shift(-1)),
            holiday_before=pl.col("holiday_after").shift(1),
        )
    )
    return table.filter(session.is_between(first, last))


def _near(other: pl.Expr) -> pl.Expr:
    """Of a session that may lie outside of what is looked at nothing is said."""
    far = (other - pl.col("session")).dt.total_days().abs() > AROUND
    return pl.when(~far).then(other)


def _holiday(session: pl.Expr, after: pl.Expr) -> pl.Expr:
    return (pl.business_day_count(session.dt.offset_by("1d"), after) > 0).cast(pl.Int64)


def _place(period: str) -> pl.Expr:
    return pl.int_range(pl.len()).over(pl.col("session").dt.truncate(period))


def _left(period: str) -> pl.Expr:
    length = pl.len().cast(pl.Int64).over(pl.col("session").dt.truncate(period))
    return length - 1 - _place(period)
