"""What a calendar says of its sessions: known in advance, but for closures that nobody foresaw."""

from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl

from tradewind.core.calendar import Calendar, find_calendar
from tradewind.core.tables import floats, micros, physical
from tradewind.features.seen import Floats, Ints

AROUND = 100
"""How many days are looked at on either side: a quarter, and the longest holiday."""
HOUR_US = 3_600_000_000
TURN = 3  # sessions that begin a month
TOLD = (
    *("turn_of_month", "sessions_to_month_end", "sessions_to_quarter_end"),
    *("days_to_session", "days_from_session", "holiday_after", "holiday_before"),
    *("session_hours", "next_session_hours"),
)
OPENS, CLOSES, MONTH_AHEAD = range(len(TOLD), len(TOLD) + 3)


def told_of(calendar: str, days: Ints) -> Floats:
    """(told and opens, closes, month ahead; days) of each of these days, counted since 1970; NaN of a day
    without a session.

    >>> told_of("XNYS", np.array([19_734, 19_735]))[:4].tolist()  # a Friday, and a Saturday
    [[0.0, nan], [12.0, nan], [52.0, nan], [4.0, nan]]
    """
    out = np.full((len(TOLD) + 3, len(days)), np.nan)
    quarters = months_of(days) // 3
    for quarter in np.unique(quarters).tolist():
        sessions, told = _quarter(calendar, quarter)
        mine = np.flatnonzero(quarters == quarter)
        place = np.minimum(np.searchsorted(sessions, days[mine]), len(sessions) - 1)
        here = sessions[place] == days[mine] if len(sessions) else np.zeros(len(mine), np.bool_)
        out[:, mine[here]] = told[:, place[here]]
    return out


def months_of(days: Ints) -> Ints:
    """The month of each day, both counted since 1970.

    >>> months_of(np.array([0, 30, 31, 366])).tolist()
    [0, 0, 1, 12]
    """
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


@cache
def _quarter(calendar: str, quarter: int) -> tuple[Ints, Floats]:
    """The sessions of a quarter, counted since 1970, and what is told of them: a live bar looks it up."""
    first, end = (date(1970 + q // 4, q % 4 * 3 + 1, 1) for q in (quarter, quarter + 1))
    days = days_of(find_calendar(calendar), first, end - timedelta(days=1))
    hours = (micros(days["opens"]), micros(days["closes"]))
    told = np.vstack([*(floats(days[name]) for name in TOLD), *hours, floats(days["month_ahead"])])
    return physical(days["session"]).astype(np.int64), told


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
