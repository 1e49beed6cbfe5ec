"""When the sessions of a calendar come out: what a grid is made of, and what ages a bar."""

from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core import Calendar
from tradewind.core.clock import micros_of
from tradewind.core.tables import micros

Moments = npt.NDArray[np.int64]  # microseconds since 1970
LONGEST = timedelta(days=100)  # from a session's label to its close: a quarter is the longest


def publications(calendar: Calendar, start: datetime, end: datetime) -> Moments:
    """The moments in [start, end] at which a session is complete and published, ascending.

    >>> from datetime import UTC
    >>> from tradewind.core import find_calendar
    >>> span = datetime(2024, 7, 3, tzinfo=UTC), datetime(2024, 7, 6, tzinfo=UTC)
    >>> new_york = publications(find_calendar("XNYS"), *span)  # a half day, a holiday, a day
    >>> [str(moment) for moment in new_york.astype("datetime64[us]").astype("datetime64[m]")]
    ['2024-07-03T17:00', '2024-07-05T20:00']
    """
    table = published(calendar, start, end)
    return micros(table["published"])


def published(calendar: Calendar, start: datetime, end: datetime) -> pl.DataFrame:
    """(session, published) of each session published in [start, end]."""
    first = (start - calendar.publication_lag - LONGEST).date()
    sessions = calendar.sessions(first, end.date())
    if not len(sessions):
        return pl.DataFrame(schema={"session": pl.Date, "published": pl.Datetime("us", "UTC")})
    moments = calendar.closes(sessions) + calendar.publication_lag
    table = pl.DataFrame({"session": sessions, "published": moments})
    inside = micros(table["published"])
    inside_span = (micros_of(start) <= inside) & (inside <= micros_of(end))
    return table.filter(pl.Series(inside_span))
