"""Calendars: exchanges, round the clock, Sunday evening to Friday evening, and months with a lag.

The only file that knows exchange_calendars. Dates are labels of sessions; a session is complete at its
close, which is early on half days:

>>> days = pl.Series([date(2024, 7, 2), date(2024, 7, 3), date(2024, 7, 4)])
>>> find_calendar("XNYS").closes(days).to_list()[1:]
[datetime.datetime(2024, 7, 3, 17, 0, tzinfo=zoneinfo.ZoneInfo(key='UTC')), None]
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import polars as pl

from tradewind.core.calendar import Calendar
from tradewind.core.errors import BadStamp

DAY = timedelta(days=1)
EARLIEST = date(1900, 1, 1)


def find_calendar(name: str) -> Calendar | None:
    """The calendar of that name, or None: an exchange's code, 24/7, 24/5, month or month+45d."""
    if name == "24/7":
        return AroundTheClock()
    if name == "24/5":
        return WeekdaysNewYork()
    if found := re.fullmatch(r"(month|quarter)(?:\+(\d+)d)?", name):
        return Periods(found[1], timedelta(days=int(found[2] or 0)))
    return Exchange(name) if name in _exchange_names() else None


@dataclass(frozen=True)
class AroundTheClock:
    """24/7: a session is a UTC day, complete at the next midnight.

    >>> AroundTheClock().closes(pl.Series([date(2024, 1, 6)]))[0].isoformat()
    '2024-01-07T00:00:00+00:00'
    """

    name: str = "24/7"
    publication_lag: timedelta = timedelta()
    daily: bool = True

    def sessions(self, first: date, last: date) -> pl.Series:
        return pl.date_range(first, last, eager=True).alias("session")

    def opens(self, sessions: pl.Series) -> pl.Series:
        return _utc_midnight(sessions)

    def closes(self, sessions: pl.Series) -> pl.Series:
        return _utc_midnight(sessions) + DAY

    def sessions_of(self, stamps: pl.Series) -> pl.Series:
        return (stamps - timedelta(microseconds=1)).dt.date()


@dataclass(frozen=True)
class WeekdaysNewYork:
    """24/5: sessions Monday to Friday, complete at 17:00 in New York, when the FX day turns.

    >>> fx = WeekdaysNewYork()
    >>> fx.closes(pl.Series([date(2024, 7, 5), date(2024, 7, 6)])).is_null().to_list()
    [False, True]
    """

    name: str = "24/5"
    publication_lag: timedelta = timedelta()
    daily: bool = True

    def sessions(self, first: date, last: date) -> pl.Series:
        days = pl.date_range(first, last, eager=True).alias("session")
        return days.filter(days.dt.weekday() <= 5)

    def opens(self, sessions: pl.Series) -> pl.Series:
        """17:00 in New York on the evening before, Sunday's for a Monday."""
        return self._at_five(sessions, -DAY)

    def closes(self, sessions: pl.Series) -> pl.Series:
        return self._at_five(sessions, timedelta())

    def _at_five(self, sessions: pl.Series, shift: timedelta) -> pl.Series:
        weekday = sessions.set(sessions.dt.weekday() > 5, None)
        at_five = weekday.cast(pl.Datetime("us")) + shift + timedelta(hours=17)
        return at_five.dt.replace_time_zone("America/New_York").dt.convert_time_zone("UTC")

    def sessions_of(self, stamps: pl.Series) -> pl.Series:
        local = stamps.dt.convert_time_zone("America/New_York").dt.replace_time_zone(None)
        days = (local + timedelta(hours=7, microseconds=-1)).dt.date()
        to_monday = (
            pl.when(days.dt.weekday() > 5).then(8 - days.dt.weekday().cast(pl.Int64)).otherwise(0)
        )
        return pl.select(days + pl.duration(days=to_monday)).to_series()


