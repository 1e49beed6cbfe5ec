"""Ctrl-C and SIGTERM: one interruption, and none inside the compiler."""

import signal

from tradewind.cli.compiling import compiling, once_compiled


def listen() -> None:
    """What stops us from outside stops us as Ctrl-C does: nothing is left half-written."""
    signal.signal(signal.SIGTERM, stop)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, stop)


def stop(number: int, frame: object) -> None:  # noqa: ARG001
    """Once: whoever stops us twice, as `timeout` does, would disturb the stop. And not before numba has
    compiled what it compiles: LLVM calls Python back, and would swallow what is raised there."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, heard)
    if compiling():
        once_compiled(interrupt)
    else:
        interrupt()


def heard(number: int, frame: object) -> None:
    """Once is enough."""


def interrupt() -> None:
    """As Ctrl-C does."""
    raise KeyboardInterrupt


def stopped() -> bool:
    """Were we stopped? Native code that calls Python back may make an error of another name of it."""
    return signal.getsignal(signal.SIGTERM) is heard
