"""When each row was complete: dates to closes, moments to UTC, and what cannot say is refused.

Nothing is guessed in silence: what was assumed comes back as findings.
"""

from datetime import timedelta
from typing import Literal

import numpy as np
import polars as pl

from tradewind.core.calendar import Calendar
from tradewind.core.errors import BadStamp, nearest
from tradewind.core.finding import Finding
from tradewind.core.moments import all_midnight, as_moments, as_stamps, no_moment
from tradewind.core.tables import UTC_TIME, physical

Stamps = Literal["session", "start", "end"]
Stamped = tuple[pl.DataFrame, tuple[Finding, ...]]
SPARSE_DAYS = 5


def stamped(
    table: pl.DataFrame,
    calendar: Calendar,
    stamps: Stamps | None,
    bar: timedelta | None,
    tz: str | None,
) -> Stamped:
    """Give each row the moment it was complete, its session, and the moment it could be known."""
    _require_sense(stamps, bar)
    if "known_at" in table.columns:
        known = as_moments(table["known_at"], tz, calendar)
        _require_all(known, table["known_at"], "known_at", tz)
        table = table.with_columns(known_at=known)
    when, shown = as_stamps(table["timestamp"], tz)
    if when.dtype == UTC_TIME and {"known_at", "session"} <= set(table.columns):
        days = as_stamps(table["session"], "UTC")[1].dt.date()
        return table.with_columns(when.alias("timestamp"), days.alias("session")), ()
    _require_all(shown, table["timestamp"], "timestamp", tz)
    if stamps == "session" or shown.dtype == pl.Date or (stamps is None and all_midnight(shown)):
        if stamps == "start":
            raise BadStamp(
                f"dates such as {shown[0]} were declared as the start of a bar",
                "give the session on which each row is complete",
            )
        table, findings = _at_close(table.drop("timestamp"), shown, calendar)
    else:
        _require_all(when, table["timestamp"], "timestamp", tz)
        complete, findings = _completed(table, when, stamps, bar)
        table = table.with_columns(timestamp=complete, session=calendar.sessions_of(complete))
    if "known_at" not in table.columns:
        table = table.with_columns(known_at=pl.col("timestamp") + calendar.publication_lag)
    return table, findings


def _require_sense(stamps: Stamps | None, bar: timedelta | None) -> None:
    """Refuse a declaration that nobody could follow, rather than forget it."""
    if stamps not in (None, "session", "start", "end"):
        raise BadStamp(f"stamps={stamps!r}", nearest(str(stamps), ("session", "start", "end")))
    if stamps == "start" and (bar is None or bar <= timedelta(0)):
        raise BadStamp(
            f"stamps='start' with a bar of {bar}",
            "pass its length, such as bar=timedelta(minutes=5) (--bar 5m)",
        )
    if bar is not None and stamps != "start":
        raise BadStamp(
            f"a bar of {bar} was given, and stamps are {stamps or 'not declared'}",
            "pass stamps='start' (--stamps start) with it, or drop it",
        )


def _require_all(read: pl.Series, given: pl.Series, column: str, tz: str | None) -> None:
    if read.null_count():
        row = int(read.is_null().arg_max() or 0)
        why, remedy = no_moment(given, row, tz)
        raise BadStamp(f"row {row} has no {column} ({why})", remedy)


def _at_close(table: pl.DataFrame, shown: pl.Series, calendar: Calendar) -> Stamped:
    """Dates as sessions: complete at their close, by the calendar that was declared."""
    widened = shown.dtype != pl.Date
    days = shown.dt.date()
    closes, findings = _closes(days.unique().sort(), calendar)
    table = table.with_columns(session=days)
    table = table.join(closes, on="session", how="left", maintain_order="left")
    if widened:
        findings = (_MIDNIGHT, *findings)
    if widened and "known_at" in table.columns:
        early = int((table["known_at"] < table["timestamp"]).sum())
        table = table.with_columns(known_at=pl.max_horizontal("known_at", "timestamp"))
        findings = (*findings, *((_known_before_close(early),) if early else ()))
    return table, findings


