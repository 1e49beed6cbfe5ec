"""Which of the sessions that were to be expected have a row: counted by symbol, and laid out in time."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl

from tradewind.core import find_calendar
from tradewind.core.arrays import Ints
from tradewind.core.tables import physical

LINES, SLOTS = 60, 120
# Days in a row of which one is a session, where that is not four: an exchange closes for three.
ONE_SESSION = {"24/7": 1, "month": 31, "quarter": 92}
Days = Mapping[str, Ints]  # calendar -> its sessions, as days since 1970


def sessions_of(calendars: Sequence[str], first: date, last: date) -> Days:
    """The sessions of each calendar between two dates, both included; no calendar that has none there."""
    found = {name: find_calendar(name).sessions(first, last) for name in calendars}
    return {name: physical(days).astype(np.int64) for name, days in found.items() if len(days)}


def placed(days: pl.DataFrame, sessions: Days) -> pl.DataFrame:
    """The rows of (symbol, session, calendar) with `nth`, the place of the session in its calendar;
    null where the date is none of its sessions, or no calendar is kept. A month may be named by any of
    its days, and is its first from here on.

    >>> days = pl.DataFrame({"symbol": "A", "calendar": "month", "session": [date(2024, 2, 29)]})
    >>> placed(days, sessions_of(["month"], date(2024, 1, 31), date(2024, 3, 1))).rows()
    [('A', 'month', datetime.date(2024, 2, 1), 1)]
    """
    date_of = physical(days["session"]).astype(np.int64)
    nth = np.full(len(days), -1)
    for name, open_days in sessions.items():
        mine = (days["calendar"] == name).fill_null(False).to_numpy()
        place = np.searchsorted(open_days, date_of[mine], side="right") - 1
        exact = (place >= 0) & (open_days[place] == date_of[mine])
        within = exact | (name in ("month", "quarter"))
        nth[mine] = np.where(within, place, -1)
        date_of[mine] = np.where(within, open_days[place], date_of[mine])
    session = pl.Series("session", date_of).cast(pl.Int32).cast(pl.Date)
    return days.with_columns(session, pl.Series("nth", nth).replace(-1, None))


def gaps(days: pl.DataFrame, sessions: Days) -> pl.DataFrame:
    """For each symbol with a calendar: expected, gaps, longest, after (the date before the longest), and
    behind (sessions from its last to the last of all).

    >>> days = pl.DataFrame({"symbol": ["A", "A", "B"], "calendar": "24/7",
    ...     "session": [date(2024, 1, 1), date(2024, 1, 5), date(2024, 1, 6)]})
    >>> open_days = sessions_of(["24/7"], date(2024, 1, 1), date(2024, 1, 6))
    >>> gaps(placed(days, open_days), open_days).drop("after").rows()
    [('A', 5, 3, 3, 1), ('B', 1, 0, 0, 0)]
    """
    held = days.drop_nulls("nth").sort("symbol", "nth", maintain_order=True)
    held = held.with_columns(
        missing=(pl.col("nth").diff().over("symbol") - 1).clip(0).fill_null(0),
        before=pl.col("session").shift(1).over("symbol"),
    )
    last = {"calendar": [*sessions], "end": [len(open_days) - 1 for open_days in sessions.values()]}
    ends = pl.DataFrame(last, schema={"calendar": pl.String, "end": pl.Int64})
    longest = pl.col("missing").arg_max()
    held = held.join(ends, on="calendar", maintain_order="left")
    return held.group_by("symbol", maintain_order=True).agg(
        expected=pl.col("nth").last() - pl.col("nth").first() + 1,
        gaps=pl.col("missing").sum(),
        longest=pl.col("missing").max(),
        after=pl.when(pl.col("missing").max() > 0).then(pl.col("before").get(longest)),
        behind=pl.col("end").last() - pl.col("nth").last(),
    )


def strip(days: pl.DataFrame, sessions: Days, first: date, last: date) -> pl.DataFrame:
    """(line, begins, ends, share): the span cut into at most 120 slots, and of each line the share of
    the sessions expected in a slot on which there is a row. A line is a symbol, or a stretch of the
    alphabet where there are over 60; of symbols without a calendar all that is there was expected.

    >>> days = pl.DataFrame({"symbol": "A", "calendar": "24/7",
    ...     "session": [date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 4)]})
    >>> open_days = sessions_of(["24/7"], date(2024, 1, 1), date(2024, 1, 4))
    >>> strip(placed(days, open_days), open_days, date(2024, 1, 1), date(2024, 1, 4))["share"].to_list()
    [1.0, 1.0, 0.0, 1.0]
    """
    edges = _edges(first, last, tuple(sessions))
    spans = days.group_by(pl.col("symbol").cast(pl.String)).agg(
        pl.col("calendar").first(), pl.col("nth").min(), last=pl.col("nth").max()
    )
    spans = spans.sort("symbol")
    present = _counted(days, spans["symbol"], edges)
    expected = present.copy()
    cuts = {name: np.searchsorted(open_days, edges) for name, open_days in sessions.items()}
    for row, (_, calendar, begin, end) in enumerate(spans.iter_rows()):
        if begin is not None:
            since, until = cuts[calendar][:-1], cuts[calendar][1:]
            due = np.minimum(until, end + 1) - np.maximum(since, begin)
            expected[row] = np.clip(due, 0, None)
    return _lines(spans["symbol"], np.minimum(present, expected), expected, edges)


def _edges(first: date, last: date, calendars: Sequence[str]) -> Ints:
    """(slots + 1,) the days at which slots begin, and the end of the last; each holds a session."""
    days = (last - first).days + 1
    least = max((ONE_SESSION.get(name, 4) for name in calendars), default=1)
    edges = np.linspace(0, days, min(max(days // least, 1), SLOTS) + 1).round()
    return edges.astype(np.int64) + (first - date(1970, 1, 1)).days


def _counted(days: pl.DataFrame, names: pl.Series, edges: Ints) -> Ints:
    """(symbols, slots) on how many sessions there is a row; dates that are no session do not count."""
    days = days.filter(pl.col("calendar").is_null() | pl.col("nth").is_not_null())
    size = len(edges) - 1
    of = physical(days["symbol"].cast(pl.String).cast(pl.Enum(names))).astype(np.int64)
    slot = np.searchsorted(edges, physical(days["session"]), side="right") - 1
    counts = np.bincount(of * size + np.clip(slot, 0, size - 1), minlength=len(names) * size)
    return counts.reshape(-1, size)


def _lines(names: pl.Series, present: Ints, expected: Ints, edges: Ints) -> pl.DataFrame:
    """The shares, by line and slot, where anything was expected."""
    rows = []
    for group in np.array_split(np.arange(len(names)), min(len(names), LINES)):
        first, last = names[int(group[0])], names[int(group[-1])]
        label = first if len(group) == 1 else f"{first} to {last}"
        was, due = present[group].sum(axis=0), expected[group].sum(axis=0)
        rows += [(label, edges[k], edges[k + 1], was[k] / due[k]) for k in np.flatnonzero(due)]
    schema = {"line": pl.String, "begins": pl.Int32, "ends": pl.Int32, "share": pl.Float64}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    return table.with_columns(pl.col("begins", "ends").cast(pl.Date))
