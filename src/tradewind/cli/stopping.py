"""Ctrl-C and SIGTERM: one interruption, and none inside the compiler."""

import signal
import sys

RETRY_S = 0.02


def listen() -> None:
    """What stops us from outside stops us as Ctrl-C does: nothing is left half-written."""
    signal.signal(signal.SIGTERM, stop)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, stop)


def stop(number: int, frame: object) -> None:  # noqa: ARG001
    """Once: whoever stops us twice, as `timeout` does, would disturb the stop. And not before numba has
    compiled what it compiles: LLVM calls Python back, and would swallow what is raised there."""
    if compiling():
        signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, RETRY_S)
        return
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, heard)
    raise KeyboardInterrupt


def heard(number: int, frame: object) -> None:
    """Once is enough."""


def stopped() -> bool:
    """Were we stopped? Native code that calls Python back may make an error of another name of it."""
    return signal.getsignal(signal.SIGTERM) is heard


def compiling() -> bool:
    """Is numba at work in this thread? It is not loaded to find out.

    >>> compiling()
    False
    >>> from numba.core.compiler_lock import global_compiler_lock
    >>> with global_compiler_lock:
    ...     compiling()
    True
    """
    lock = sys.modules.get("numba.core.compiler_lock")
    return lock is not None and bool(lock.global_compiler_lock.is_locked())
