"""The realised family: what the bars of a session, and the last 20 and 60 bars, say of variance, jumps,
liquidity and limits.

A step a bar: the sums of the session so far are carried, and so are the bars to look back at, so wherever
a history is cut and resumed each value is computed from the same numbers in the same order. Returns are
those within sessions; where a session is one bar, as with daily bars, those from session to session.
"""

import math

import numpy as np

from tradewind.core.arrays import Floats, Ints
from tradewind.features.compiled import kernel, part
from tradewind.features.realised import measures, volume_profile
from tradewind.features.realised.limits import (
    BEGINS,
    CARRIED,
    FIVE_MINUTES,
    LAST_CLOSE,
    STATES,
    limits,
    next_session,
)
from tradewind.features.realised.measures import (
    MOVED,
    ONE,
    PARTS,
    POWER,
    QUOTED,
    RANGE,
    RETURN,
    SHAPE,
    SUMS,
    TWO_BARS,
    add,
    over,
    tell,
    two_bar_spread,
)
from tradewind.features.realised.volume_profile import TENTHS, profile
from tradewind.features.runs import Runs

INPUTS = (
    *("open", "high", "low", "close", "volume", "session", "timestamp"),
    *("spread_bps", "bid", "ask"),
)
SPANS = ("session", "last", "20", "60")
NAMES = (
    *(f"{name}_{span}" for span in SPANS for name in measures.NAMES),
    *volume_profile.NAMES,
    *STATES,
)

_OPEN, _HIGH, _LOW, _CLOSE, _VOLUME, _SESSION, _TIME, _BPS, _BID, _ASK = range(len(INPUTS))
_SHORT, _LONG = 20, 60
_M = measures.MEASURES
_PROFILE, _LIMITS = 4 * _M, 4 * _M + TENTHS
# Of each bar that may be looked back at: its parts, then these
_TOP, _BOTTOM, _TRADED, _PRICE, _WHEN = range(PARTS, PARTS + 5)
_ROWS = PARTS + 5
# What is carried besides: what the limits carry, three counts, the sums of the session so far, and what
# the last complete one told
_THIS_SESSION, _BARS_OF_IT, _BARS, _SO_FAR = range(CARRIED, CARRIED + 4)
_LAST = _SO_FAR + SUMS
_CARRIED = _LAST + _M
STATE = _ROWS * _LONG + _CARRIED

_BEGINNING = np.full(STATE, np.nan)
_BEGINNING[-_CARRIED : _LAST - _CARRIED] = (*BEGINS, math.nan, 0.0, 0.0, *(0.0,) * SUMS)


def realised(bars: Floats, runs: Runs) -> Floats:
    """(features, rows) of bars (inputs, rows), a step a row; NaN where there is no value.

    >>> bars = np.full((10, 9), np.nan)
    >>> bars[3], bars[5], bars[6] = np.exp(np.arange(9) / 100), 1.0, np.arange(9)  # eight steps of a session
    >>> runs = Runs(*(np.array(x) for x in ([0], [0, 9], [-1], [-1] * 9, [[8]])))
    >>> float(realised(bars, runs)[NAMES.index("rv_session"), -1].round(12))
    0.0008
    """
    return stepped_on(bars, runs, np.empty((runs.kept, STATE)))


def stepped_on(bars: Floats, runs: Runs, states: Floats) -> Floats:
    """The same from states (kept, STATE) that were kept before; each is replaced by the one kept now."""
    out = np.empty((len(NAMES), bars.shape[1]))
    bars = np.ascontiguousarray(bars)  # one compilation
    _walk(bars, runs.offsets, runs.resume, runs.keep, _BEGINNING, states, out)
    return out


