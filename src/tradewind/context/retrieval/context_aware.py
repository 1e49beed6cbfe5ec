"""`ContextAwareRetrieval`: the past, asked within a deadline, and never in the way of an answer."""

from dataclasses import dataclass, field
from functools import partial

from tradewind.context.retrieval.query import Query
from tradewind.context.retrieval.retrieved import Retrieved
from tradewind.context.retrieval.retrieving import retrieve
from tradewind.core.dependency import Dependency
from tradewind.core.errors import Misuse
from tradewind.core.pool import Unanswered
from tradewind.core.roles import PatternSearch

DEADLINE_MS = 20.0


def _pattern_library() -> Dependency:
    return Dependency("pattern_library")


@dataclass(frozen=True, eq=False)
class ContextAwareRetrieval:
    """What resembles now and what followed; or, in time, that nobody answered, and why.

    A forecast can do without: so a fault, a hang and a burst all end in a `Retrieved` with nothing in it
    whose `degraded` says what happened, and after five of them nobody is asked for a while.

    >>> from datetime import UTC, datetime, timedelta
    >>> import numpy as np
    >>> class Gone:
    ...     def search(self, query, k, as_of, regime=None):
    ...         raise OSError("the index is not where it was")
    >>> now = Query(np.ones(128), datetime(2024, 1, 2, tzinfo=UTC), timedelta(days=5))
    >>> retrieval = ContextAwareRetrieval(Gone(), deadline_ms=5_000)
    >>> str(retrieval(now).degraded)
    'pattern_library_unavailable: OSError: the index is not where it was'
    >>> [retrieval(now).degraded.why for _ in range(5)][-1]
    'breaker_open'
    """

    search: PatternSearch
    deadline_ms: float = DEADLINE_MS
    dependency: Dependency = field(default_factory=_pattern_library)

    def __post_init__(self) -> None:
        if not self.deadline_ms > 0:
            raise Misuse(f"a deadline of {self.deadline_ms} ms", "give a number above 0")

    def __call__(self, query: Query) -> Retrieved:
        answer = self.dependency.ask(partial(retrieve, self.search, query), self.deadline_ms)
        if isinstance(answer, Unanswered):
            return Retrieved(query, degraded=answer)
        return answer
