"""Climatology: the base rate, said of everything. The baseline that a model must beat."""

from dataclasses import dataclass

import numpy as np

from tradewind.core import Dataset, Forecast, MarketState, Rng
from tradewind.core.errors import Misuse

CLASSES = ("down", "up")


@dataclass(frozen=True)
class Climatology:
    """Says the same probability of every row.

    >>> Climatology(0.53, target="rises", horizon=1).up
    0.53
    """

    up: float
    target: str
    horizon: int

    def __call__(self, rows: Dataset, _state: MarketState | None) -> Forecast:
        up = np.full(len(rows), self.up)
        return two_class(rows, up, model="climatology", target=self.target, horizon=self.horizon)


@dataclass(frozen=True)
class ClimatologyLearner:
    """Learns the base rate, half a row of doubt on either side so that it is never 0 or 1."""

    horizon: int

    def __call__(self, rows: Dataset, _rng: Rng) -> Climatology:
        outcomes = require_outcomes(rows)
        rate = (outcomes.sum() + 0.5) / (len(outcomes) + 1)
        return Climatology(rate, str(rows.outcome), self.horizon)


def require_outcomes(rows: Dataset) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The outcomes of rows to learn from; refused when there are none, or one is missing."""
    outcomes = rows.outcomes
    if not len(outcomes) or np.isnan(outcomes).any():
        raise Misuse(
            f"{int(np.isnan(outcomes).sum())} of {len(outcomes)} rows to learn from have no outcome",
            "give dataset.resolved, and enough history for some of it",
        )
    return outcomes


def two_class(
    rows: Dataset,
    up: np.ndarray[tuple[int], np.dtype[np.float64]],
    *,
    model: str,
    target: str,
    horizon: int,
) -> Forecast:
    """A forecast of whether the target comes true, from the probability that it does."""
    table = rows.table.select("symbol", at="decided_at", horizon=horizon).with_columns(
        probabilities=np.column_stack([1 - up, up])
    )
    return Forecast.of(table, model=model, target=target, unit="probability", classes=CLASSES)