@kernel
def _walk(
    bars: Floats,
    offsets: Ints,
    resume: Ints,
    keep: Ints,
    beginning: Floats,
    states: Floats,
    out: Floats,
) -> None:
    longest = 0
    for run in range(len(resume)):
        longest = max(longest, offsets[run + 1] - offsets[run])
    seen, carried = np.empty((_ROWS, _LONG + longest)), np.empty(_CARRIED)
    told, window = np.empty(len(out)), np.empty(SUMS)
    sums, last = carried[_SO_FAR:_LAST], carried[_LAST:]
    for run in range(len(resume)):
        _take_up(states[resume[run]] if resume[run] >= 0 else beginning, seen, carried)
        for row in range(offsets[run], offsets[run + 1]):
            i = _LONG + row - offsets[run]
            begins = bars[_SESSION, row] != carried[_THIS_SESSION]
            alone = carried[_BARS_OF_IT] == 1.0
            if begins:
                if carried[_BARS] > 0.0:
                    tell(sums, ONE, last)
                next_session(carried)
                carried[_THIS_SESSION], carried[_BARS_OF_IT] = bars[_SESSION, row], 0.0
                for k in range(len(sums)):
                    sums[k] = 0.0
            carried[_BARS] += 1.0
            carried[_BARS_OF_IT] += 1.0
            _take_apart(bars, row, seen, i)
            if not begins:
                _compare(seen, i)
            add(seen, i, i + 1, sums)
            if begins and alone:
                _compare(seen, i)
            tell(sums, ONE, told)
            for k in range(len(told) - _M):
                told[_M + k] = last[k] if k < _M else math.nan
            for w in range(2):
                count = _LONG if w else _SHORT
                if carried[_BARS] >= count + 2.0:
                    for k in range(len(window)):
                        window[k] = 0.0
                    add(seen, i - count + 1, i + 1, window)
                    tell(window, count // 2, told[(2 + w) * _M :])
            if carried[_BARS] >= _LONG + 2.0:
                first = i + 1 - _LONG
                shares = told[_PROFILE:_LIMITS]
                profile(seen[_TOP], seen[_BOTTOM], seen[_TRADED], first, i + 1, _LONG // 2, shares)
            _tell_limits(seen, i, carried, told[_LIMITS:])
            for f in range(len(out)):
                out[f, row] = told[f]
            if keep[row] >= 0:
                _put_down(seen, i, carried, states[keep[row]])


@part
def _take_up(state: Floats, seen: Floats, carried: Floats) -> None:
    for part_of in range(len(seen)):
        for i in range(_LONG):
            seen[part_of, i] = state[part_of * _LONG + i]
    for i in range(len(carried)):
        carried[i] = state[_ROWS * _LONG + i]


@part
def _put_down(seen: Floats, now: int, carried: Floats, state: Floats) -> None:
    """Keep the bars up to now, which later windows look back at, and what is carried."""
    for part_of in range(len(seen)):
        for i in range(_LONG):
            state[part_of * _LONG + i] = seen[part_of, now + 1 - _LONG + i]
    for i in range(len(carried)):
        state[_ROWS * _LONG + i] = carried[i]


@part
def _take_apart(bars: Floats, row: int, seen: Floats, i: int) -> None:
    """What a bar says by itself. One with a price that is not above zero says nothing of prices."""
    opened, high = bars[_OPEN, row], bars[_HIGH, row]
    low, close = bars[_LOW, row], bars[_CLOSE, row]
    for part_of in range(len(seen)):
        seen[part_of, i] = math.nan
    seen[_TRADED, i], seen[_WHEN, i] = bars[_VOLUME, row], bars[_TIME, row]
    seen[QUOTED, i] = _quoted(bars[_BPS, row], bars[_BID, row], bars[_ASK, row])
    if not close > 0.0 or opened <= 0.0 or high <= 0.0 or low <= 0.0:
        return
    top, bottom = high if high == high else close, low if low == low else close
    seen[_PRICE, i], seen[_TOP, i], seen[_BOTTOM, i] = close, max(top, bottom), min(top, bottom)
    reach, body = math.log(high) - math.log(low), math.log(close) - math.log(opened)
    seen[RANGE, i] = reach * reach
    seen[SHAPE, i] = 0.5 * reach * reach - (2.0 * math.log(2.0) - 1.0) * body * body


@part
def _quoted(bps: float, bid: float, ask: float) -> float:
    """The quoted spread as a share of the price; a bid above the ask, or more than twice the price, is none."""
    spread = bps / 1e4
    if not spread >= 0.0 and bid > 0.0:
        spread = 2.0 * (ask - bid) / (ask + bid)
    return spread if 0.0 <= spread <= 2.0 else math.nan


@part
def _compare(seen: Floats, i: int) -> None:
    """What a bar says beside the one before it."""
    close, before = seen[_PRICE, i], seen[_PRICE, i - 1]
    if not (close > 0.0 and before > 0.0):
        return
    move = math.log(close) - math.log(before)
    seen[RETURN, i], seen[POWER, i] = move, abs(move) ** (4.0 / 3.0)
    seen[MOVED, i] = over(abs(move), max(close * seen[_TRADED, i], 0.0))
    if seen[RANGE, i] + seen[RANGE, i - 1] >= 0.0:
        seen[TWO_BARS, i] = two_bar_spread(
            seen[_TOP, i], seen[_BOTTOM, i], seen[_TOP, i - 1], seen[_BOTTOM, i - 1], before
        )


@part
def _tell_limits(seen: Floats, i: int, carried: Floats, told: Floats) -> None:
    """The limits, by the closes of this session in the five minutes before the bar."""
    now, total, closes, at = seen[_WHEN, i], 0.0, 0.0, i - 1
    first = max(i + 1 - int(carried[_BARS_OF_IT]), i - _LONG)
    gap = now - seen[_WHEN, at] if at >= first else 0.0
    while at >= first and seen[_WHEN, at] >= now - FIVE_MINUTES:
        if seen[_PRICE, at] > 0.0:
            total, closes = total + seen[_PRICE, at], closes + 1.0
        at -= 1
    mean = over(total, closes)
    limits(seen[_TOP, i], seen[_BOTTOM, i], seen[_TRADED, i], gap, mean, carried, told)
    if seen[_PRICE, i] > 0.0:
        carried[LAST_CLOSE] = seen[_PRICE, i]