def _closes(days: pl.Series, calendar: Calendar) -> Stamped:
    """(session, timestamp) for each of these days, and what is to be said of days that are none."""
    closes = pl.DataFrame({"session": days, "timestamp": calendar.closes(days)})
    strangers = closes.filter(pl.col("timestamp").is_null())["session"]
    weekend = strangers.filter(strangers.dt.weekday() > 5)
    if len(weekend) > len(days) / 20:
        raise BadStamp(
            f"{len(weekend)} of {len(days)} dates are weekends, first {weekend[0]}, and no "
            f"sessions of {calendar.name}",
            "declare the calendar the data keeps: 24/7 for crypto, 24/5 for FX, or an exchange's code",
        )
    findings: tuple[Finding, ...] = (_session_of(calendar),)
    apart = float(np.median(np.diff(physical(days)))) if len(days) > 2 else 1.0
    if apart >= SPARSE_DAYS and calendar.daily:
        findings = (_sparse(apart), *findings)
    if not len(strangers):
        return closes, findings
    day = pl.col("session").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    latest_hour = closes.select((pl.col("timestamp") - day).max()).item() or timedelta(days=1)
    closes = closes.with_columns(pl.col("timestamp").fill_null(day + latest_hour))
    return closes, (_no_session(strangers, calendar), *findings)


def _completed(
    table: pl.DataFrame, when: pl.Series, stamps: Stamps | None, bar: timedelta | None
) -> tuple[pl.Series, tuple[Finding, ...]]:
    """The moment each bar was complete, from its start or its end."""
    if bar is not None:
        apart = np.diff(physical(when.unique().sort()))
        short = len(apart) > 0 and int(apart.min()) >= 2 * (bar // timedelta(microseconds=1))
        return when + bar, ((_short_bar(bar, int(apart.min())),) if short else ())
    if stamps is None and "known_at" not in table.columns:
        return when, (_assumed_end(when),)
    return when, ()


_MIDNIGHT = Finding(
    "stamps.midnight",
    "warning",
    "timestamp",
    "daily rows stamped at midnight were read as dates: taken literally each would be known about a "
    "day too early",
    "give dates, or the moment of the close",
)


def _session_of(calendar: Calendar) -> Finding:
    return Finding(
        "stamps.session",
        "info",
        calendar.name,
        f"dates are sessions of {calendar.name}, complete at its close",
        "declare another calendar if that is not so",
    )


def _no_session(days: pl.Series, calendar: Calendar) -> Finding:
    return Finding(
        "stamps.not_a_session",
        "warning",
        calendar.name,
        f"{len(days)} dates are no sessions, first {days[0]}; stamped at the latest usual hour",
        "check the calendar, or drop those rows",
    )


def _sparse(apart: float) -> Finding:
    return Finding(
        "stamps.sparse",
        "warning",
        "timestamp",
        f"rows are {apart:g} days apart; if a date is the first day of "
        "its row, the row is known too early",
        "stamp each row with the session on which it was complete",
    )


def _short_bar(bar: timedelta, apart_us: int) -> Finding:
    return Finding(
        "stamps.short_bar",
        "warning",
        "timestamp",
        f"bars are said to be {bar} long, and none starts less than {timedelta(microseconds=apart_us)} "
        "after another; if they are longer, every row is known too early",
        "declare the length that a bar has",
    )


def _known_before_close(rows: int) -> Finding:
    return Finding(
        "stamps.known_before_close",
        "warning",
        "known_at",
        f"{rows} rows said to be known before their session's close count as known at it",
        "stamp known_at with the hour at which the row arrived",
    )


def _assumed_end(when: pl.Series) -> Finding:
    return Finding(
        "stamps.assumed_end",
        "warning",
        "timestamp",
        f"stamps such as {when[0]} were taken for the end of a bar; if they are its start, every row is "
        "known one bar too early",
        "declare stamps='end', or stamps='start' with the length of a bar",
    )
