"""How long to wait: between two questions, and after one that was not answered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tradewind.core import Clock, Rng

Sleep = Callable[[float, str], None]
"""Waits so many seconds, and may tell somebody why."""


class Busy(Exception):
    """Not now: what was said, and how long the provider asks us to wait, if it does."""

    def __init__(self, said: str, wait_s: float | None = None) -> None:
        super().__init__(said)
        self.wait_s = wait_s


@dataclass(frozen=True)
class Patience:
    """How often a question is asked again, and after how long.

    Pauses double up to a limit, each shortened at random by up to half, so that many who were turned
    away together do not come back together. A provider that asks for more than `longest_s` is asked
    again another day:

    >>> from tradewind.core import stream
    >>> rng = stream(7, "retries")
    >>> [0.5 * 2**n <= Patience().pause(n, rng) <= 2**n for n in range(4)]
    [True, True, True, True]
    >>> Patience().pause(0, rng, asked_s=3600) is None
    True
    """

    tries: int = 5
    first_s: float = 1.0
    longest_s: float = 120.0

    def pause(self, tried: int, rng: Rng, asked_s: float | None = None) -> float | None:
        """Seconds to wait after that many earlier tries, or None where waiting is no use."""
        if asked_s is not None:
            return asked_s if asked_s <= self.longest_s else None
        return float(min(self.first_s * 2**tried, self.longest_s) * rng.uniform(0.5, 1.0))


@dataclass
class Pace:
    """At most so many questions a minute, evenly spread.

    >>> from tradewind.core import FixedClock
    >>> from datetime import UTC
    >>> waits = []
    >>> def sleep(seconds, why):
    ...     waits.append((seconds, why))
    >>> pace = Pace(5, FixedClock(datetime(2024, 1, 2, tzinfo=UTC)), sleep)
    >>> pace.wait(), pace.wait(), waits
    (None, None, [(12.0, '5 questions a minute')])
    """

    per_minute: float
    clock: Clock
    sleep: Sleep
    last: datetime | None = None

    @property
    def apart_s(self) -> float:
        """Seconds from one question to the next."""
        return 60 / self.per_minute

    def wait(self) -> None:
        """Sleep until the next question may be asked."""
        if self.last is not None:
            gap = self.last + timedelta(seconds=self.apart_s) - self.clock.now()
            if gap > timedelta():
                self.sleep(gap.total_seconds(), f"{self.per_minute:g} questions a minute")
        self.last = self.clock.now()
