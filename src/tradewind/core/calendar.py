"""`Calendar`: who knows when a session closes, and how one is found by its name.

Core must stamp a date at its session's close and may not know who keeps the calendars. A package says
that it does, as an entry point in its metadata; asking for those is the one door through which code
is found by name rather than imported. `tradewind.data` is the first that answers.
"""

from datetime import date, timedelta
from functools import cache
from importlib.metadata import entry_points
from typing import Protocol

import polars as pl

from tradewind.core.errors import BadStamp


class Calendar(Protocol):
    """Sessions, and the moment at which each is complete."""

    @property
    def name(self) -> str: ...

    @property
    def publication_lag(self) -> timedelta:
        """How long after its period is complete a row is published."""
        ...

    @property
    def daily(self) -> bool:
        """Whether a session is a day, rather than a month or a quarter."""
        ...

    def sessions(self, first: date, last: date) -> pl.Series:
        """The sessions from first to last, both included, as dates."""
        ...

    def opens(self, sessions: pl.Series) -> pl.Series:
        """When each of these dates begins (UTC); null where it is no session."""
        ...

    def closes(self, sessions: pl.Series) -> pl.Series:
        """When each of these dates is complete (UTC); null where it is no session."""
        ...

    def sessions_of(self, stamps: pl.Series) -> pl.Series:
        """The session to which a period that is complete at each stamp (UTC) belongs."""
        ...


@cache
def find_calendar(name: str) -> Calendar:
    """The calendar of that name, from whichever installed package keeps it.

    >>> find_calendar("24/7").name
    '24/7'
    """
    for entry in entry_points(group="tradewind.calendars"):
        found: Calendar | None = entry.load()(name)
        if found:
            return found
    raise BadStamp(
        f"no installed package keeps a calendar named {name!r}",
        "use an exchange's code such as XNYS or XLON, 24/7, 24/5, or month+45d",
    )
