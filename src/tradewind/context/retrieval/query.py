"""`Query`: what is asked of the past."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from tradewind.core.arrays import Floats
from tradewind.core.clock import utc
from tradewind.core.errors import Misuse
from tradewind.core.pattern import WIDTH


@dataclass(frozen=True, eq=False)
class Query:
    """The k episodes most like this one, by what was known at `as_of`, and what followed them within the
    horizon; of one regime, if one is named.

    What cannot be asked is refused here, before anybody is asked, so that a breaker opens for the
    faults of a library and never for those of its caller:

    >>> from datetime import UTC
    >>> Query(np.full(WIDTH, np.nan), datetime(2024, 1, 2, tzinfo=UTC), timedelta(days=5))
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: a query of which 128 numbers are not finite: give (128,) ...
    """

    vector: Floats  # (128,)
    as_of: datetime
    horizon: timedelta
    k: int = 64
    regime: str | None = None

    def __post_init__(self) -> None:
        utc(self.as_of)
        remedy = f"give ({WIDTH},) numbers, the embedding of what is looked for"
        if self.vector.shape != (WIDTH,):
            raise Misuse(f"a query of shape {self.vector.shape}", remedy)
        if wrong := int((~np.isfinite(self.vector)).sum()):
            raise Misuse(f"a query of which {wrong} numbers are not finite", remedy)
        if not self.vector.any():
            raise Misuse("a query of nothing but zeros", remedy)
        if self.k < 1:
            raise Misuse(f"{self.k} episodes like this one", "ask for 1 or more")
        if self.horizon <= timedelta(0):
            raise Misuse(f"what followed within {self.horizon}", "give a horizon above 0")
