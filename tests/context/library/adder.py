"""Adds episodes and their outcomes until it is killed, and says which are acknowledged."""

import os
from collections.abc import Iterator

from tests.context.library.made import at, episode, unit
from tradewind.context.library import Lifecycle, PatternStorageEngine
from tradewind.core import Pattern

SMALL = Lifecycle(alike=1.0)


def twins(number: int) -> list[Pattern]:
    """Two episodes that come together."""
    minute = 100 * number
    followed = [(30.0, 0.001 * number), (60.0, 0.002 * number)]
    return [
        episode(minute + 60 + turn, unit(2 * number + turn), symbol=f"S{turn}", followed=followed)
        for turn in (0, 1)
    ]


def promises(first: int) -> Iterator[tuple[str, list[Pattern]]]:
    """What is added, one after the other: twins with the first outcome, then with both."""
    for number in range(first, first + 1_000):
        both = twins(number)
        yield f"{number} 1", [one.as_of(at(100 * number + 92)) for one in both]
        yield f"{number} 2", both


def add_to(said: str, folder: str, first: int) -> None:
    """Add until killed."""
    library = PatternStorageEngine(folder, SMALL)
    out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for name, patterns in promises(first):
        library.add(patterns)
        os.write(out, f"{name}\n".encode())
