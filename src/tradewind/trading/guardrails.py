"""Guards: Decision -> Decision, never riskier, and each change says why."""

from dataclasses import dataclass, field

import numpy as np

from tradewind.core import Decision, Ledger
from tradewind.core.errors import BadConfig


@dataclass(frozen=True)
class DrawdownBrake:
    """Scales all weights down as the book falls: whole until `starts`, a share `least` from `stops` on.

    With nothing left at all, a book that fell could never rise again, and never be let back in.

    >>> brake = DrawdownBrake(starts=0.1, stops=0.3, least=0.2)
    >>> [round(brake.scale(drawdown), 6) for drawdown in (0.05, 0.2, 0.5)]
    [1.0, 0.6, 0.2]
    """

    starts: float = field(default=0.15, metadata={"doc": "drawdown from which weights shrink"})
    stops: float = field(
        default=0.35, metadata={"doc": "drawdown from which only the least is held"}
    )
    least: float = field(default=0.25, metadata={"doc": "share of the weights that is always left"})

    def __post_init__(self) -> None:
        if not (0 <= self.starts < self.stops <= 1 and 0 <= self.least <= 1):
            raise BadConfig(
                f"a brake from {self.starts} to {self.stops} that leaves {self.least}",
                "keep 0 <= starts < stops <= 1 and 0 <= least <= 1",
            )

    def scale(self, drawdown: float) -> float:
        """The share of each weight that is left at this drawdown."""
        gone = np.clip((drawdown - self.starts) / (self.stops - self.starts), 0.0, 1.0)
        return float(1 - gone * (1 - self.least))

    def __call__(self, decision: Decision, book: Ledger) -> Decision:
        left = self.scale(book.drawdown)
        why = f"the book is {book.drawdown:.1%} below its peak"
        return decision.revised(decision.weights * left, by="DrawdownBrake", why=why)
