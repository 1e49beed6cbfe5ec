"""`Pattern`: an episode of one symbol at one scale, and what followed once that is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from tradewind.core.clock import utc
from tradewind.core.errors import BadTable

WIDTH = 128


@dataclass(frozen=True, eq=False)
class Pattern:
    """A span in which something recognisable happened, and when it became recognisable.

    `followed` maps a horizon to the log return after it, and counts for nobody before `resolved_at`:

    >>> from datetime import UTC
    >>> start, end = datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 1, 9, tzinfo=UTC)
    >>> unit = np.full(WIDTH, WIDTH**-0.5)
    >>> Pattern("ACME", "double_top", timedelta(days=1), start, end, start, unit, 0.8)
    Traceback (most recent call last):
    tradewind.core.errors.BadTable: a Pattern of 'ACME' ends at 2024-01-09 00:00:00+00:00 and is known ...
    """

    symbol: str
    kind: str
    scale: timedelta
    start: datetime
    end: datetime
    known_at: datetime
    embedding: npt.NDArray[np.float64]  # (128,), unit length
    confidence: float
    regime: str | None = None
    followed: Mapping[timedelta, float] = field(default_factory=dict)
    resolved_at: datetime | None = None

    def __post_init__(self) -> None:
        if not utc(self.start) < utc(self.end):
            raise BadTable(f"a Pattern of {self.symbol!r} ends before it starts", "swap the two")
        if utc(self.known_at) < utc(self.end):
            raise BadTable(
                f"a Pattern of {self.symbol!r} ends at {self.end} and is known at {self.known_at}",
                "an episode is known when its last bar is",
            )
        if self.embedding.shape != (WIDTH,) or abs(np.linalg.norm(self.embedding) - 1) > 1e-6:
            raise BadTable(
                f"an embedding of shape {self.embedding.shape} and length "
                f"{np.linalg.norm(self.embedding):.6f}",
                f"give ({WIDTH},) numbers of unit length",
            )
        if not 0 <= self.confidence <= 1:
            raise BadTable(f"a confidence of {self.confidence}", "give a number from 0 to 1")
        if self.followed and (not self.resolved_at or utc(self.resolved_at) <= utc(self.known_at)):
            raise BadTable(
                f"a Pattern of {self.symbol!r} knows what followed, resolved at {self.resolved_at}",
                "say when that was known; it is after known_at",
            )
