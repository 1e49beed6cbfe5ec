"""`grid`: the moments at which to decide, where the calendars of a market differ."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from tradewind.core import Calendar, Market, find_calendar
from tradewind.core.clock import utc
from tradewind.core.errors import Misuse, nearest
from tradewind.data.alignment.publications import LONGEST, published

RULES = ("union", "intersection")


def grid(
    calendars: Market | Sequence[str], start: datetime, end: datetime, rule: str = "union"
) -> tuple[datetime, ...]:
    """The moments of decision from start to end, both included, ascending.

    - `union`: whenever a session of any calendar is published, so that no news waits.
    - `intersection`: the days that are sessions of every daily calendar, each at the moment the last of
      them is published. Months and quarters have no days, and take none away.
    - the name of one of the calendars: whenever a session of it is published.

    Published is complete and the calendar's lag later: `month+45d` speaks 45 days after a month's end.

    >>> from datetime import UTC
    >>> span = datetime(2024, 7, 3, tzinfo=UTC), datetime(2024, 7, 6, tzinfo=UTC)
    >>> for rule in ("union", "intersection", "XNYS"):  # the 3rd is half a day, the 4th a holiday
    ...     print(rule, [f"{at:%d %H:%M}" for at in grid(["XNYS", "24/7"], *span, rule)])
    union ['03 00:00', '03 17:00', '04 00:00', '05 00:00', '05 20:00', '06 00:00']
    intersection ['03 00:00', '04 00:00', '06 00:00']
    XNYS ['03 17:00', '05 20:00']
    """
    names = calendars.calendars.values() if isinstance(calendars, Market) else calendars
    found = {name: find_calendar(name) for name in names}
    if not found:
        raise Misuse("a grid of no calendars", "name them, such as XNYS or 24/7")
    if rule not in (*RULES, *found):
        raise Misuse(f"no rule is called {rule!r}", nearest(rule, (*RULES, *found)))
    first, last = utc(start), utc(end)
    if rule == "intersection":
        moments = _shared(found, first, last)
    else:
        chosen = [found[rule]] if rule in found else [*found.values()]
        moments = pl.concat([published(one, first, last)["published"] for one in chosen])
    return tuple(moments.filter(moments >= first).unique().sort())


def _shared(found: Mapping[str, Calendar], first: datetime, last: datetime) -> pl.Series:
    """When the days that all daily calendars share are published by all of them."""
    daily = [one for one in found.values() if one.daily]
    if not daily:
        raise Misuse(
            f"no day is a session of {', '.join(found)}", "add a daily calendar, or use 'union'"
        )
    sessions = pl.concat([published(one, first - LONGEST, last) for one in daily])
    days = sessions.group_by("session").agg(pl.col("published").max(), pl.len().alias("calendars"))
    return days.filter(pl.col("calendars") == len(daily))["published"]
