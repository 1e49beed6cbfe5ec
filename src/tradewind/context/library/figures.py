"""`LibraryStats`: what there is in a library, in figures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LibraryStats:
    """Episodes by how they stand, who finds them, and what they take.

    `past` are those superseded, expired or evicted: searches about earlier moments still find them.
    """

    episodes: int
    resolved: int
    past: int
    index: str
    memory_mb: float
    disk_mb: float
