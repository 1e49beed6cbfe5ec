"""`coarser`: the bars of a panel gathered into longer ones, each known once it is complete."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Literal

import numpy as np
import polars as pl

from tradewind.core.calendar import find_calendar
from tradewind.core.errors import Misuse, nearest
from tradewind.core.panel import KEYS, Panel
from tradewind.core.tables import UTC_TIME, micros

Every = Literal["5m", "15m", "30m", "1h", "4h", "1d", "1w", "1mo"]
BY_SESSION = ("1d", "1w", "1mo")
EVERY = ("5m", "15m", "30m", "1h", "4h", *BY_SESSION)
_ENDS = "ends"


def coarser(panel: Panel, every: Every, calendar: str = "XNYS") -> Panel:
    """Bars of 5 minutes to a month from shorter ones, without a glance ahead.

    Hours and minutes end by the clock (UTC); days, weeks and months with the close of their last session
    in the calendar, and what trades after it belongs to the next. A bar is known once one that ends with
    it, or later, is known of its symbol, so an unfinished week is not there; where the last bars are
    missing it is known with the first of the next. A calendar knows closures that nobody foresaw (the
    week of September 2001 was over on its Monday); only those are known too early. A correction of a day is a new version of its week.
    Highs and lows are the extremes, volumes the sum, opens the first and all else the last; what one bar
    lacks the longer one lacks.

    >>> days = ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08"]
    >>> panel = Panel.from_frame(pl.DataFrame({"date": days, "symbol": "ACME", "close": range(5)}))
    >>> week = coarser(panel, "1w").table  # complete on Friday; the second week has only begun
    >>> week["close"].to_list(), str(week["known_at"][0])
    ([3.0], '2024-01-05 21:00:00+00:00')
    """
    if every not in EVERY:
        raise Misuse(f"bars of {every!r}", nearest(every, EVERY))
    if not len(panel):
        return panel
    ends = ends_of(panel, every, calendar)
    known, superseded = panel.life
    rows = panel.table.with_columns(
        ends.alias(_ENDS), since=pl.Series(known), until=pl.Series(superseded)
    )
    longer = (
        _versions(rows)
        .join(rows.drop("known_at"), on=["symbol", _ENDS], maintain_order="left_right")
        .filter(pl.col("known_at").to_physical().is_between("since", "until", closed="left"))
        .group_by("symbol", _ENDS, "known_at", maintain_order=True)
        .agg(gathered(panel.columns))
    )
    return Panel(longer.rename({_ENDS: "timestamp"}).select(panel.table.columns).sort(KEYS))


def ends_of(panel: Panel, every: Every, calendar: str) -> pl.Series:
    """The end of the longer bar to which each bar belongs."""
    stamps, days = panel.table["timestamp"], panel.table["session"]
    if every not in BY_SESSION:
        return _by_clock(stamps, every)
    first, last = days.min(), days.max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    return _by_calendar(stamps, first, last, every, calendar)


def end_of(at: datetime, every: Every, calendar: str) -> datetime:
    """The end of the longer bar to which a bar belongs that is complete at a moment.

    >>> from datetime import UTC
    >>> end_of(datetime(2024, 1, 3, 21, tzinfo=UTC), "1w", "XNYS").isoformat()
    '2024-01-05T21:00:00+00:00'
    """
    stamps, week = pl.Series([at]).cast(UTC_TIME), timedelta(days=7)
    if every in BY_SESSION:
        ends = _by_calendar(stamps, at.date() - week, at.date() + week, every, calendar)
    else:
        ends = _by_clock(stamps, every)
    found: datetime = ends[0]
    return found


def _by_clock(stamps: pl.Series, every: str) -> pl.Series:
    """The end of the stretch of time in which each bar ended."""
    begins = stamps.dt.offset_by("-1us").dt.truncate(every)
    return begins.dt.offset_by(every)


def _by_calendar(
    stamps: pl.Series, first: date, last: date, every: Every, calendar: str
) -> pl.Series:
    """The close of the session, week or month in which each bar ended; all of them lie between two days."""
    keeper = find_calendar(calendar)
    sessions = keeper.sessions(first, last + timedelta(days=40))
    closes = pl.DataFrame({"period": sessions.dt.truncate(every), "close": keeper.closes(sessions)})
    ends = closes.group_by("period", maintain_order=True).agg(pl.col("close").max())["close"]
    return ends.gather(np.searchsorted(micros(ends), micros(stamps)))


def _versions(rows: pl.DataFrame) -> pl.DataFrame:
    """(symbol, ends, known_at) of each bar that is complete, from then on whenever it changes."""
    complete = rows.select(
        "symbol", pl.col("timestamp"), pl.col("known_at").cum_min(reverse=True).over("symbol")
    ).unique(["symbol", "timestamp"], keep="first", maintain_order=True)
    changes = rows.select("symbol", _ENDS, changed="known_at").join_asof(
        complete,
        left_on=_ENDS,
        right_on="timestamp",
        by="symbol",
        strategy="forward",
        check_sortedness=False,
    )
    changes = changes.drop_nulls("known_at").with_columns(pl.max_horizontal("known_at", "changed"))
    return changes.select("symbol", _ENDS, "known_at").unique(maintain_order=True)


def gathered(names: Iterable[str]) -> list[pl.Expr]:
    """The session and these columns of a longer bar, of the group of the bars that it is made of."""
    return [pl.col("session").last(), *map(_gathered, names)]


def _gathered(name: str) -> pl.Expr:
    column = pl.col(name)
    if name == "open":
        return column.first()
    whole = column.null_count() == 0
    if name == "high":
        return pl.when(whole).then(column.max())
    if name == "low":
        return pl.when(whole).then(column.min())
    if name == "volume":
        total = column.cum_sum().last()  # one after the other: `sum` adds in an order of its own
        return pl.when(whole & total.is_finite()).then(total)
    return column.last()
