"""The calendar as features: where each symbol's last bar lies in its session, week and month, and how the
month ahead went in the years before."""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numba
import numpy as np
import polars as pl

from tradewind.core import find_calendar
from tradewind.core.tables import floats, micros
from tradewind.features.runs import Runs
from tradewind.features.seasons.days import days_of
from tradewind.features.seen import Floats, Ints, Seen
from tradewind.features.spec import FeatureSpec, Units

YEARS = 5
LEAST_YEARS = 2
LOOKBACK = (12 * YEARS + 2) * 31  # daily bars
DAY_US = 86_400_000_000
_MONTHS = 64  # of which closes are kept: two more than five years, and a power of 2
_Row = tuple[str, int, Units, str, str]
_ROWS: tuple[_Row, ...] = (
    ("day_of_week", 1, "value", "day of the week, Monday is 1", "weekday(session)"),
    ("month", 1, "value", "month of the year", "month(session)"),
    ("turn_of_month", 1, "share", "1 in the last session of a month and the first three", "calendar"),
    ("sessions_to_month_end", 1, "bars", "sessions that are left of the month", "calendar"),
    ("sessions_to_quarter_end", 1, "bars", "sessions that are left of the quarter", "calendar"),
    ("days_to_session", 1, "value", "days until the next session", "calendar"),
    ("days_from_session", 1, "value", "days since the session before", "calendar"),
    ("holiday_after", 1, "share", "1 if a weekday without a session comes next", "calendar"),
    ("holiday_before", 1, "share", "1 if one lies just behind", "calendar"),
    ("session_hours", 1, "value", "length of the session: half days are short", "close - open"),
    ("next_session_hours", 1, "value", "length of the next session", "calendar"),
    ("session_share", 1, "share", "how much of the session is over", "s = (t - open) / (close - open)"),
    ("session_sine", 1, "share", "the same on a circle", "sin(2 pi s)"),
    ("session_cosine", 1, "share", "the same on a circle", "cos(2 pi s)"),
    ("days_since_bar", 2, "value", "days from the symbol's bar before", "t - t[-1]"),
    ("season", LOOKBACK, "log", f"mean return in the month of the next session, in {YEARS} years before",
     "mean over years of log(c[month end] / c[month end before])"),
)  # fmt: skip
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OF_CALENDAR = tuple(row[0] for row in _ROWS[2:11])


@dataclass(frozen=True)
class Seasonal:
    """A family of the calendar that the bars keep. A bar on a day without a session has no place in it.

    A Friday before a Monday without trading, on which New York closed as usual:

    >>> from tradewind.core import Panel
    >>> panel = Panel.from_frame(pl.DataFrame({"date": ["2024-01-11", "2024-01-12"], "symbol": "A", "close": 1.0}))
    >>> values = Seasonal().values(Seen(panel, panel.moments[-1:]))[:, 0]
    >>> said = dict(zip((spec.name for spec in SPECS), values.tolist()))
    >>> [said[name] for name in ("day_of_week", "days_to_session", "holiday_after", "days_since_bar", "season")]
    [5.0, 4.0, 1.0, 1.0, nan]
    """

    calendar: str = "XNYS"

    @property
    def name(self) -> str:
        return "seasonal"

    @property
    def doc(self) -> str:
        return "the place of the bar in its session, week, month and quarter, and the season"

    @property
    def specs(self) -> tuple[FeatureSpec, ...]:
        return SPECS

    def values(self, seen: Seen) -> Floats:
        """(features, answers)."""
        out = np.full((len(SPECS), len(seen.moment)), np.nan)
        if not len(seen.moment):
            return out
        days = self._days(seen)
        bars = seen.panel.table[seen.newest].select("session", "timestamp")
        said = bars.join(days, "session", "left", maintain_order="left")
        out[0] = floats(said["session"].dt.weekday())
        out[1] = floats(said["session"].dt.month())
        for row, name in enumerate(_OF_CALENDAR, start=2):
            out[row] = floats(said[name])
        begin, end = micros(said["opens"].fill_null(EPOCH)), micros(said["closes"].fill_null(EPOCH))
        _share(micros(said["timestamp"]), begin, end, out[11:14])
        out[14] = _since_bar(seen)
        out[15] = _season(seen, days)
        return out

    def _days(self, seen: Seen) -> pl.DataFrame:
        """What the calendar says of each session that had a bar by then."""
        sessions = seen.panel.table["session"][seen.runs.rows]
        first, last = sessions.min(), sessions.max()
        assert isinstance(first, date)
        assert isinstance(last, date)
        return days_of(find_calendar(self.calendar), first, last)