@dataclass(frozen=True)
class Periods:
    """Months or quarters, complete when they end (UTC) and published some days later.

    >>> month = Periods("month", timedelta(days=45))
    >>> month.closes(pl.Series([date(2024, 2, 1)]))[0].isoformat(), month.publication_lag.days
    ('2024-03-01T00:00:00+00:00', 45)
    """

    period: str
    publication_lag: timedelta
    daily: bool = False

    @property
    def name(self) -> str:
        return f"{self.period}+{self.publication_lag.days}d"

    @property
    def _step(self) -> str:
        return "1mo" if self.period == "month" else "3mo"

    def sessions(self, first: date, last: date) -> pl.Series:
        """The first day of each period."""
        starts = pl.Series([first, last]).dt.truncate(self._step)
        return pl.date_range(starts[0], starts[1], self._step, eager=True).alias("session")

    def opens(self, sessions: pl.Series) -> pl.Series:
        return _utc_midnight(sessions.dt.truncate(self._step))

    def closes(self, sessions: pl.Series) -> pl.Series:
        return _utc_midnight(sessions.dt.truncate(self._step).dt.offset_by(self._step))

    def sessions_of(self, stamps: pl.Series) -> pl.Series:
        return (stamps - timedelta(microseconds=1)).dt.date().dt.truncate(self._step)


@dataclass(frozen=True)
class Exchange:
    """The sessions of an exchange, by its ISO 10383 code.

    >>> Exchange("XNYS").sessions(date(2023, 12, 29), date(2024, 1, 3)).to_list()
    [datetime.date(2023, 12, 29), datetime.date(2024, 1, 2), datetime.date(2024, 1, 3)]
    """

    name: str
    publication_lag: timedelta = timedelta()
    daily: bool = True

    def sessions(self, first: date, last: date) -> pl.Series:
        hours = _exchange_hours(self.name, first, last)
        return hours.filter(pl.col("session").is_between(first, last))["session"]

    def opens(self, sessions: pl.Series) -> pl.Series:
        """When each of these sessions begins (UTC); null where it is none."""
        return self._hours(sessions, "open")

    def closes(self, sessions: pl.Series) -> pl.Series:
        return self._hours(sessions, "close")

    def sessions_of(self, stamps: pl.Series) -> pl.Series:
        zone = str(_exchange(self.name, EARLIEST).tz)
        return (stamps - timedelta(microseconds=1)).dt.convert_time_zone(zone).dt.date()

    def _hours(self, sessions: pl.Series, column: str) -> pl.Series:
        wanted = sessions.to_frame("session")
        hours = _exchange_hours(self.name, sessions.min(), sessions.max())  # type: ignore[arg-type]
        return wanted.join(hours, on="session", how="left", maintain_order="left")[column]


@cache
def _exchange_names() -> frozenset[str]:
    import exchange_calendars

    return frozenset(exchange_calendars.get_calendar_names(include_aliases=False))


@cache
def _exchange(name: str, start: date) -> Any:
    """The vendor's calendar; its own default begins twenty years ago, so `start` is always given."""
    import exchange_calendars

    try:
        return exchange_calendars.get_calendar(name, start=start)
    except ValueError:
        earliest = exchange_calendars.get_calendar(name).bound_min()
        return exchange_calendars.get_calendar(name, start=earliest)


def _exchange_hours(name: str, first: date | None, last: date | None) -> pl.DataFrame:
    """(session, open, close) of the exchange from the decade of `first` on."""
    start = date((first or EARLIEST).year // 10 * 10, 1, 1)
    hours = _hours_since(name, start)
    latest = hours["session"].max()
    if last and isinstance(latest, date) and last > latest:
        raise BadStamp(
            f"the calendar {name} ends at {latest}, before {last}",
            "check the dates: they lie in the future",
        )
    return hours


@cache
def _hours_since(name: str, start: date) -> pl.DataFrame:
    schedule = _exchange(name, start).schedule
    return pl.DataFrame(
        {
            "session": pl.Series(schedule.index.to_numpy()).cast(pl.Date),
            "open": _from_numpy(schedule["open"]),
            "close": _from_numpy(schedule["close"]),
        }
    )


def _from_numpy(moments: Any) -> pl.Series:
    plain = moments.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
    return pl.Series(plain).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _utc_midnight(days: pl.Series) -> pl.Series:
    return days.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
