"""When the bars of a market are complete: its calendar cut into bars."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core.arrays import Floats
from tradewind.core.calendar import Calendar, find_calendar
from tradewind.core.errors import Misuse
from tradewind.core.tables import UTC_TIME, micros
from tradewind.data.synthetic.kinds import Freq, Kind

LAST = date(2025, 1, 2)
EARLIEST = date(1900, 1, 1)
STEPS: dict[Freq, timedelta] = {"1h": timedelta(hours=1), "1m": timedelta(minutes=1)}

Moments = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Grid:
    """The moments of `periods` bars and of the one to come, which the truth already speaks of.

    All columns are (periods + 1,). `share` is the part of its session that a bar covers, `place` where
    its middle lies in it (0 to 1), `after_closure` whether the market was shut before it.

    >>> from tradewind.data.synthetic.kinds import find_kind
    >>> grid = make_grid(find_kind("equity"), "1h", 7)
    >>> grid.bars.select("timestamp", "share", "after_closure").rows()[-1][1:]
    (0.07..., False)
    >>> grid.periods, str(grid.bars["timestamp"][-1])
    (7, '2025-01-02 21:00:00+00:00')
    """

    bars: pl.DataFrame
    lag: timedelta

    @property
    def periods(self) -> int:
        return len(self.bars) - 1

    @property
    def ends(self) -> pl.Series:
        """(periods,) when each bar of the panel is complete."""
        return self.bars["timestamp"][:-1]

    def column(self, name: str) -> Floats:
        """One column as numbers, (periods + 1,)."""
        return self.bars[name].cast(pl.Float64).to_numpy()


def make_grid(kind: Kind, freq: Freq, periods: int) -> Grid:
    """The last `periods` bars before a fixed day, so that no clock is asked."""
    calendar = find_calendar(kind.calendar)
    sessions = _sessions(calendar, kind, _sessions_for(kind, freq, periods))
    opens, closes = micros(calendar.opens(sessions)), micros(calendar.closes(sessions))
    bars = _cut(opens, closes, STEPS.get(freq)).tail(periods + 1)
    if len(bars) <= periods:
        raise Misuse(
            f"the calendar {kind.calendar} has {len(bars) - 1} bars of {freq} up to {LAST}, "
            f"fewer than the {periods} asked for",
            "ask for fewer periods",
        )
    labels = sessions.gather(bars["of"])
    return Grid(bars.drop("of").with_columns(session=labels), calendar.publication_lag)


def _sessions_for(kind: Kind, freq: Freq, periods: int) -> int:
    """How many sessions surely hold that many bars; half days hold fewer."""
    hours = 24 if kind.calendar != "XNYS" else 6
    bars_a_session = {"1h": hours, "1m": hours * 60}.get(freq, 1)
    whole = periods // bars_a_session + 2
    return whole if bars_a_session == 1 else whole + whole // 10 + 3


def _sessions(calendar: Calendar, kind: Kind, count: int) -> pl.Series:
    """The last `count` sessions, or as many as there are since 1900."""
    days = count * 366 // kind.sessions_a_year + 40
    first = date.fromordinal(max(LAST.toordinal() - days, EARLIEST.toordinal()))
    return calendar.sessions(first, LAST).tail(count)


def _cut(opens: Moments, closes: Moments, step: timedelta | None) -> pl.DataFrame:
    """Each session cut into bars of `step`, the last one shorter where it must be; or left whole."""
    length = closes - opens
    width = length if step is None else np.full_like(length, int(step.total_seconds() * 1e6))
    count = -(-length // width)
    of = np.repeat(np.arange(len(count)), count)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    start = opens[of] + nth * width[of]
    end = np.minimum(start + width[of], closes[of])
    return pl.DataFrame(
        {
            "timestamp": pl.Series(end).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            "share": (end - start) / length[of],
            "place": ((start + end) / 2 - opens[of]) / length[of],
            "after_closure": np.concatenate([[True], start[1:] > end[:-1]]),
            "of": of,
        },
        schema_overrides={"timestamp": UTC_TIME},
    )
