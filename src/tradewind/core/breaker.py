"""`CircuitBreaker`: what keeps failing is left alone for a while, then tried once."""

from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Literal, final

from tradewind.core.clock import uptime
from tradewind.core.errors import Misuse

BreakerState = Literal["closed", "open", "half_open", "forced_open", "forced_closed"]
Forced = Literal["open", "closed"]


@final
class CircuitBreaker:
    """Closed while things go well; open after so many failures among the last twice as many calls.

    Once open it admits nothing until it has rested, and then (half open) a single call, which decides: it
    closes, or rests again. A call that is never heard of again is not waited for: after another rest the
    next one is admitted. Half of all calls failing open it as surely as an unbroken run of failures does.
    An operator may force it either way; what is told meanwhile is remembered.

    >>> now = [0.0]
    >>> breaker = CircuitBreaker(lambda: now[0], failures=2, rest_s=5)
    >>> for _ in range(2): breaker.failed()
    >>> breaker.state, breaker.admits()
    ('open', False)
    >>> now[0] = 5.0
    >>> breaker.state, breaker.admits(), breaker.admits()  # one, and one only
    ('half_open', True, False)
    >>> breaker.succeeded()
    >>> breaker.state
    'closed'
    """

    def __init__(
        self, seconds: Callable[[], float] = uptime, failures: int = 5, rest_s: float = 5.0
    ) -> None:
        if failures < 1 or not rest_s > 0:
            raise Misuse(
                f"a breaker of {failures} failures that rests for {rest_s} s",
                "give one failure or more, and a rest above 0",
            )
        self._seconds = seconds
        self._failures = failures
        self._rest_s = rest_s
        self._lock = Lock()
        self._recent: deque[bool] = deque(maxlen=2 * failures)  # True: it failed
        self._rests_until: float | None = None  # None while closed
        self._trying = False
        self._forced: Forced | None = None

    @property
    def state(self) -> BreakerState:
        with self._lock:
            if self._forced:
                return "forced_open" if self._forced == "open" else "forced_closed"
            if self._rests_until is None:
                return "closed"
            rested = self._seconds() >= self._rests_until
            return "half_open" if self._trying or rested else "open"

    def admits(self) -> bool:
        """May a call be made? Who is told so makes it, and tells how it went."""
        with self._lock:
            if self._forced:
                return self._forced == "closed"
            if self._rests_until is None:
                return True
            now = self._seconds()
            if now < self._rests_until:
                return False
            self._trying, self._rests_until = True, now + self._rest_s
            return True

    def succeeded(self) -> None:
        """A call that was admitted went well."""
        with self._lock:
            if self._rests_until is None:
                self._recent.append(False)
            elif self._trying:
                self._trying, self._rests_until = False, None

    def failed(self) -> None:
        """A call that was admitted did not; one from before it opened is old news."""
        with self._lock:
            if self._rests_until is None:
                self._recent.append(True)
                if self._recent.count(True) < self._failures:
                    return
            elif not self._trying:
                return
            self._trying, self._rests_until = False, self._seconds() + self._rest_s
            self._recent.clear()

    def force(self, state: Forced | None) -> None:
        """Open or closed whatever happens, or (None) as it would be by itself."""
        if state not in ("open", "closed", None):
            raise Misuse(
                f"a breaker forced {state!r}", "force it 'open' or 'closed', or free it (None)"
            )
        with self._lock:
            self._forced = state
