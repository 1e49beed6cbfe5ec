"""Splits that keep every training label out of the test: purged, with an embargo."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from tradewind.core import Dataset
from tradewind.core.arrays import Ints
from tradewind.core.errors import Misuse

Rows = npt.NDArray[np.intp]


def purged(decided: Ints, resolved: Ints, test: Rows, embargo: int = 0) -> Rows:
    """The rows that may train beside this test block.

    A label occupies (decided, resolved]. With [low, high] the hull of the test's labels, a row is kept
    if it is resolved by low, or decided no earlier than high + embargo.

    >>> decided = np.arange(20)
    >>> purged(decided, decided + 3, test=np.arange(5, 10), embargo=2).tolist()
    [0, 1, 2, 14, 15, 16, 17, 18, 19]
    """
    low, high = decided[test].min(), resolved[test].max()
    return np.flatnonzero((resolved <= low) | (decided >= high + embargo))


@dataclass(frozen=True)
class PurgedFolds:
    """Contiguous test blocks in time; each trains on everything before and after that may be."""

    folds: int
    embargo: timedelta = timedelta()

    def split(self, rows: Dataset) -> Iterator[tuple[Rows, Rows]]:
        decided, resolved = rows.spans()
        for block in np.array_split(np.unique(decided), self.folds):
            test = np.flatnonzero((decided >= block[0]) & (decided <= block[-1]))
            yield purged(decided, resolved, test, _micros(self.embargo)), test


@dataclass(frozen=True)
class PurgedWalkForward:
    """Test blocks in time, each trained on the purged past only: what could have been done then.

    The first `warm_up` share of the moments only ever trains.
    """

    folds: int = field(default=4, metadata={"doc": "test blocks, each with a fit of its own"})
    warm_up: float = field(default=0.4, metadata={"doc": "share of the moments that only trains"})

    def __post_init__(self) -> None:
        if self.folds < 1 or not 0 < self.warm_up < 1:
            raise Misuse(
                f"a walk-forward of {self.folds} folds after a warm-up of {self.warm_up}",
                "use at least one fold, and a share between 0 and 1",
            )

    def split(self, rows: Dataset) -> Iterator[tuple[Rows, Rows]]:
        decided, resolved = rows.spans()
        moments = np.unique(decided)
        tested = moments[int(len(moments) * self.warm_up) :]
        if len(tested) < self.folds or len(tested) == len(moments):
            raise Misuse(
                f"{len(moments)} moments are too few for {self.folds} folds after a warm-up",
                "give more history, or fewer folds",
            )
        for block in np.array_split(tested, self.folds):
            test = np.flatnonzero((decided >= block[0]) & (decided <= block[-1]))
            yield np.flatnonzero(resolved <= block[0]), test


def later_part(rows: Dataset, among: Rows, share: float) -> tuple[Rows, Rows]:
    """Cut training rows in time into (fit, calibrate), purged: the later `share` calibrates."""
    decided, resolved = rows.spans()
    moments = np.unique(decided[among])
    if not len(moments):
        raise Misuse("no row is resolved before the first test block", "give more history")
    cut = moments[int(len(moments) * (1 - share))]
    early, late = among[resolved[among] <= cut], among[decided[among] >= cut]
    if not len(early):
        raise Misuse(
            f"{len(moments)} moments are too few to fit on and to calibrate",
            "give more history, or a longer warm-up",
        )
    return early, late


def _micros(span: timedelta) -> int:
    return int(span.total_seconds() * 1_000_000)
