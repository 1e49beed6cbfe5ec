"""Families: features that one kernel computes together, from windows of bars or step by step."""

from dataclasses import dataclass
from typing import Protocol

from tradewind.features.runs import Runs
from tradewind.features.seen import Floats, Ints, Seen
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
    """(inputs, rows) -> (features, rows), a step a row, each run from the state that it resumes."""

    def __call__(self, bars: Floats, runs: Runs, /) -> Floats: ...


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

    @property
    def lookback(self) -> int:
        """The bars that the widest of its features reads."""
        return max(spec.lookback for spec in self.specs)

    def values(self, seen: Seen) -> Floats:
        """(features, answers)."""
        windows = seen.windows(self.lookback)
        bars = seen.bars(self.inputs, windows.rows)
        values = self.kernel(bars, windows.offsets, windows.first)
        return values[:, windows.last[seen.moment, seen.symbol]]


@dataclass(frozen=True)
class StepFamily:
    """Each value is a step from the state before it, and a history is a loop of the same steps."""

    name: str
    doc: str
    inputs: tuple[str, ...]
    specs: tuple[FeatureSpec, ...]
    steps: Steps

    def values(self, seen: Seen) -> Floats:
        """(features, answers)."""
        runs = seen.runs
        values = self.steps(seen.bars(self.inputs, runs.rows), runs)
        return values[:, runs.last[seen.moment, seen.symbol]]
