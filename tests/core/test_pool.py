"""Calls that hang take a thread each and nothing else, and no more threads than there are."""

import gc
import threading
from collections.abc import Callable, Iterator
from threading import Event, Thread

import pytest

from tradewind.core.breaker import CircuitBreaker
from tradewind.core.dependency import Dependency
from tradewind.core.errors import Misuse
from tradewind.core.pool import BoundedPool, Unanswered

AMPLE_S = 30.0


@pytest.fixture
def gate() -> Iterator[Event]:
    """What hangs waits for it, and is let go at the end."""
    event = Event()
    yield event
    event.set()


def why(answer: object) -> str | None:
    return answer.why if isinstance(answer, Unanswered) else None


def living(part: str) -> int:
    return sum(one.name == part for one in threading.enumerate())


def test_a_call_that_hangs_is_given_up_in_time(gate: Event) -> None:
    answer = BoundedPool("slow").call(gate.wait, within_s=0.01)
    assert str(answer) == "slow_timeout: no answer within 10 ms"


def test_when_all_hang_the_next_is_refused_without_being_begun(gate: Event) -> None:
    pool, begun = BoundedPool("full", threads=2), []
    assert [why(pool.call(gate.wait, 0.01)) for _ in range(2)] == ["timeout"] * 2
    answer = pool.call(lambda: begun.append(1), AMPLE_S)
    assert str(answer) == "full_overloaded: all 2 calls at once are being waited for"
    assert not begun
    assert living("full") == 2


def test_a_thread_that_comes_back_is_counted_on_again(gate: Event) -> None:
    pool, back = BoundedPool("back", threads=1), Event()

    def hang() -> None:
        gate.wait()
        back.set()

    assert why(pool.call(hang, 0.01)) == "timeout"
    gate.set()
    back.wait()
    answers = iter(lambda: pool.call(lambda: 7, AMPLE_S), None)
    assert next(one for one in answers if why(one) != "overloaded") == 7


def test_a_late_answer_is_nobody_elses(gate: Event) -> None:
    pool = BoundedPool("late", threads=2)
    assert why(pool.call(lambda: gate.wait() and "old", 0.01)) == "timeout"
    gate.set()
    assert [pool.call(lambda n=n: n, AMPLE_S) for n in range(50)] == list(range(50))


def test_calls_in_turn_share_one_thread() -> None:
    pool = BoundedPool("turns", threads=8)
    assert len({pool.call(threading.get_ident, AMPLE_S) for _ in range(100)}) == 1


def panic() -> None:
    raise type("PanicException", (BaseException,), {})("a torn file")


def exhausted() -> None:
    raise MemoryError


@pytest.mark.parametrize(
    ("work", "told"),
    [
        (panic, "x_unavailable: PanicException: a torn file"),
        (exhausted, "x_unavailable: MemoryError: "),
        (lambda: exec("raise SystemExit(3)"), "x_unavailable: SystemExit: 3"),
    ],
)
def test_whatever_is_raised_is_told_and_ends_no_thread(
    work: Callable[[], object], told: str
) -> None:
    pool = BoundedPool("x", threads=1)
    assert str(pool.call(work, AMPLE_S)) == told
    assert pool.call(lambda: "alive", AMPLE_S) == "alive"


def test_a_machine_without_threads_to_spare_is_told_and_recovers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = BoundedPool("bare", threads=1)

    def refuse(self: Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(Thread, "start", refuse)
        told = "bare_unavailable: no thread could be started: can't start new thread"
        assert str(pool.call(lambda: 1, AMPLE_S)) == told
    assert pool.call(lambda: 1, AMPLE_S) == 1


def test_threads_end_with_their_pool() -> None:
    pool = BoundedPool("gone")
    pool.call(lambda: 1, AMPLE_S)
    mine = [one for one in threading.enumerate() if one.name == "gone"]
    assert len(mine) == 1
    del pool
    gc.collect()
    mine[0].join(AMPLE_S)
    assert not mine[0].is_alive()


def test_a_pool_without_threads_is_refused() -> None:
    with pytest.raises(Misuse, match="a pool of 0 threads: give it one or more"):
        BoundedPool("none", threads=0)


def test_a_burst_that_finds_all_threads_busy_does_not_shut_the_breaker(gate: Event) -> None:
    breaker = CircuitBreaker(failures=2)
    dependency = Dependency("store", threads=1, breaker=breaker)
    assert why(dependency.ask(gate.wait, within_ms=10)) == "timeout"
    assert [why(dependency.ask(gate.wait, 10)) for _ in range(20)] == ["overloaded"] * 20
    assert breaker.state == "closed"


def test_threads_that_never_come_back_leave_the_rest_of_the_process_alone(gate: Event) -> None:
    now = [0.0]
    breaker = CircuitBreaker(lambda: now[0])
    dependency = Dependency("model", threads=5, breaker=breaker)
    assert [why(dependency.ask(gate.wait, 5)) for _ in range(5)] == ["timeout"] * 5
    for _ in range(20):  # each rest ends in one try, which finds no thread
        now[0] += 5.0
        assert why(dependency.ask(gate.wait, 5)) == "overloaded"
        assert why(dependency.ask(gate.wait, 5)) == "breaker_open"
    assert living("model") == 5
