"""What a calendar says of its sessions: known in advance, but for closures that nobody foresaw."""

from datetime import date, timedelta

import polars as pl

from tradewind.core.calendar import Calendar

AROUND = 100
"""How many days are looked at on either side: a quarter, and the longest holiday."""
HOUR_US = 3_600_000_000
TURN = 3  # sessions that begin a month


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
