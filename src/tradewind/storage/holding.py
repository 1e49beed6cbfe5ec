"""A folder that one job holds while the others wait: the lock goes with the process, so none is left."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tradewind.storage.disk_errors import named


@contextmanager
def held(folder: Path, how: int = 0) -> Iterator[None]:
    """Hold a folder until the block is left; whoever else asks for it waits, in this process or another.
    With `fcntl.LOCK_NB` nobody waits: a folder that is held raises BlockingIOError.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, held(Path(folder)):
    ...     with held(Path(folder), fcntl.LOCK_NB):
    ...         pass
    Traceback (most recent call last):
    BlockingIOError: [Errno 11] Resource temporarily unavailable
    """
    lock = hold(folder, how)
    try:
        yield
    finally:
        os.close(lock)


def hold(folder: Path, how: int = 0) -> int:
    """Hold a folder until this is closed, by us or by the end of the process."""
    with named(folder):
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | how)
    except BaseException:
        os.close(lock)
        raise
    return lock
