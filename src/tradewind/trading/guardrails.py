"""Guards: Decision -> Decision, never riskier, and each change says why."""

from dataclasses import dataclass, field

import numpy as np

from tradewind.core import Decision, Ledger
from tradewind.core.errors import BadConfig


@dataclass(frozen=True)
class DrawdownBrake:
    """Scales all weights down as the book falls: whole until `starts`, nothing at `stops`.

    >>> brake = DrawdownBrake(starts=0.1, stops=0.3)
    >>> [round(brake.scale(drawdown), 6) for drawdown in (0.05, 0.2, 0.5)]
    [1.0, 0.5, 0.0]
    """

    starts: float = field(default=0.15, metadata={"doc": "drawdown from which weights shrink"})
    stops: float = field(default=0.35, metadata={"doc": "drawdown at which nothing is held"})

    def __post_init__(self) -> None:
        if not 0 <= self.starts < self.stops <= 1:
            raise BadConfig(
                f"a brake from {self.starts} to {self.stops}", "keep 0 <= starts < stops <= 1"
            )

    def scale(self, drawdown: float) -> float:
        """The share of each weight that is left at this drawdown."""
        return float(np.clip((self.stops - drawdown) / (self.stops - self.starts), 0.0, 1.0))

    def __call__(self, decision: Decision, book: Ledger) -> Decision:
        left = self.scale(book.drawdown)
        why = f"the book is {book.drawdown:.1%} below its peak"
        return decision.revised(decision.weights * left, by="DrawdownBrake", why=why)
