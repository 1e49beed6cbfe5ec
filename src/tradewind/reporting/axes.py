"""Scales, and ticks where a reader expects them: at round numbers, and at the turn of months and years."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil, exp, floor, log, log10

import numpy as np

from tradewind.core.arrays import Floats

HOUR = timedelta(hours=1)
SHORT_STEPS = tuple(HOUR * hours for hours in (1, 3, 6, 12, 24, 48, 7 * 24, 14 * 24))
MONTH_STEPS = (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200)
MONTH = timedelta(days=30.44)
MONDAY = datetime(1900, 1, 1, tzinfo=UTC)
LOG_STEPS = ((1.0, 1.5, 2.0, 3.0, 5.0, 7.0), (1.0, 2.0, 5.0), (1.0, 3.0), (1.0,))
Ticks = tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Scale:
    """From values in [low, high] to pixels in [start, end]; pixels may run backwards.

    >>> Scale(0.0, 10.0, 100.0, 0.0).at(2.5), Scale(1.0, 100.0, 0.0, 50.0, log=True).at(10.0)
    (75.0, 25.0)
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        return float(self.along(np.array([value]))[0])

    def along(self, values: Floats) -> Floats:
        """(n,) values as pixels; NaN stays NaN."""
        low, high = (log(self.low), log(self.high)) if self.log else (self.low, self.high)
        seen = np.log(values) if self.log else values
        return self.start + (seen - low) / (high - low) * (self.end - self.start)


def number_ticks(low: float, high: float, most: int) -> tuple[float, ...]:
    """Round numbers around [low, high], at most so many steps of 1, 2, 2.5 or 5 times a power of ten.

    >>> number_ticks(0.013, 0.094, 5), number_ticks(3.0, 3.0, 4)
    ((0.0, 0.02, 0.04, 0.06, 0.08, 0.1), (2.6, 2.8, 3.0, 3.2, 3.4))
    """
    if high - low <= 1e-9 * max(abs(low), abs(high)):  # flat, or closer than figures can say
        pad = abs(low) / 10 or 0.5
        low, high = low - pad, high + pad
    smallest = (high - low) / most
    power = 10.0 ** floor(log10(smallest))
    for times in (1.0, 2.0, 2.5, 5.0, 10.0, 20.0, 25.0):
        step = times * power
        first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
        if last - first <= most:
            break
    return tuple(float(f"{i * step:.12g}") for i in range(first, last + 1))


def labelled(ticks: tuple[float, ...]) -> Ticks:
    """Numbers with as many decimals as their steps need, and no more.

    >>> labelled((-0.5, 0.0, 0.5))
    ((-0.5, '−0.5'), (0.0, '0.0'), (0.5, '0.5'))
    """
    steps = [after - before for before, after in pairwise(ticks)]
    decimals = 0
    while decimals < 9 and any(abs(round(t, decimals) - t) > min(steps) / 100 for t in ticks):
        decimals += 1
    return tuple((tick, f"{tick:,.{decimals}f}".replace("-", "−")) for tick in ticks)


def log_ticks(low: float, high: float, most: int) -> tuple[float, ...]:
    """Round numbers inside [low, high] that are evenly spread on a log scale.

    >>> log_ticks(0.8, 12.0, 5)
    (1.0, 2.0, 5.0, 10.0)
    """
    powers = range(floor(log10(low)), ceil(log10(high)) + 1)
    for digits in LOG_STEPS:
        ticks = [float(f"{d * 10.0**p:.12g}") for p in powers for d in digits]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) <= most:
            break
    return tuple(ticks[:: ceil(len(ticks) / most)])


def log_bounds(low: float, high: float) -> tuple[float, float]:
    """A little air above and below on a log scale."""
    air = exp(0.05 * log(high / low))
    return low / air, high * air


def time_ticks(low: datetime, high: datetime, most: int) -> tuple[tuple[datetime, str], ...]:
    """Where years, months or days begin in [low, high], at most so many; each year is named once.

    >>> [label for _, label in time_ticks(MONDAY.replace(year=2022, month=3), MONDAY.replace(year=2023, month=8), 6)]
    ['Apr 2022', 'Jul', 'Oct', '2023', 'Apr', 'Jul']
    """
    for step in SHORT_STEPS:
        if high - low < step * (most + 1) and high - low < 3 * MONTH:
            ticks = tuple(_each(low, high, step))
            if len(ticks) <= most:
                return _named(ticks, whole_days=step >= 24 * HOUR)
    for months in MONTH_STEPS:
        ticks = tuple(_months(low, high, months))
        if len(ticks) <= most:
            break
    return _named(ticks, whole_days=True)


def _each(low: datetime, high: datetime, step: timedelta) -> Iterator[datetime]:
    """Multiples of step counted from a Monday's midnight."""
    tick = MONDAY + ceil((low - MONDAY) / step) * step
    while tick <= high:
        yield tick
        tick += step


def _months(low: datetime, high: datetime, step: int) -> Iterator[datetime]:
    """First days of every step-th month, counted from January."""
    month = ceil((low.year * 12 + low.month - 1) / step) * step
    while (tick := datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)) <= high:
        if tick >= low:
            yield tick
        month += step


def _named(ticks: tuple[datetime, ...], *, whole_days: bool) -> tuple[tuple[datetime, str], ...]:
    """Each tick by what changed: the hour, the day, the month or the year."""
    monthly = all(tick.day == 1 for tick in ticks)
    labels = []
    for place, tick in enumerate(ticks):
        day = f"{tick:%b}" if monthly else f"{tick.day} {tick:%b}"
        if place == 0 and not (monthly and tick.month == 1):
            labels.append(f"{day} {tick.year}")
        elif monthly and whole_days and tick.month == 1:
            labels.append(f"{tick.year}")
        else:
            labels.append(day if whole_days or tick.hour == 0 else f"{tick:%H:%M}")
    return tuple(zip(ticks, labels, strict=True))
