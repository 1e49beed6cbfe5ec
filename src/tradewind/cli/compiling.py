"""What numba does in seconds: to say so at the first of them, and not to be interrupted in it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def saying_so(note: Callable[[str], None]) -> Iterator[None]:
    """Note it once numba begins to compile something in here; where it finds all compiled, nothing is said.

    >>> import numba
    >>> twice = numba.njit(lambda x: 2 * x)
    >>> with saying_so(print):
    ...     twice(1.0), twice(2.0), twice(3)
    compiling, which takes some seconds the first time
    (2.0, 4.0, 6)
    >>> with saying_so(print):
    ...     twice(1.0)
    2.0
    """
    from numba.core import event

    class Once(event.Listener):
        said = False

        def on_start(self, event: object) -> None:  # noqa: ARG002
            if not self.said:
                self.said = True
                note("compiling, which takes some seconds the first time")

        def on_end(self, event: object) -> None:
            pass

    with event.install_listener("numba:compile", Once()):
        yield


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


def once_compiled(do: Callable[[], None]) -> None:
    """Do it as soon as numba has done what it is at, and once.

    >>> from numba.core.compiler_lock import global_compiler_lock as at_work
    >>> with at_work, at_work:
    ...     once_compiled(lambda: print("now"))
    ...     print("not yet")
    not yet
    now
    >>> with at_work:
    ...     pass
    """
    from numba.core import event

    class Then(event.Listener):
        done = False

        def on_start(self, event: object) -> None:
            pass

        def on_end(self, event: object) -> None:  # noqa: ARG002
            if not self.done and not compiling():
                self.done = True
                do()

    event.register("numba:compiler_lock", Then())  # type: ignore[no-untyped-call]
