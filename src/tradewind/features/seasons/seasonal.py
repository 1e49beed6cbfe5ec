"""The calendar as features: where each symbol's last bar lies in its session, week and month, and how the
month ahead went in the years before."""

import math
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import Floats, Ints
from tradewind.features.compiled import kernel, part
from tradewind.features.families import StepFamily
from tradewind.features.runs import Runs
from tradewind.features.seasons.days import (
    BLOCK,
    CLOSES,
    MONTH,
    MONTH_AHEAD,
    OPENS,
    TOLD,
    told_of,
)
from tradewind.features.spec import FeatureSpec, Units

YEARS = 5
LEAST_YEARS = 2
LOOKBACK = (12 * YEARS + 2) * 31  # daily bars
DAY_US = 86_400_000_000
_MONTHS = 64  # of which closes are kept: two more than five years, and a power of 2
_LAST, _STAMP = (
    _MONTHS,
    _MONTHS + 1,
)  # of a state: which month is the last, and when its bar was complete
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
INPUTS = ("close", "session", "timestamp")
_SHARE, _SINCE, _SEASON = 2 + len(TOLD), 5 + len(TOLD), 6 + len(TOLD)  # rows of what is said


@dataclass(frozen=True)
class Seasons:
    """The steps along a symbol's bars: what the calendar says of each, and the closes of its last months."""

    calendar: str

    def __call__(self, bars: Floats, runs: Runs, states: Floats) -> Floats:
        """(features, rows)."""
        bars = np.ascontiguousarray(bars)  # one compilation
        blocks = _blocks_of(bars[1])
        out = np.empty((len(SPECS), bars.shape[1]))
        along = runs.offsets, runs.resume, runs.keep
        _walk(bars, blocks, told_of(self.calendar, blocks), *along, states, out)
        return out


def seasonal(calendar: str = "XNYS") -> StepFamily:
    """The family of the calendar that the bars keep. A bar on a day without a session has no place in it.

    A Friday before a Monday without trading, on which New York closed as usual:

    >>> import polars as pl
    >>> from tradewind.core import Panel
    >>> from tradewind.features.seen import Seen
    >>> panel = Panel.from_frame(pl.DataFrame({"date": ["2024-01-11", "2024-01-12"], "symbol": "A", "close": 1.0}))
    >>> values = seasonal().values(Seen(panel, panel.moments[-1:]))[:, 0]
    >>> said = dict(zip((spec.name for spec in SPECS), values.tolist()))
    >>> [said[name] for name in ("day_of_week", "days_to_session", "holiday_after", "days_since_bar", "season")]
    [5.0, 4.0, 1.0, 1.0, nan]
    """
    return StepFamily(
        "seasonal",
        "the place of the bar in its session, week, month and quarter, and the season",
        INPUTS,
        SPECS,
        Seasons(calendar),
        _MONTHS + 2,
    )


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


@kernel
def _blocks_of(sessions: Floats) -> Ints:
    """The blocks of days in which these lie, each once, in their order."""
    low, high = math.inf, -math.inf
    for session in sessions:
        low, high = session if session < low else low, session if session > high else high
    if not low <= high:
        return np.empty(0, np.int64)
    first, last = int(low) // BLOCK, int(high) // BLOCK
    met = np.zeros(last - first + 1, np.bool_)
    for session in sessions:
        if session == session:
            met[int(session) // BLOCK - first] = True
    return first + np.flatnonzero(met)


@kernel
def _walk(
    bars: Floats,
    blocks: Ints,
    told: Floats,
    offsets: Ints,
    resume: Ints,
    keep: Ints,
    kept: Floats,
    out: Floats,
) -> None:
    """A state is the log of the last close of each of the last months, which month is the last, and the
    stamp of the last bar."""
    closes, sessions, stamps = bars[0], bars[1], bars[2]
    state, at = np.empty(_MONTHS + 2), 0
    for run in range(len(resume)):
        for k in range(len(state)):
            state[k] = kept[resume[run], k] if resume[run] >= 0 else math.nan
        for row in range(offsets[run], offsets[run + 1]):
            for f in range(len(out)):
                out[f, row] = math.nan
            out[_SINCE, row] = (stamps[row] - state[_STAMP]) / DAY_US
            state[_STAMP] = stamps[row]
            if sessions[row] == sessions[row]:
                day = int(sessions[row])
                while blocks[at] > day // BLOCK:
                    at -= 1
                while blocks[at] < day // BLOCK:
                    at += 1
                _tell(told[:, at * BLOCK + day % BLOCK], day, stamps[row], out[:, row])
                _step(state, closes[row], int(told[MONTH, at * BLOCK + day % BLOCK]))
                ahead = told[MONTH_AHEAD, at * BLOCK + day % BLOCK]
                out[_SEASON, row] = _mean_of_years(state, int(ahead) if ahead == ahead else -1)
            if keep[row] >= 0:
                for k in range(len(state)):
                    kept[keep[row], k] = state[k]


@part
def _tell(told: Floats, day: int, stamp: float, out: Floats) -> None:
    """What the calendar says of a day, and how much of its session is over, that on a circle as well."""
    out[0] = float((day + 3) % 7 + 1)  # the first day was a Thursday
    out[1] = told[MONTH] % 12.0 + 1.0
    for k in range(len(TOLD)):
        out[2 + k] = told[k]
    begin, end = told[OPENS], told[CLOSES]
    if end > begin:
        share = min(max((stamp - begin) / (end - begin), 0.0), 1.0)
        turn = 2.0 * math.pi * share
        out[_SHARE], out[_SHARE + 1], out[_SHARE + 2] = share, math.sin(turn), math.cos(turn)


@part
def _step(state: Floats, close: float, month: int) -> None:
    if math.isnan(state[_LAST]):
        state[_LAST] = month - 1.0
    last = int(state[_LAST])
    for later in range(max(last, month - _MONTHS) + 1, month + 1):
        state[later % _MONTHS] = math.nan
    if close > 0.0:
        state[month % _MONTHS] = math.log(close)
    state[_LAST] = max(last, month)


@part
def _mean_of_years(state: Floats, ahead: int) -> float:
    """Of the months of that name that are kept whole, and whose predecessors are; the month of the last
    close is not whole yet."""
    total, years = 0.0, 0
    for year in range(1, YEARS + 1):
        month = ahead - 12 * year
        change = state[month % _MONTHS] - state[(month - 1) % _MONTHS]
        if month < state[_LAST] <= month + _MONTHS - 2 and not math.isnan(change):
            total += change
            years += 1
    return total / years if years >= LEAST_YEARS else math.nan
