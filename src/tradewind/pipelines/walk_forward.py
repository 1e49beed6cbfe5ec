"""Walk-forward: fit on the purged past, calibrate on its later part, speak until the next fit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from tradewind.core import Dataset, Schedule, Strategy, stream
from tradewind.core.roles import (
    Allocator,
    CalibrationLearner,
    FeatureReader,
    Guard,
    Learner,
    Splitter,
)
from tradewind.evaluation.splits import later_part

CALIBRATION_SHARE = 0.25


@dataclass(frozen=True)
class Recipe:
    """How a strategy is made: its frozen stages, and what fits the others."""

    features: FeatureReader
    learner: Learner
    allocator: Allocator
    calibration: CalibrationLearner | None = None
    guards: tuple[Guard, ...] = ()

    def fit(self, rows: Dataset, seed: int) -> Strategy:
        """A strategy that knows these rows; the later part of them is kept for calibration."""
        every = np.arange(len(rows))
        learned, kept = (
            later_part(rows, every, CALIBRATION_SHARE) if self.calibration else (every, every)
        )
        forecaster = self.learner(rows.take(learned), stream(seed, "fit"))
        calibrator = None
        if self.calibration:
            later = rows.take(kept)
            calibrator = self.calibration(forecaster(later, None), later)
        return Strategy(self.features, forecaster, self.allocator, calibrator, self.guards)


def fit_schedule(
    recipe: Recipe,
    rows: Dataset,
    splitter: Splitter,
    seed: int,
    tell: Callable[[int, int], None] | None = None,
) -> Schedule:
    """One strategy per fold, each valid from the first moment of its test block."""
    parts: list[tuple[datetime, Strategy]] = []
    folds = list(splitter.split(rows))
    for done, (train, test) in enumerate(folds, start=1):
        valid_from = rows.table["decided_at"][int(test[0])]
        parts.append((valid_from, recipe.fit(rows.take(train), seed)))
        if tell:
            tell(done, len(folds))
    return Schedule(tuple(parts))
