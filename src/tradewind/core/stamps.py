"""When each row was complete: dates to closes, moments to UTC, and what cannot say is refused.

Nothing is guessed in silence: what was assumed comes back as findings.
"""

from datetime import time, timedelta
from typing import Literal

import polars as pl

from tradewind.core.calendar import Calendar
from tradewind.core.errors import BadStamp
from tradewind.core.finding import Finding
from tradewind.core.tables import UTC_TIME, micros

Stamps = Literal["session", "start", "end"]
Stamped = tuple[pl.DataFrame, tuple[Finding, ...]]
DAY_US = 86_400_000_000


def stamped(
    table: pl.DataFrame,
    calendar: Calendar,
    stamps: Stamps | None,
    bar: timedelta | None,
    tz: str | None,
) -> Stamped:
    """Give each row the moment it was complete, its session, and the moment it could be known."""
    if "known_at" in table.columns:
        table = table.with_columns(known_at=as_moments(table["known_at"], tz, calendar))
    when = as_stamps(table["timestamp"], tz)
    if when.dtype == UTC_TIME and {"known_at", "session"} <= set(table.columns):
        return table.with_columns(when, session=as_stamps(table["session"], "UTC").dt.date()), ()
    if when.null_count():
        row = int(when.is_null().arg_max() or 0)
        raise BadStamp(
            f"row {row} has no timestamp ({table['timestamp'][row]!r} could not be read)",
            "write dates as 2024-01-31 and moments as 2024-01-31T16:00:00-05:00",
        )
    if when.dtype == pl.Date or stamps == "session" or (stamps is None and _all_midnight(when)):
        table, findings = _at_close(table.with_columns(timestamp=when), calendar)
    else:
        complete, findings = _completed(table, when, stamps, bar)
        table = table.with_columns(timestamp=complete, session=calendar.sessions_of(complete))
    if "known_at" not in table.columns:
        table = table.with_columns(known_at=pl.col("timestamp") + calendar.publication_lag)
    return table, findings


def _at_close(table: pl.DataFrame, calendar: Calendar) -> Stamped:
    """Dates as sessions: complete at their close, by the calendar that was declared."""
    widened = table.schema["timestamp"] != pl.Date
    closes, findings = _closes(table["timestamp"].dt.date().unique().sort(), calendar)
    table = table.with_columns(session=pl.col("timestamp").dt.date()).drop("timestamp")
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
    findings = (_session_of(calendar),)
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
    if stamps == "start" and not bar:
        raise BadStamp("stamps='start' needs the length of a bar", "pass bar=timedelta(...)")
    if stamps == "start":
        return when + bar, ()
    if stamps is None and "known_at" not in table.columns:
        return when, (_assumed_end(when),)
    return when, ()


def as_stamps(column: pl.Series, tz: str | None) -> pl.Series:
    """Dates stay dates; everything else becomes moments in UTC, or is refused."""
    if column.dtype == pl.Date:
        return column
    if column.dtype == pl.String:
        days = _days(column)
        return _parsed_moments(column, tz) if days is None else days
    if column.dtype.is_integer() or column.dtype.is_float():
        return _from_numbers(column)
    if isinstance(column.dtype, pl.Datetime):
        return _in_utc(column.dt.cast_time_unit("us"), tz)
    raise BadStamp(
        f"a timestamp cannot be {column.dtype}", "give dates, date-times or text of either"
    )


def as_moments(column: pl.Series, tz: str | None, calendar: Calendar) -> pl.Series:
    """A known_at column in UTC; one of dates counts as known at the end of that day."""
    when = as_stamps(column, tz)
    if when.dtype == pl.Date:
        day_end = when.cast(pl.Datetime("us")).dt.replace_time_zone("UTC") + timedelta(days=1)
        return pl.select(pl.max_horizontal(day_end, calendar.closes(when))).to_series()
    return when


