"""What a clock wrote, as moments in UTC: dates, text, numbers, date-times; or refused."""

from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl

from tradewind.core.calendar import Calendar
from tradewind.core.errors import BadStamp

Clocks = tuple[pl.Series, pl.Series]  # moments in UTC, and as the clock that wrote them showed them
FIRST_YEAR, LAST_YEAR = (
    1700,
    2200,
)  # nothing was traded before, and nobody knows of what comes after
EARLIEST_S = 315_532_800  # 1980: below it a number is likelier a year, a row or a serial date


def as_stamps(column: pl.Series, tz: str | None) -> Clocks:
    """Moments in UTC, and what the clock that wrote them showed; dates stay dates.

    What cannot be read, and what lies centuries away, has neither. An hour that the clock of `tz` skipped, or showed twice, is shown
    and is no moment: to take the first of two would be to know a row an hour too early.

    A midnight is a midnight on the clock that wrote it, so a date is never read from another zone's:

    >>> tokyo = pl.Series(["2024-07-03T00:00:00+09:00"])
    >>> [str(stamp[0]) for stamp in as_stamps(tokyo, None)]
    ['2024-07-02 15:00:00+00:00', '2024-07-03 00:00:00']
    """
    when, shown = _read(column, tz)
    near = shown.dt.year().is_between(FIRST_YEAR, LAST_YEAR) | shown.is_null()
    if near.all():
        return when, shown
    return when.zip_with(near, _nothing(when)), shown.zip_with(near, _nothing(shown))


def _nothing(column: pl.Series) -> pl.Series:
    return column.clear(len(column))


def _read(column: pl.Series, tz: str | None) -> Clocks:
    if column.dtype == pl.Date:
        return column, column
    if column.dtype == pl.String:
        days = _days(column)
        return _parsed(column, tz) if days is None else (days, days)
    if column.dtype.is_integer() or column.dtype.is_float():
        return _from_numbers(column)
    if isinstance(column.dtype, pl.Datetime):
        return _from_datetimes(column.dt.cast_time_unit("us"), tz)
    raise BadStamp(
        f"a timestamp cannot be {column.dtype}", "give dates, date-times or text of either"
    )


def as_moments(column: pl.Series, tz: str | None, calendar: Calendar) -> pl.Series:
    """A known_at column in UTC; one of dates counts as known at the end of that day."""
    when, _ = as_stamps(column, tz)
    if when.dtype == pl.Date:
        day_end = when.cast(pl.Datetime("us")).dt.replace_time_zone("UTC") + timedelta(days=1)
        latest = pl.select(pl.max_horizontal(day_end, calendar.closes(when))).to_series()
        return latest.set(when.is_null(), None)
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


def _parsed(column: pl.Series, tz: str | None) -> Clocks:
    """Text with hours: all with an offset of one zone, or all without and a zone declared."""
    text = column.str.replace(" ", "T").str.replace(r"[zZ]$", "+00:00")
    offsets = text.str.extract(r"T.*([+-]\d{2}:?\d{2})$")
    bare = text.str.replace(r"(T.*)[+-]\d{2}:?\d{2}$", "$1")
    try:
        shown = bare.str.to_datetime(time_unit="us", strict=False)
    except pl.exceptions.ComputeError:  # polars found no form in which any of them is a moment
        shown = pl.Series(bare.name, [None] * len(bare), dtype=pl.Datetime("us"))
    if offsets.is_null().all():
        return _from_datetimes(shown, tz)
    _require_one_zone(column, offsets, tz)
    sign = offsets.str.slice(0, 1).replace({"-": "-1", "+": "1"}).cast(pl.Int64)
    minutes = offsets.str.slice(1, 2).cast(pl.Int64) * 60 + offsets.str.slice(-2).cast(pl.Int64)
    shift = (sign * minutes * 60_000_000).cast(pl.Duration("us"))
    return (shown - shift).dt.replace_time_zone("UTC"), shown


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
            "write them all in one zone (UTC is best), or pass tz= (--tz) to say that the mix is meant",
        )


