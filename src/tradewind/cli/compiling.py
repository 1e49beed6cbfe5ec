"""`saying_so`: seconds that go into compiling are said to, at the first of them."""

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
