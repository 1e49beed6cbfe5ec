"""`BoundedPool`: calls that may hang are made in threads of their own, so many and no more."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from threading import Semaphore, Thread
from typing import Any, Literal, TypeVar, final
from weakref import finalize

from tradewind.core.errors import Misuse

T = TypeVar("T")
Why = Literal["unavailable", "timeout", "overloaded", "breaker_open"]
Inbox = SimpleQueue[tuple[Callable[[], Any], SimpleQueue[Any]] | None]


@dataclass(frozen=True)
class Unanswered:
    """Which part did not answer, and why.

    >>> str(Unanswered("pattern_library", "timeout", "no answer within 20 ms"))
    'pattern_library_timeout: no answer within 20 ms'
    """

    part: str
    why: Why
    detail: str

    @property
    def code(self) -> str:
        """What alerts and counters are named by."""
        return f"{self.part}_{self.why}"

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


@final
class BoundedPool:
    """At most so many threads, made when first needed; with all of them busy a call is refused at once.

    Nothing is queued: whoever waited behind a hung call would hang as well. A thread that hangs is not
    counted on until it returns, and keeps no process from ending. Whatever a call raises is its answer,
    also what is no `Exception`, such as a panic of compiled code.

    >>> pool = BoundedPool("library", threads=1)
    >>> pool.call(lambda: 7, within_s=5)
    7
    >>> str(pool.call(lambda: 1 // 0, within_s=5))
    'library_unavailable: ZeroDivisionError: integer division or modulo by zero'
    """

    def __init__(self, part: str, threads: int = 8) -> None:
        if threads < 1:
            raise Misuse(f"a pool of {threads} threads", "give it one or more")
        self._part = part
        self._threads = threads
        self._unmade = Semaphore(threads)
        self._idle: deque[Inbox] = deque()
        self._inboxes: list[Inbox] = []
        finalize(self, _dismiss, self._inboxes)

    def call(self, work: Callable[[], T], within_s: float) -> T | Unanswered:
        """What the work returns, if it does in time."""
        try:
            inbox = self._free()
        except (RuntimeError, MemoryError) as error:
            return Unanswered(self._part, "unavailable", f"no thread could be started: {error}")
        if inbox is None:
            return Unanswered(
                self._part, "overloaded", f"all {self._threads} calls at once are being waited for"
            )
        outbox: SimpleQueue[T | Unanswered] = SimpleQueue()
        inbox.put((partial(_attempted, self._part, work), outbox))
        try:
            return outbox.get(timeout=within_s)
        except Empty:
            return Unanswered(self._part, "timeout", f"no answer within {within_s * 1e3:g} ms")

    def _free(self) -> Inbox | None:
        """The inbox of an idle thread, or of a new one while there may be more."""
        try:
            return self._idle.pop()
        except IndexError:
            if not self._unmade.acquire(blocking=False):
                return None
        inbox: Inbox = SimpleQueue()
        try:
            Thread(target=_serve, args=(inbox, self._idle), daemon=True, name=self._part).start()
        except (RuntimeError, MemoryError):
            self._unmade.release()
            raise
        self._inboxes.append(inbox)
        return inbox


def _attempted(part: str, work: Callable[[], T]) -> T | Unanswered:
    try:
        return work()
    except BaseException as error:
        return Unanswered(part, "unavailable", f"{type(error).__name__}: {error}")


def _serve(inbox: Inbox, idle: deque[Inbox]) -> None:
    """The life of a thread. It is idle again before it answers, so that who asks next finds it so."""
    while job := inbox.get():
        work, outbox = job
        answer = work()
        idle.append(inbox)
        outbox.put(answer)
        del job, work, outbox, answer  # nothing of a call outlives it


def _dismiss(inboxes: list[Inbox]) -> None:
    """Nobody can call any more: let each thread end with what it is doing."""
    for inbox in inboxes:
        inbox.put(None)
