"""`EpisodesConfig`: what a library keeps, and of which bars it is asked."""

from dataclasses import dataclass, field
from datetime import timedelta

from tradewind.context.library import Lifecycle
from tradewind.context.patterns.embedding import LONGEST, SHORTEST
from tradewind.core.errors import BadConfig


@dataclass(frozen=True)
class EpisodesConfig:
    """The section `patterns`.

    >>> EpisodesConfig(bars=5)
    Traceback (most recent call last):
    tradewind.core.errors.BadConfig: windows of 5 bars: give 32 to 256
    """

    horizons: tuple[int, ...] = field(
        default=(5, 10, 20), metadata={"doc": "bars after an episode at which to see what followed"}
    )
    bars: int = field(
        default=64, metadata={"doc": "of a window, and of what is compared with them"}
    )
    every: int = field(default=10, metadata={"doc": "bars from one window to the next"})
    lifespan: timedelta | None = field(
        default=None, metadata={"doc": "how long an episode counts, such as 3650d; all for ever"}
    )
    capacity: int | None = field(
        default=None, metadata={"doc": "how many are kept at most, the most useful; all"}
    )

    def __post_init__(self) -> None:
        if not SHORTEST <= self.bars <= LONGEST:
            raise BadConfig(f"windows of {self.bars} bars", f"give {SHORTEST} to {LONGEST}")
        if self.every < 1:
            raise BadConfig(f"a window every {self.every} bars", "give 1 or more")
        if not self.horizons or min(self.horizons) < 1:
            raise BadConfig(
                f"what followed within {self.horizons} bars", "give 1 or more, as [5, 20]"
            )
        _ = self.lifecycle

    @property
    def lifecycle(self) -> Lifecycle:
        """The same, as the library knows it."""
        return Lifecycle(lifespan=self.lifespan, capacity=self.capacity)
