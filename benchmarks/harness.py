"""A case, and how it is measured: pairs in random order, CPU seconds beside wall time, peak memory.

A machine that others use as well runs the second of two long measurements under another load than the
first. So ours and the reference alternate in short pairs whose order is drawn, and what is compared is
the ratio within each pair.
"""

import gc
import random
import resource
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

# Pairs: 60 find a difference of 5 % on a busy machine, and 5 still give an interval.
LEAST = 5
MOST = 60
Clock = Literal["wall_s", "cpu_s"]
Work = Callable[[Any], object]


@dataclass(frozen=True)
class Demand:
    """A figure that was promised at the largest size, to this share of the runs."""

    clock: Clock
    seconds: float
    share: float = 0.5


@dataclass(frozen=True)
class Case:
    """One piece of work: `run` on what `prepare` made of a size, and who does the same beside it.

    `apart` says that the work happens in processes that it starts, so its memory is theirs. Where one run
    takes seconds, fewer pairs are the least.
    """

    name: str
    what: str
    prepare: Callable[[int], Any]
    run: Work
    reference: Work
    reference_is: str
    dial: str = ""
    sizes: tuple[int, ...] = (1,)
    demand: Demand | None = None
    apart: bool = False
    least: int = LEAST


@dataclass(frozen=True)
class Spent:
    """What one run took."""

    wall_s: float
    cpu_s: float


Pair = tuple[Spent, Spent]


def cpu_seconds() -> float:
    """CPU seconds of this process, all its threads, and the processes that it waited for."""
    mine = resource.getrusage(resource.RUSAGE_SELF)
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + others.ru_utime + others.ru_stime


def spent(work: Work, given: Any) -> Spent:
    """What the work took, without freeing what it made.

    >>> took = spent(sorted, range(100_000))
    >>> 0 < took.wall_s < 5
    True
    """
    gc.collect()
    cpu, wall = cpu_seconds(), perf_counter()
    made = work(given)
    took = Spent(perf_counter() - wall, cpu_seconds() - cpu)
    del made
    return took


def measure(case: Case, size: int, seconds: float, rng: random.Random) -> list[Pair]:
    """Pairs of (ours, reference) after one untimed run of each, for about `seconds`."""
    given = case.prepare(size)
    works = (case.run, case.reference)
    for work in works:
        work(given)
    pairs: list[Pair] = []
    end = perf_counter() + seconds
    while len(pairs) < case.least or (len(pairs) < MOST and perf_counter() < end):
        order = rng.sample((0, 1), 2)
        took = {which: spent(works[which], given) for which in order}
        pairs.append((took[0], took[1]))
    return pairs


def peak_memory(case: Case, size: int) -> dict[str, float]:
    """The process's peak in MB after preparing and after one run. Ask it in a fresh process.

    The first includes the interpreter, what was imported, and the input.
    """
    given = case.prepare(size)
    prepared = own_peak_mb()
    case.run(given)
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    return {"prepared_mb": prepared, "peak_mb": children if case.apart else own_peak_mb()}


def own_peak_mb() -> float:
    """The most memory that this process ever held.

    Not ru_maxrss: Linux lets a process begin with the peak of the one that started it.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1000