def _days(column: pl.Series) -> pl.Series | None:
    """Text that is a day and no more, as 2024-01-31 or 20240131."""
    text = column.drop_nulls()
    for pattern, form in ((r"^\d{4}-\d{2}-\d{2}$", "%Y-%m-%d"), (r"^\d{8}$", "%Y%m%d")):
        if text.str.contains(pattern).all():
            return column.str.to_date(form, strict=False)
    if text.str.contains(r"^\d{1,2}[/.]\d{1,2}[/.]\d{4}").any():
        raise BadStamp(
            f"{text[0]!r} could be day or month first", "write dates as 2024-01-31 (year first)"
        )
    return None


def _parsed_moments(column: pl.Series, tz: str | None) -> pl.Series:
    """Text with hours: all with an offset of one zone, or all without and a zone declared."""
    text = column.str.replace(" ", "T").str.replace(r"[zZ]$", "+00:00")
    offsets = text.str.extract(r"T.*([+-]\d{2}:?\d{2})$")
    local = text.str.replace(r"(T.*)[+-]\d{2}:?\d{2}$", "$1").str.to_datetime(
        time_unit="us", strict=False
    )
    if offsets.is_null().all():
        return _in_utc(local, tz)
    _require_one_zone(column, offsets, tz)
    sign = offsets.str.slice(0, 1).replace({"-": "-1", "+": "1"}).cast(pl.Int64)
    minutes = offsets.str.slice(1, 2).cast(pl.Int64) * 60 + offsets.str.slice(-2).cast(pl.Int64)
    shift = (sign * minutes * 60_000_000).cast(pl.Duration("us"))
    return (local - shift).dt.replace_time_zone("UTC")


def _require_one_zone(column: pl.Series, offsets: pl.Series, tz: str | None) -> None:
    """Refuse stamps of which some carry an offset and some do not, and offsets of several zones.

    Summer and winter time of one zone are an hour apart, so an hour is no mix.
    """
    bare = column.filter(offsets.is_null() & column.is_not_null())
    if len(bare):
        raise BadStamp(
            f"some timestamps carry an offset and some do not, such as {bare[0]!r}",
            "write them all with their offset",
        )
    found = offsets.drop_nulls().unique().sort()
    hours = found.str.slice(0, 3).cast(pl.Int64).sort()
    if tz is None and hours[-1] - hours[0] > 1:
        raise BadStamp(
            f"timestamps mix the time zones {', '.join(found)}",
            "write them all in one zone (UTC is best), or pass tz= to say that the mix is meant",
        )


def _from_numbers(column: pl.Series) -> pl.Series:
    """20240131 is a date; a count of s, ms, us or ns since 1970 is a moment in UTC."""
    numbers = column.cast(pl.Int64)
    if numbers.is_between(1900_01_01, 2200_12_31).all():
        return numbers.cast(pl.String).str.to_date("%Y%m%d", strict=False)
    largest = max(numbers.drop_nulls(), default=0)
    for per_second in (1, 10**3, 10**6, 10**9):  # s, ms, us, ns: told apart by size until 2286
        if largest < 10**10 * per_second:
            micro = numbers * (10**6 // per_second) if per_second < 10**9 else numbers // 1000
            return micro.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    raise BadStamp(f"{largest} is no moment", "give seconds, ms, us or ns since 1970, or dates")


def _in_utc(column: pl.Series, tz: str | None) -> pl.Series:
    """Moments in UTC. Naive ones need the zone they were read in, unless they are plain days."""
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone:
        return column.dt.convert_time_zone("UTC")
    if tz is None:
        if (column.drop_nulls().dt.time() == time(0)).all():
            return column.dt.replace_time_zone("UTC")
        raise BadStamp(
            f"timestamps such as {column.drop_nulls()[0]} have no time zone",
            "pass tz= (--tz on the command line), the zone of the clock that wrote them, such as "
            "America/New_York or UTC",
        )
    try:
        local = column.dt.replace_time_zone(tz, ambiguous="earliest", non_existent="null")
    except pl.exceptions.ComputeError as error:
        raise BadStamp(f"there is no time zone {tz!r}", "use an IANA name such as UTC") from error
    return local.dt.convert_time_zone("UTC")


def _all_midnight(when: pl.Series) -> bool:
    """Dates that were widened to date-times."""
    return not (micros(when) % DAY_US).any()


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
