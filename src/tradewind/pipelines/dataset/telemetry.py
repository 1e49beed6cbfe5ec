"""`Meter`: what each stage of a job cost, told beside its result; it decides nothing."""

import resource
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from time import perf_counter, process_time
from typing import Any, Protocol

PER_MB = 2**20 if sys.platform == "darwin" else 2**10  # Linux counts kilobytes


class Stages(Protocol):
    """Whoever is told that a stage begins, and ends."""

    def stage(self, name: str) -> AbstractContextManager[None]: ...


class Meter:
    """Tells each stage, and keeps its wall time and the CPU time of the process meanwhile.

    >>> from contextlib import nullcontext
    >>> class Nobody:
    ...     def stage(self, name): return nullcontext()
    >>> meter = Meter(Nobody())
    >>> with meter.stage("count"):
    ...     _ = sum(range(1000))
    >>> [*meter.record["stages"]], meter.record["stages"]["count"]["wall_s"] >= 0
    (['count'], True)
    """

    def __init__(self, tell: Stages) -> None:
        self._tell = tell
        self._costs: dict[str, Mapping[str, float]] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """One stage, told and timed, whether or not it comes to its end."""
        began, began_cpu = perf_counter(), process_time()
        try:
            with self._tell.stage(name):
                yield
        finally:
            took = {"wall_s": perf_counter() - began, "cpu_s": process_time() - began_cpu}
            self._costs[name] = {kind: round(seconds, 3) for kind, seconds in took.items()}

    @property
    def record(self) -> Mapping[str, Any]:
        """The stages in their order, and the most memory that the process has held so far."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / PER_MB
        return {"stages": dict(self._costs), "peak_memory_mb": round(peak, 1)}
