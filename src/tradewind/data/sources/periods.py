"""Does a series keep the periods of the calendar that was declared for it?

Stamps of a series are the first days of their periods. Read by a calendar of shorter periods, a value
would be known before its period is over; by one of longer periods, two values would be one.
"""

from datetime import timedelta

import polars as pl

from tradewind.core import find_calendar
from tradewind.core.errors import BadStamp


def require_periods(days: pl.Series, calendar: str, series: str) -> None:
    """Refuse months that were declared and are quarters, or days; daily calendars have none to break.

    >>> quarters = pl.Series(["2024-01-01", "2024-04-01", "2024-07-01"])
    >>> require_periods(quarters, "quarter", "GDP")
    >>> require_periods(quarters, "month", "GDP")
    Traceback (most recent call last):
    tradewind.core.errors.BadStamp: values of GDP are 91 days apart, and by the calendar month each ...
    """
    keeper = find_calendar(calendar)
    starts = (days.str.to_date(strict=False) if days.dtype == pl.String else days).unique().sort()
    if keeper.daily or len(starts) < 2:
        return
    closes = keeper.closes(starts)
    if closes.n_unique() < len(starts):
        raise BadStamp(
            f"{series} has several values in one period of the calendar {calendar}",
            "declare the period that a value covers: --calendar month, quarter, or 24/7 for days",
        )
    known = (closes + keeper.publication_lag).dt.date()
    early = (starts.shift(-1) - known).median()
    apart = starts.diff().median()
    if isinstance(early, timedelta) and isinstance(apart, timedelta) and early > timedelta():
        raise BadStamp(
            f"values of {series} are {apart.days} days apart, and by the calendar {calendar} each is "
            "known before its period is over",
            "declare the period that a value covers: --calendar quarter, or more days after it",
        )
