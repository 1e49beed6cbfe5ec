"""A family along the bars of one symbol: what it needs of those before is at hand when the next one comes."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from tradewind.core.arrays import Floats, Ints
from tradewind.features.compiled import kernel
from tradewind.features.runs import Runs

_ZERO, _NONE, _STEP = np.array([0]), np.array([-1]), np.array([0, 1])
_BEGINS = Runs(_ZERO, _STEP, _NONE, _ZERO, np.array([[0]]))
_GOES_ON = Runs(_ZERO, _STEP, _ZERO, _ZERO, np.array([[0]]))


class Along(Protocol):
    """(features, rows) of bars (inputs, rows)."""

    def step(self, bar: Floats, /) -> Floats:
        """Of the bar that comes next."""
        ...

    def walk(self, bars: Floats, /) -> Floats:
        """Of all bars anew."""
        ...


class AlongWindow:
    """The bars that a window reads, always in the same place: a new one moves them on by one.

    >>> sums = AlongWindow(lambda bars, offsets, first: np.nancumsum(bars, axis=1), 1, 2)
    >>> [sums.step(np.array([[close]])).item() for close in (1.0, 2.0, 4.0)]
    [1.0, 3.0, 6.0]
    """

    def __init__(
        self, kernel: Callable[[Floats, Ints, Ints], Floats], inputs: int, lookback: int
    ) -> None:
        self._kernel = kernel
        self._bars = np.full((inputs, lookback), np.nan)
        self._offsets, self._newest = np.array([0, 0]), np.array([-1])

    def step(self, bar: Floats) -> Floats:
        place = _move_on(self._bars, self._offsets, self._newest, bar)
        return self._kernel(self._bars, self._offsets, self._newest)[:, place : place + 1]

    def walk(self, bars: Floats) -> Floats:
        rows = bars.shape[1]
        seen = bars[:, -self._bars.shape[1] :]
        held = seen.shape[1]
        self._bars[:, :held], self._offsets[1], self._newest[0] = seen, held, held - 1
        return self._kernel(bars, np.array([0, rows]), np.array([0]))


class AlongSteps:
    """The state after the last step.

    >>> from tradewind.features.registry import SEASONAL
    >>> friday, monday = (np.array([[1.0], [day], [day * 86.4e9]]) for day in (19_734, 19_737))
    >>> along = AlongSteps(SEASONAL.steps, SEASONAL.state)
    >>> along.step(friday)[-2].item(), along.step(monday)[-2].item()  # days since the bar before
    (nan, 3.0)
    """

    def __init__(self, steps: Callable[[Floats, Runs, Floats], Floats], state: int) -> None:
        self._steps = steps
        self._state, self._runs = np.full((1, state), np.nan), _BEGINS

    def step(self, bar: Floats) -> Floats:
        values = self._steps(bar, self._runs, self._state)
        self._runs = _GOES_ON
        return values

    def walk(self, bars: Floats) -> Floats:
        rows = bars.shape[1]
        keep = np.full(rows, -1)
        keep[-1] = 0
        runs = Runs(np.arange(rows), np.array([0, rows]), _NONE, keep, np.array([[rows - 1]]))
        self._runs = _GOES_ON
        return self._steps(bars, runs, self._state)


@kernel
def _move_on(bars: Floats, offsets: Ints, newest: Ints, bar: Floats) -> int:
    """Where the new bar has come to lie: behind the others, of which the oldest goes when there is no place."""
    lookback, held = bars.shape[1], offsets[1]
    place = int(min(held, lookback - 1))
    for i in range(len(bars)):
        if held == lookback:
            for j in range(place):
                bars[i, j] = bars[i, j + 1]
        bars[i, place] = bar[i, 0]
    offsets[1], newest[0] = place + 1, place
    return place
