"""What retrieval costs when it is answered, when its library hangs, and when its breaker is open."""

from dataclasses import dataclass
from threading import Event
from typing import Any

from benchmarks.harness import Case, Demand

CALLS = 1_000
AT_ONCE = 50
EPISODES = (16, 64, 256)


@dataclass
class Library:
    """An answer that was searched for beforehand; while there is a gate, whoever asks waits for it."""

    nearest: Any
    gate: Event | None = None

    def search(self, *_: object) -> Any:
        if self.gate:
            self.gate.wait()
        return self.nearest


@dataclass
class Given:
    """A library, what it is asked, and the guarded way of asking."""

    library: Library
    query: Any
    guarded: Any


def asked(episodes: int) -> Given:
    """Episodes of as many symbols, a week each, all resolved long before they are asked for."""
    from datetime import UTC, datetime, timedelta

    import numpy as np

    from tradewind.context.retrieval import ContextAwareRetrieval, Query
    from tradewind.core import Outcome, Pattern

    start, week = datetime(2020, 1, 1, tzinfo=UTC), timedelta(days=7)
    unit = np.full(128, 128**-0.5)
    nearest = []
    for i in range(episodes):
        known = start + 3 * i * timedelta(days=1)
        followed = {week: Outcome(0.01 * i, known + week)}
        span = (known - week, known, known)
        one = Pattern(f"S{i}", "window", week, *span, unit, 0.5, followed=followed)
        nearest.append((one, 1 - i / 1000))
    library = Library(nearest)
    query = Query(unit, datetime(2024, 1, 1, tzinfo=UTC), week, episodes)
    return Given(library, query, ContextAwareRetrieval(library))


def answered(given: Given) -> object:
    """Guarded: a thread of the pool, a deadline, the breaker told."""
    return [given.guarded(given.query) for _ in range(CALLS)]


def unguarded(given: Given) -> object:
    """The same search and summary, asked plainly."""
    from tradewind.context.retrieval import retrieve

    return [retrieve(given.library, given.query) for _ in range(CALLS)]


def shut(given: Given) -> object:
    """Nobody is asked."""
    given.guarded.dependency.breaker.force("open")
    told = [given.guarded(given.query) for _ in range(CALLS)]
    given.guarded.dependency.breaker.force(None)
    return told


def hung(given: Given) -> object:
    """So many callers at once of a library that answers none of them, with nothing learnt before."""
    from concurrent.futures import ThreadPoolExecutor

    from tradewind.context.retrieval import ContextAwareRetrieval

    gate = Event()
    retrieval = ContextAwareRetrieval(Library(given.library.nearest, gate))
    with ThreadPoolExecutor(AT_ONCE) as callers:
        told = list(callers.map(lambda _: retrieval(given.query), range(AT_ONCE)))
    gate.set()
    return told


def at_once(given: Given) -> object:
    """As many callers at once of a library that answers."""
    from concurrent.futures import ThreadPoolExecutor

    from tradewind.context.retrieval import ContextAwareRetrieval

    retrieval = ContextAwareRetrieval(given.library)
    with ThreadPoolExecutor(AT_ONCE) as callers:
        return list(callers.map(lambda _: retrieval(given.query), range(AT_ONCE)))


CASES = (
    Case(
        name="retrieval",
        what="ContextAwareRetrieval(query), 1,000 times, of a search that costs nothing",
        prepare=asked,
        run=answered,
        reference=unguarded,
        reference_is="the same without deadline, pool and breaker",
        dial="episodes retrieved",
        sizes=EPISODES,
    ),
    Case(
        name="retrieval_shut",
        what="ContextAwareRetrieval(query), 1,000 times, with its breaker open",
        prepare=asked,
        run=shut,
        reference=unguarded,
        reference_is="retrieve(search, query), 1,000 times",
        dial="episodes retrieved",
        sizes=EPISODES,
        demand=Demand("wall_s", CALLS * 50e-6),
    ),
    Case(
        name="retrieval_hung",
        what="50 callers at once of a library that hangs, until the last has its answer",
        prepare=asked,
        run=hung,
        reference=at_once,
        reference_is="the same with a library that answers",
        dial="episodes retrieved",
        sizes=EPISODES,
        demand=Demand("wall_s", 0.08),
    ),
)
