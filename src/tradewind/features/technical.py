"""The technical family: the common indicators, each as a figure that compares across symbols and years.

Some are a function of a window of bars (`technical_windows`), some carry a state on (`technical_steps`).
Both are told run by run: the state that a run goes on from holds the bars to look back at as well, so
wherever a history is cut and resumed, each value is computed from the same numbers in the same order.
"""

import math

import numba
import numpy as np

from tradewind.features import technical_steps, technical_windows
from tradewind.features.runs import Runs
from tradewind.features.technical_steps import BEGINNING, LAST, step
from tradewind.features.technical_windows import (
    BARS,
    BLOCK,
    HISTORY,
    PARTS,
    SUMS,
    WHOLE,
    Floats,
    Ints,
    take_apart,
    tell_windows,
)

INPUTS = ("high", "low", "close", "volume", "session")
NAMES = (*technical_windows.NAMES, *technical_steps.NAMES)
MEANS = len(BEGINNING)
STATE = BARS * HISTORY + 4 * MEANS + LAST


def technical(bars: Floats, runs: Runs) -> Floats:
    """(features, rows) of bars (5, rows): high, low, close, volume and the number of the session.

    >>> close = np.exp(np.arange(300.0) / 100)
    >>> runs = Runs(*(np.array(x) for x in ([0], [0, 300], [-1], [-1] * 300, [[299]])))
    >>> values = technical(np.vstack([1.01 * close, close, close, close, np.zeros(300)]), runs)
    >>> row = dict(zip(NAMES, values[:, -1], strict=True))
    >>> [round(float(row[name]), 6) for name in ("rsi_14", "roc_10", "aroon_25")]  # 100 exp(.1) - 100
    [100.0, 10.517092, 100.0]
    """
    return stepped_on(bars, runs, np.empty((runs.kept, STATE)))


def stepped_on(bars: Floats, runs: Runs, states: Floats) -> Floats:
    """The same from states (kept, STATE) that were kept before; each is replaced by the one kept now."""
    out = np.full((len(NAMES), bars.shape[1]), np.nan)
    longest = int(np.diff(runs.offsets).max(initial=0))
    _walk(bars, runs.offsets, runs.resume, runs.keep, longest, states, out)
    return out


@numba.njit(cache=True, nogil=True)
def _walk(
    bars: Floats, offsets: Ints, resume: Ints, keep: Ints, longest: int, states: Floats, out: Floats
) -> None:
    seen = np.empty((BARS, HISTORY + longest))
    parts, sums = np.empty((PARTS, HISTORY + longest)), np.empty((SUMS, BLOCK))
    whole = np.empty((WHOLE, HISTORY + longest), dtype=np.int64)
    means, last = np.empty(BEGINNING.shape), np.empty(LAST)
    for run in range(len(resume)):
        start, end = offsets[run], offsets[run + 1]
        count = HISTORY + end - start
        if resume[run] < 0:
            _begin(seen, means, last)
        else:
            _take_up(states[resume[run]], seen, means, last)
        for i in range(len(bars)):
            for row in range(start, end):
                seen[i, HISTORY + row - start] = bars[i, row]
        take_apart(seen, count, parts, whole)
        tell_windows(seen, parts, whole, count, sums, out[:, start:end])
        for row in range(start, end):
            i = HISTORY + row - start
            step(seen, parts, whole, i, means, last, out, row)
            if keep[row] >= 0:
                _put_down(seen, i, means, last, states[keep[row]])


@numba.njit(cache=True, nogil=True)
def _begin(seen: Floats, means: Floats, last: Floats) -> None:
    seen[:, :HISTORY] = math.nan
    last[:] = math.nan
    for mean in range(MEANS):
        for i in range(4):
            means[mean, i] = BEGINNING[mean, i]


@numba.njit(cache=True, nogil=True)
def _take_up(state: Floats, seen: Floats, means: Floats, last: Floats) -> None:
    for row in range(BARS):
        for i in range(HISTORY):
            seen[row, i] = state[row * HISTORY + i]
    for mean in range(MEANS):
        for i in range(4):
            means[mean, i] = state[BARS * HISTORY + 4 * mean + i]
    for i in range(LAST):
        last[i] = state[STATE - LAST + i]


@numba.njit(cache=True, nogil=True)
def _put_down(seen: Floats, now: int, means: Floats, last: Floats, state: Floats) -> None:
    """Keep the bars up to now, which later windows look back at, and what is carried."""
    for row in range(BARS):
        for i in range(HISTORY):
            state[row * HISTORY + i] = seen[row, now + 1 - HISTORY + i]
    for mean in range(MEANS):
        for i in range(4):
            state[BARS * HISTORY + 4 * mean + i] = means[mean, i]
    for i in range(LAST):
        state[STATE - LAST + i] = last[i]