SPECS = tuple(
    FeatureSpec(
        name,
        "seasonal",
        ("close",) if name == "season" else (),
        lookback,
        units,
        doc,
        formula,
    )
    for name, lookback, units, doc, formula in _ROWS
)


@numba.njit(cache=True, nogil=True)
def _share(stamps: Ints, begin: Ints, end: Ints, out: Floats) -> None:
    """How much of its session is over at each stamp, and that on a circle."""
    for i in range(len(stamps)):
        if end[i] > begin[i]:
            share = min(max((stamps[i] - begin[i]) / (end[i] - begin[i]), 0.0), 1.0)
            turn = 2.0 * math.pi * share
            out[0, i], out[1, i], out[2, i] = share, math.sin(turn), math.cos(turn)


def _since_bar(seen: Seen) -> Floats:
    """(answers,) days between the symbol's last two bars."""
    windows = seen.windows(2)
    last = windows.last[seen.moment, seen.symbol]
    begin = windows.offsets[np.searchsorted(windows.offsets, last, side="right") - 1]
    stamps = micros(seen.panel.table["timestamp"])[windows.rows]
    since = (stamps[last] - stamps[np.maximum(last - 1, 0)]) / DAY_US
    return np.where(last > begin, since, np.nan)


def _season(seen: Seen, days: pl.DataFrame) -> Floats:
    """(answers,) stepped along each symbol's bars, with the closes of its last months carried on."""
    runs = seen.runs
    session = pl.col("session")
    months = (
        seen.panel.table.select("session")[runs.rows]
        .join(days.select("session", "month_ahead"), "session", "left", maintain_order="left")
        .select(
            now=session.dt.year().cast(pl.Int64) * 12 + session.dt.month() - 1,
            ahead=pl.col("month_ahead").fill_null(-1),
        )
    )
    (closes,) = seen.bars(("close",), runs.rows)
    values = _seasons(closes, months["now"].to_numpy(), months["ahead"].to_numpy(), runs)
    return values[runs.last[seen.moment, seen.symbol]]


def _seasons(closes: Floats, now: Ints, ahead: Ints, runs: Runs) -> Floats:
    out = np.full(len(closes), np.nan)
    kept = np.empty((runs.kept, _MONTHS + 1))
    _step_along(closes, now, ahead, runs.offsets, runs.resume, runs.keep, kept, out)
    return out


@numba.njit(cache=True, nogil=True)
def _step_along(
    closes: Floats,
    now: Ints,
    ahead: Ints,
    offsets: Ints,
    resume: Ints,
    keep: Ints,
    kept: Floats,
    out: Floats,
) -> None:
    """A state is the log of the last close of each of the last months, and which month is the last."""
    state = np.empty(_MONTHS + 1)
    for run in range(len(resume)):
        if resume[run] >= 0:
            state[:] = kept[resume[run]]
        else:
            state[:] = math.nan
        for row in range(offsets[run], offsets[run + 1]):
            _step(state, closes[row], now[row])
            out[row] = _mean_of_years(state, ahead[row])
            if keep[row] >= 0:
                kept[keep[row]] = state


@numba.njit(cache=True, nogil=True)
def _step(state: Floats, close: float, month: int) -> None:
    if math.isnan(state[_MONTHS]):
        state[_MONTHS] = month - 1.0
    last = int(state[_MONTHS])
    for later in range(max(last, month - _MONTHS) + 1, month + 1):
        state[later % _MONTHS] = math.nan
    if close > 0.0:
        state[month % _MONTHS] = math.log(close)
    state[_MONTHS] = max(last, month)


@numba.njit(cache=True, nogil=True)
def _mean_of_years(state: Floats, ahead: int) -> float:
    """Of the months of that name that are kept whole, and whose predecessors are; the month of the last
    close is not whole yet."""
    total, years = 0.0, 0
    for year in range(1, YEARS + 1):
        month = ahead - 12 * year
        change = state[month % _MONTHS] - state[(month - 1) % _MONTHS]
        if month < state[_MONTHS] <= month + _MONTHS - 2 and not math.isnan(change):
            total += change
            years += 1
    return total / years if years >= LEAST_YEARS else math.nan