def _from_numbers(column: pl.Series) -> Clocks:
    """20240131 is a date; a count of s, ms, us or ns since 1970 is a moment in UTC."""
    numbers = column.cast(pl.Int64)
    if numbers.is_between(1900_01_01, 2200_12_31).all():
        days = numbers.cast(pl.String).str.to_date("%Y%m%d", strict=False)
        return days, days
    known = numbers.drop_nulls()
    smallest, largest = min(known, default=0), max(known, default=0)
    for per_second in (1, 10**3, 10**6, 10**9):  # s, ms, us, ns: told apart by size until 2286
        if EARLIEST_S * per_second <= smallest and largest < 10**10 * per_second:
            micro = numbers * (10**6 // per_second) if per_second < 10**9 else numbers // 1000
            shown = micro.cast(pl.Datetime("us"))
            return shown.dt.replace_time_zone("UTC"), shown
    raise BadStamp(
        f"numbers from {smallest} to {largest} are no moments",
        "give dates as 20240131, or seconds, ms, us or ns since 1970 (from 1980 on)",
    )


def _from_datetimes(column: pl.Series, tz: str | None) -> Clocks:
    """Naive ones need the zone they were read in, unless they are plain days."""
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone:
        return column.dt.convert_time_zone("UTC"), column.dt.replace_time_zone(None)
    if tz is None and all_midnight(column):
        return column.dt.replace_time_zone("UTC"), column
    if tz is None:
        raise BadStamp(
            f"timestamps such as {column.drop_nulls()[0]} have no time zone",
            "pass tz= (--tz on the command line), the zone of the clock that wrote them, such as "
            "America/New_York or UTC",
        )
    twice: Literal["earliest", "null"] = "earliest" if all_midnight(column) else "null"
    try:
        local = column.dt.replace_time_zone(tz, ambiguous=twice, non_existent="null")
    except pl.exceptions.ComputeError as error:
        raise BadStamp(f"there is no time zone {tz!r}", "use an IANA name such as UTC") from error
    return local.dt.convert_time_zone("UTC"), column


def no_moment(given: pl.Series, row: int, tz: str | None) -> tuple[str, str]:
    """Why a value is no moment, and the remedy: its clock did not show it just once, or nobody can read it.

    >>> spring = pl.Series(["2024-03-10 02:30:00"])
    >>> no_moment(spring, 0, "America/New_York")[0]
    '2024-03-10 02:30:00 does not exist in America/New_York: its clocks were put forward'
    >>> no_moment(pl.Series(["soon", "2024-01-02"]), 0, None)[0]
    "'soon' could not be read"
    >>> no_moment(pl.Series(["0001-01-01"]), 0, None)[0]
    "'0001-01-01' is not of the years 1700 to 2200"
    """
    written = given.slice(row, 1)
    if written.dtype.is_temporal():
        written = written.cast(pl.String)
    shown = as_stamps(written, tz)[1][0]
    if shown is None and _read(written, tz)[1].null_count() == 0:
        return f"{written[0]!r} is not of the years {FIRST_YEAR} to {LAST_YEAR}", "correct its year"
    if not isinstance(shown, datetime) or tz is None:
        return (
            f"{written[0]!r} could not be read",
            "write dates as 2024-01-31 and moments as 2024-01-31T16:00:00-05:00",
        )
    before, after = (shown.replace(tzinfo=ZoneInfo(tz), fold=one) for one in (0, 1))
    skipped = (before.utcoffset() or timedelta()) < (after.utcoffset() or timedelta())
    happened = (
        f"does not exist in {tz}: its clocks were put forward"
        if skipped
        else f"exists twice in {tz}: its clocks were put back"
    )
    return (
        f"{shown} {happened}",
        f"write such moments with their offset, as {before.isoformat()}, or all in UTC",
    )


def all_midnight(shown: pl.Series) -> bool:
    """Dates that were widened to date-times."""
    return bool((shown.drop_nulls().dt.time() == time(0)).all())
