"""`Lifecycle`: how alike two episodes are one, how long an episode is kept, and how many are."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from tradewind.core.arrays import Flags, Floats, Ints
from tradewind.core.errors import BadConfig

PRIOR_USES = 10  # uses that count as much as everyone's mean


@dataclass(frozen=True)
class Lifecycle:
    """What ends the life of an episode in the library.

    Of two episodes with one symbol, scale and kind, overlapping spans and a similarity above `alike`, the
    one known later supersedes the other, from the moment at which something has followed it. An episode
    expires `lifespan` after it was known. Of more than `capacity` the least useful are let go.

    >>> Lifecycle(capacity=0)
    Traceback (most recent call last):
    tradewind.core.errors.BadConfig: a library of at most 0 episodes: keep 1 or more, or None for all
    """

    alike: float = 0.95
    lifespan: timedelta | None = None
    capacity: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.alike <= 1:
            raise BadConfig(
                f"episodes that are one above a similarity of {self.alike:g}",
                "give a number above 0, and at most 1",
            )
        if self.lifespan is not None and self.lifespan <= timedelta(0):
            raise BadConfig(
                f"episodes that live for {self.lifespan}", "give a time, or None for ever"
            )
        if self.capacity is not None and self.capacity < 1:
            raise BadConfig(
                f"a library of at most {self.capacity} episodes", "keep 1 or more, or None for all"
            )


def quality(uses: Ints, gained: Floats) -> Floats:
    """What an episode gave to each who used it, shrunk towards the mean of all: few uses prove little.

    >>> [float(one) for one in quality(np.array([0, 90]), np.array([0.0, 45.0])).round(3)]
    [0.5, 0.5]
    >>> [float(one) for one in quality(np.array([10, 90]), np.array([0.0, 45.0])).round(3)]
    [0.225, 0.495]
    """
    mean = gained.sum() / max(int(uses.sum()), 1)
    shrunk: Floats = (gained + PRIOR_USES * mean) / (uses + PRIOR_USES)
    return shrunk


def least_useful(
    count: int,
    uses: Ints,
    gained: Floats,
    resolved: Flags,
    known: Ints,
) -> npt.NDArray[np.intp]:
    """The rows to let go: the worst first, the older of equals; one that nothing has followed yet has had
    no chance, and goes only when no other is left.

    >>> known = np.arange(3)
    >>> least_useful(2, known * 0, np.array([0.0, 1.0, 0.0]), np.array([True, True, False]), known)
    array([0, 1])
    """
    order = np.lexsort((known, np.where(resolved, quality(uses, gained), 0.0), ~resolved))
    return order[:count]
