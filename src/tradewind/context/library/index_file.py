"""`IndexFile`: in which order the episodes of an index lie, and what was learnt to find them.

A cache of the tables: its first line says what it holds, with a digest. One that is torn, cut or of
another format is no file at all.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tradewind.core.arrays import Ints
from tradewind.storage.files import publish
from tradewind.storage.objects import digest, make_folder

FORMAT = 1


@dataclass(frozen=True, eq=False)
class Indexed:
    """The episodes in their order, from when on each is seen there, and what the index has learnt."""

    episodes: Ints
    seen: Ints
    learnt: bytes


@dataclass(frozen=True)
class IndexFile:
    """The file in a workspace.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = IndexFile(Path(folder, "library", "patterns.index"))
    ...     file.write(Indexed(np.array([7]), np.array([0]), b"cells"))
    ...     whole = file.read().episodes
    ...     _ = file.path.write_bytes(file.path.read_bytes()[:-8])
    ...     whole, file.read()
    (array([7]), None)
    """

    path: Path

    @property
    def size_bytes(self) -> int:
        """Its bytes; 0 where it is missing."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def write(self, indexed: Indexed) -> None:
        """Put it in the place of the one that is there."""
        content = b"".join((indexed.episodes.tobytes(), indexed.seen.tobytes(), indexed.learnt))
        told = {"format": FORMAT, "episodes": len(indexed.episodes), "digest": digest(content)}
        make_folder(self.path.parent)
        publish(self.path, json.dumps(told).encode() + b"\n" + content)

    def read(self) -> Indexed | None:
        """What it holds; None where it is missing or not whole."""
        try:
            head, _, content = self.path.read_bytes().partition(b"\n")
            told = json.loads(head)
            count = int(told["episodes"])
            whole = told["format"] == FORMAT and told["digest"] == digest(content)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if not whole or not 0 <= 16 * count <= len(content):
            return None
        numbers = np.frombuffer(content, np.int64, 2 * count).reshape(2, count)
        return Indexed(numbers[0], numbers[1], content[numbers.nbytes :])
