"""`Dependency`: something that may fail, hang or be gone, asked so that whoever asks need not."""

from collections.abc import Callable
from typing import TypeVar, final

from tradewind.core.breaker import CircuitBreaker
from tradewind.core.pool import BoundedPool, Unanswered

T = TypeVar("T")


@final
class Dependency:
    """A name, a pool of its own, and a breaker: an answer in time, or at once why there is none.

    That all threads are busy says nothing of how the last call went, so the breaker is not told of it:
    a burst of good calls must not shut it. In core, since the pattern library, a model's runtime and the
    store each have one, and no other room is known to all three.

    >>> library = Dependency("pattern_library")
    >>> library.ask(lambda: "what was asked", within_ms=5_000)
    'what was asked'
    >>> def gone() -> str: raise OSError("no such file")
    >>> print(*(library.ask(gone, within_ms=5_000).code for _ in range(6)), sep="; ")
    pattern_library_unavailable; pattern_library_unavailable; pattern_library_unavailable;
    pattern_library_unavailable; pattern_library_unavailable; pattern_library_breaker_open
    """

    def __init__(self, name: str, threads: int = 8, breaker: CircuitBreaker | None = None) -> None:
        self.name = name
        self.breaker = breaker or CircuitBreaker()
        self._pool = BoundedPool(name, threads)
        self._shut = Unanswered(name, "breaker_open", "it failed too often, and is left alone")

    def ask(self, work: Callable[[], T], within_ms: float) -> T | Unanswered:
        """What the work returns; or which part did not answer, and why."""
        if not self.breaker.admits():
            return self._shut
        answer = self._pool.call(work, within_ms / 1e3)
        if not isinstance(answer, Unanswered):
            self.breaker.succeeded()
        elif answer.why != "overloaded":
            self.breaker.failed()
        return answer
