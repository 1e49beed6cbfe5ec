"""Families: features that one kernel computes together, from windows of bars or step by step."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from tradewind.core.arrays import Floats, Ints
from tradewind.features.across.together import MarketFamily
from tradewind.features.kept.along import AlongSteps, AlongWindow
from tradewind.features.kept.carrying import laid_out, state_size
from tradewind.features.runs import Runs
from tradewind.features.seen import Seen
from tradewind.features.spec import FeatureSpec


class Family(Protocol):
    """Features with a name, and their values at what is `Seen`: (features, answers), NaN for none."""

    @property
    def name(self) -> str: ...

    @property
    def doc(self) -> str: ...

    @property
    def specs(self) -> tuple[FeatureSpec, ...]: ...

    def values(self, seen: Seen, /) -> Floats: ...


class Kernel(Protocol):
    """(inputs, rows), in segments that begin at `offsets` -> (features, rows), each value from the bars
    up to its own within the lookback; of a segment the rows from `first` on are asked for."""

    def __call__(self, bars: Floats, offsets: Ints, first: Ints, /) -> Floats: ...


class Steps(Protocol):
    """(inputs, rows) -> (features, rows), a step a row, each run from the state that it resumes in
    `states` (kept, state), where it puts those that it keeps."""

    def __call__(self, bars: Floats, runs: Runs, states: Floats, /) -> Floats: ...


@dataclass(frozen=True)
class WindowFamily:
    """Each value is a function of its window alone, so where a history is cut changes no bit.

    >>> import numpy as np
    >>> import polars as pl
    >>> from tradewind.core import Panel
    >>> spec = FeatureSpec("twice", "toy", ("close",), 1, "price", "twice the close", "2 c")
    >>> toy = WindowFamily("toy", "a toy", ("close",), (spec,), lambda bars, offsets, first: 2 * bars)
    >>> panel = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02"], "symbol": "A", "close": [3.0]}))
    >>> toy.values(Seen(panel, panel.moments))
    array([[6.]])
    """

    name: str
    doc: str
    inputs: tuple[str, ...]
    specs: tuple[FeatureSpec, ...]
    kernel: Kernel

    @cached_property
    def lookback(self) -> int:
        """The bars that the widest of its features reads."""
        return max(spec.lookback for spec in self.specs)

    @property
    def reach(self) -> int:
        """How many values a bar has a part in, its own included."""
        return self.lookback

    @property
    def state(self) -> int:
        """The bars that a window looks back at."""
        return state_size(len(self.inputs), self.lookback)

    def values(self, seen: Seen) -> Floats:
        """(features, answers)."""
        windows = seen.windows(self.lookback)
        bars = seen.bars(self.inputs, windows.rows)
        values = self.kernel(bars, windows.offsets, windows.first)
        return values[:, windows.last[seen.moment, seen.symbol]]

    def resumed(self, bars: Floats, runs: Runs, states: Floats) -> Floats:
        """(features, rows) of bars (inputs, rows), each run gone on from the state that it resumes in
        `states` (kept, state); the states that the runs keep are put there."""
        seen = laid_out(bars, runs, states, self.lookback)
        return self.kernel(seen.bars, seen.offsets, seen.first)[:, seen.wanted]

    def along(self) -> AlongWindow:
        """Bar after bar of one symbol."""
        return AlongWindow(self.kernel, len(self.inputs), self.lookback)


@dataclass(frozen=True)
class StepFamily:
    """Each value is a step from the state before it, and a history is a loop of the same steps.

    One that is `of` another steps over what that one tells of each bar; its state begins with that one's.
    """

    name: str
    doc: str
    inputs: tuple[str, ...]
    specs: tuple[FeatureSpec, ...]
    steps: Steps
    state: int
    of: "StepFamily | None" = None

    @property
    def reach(self) -> None:
        """A bar has a part in all values that follow."""
        return None

    def values(self, seen: Seen) -> Floats:
        """(features, answers)."""
        runs = seen.runs
        states = np.empty((runs.kept, self.state))
        values = self.resumed(seen.bars(self.inputs, runs.rows), runs, states)
        return values[:, runs.last[seen.moment, seen.symbol]]

    def resumed(self, bars: Floats, runs: Runs, states: Floats) -> Floats:
        """(features, rows), as of a family of windows."""
        told = self.of.resumed(bars, runs, states) if self.of else bars
        return self.steps(told, runs, states)

    def along(self) -> AlongSteps:
        """Bar after bar of one symbol; or, of what another family tells, value after value."""
        return AlongSteps(self.steps, self.state)


CarriedFamily = WindowFamily | StepFamily
"""A family that reads each symbol by itself, and goes on from bar to bar where it was left."""

KeptFamily = CarriedFamily | MarketFamily
"""A family whose values are kept in tables, and told live."""
