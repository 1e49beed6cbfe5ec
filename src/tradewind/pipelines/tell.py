"""`Tell`: whoever watches a job, and what it is told."""

from contextlib import AbstractContextManager
from typing import Protocol


class Tell(Protocol):
    """Whoever watches: a terminal, a log, nobody."""

    def stage(self, name: str) -> AbstractContextManager[None]: ...

    def progress(self, done: int, of: int) -> None: ...
