"""Time as an argument: the one file that reads the machine's clock.

A stage never asks what time it is; it is told. So a replay of last year and this morning's decision
are the same call, and a test needs no patching.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Protocol

from tradewind.core.errors import BadStamp


class Clock(Protocol):
    """Something that knows the present moment, in UTC."""

    def now(self) -> datetime: ...


@dataclass(frozen=True)
class SystemClock:
    """The machine's clock.

    >>> SystemClock().now().tzinfo
    datetime.timezone.utc
    """

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True)
class FixedClock:
    """A clock that stands still, for tests and replays.

    >>> noon = datetime(2024, 1, 2, 12, tzinfo=UTC)
    >>> FixedClock(noon).now() == noon
    True
    """

    at: datetime

    def __post_init__(self) -> None:
        utc(self.at)

    def now(self) -> datetime:
        return self.at


def uptime() -> float:
    """Seconds that only ever grow: what a deadline is counted by, since no correction of the clock moves it.

    >>> began = uptime()
    >>> 0 <= uptime() - began < 5
    True
    """
    return monotonic()


def moment_of(text: str) -> datetime:
    """A moment from text, as a person gives it; it must say its zone.

    >>> moment_of("2024-01-31T16:00:00-05:00").isoformat()
    '2024-01-31T21:00:00+00:00'
    >>> moment_of("soon")
    Traceback (most recent call last):
    tradewind.core.errors.BadStamp: 'soon' is no moment: write it as 2024-01-31T16:00:00-05:00
    """
    try:
        return utc(datetime.fromisoformat(text))
    except ValueError as error:
        if isinstance(error, BadStamp):
            raise
        raise BadStamp(f"{text!r} is no moment", "write it as 2024-01-31T16:00:00-05:00") from None


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def micros_of(at: datetime) -> int:
    """Microseconds since 1970, exactly: a float of seconds would lose the last of them.

    >>> micros_of(datetime(2005, 6, 1, 0, 0, 0, 999_999, tzinfo=UTC)) % 1_000_000
    999999
    """
    return (utc(at) - EPOCH) // MICROSECOND


def utc(at: datetime) -> datetime:
    """The same moment in UTC; a naive one is refused, since nobody knows which moment it is, as is a text.

    >>> from zoneinfo import ZoneInfo
    >>> utc(datetime(2024, 7, 1, 16, tzinfo=ZoneInfo("America/New_York")))
    datetime.datetime(2024, 7, 1, 20, 0, tzinfo=datetime.timezone.utc)
    >>> utc(datetime(2024, 7, 1, 16))
    Traceback (most recent call last):
    tradewind.core.errors.BadStamp: 2024-07-01 16:00:00 has no time zone: pass tzinfo=UTC ...
    >>> utc("2024-07-01")
    Traceback (most recent call last):
    tradewind.core.errors.BadStamp: '2024-07-01' is no moment: give a datetime with its zone
    """
    if not isinstance(at, datetime):
        raise BadStamp(f"{at!r} is no moment", "give a datetime with its zone")
    if at.tzinfo is None:
        raise BadStamp(f"{at} has no time zone", "pass tzinfo=UTC (or the zone it was read in)")
    return at.astimezone(UTC)
