"""`Limited`: a library asked for some of its episodes only, as a search that knows no other limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from tradewind.core import Pattern
from tradewind.core.arrays import Floats


class EpisodeLibrary(Protocol):
    """A `PatternSearch` that can leave more aside, such as `PatternStorageEngine`."""

    def search(
        self,
        query: Floats,
        k: int,
        as_of: datetime,
        regime: str | None = None,
        *,
        scale: timedelta | None = None,
        without: str | None = None,
        kinds: frozenset[str] | None = None,
    ) -> Sequence[tuple[Pattern, float]]: ...


@dataclass(frozen=True, eq=False)
class Limited:
    """A `PatternSearch`: of one scale, without one symbol, of some kinds.

    An hour and a week may have the same shape, and what followed within "five bars" of both is not one
    distribution; and of itself of an hour ago a symbol learns little.

    >>> class Toy:
    ...     def search(self, query, k, as_of, regime=None, **limits):
    ...         print({name: limit for name, limit in limits.items() if limit})
    ...         return []
    >>> import numpy as np
    >>> Limited(Toy(), without="ACME").search(np.ones(128), 5, datetime(2024, 1, 2))
    {'without': 'ACME'}
    []
    """

    library: EpisodeLibrary
    scale: timedelta | None = None
    without: str | None = None
    kinds: frozenset[str] | None = None

    def search(
        self,
        query: Floats,
        k: int,
        as_of: datetime,
        regime: str | None = None,
    ) -> Sequence[tuple[Pattern, float]]:
        """The nearest within these limits."""
        return self.library.search(
            query,
            k,
            as_of,
            regime,
            scale=self.scale,
            without=self.without,
            kinds=self.kinds,
        )
