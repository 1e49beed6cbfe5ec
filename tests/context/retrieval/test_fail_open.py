"""Retrieval never stands in the way: whatever the library does, there is an answer that says what it did."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

import numpy as np
import pytest

from tests.context.retrieval.toy_search import DAY, START, WEEK, Floats, ToySearch, cloud
from tradewind.context.retrieval import ContextAwareRetrieval, Query, Retrieved
from tradewind.core import Pattern
from tradewind.core.breaker import CircuitBreaker
from tradewind.core.dependency import Dependency
from tradewind.core.errors import Misuse, WorkspaceError
from tradewind.core.pattern import WIDTH

QUERY = Query(np.ones(WIDTH), START + 1000 * DAY, WEEK)
GOOD = ToySearch.of(cloud(20))
CALLS, AT_ONCE = 1000, 50


@dataclass
class Broken:
    """A library that does this instead of searching, and counts how often it was asked."""

    instead: Callable[[], object]
    asked: list[int] = field(default_factory=list)

    def search(
        self, query: Floats, k: int, as_of: object, regime: str | None = None
    ) -> Sequence[tuple[Pattern, float]]:
        self.asked.append(k)
        return self.instead()  # type: ignore[return-value]


@pytest.fixture
def gate() -> Iterator[Event]:
    event = Event()
    yield event
    event.set()


def raising(error: BaseException) -> Callable[[], object]:
    def instead() -> object:
        raise error

    return instead


def broken(fault: str, gate: Event) -> Broken:
    return Broken(
        {
            "pattern_library_unavailable": raising(WorkspaceError("no index", "build it")),
            "regime_classifier_timeout": gate.wait,
            "rag_system_failure": lambda: [("no pattern", "no number")],
            "memory_pressure": raising(MemoryError()),
            "network_partition": raising(ConnectionResetError(104, "reset by peer")),
        }[fault]
    )


FAULTS = {
    "pattern_library_unavailable": "pattern_library_unavailable",
    "regime_classifier_timeout": "pattern_library_timeout",
    "rag_system_failure": "pattern_library_unavailable",
    "memory_pressure": "pattern_library_unavailable",
    "network_partition": "pattern_library_unavailable",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_thousand_calls_of_a_broken_library_are_all_answered_and_few_reach_it(
    fault: str, gate: Event
) -> None:
    library = broken(fault, gate)
    still = Dependency("pattern_library", breaker=CircuitBreaker(lambda: 0.0))
    deadline_ms = (
        10.0 if FAULTS[fault].endswith("timeout") else 30_000.0
    )  # a busy machine is no fault
    retrieval = ContextAwareRetrieval(library, deadline_ms, still)
    answers = [retrieval(QUERY) for _ in range(CALLS)]
    assert all(isinstance(one, Retrieved) and one.aftermath is None for one in answers)
    told = Counter(one.degraded.code for one in answers if one.degraded)
    assert told == {FAULTS[fault]: 5, "pattern_library_breaker_open": CALLS - 5}
    assert len(library.asked) == 5


def test_fifty_that_hang_at_once_are_all_answered_and_take_eight_threads(gate: Event) -> None:
    library = Broken(gate.wait)
    still = Dependency("pattern_library", breaker=CircuitBreaker(lambda: 0.0))
    retrieval = ContextAwareRetrieval(library, 20.0, still)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(lambda _: retrieval(QUERY), range(CALLS)))
    assert all(one.degraded is not None for one in answers)
    assert len(answers) == CALLS
    assert len(library.asked) <= 8


def test_once_the_library_is_back_it_is_asked_again_within_ten_seconds() -> None:
    now, library = [0.0], Broken(raising(OSError("gone")))
    dependency = Dependency("pattern_library", breaker=CircuitBreaker(lambda: now[0]))
    retrieval = ContextAwareRetrieval(library, 10_000.0, dependency)
    for _ in range(10):
        retrieval(QUERY)
    library.instead = lambda: GOOD.search(QUERY.vector, QUERY.k, QUERY.as_of)
    now[0] = 10.0
    assert [retrieval(QUERY).degraded for _ in range(3)] == [None] * 3


def test_an_answer_within_the_deadline_is_the_one_without_a_deadline() -> None:
    from tradewind.context.retrieval import retrieve

    guarded, plain = ContextAwareRetrieval(GOOD, 10_000.0)(QUERY), retrieve(GOOD, QUERY)
    assert guarded.aftermath == plain.aftermath
    assert guarded.outcomes.tolist() == plain.outcomes.tolist()


def test_what_is_wrong_with_a_query_is_never_held_against_the_library() -> None:
    retrieval = ContextAwareRetrieval(GOOD, 10_000.0)
    for _ in range(20):
        with pytest.raises(Misuse):
            retrieval(Query(np.full(WIDTH, np.nan), QUERY.as_of, WEEK))
    assert retrieval.dependency.breaker.state == "closed"


def test_a_deadline_of_nothing_is_refused() -> None:
    with pytest.raises(Misuse, match="a deadline of 0 ms: give a number above 0"):
        ContextAwareRetrieval(GOOD, 0)
