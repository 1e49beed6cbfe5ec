"""A search that is exact and plain, and episodes to put into it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np

from tradewind.core import Outcome, Pattern, stream
from tradewind.core.arrays import Floats, Ints
from tradewind.core.clock import micros_of
from tradewind.core.pattern import WIDTH

START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class ToySearch:
    """Every episode is compared with the query; whatever has resolved nothing by then is left out."""

    patterns: tuple[Pattern, ...]

    @classmethod
    def of(cls, patterns: Iterable[Pattern]) -> "ToySearch":
        return cls(tuple(patterns))

    @cached_property
    def vectors(self) -> Floats:
        return np.array([one.embedding for one in self.patterns]).reshape(-1, WIDTH)

    @cached_property
    def first_resolved(self) -> Ints:
        return np.array(
            [min(micros_of(o.resolved_at) for o in one.followed.values()) for one in self.patterns],
            dtype=np.int64,
        )

    def search(
        self, query: Floats, k: int, as_of: datetime, regime: str | None = None
    ) -> Sequence[tuple[Pattern, float]]:
        rows = np.flatnonzero(self.first_resolved <= micros_of(as_of))
        rows = np.array([r for r in rows if regime in (None, self.patterns[r].regime)], dtype=int)
        alike = self.vectors[rows] @ (query / np.linalg.norm(query))
        nearest = np.argsort(-alike, kind="stable")[:k]
        return [(self.patterns[rows[i]].as_of(as_of), float(alike[i])) for i in nearest]


def unit(vector: Floats) -> Floats:
    return np.asarray(vector / np.linalg.norm(vector))


def episode(
    day: float,
    value: float,
    vector: Floats | None = None,
    symbol: str = "ACME",
    regime: str | None = None,
    horizon: timedelta = WEEK,
) -> Pattern:
    """Three days long, known on that day, and what followed it."""
    known = START + day * DAY
    return Pattern(
        symbol,
        "window",
        DAY,
        known - 3 * DAY,
        known,
        known,
        unit(np.ones(WIDTH)) if vector is None else vector,
        0.5,
        regime=regime,
        followed={horizon: Outcome(value, known + horizon)},
    )


def cloud(count: int, seed: int = 1, regimes: Sequence[str | None] = (None,)) -> list[Pattern]:
    """Episodes every eight days (no two overlap), of shapes about one direction."""
    rng = stream(seed, "cloud")
    return [
        episode(
            8 * i,
            float(rng.normal()),
            unit(np.ones(WIDTH) + rng.normal(size=WIDTH)),
            regime=regimes[i % len(regimes)],
        )
        for i in range(count)
    ]
