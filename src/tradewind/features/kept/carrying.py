"""A window as a state: what is carried from one bar to the next is the bars that it looks back at.

So a family of windows goes on from where it was left as a recursion does, and reads the same bars in
the same order as if it had read the whole history.
"""

import math
from typing import NamedTuple

import numpy as np

from tradewind.core.arrays import Floats, Ints
from tradewind.features.compiled import kernel, part
from tradewind.features.runs import Runs


class LaidOut(NamedTuple):
    """Runs with the bars before them laid in front, as segments for a kernel of windows.

    `bars` (inputs, more) are in segments that begin at `offsets`, asked for from `first` on; `places` is
    where each row of the runs has come to lie.
    """

    bars: Floats
    offsets: Ints  # (runs + 1,)
    first: Ints  # (runs,)
    places: Ints  # (rows,)

    @property
    def wanted(self) -> Ints | slice:
        """The places; where they lie side by side a slice, which copies nothing."""
        begin, rows = int(self.places[0]) if len(self.places) else 0, len(self.places)
        side_by_side = rows == 0 or self.places[-1] - begin == rows - 1
        return slice(begin, begin + rows) if side_by_side else self.places


def state_size(inputs: int, lookback: int) -> int:
    """How many bars are held, and the bars."""
    return 1 + inputs * (lookback - 1)


def laid_out(bars: Floats, runs: Runs, states: Floats, lookback: int) -> LaidOut:
    """The runs over `bars` (inputs, rows), each behind the bars of the state that it resumes. Where no
    state is resumed or kept they are whole histories, and lie as they are.

    >>> ints = np.array
    >>> one_step = Runs(ints([0]), ints([0, 1]), ints([0]), ints([0]), ints([[0]]))
    >>> states = np.array([[1.0, np.nan, 5.0]])  # one bar is held: 5
    >>> seen = laid_out(np.array([[7.0]]), one_step, states, lookback=3)
    >>> seen.bars[:, : seen.offsets[-1]].tolist(), states.tolist()
    ([[5.0, 7.0]], [[2.0, 5.0, 7.0]])
    >>> bars, no_state = np.array([[5.0, 7.0]]), ints([-1])
    >>> history = Runs(ints([0, 1]), ints([0, 2]), no_state, ints([-1, -1]), ints([[1]]))
    >>> laid_out(bars, history, states[:0], lookback=3).bars is bars
    True
    """
    (inputs, rows), history = bars.shape, lookback - 1
    if not len(states):
        return LaidOut(bars, runs.offsets, runs.offsets[:-1], np.arange(rows))
    seen = np.empty((inputs, rows + len(runs.resume) * history))
    starts, first = np.empty(len(runs.offsets), np.int64), np.empty(len(runs.resume), np.int64)
    places = np.empty(rows, np.int64)
    given = (bars, runs.offsets, runs.resume, runs.keep, states)
    _lay_out(*given, history, seen, starts, first, places)
    return LaidOut(seen, starts, first, places)


@kernel
def _lay_out(
    bars: Floats,
    offsets: Ints,
    resume: Ints,
    keep: Ints,
    states: Floats,
    history: int,
    seen: Floats,
    starts: Ints,
    first: Ints,
    places: Ints,
) -> None:
    at = 0
    for run in range(len(resume)):
        starts[run] = at
        if resume[run] >= 0:
            held = int(states[resume[run], 0])
            for i in range(len(seen)):
                for j in range(held):
                    seen[i, at + j] = states[resume[run], 1 + (i + 1) * history - held + j]
            at += held
        first[run] = at
        for row in range(offsets[run], offsets[run + 1]):
            for i in range(len(seen)):
                seen[i, at] = bars[i, row]
            places[row] = at
            at += 1
            if keep[row] >= 0:
                _put_down(seen, min(at - starts[run], history), at, states[keep[row]], history)
    starts[len(resume)] = at
    for i in range(len(seen)):
        for rest in range(at, seen.shape[1]):
            seen[i, rest] = math.nan


@part
def _put_down(seen: Floats, held: int, end: int, state: Floats, history: int) -> None:
    """The last bars before `end`, each at its place counted from the newest."""
    for place in range(len(state)):
        state[place] = math.nan
    state[0] = held
    for i in range(len(seen)):
        for j in range(held):
            state[1 + (i + 1) * history - held + j] = seen[i, end - held + j]
