"""Which versions of a table are kept, and which data files none of them needs any more.

Every version from the floor on is kept, and every pinned one. What follows for the files is read from
the recorded log each time, so nothing but the floor has to be written down before they are removed, and
whoever is stopped in between leaves what the next one finishes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tradewind.core.errors import Misuse, WorkspaceError
from tradewind.storage.control import Control
from tradewind.storage.delta_log import Entry, read_entry

RAISE = """insert into lake_floors values (:lake, :version)
    on conflict (lake) do update set version = excluded.version where excluded.version > lake_floors.version"""
PIN = "insert into pins values (:lake, :version, :holder) on conflict do nothing"


class LetGo(WorkspaceError):
    """The files of a version went while it was read: a retention let go of it. Look again."""


@dataclass(frozen=True)
class Retained:
    """What is left of a table's past, and what was removed from the disk."""

    table: str
    version: int
    oldest: int
    pinned: tuple[int, ...]
    files: int
    bytes: int


@dataclass(frozen=True)
class Retention:
    """What is kept of one table.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     kept = Retention("bars", Control(Path(folder, "control.db")))
    ...     kept.pin(2, by="release 1")
    ...     kept.raise_floor(5)
    ...     [version for version in range(8) if kept.keeps(version)]
    [2, 5, 6, 7]
    """

    table: str
    control: Control

    @property
    def floor(self) -> int:
        """The oldest version from which on all are kept."""
        rows = self.control.rows(
            "select version from lake_floors where lake = :lake", lake=self.table
        )
        return int(rows[0]["version"]) if rows else 0

    @property
    def pinned(self) -> tuple[int, ...]:
        """The versions that somebody holds, in their order."""
        sql = "select distinct version from pins where lake = :lake order by version"
        return tuple(int(row["version"]) for row in self.control.rows(sql, lake=self.table))

    def keeps(self, version: int) -> bool:
        """Can this version still be read?"""
        return version >= self.floor or version in self.pinned

    def require_kept(self, version: int) -> None:
        """Refuse a version that is not kept, naming the oldest that is."""
        if not self.keeps(version):
            held = "".join(f", and {one} is pinned" for one in self.pinned if one < self.floor)
            raise Misuse(
                f"version {version} of table {self.table!r} is no longer kept",
                f"the oldest that is kept is {self.floor}{held}",
            )

    def pin(self, version: int, by: str) -> None:
        """Keep a version for as long as `by` holds it; one that is not kept cannot be held."""
        with self.control.writing() as write:
            self.require_kept(version)
            write(PIN, [{"lake": self.table, "version": version, "holder": by}])

    def unpin(self, by: str) -> None:
        """Let go of whatever `by` holds."""
        with self.control.writing() as write:
            row = {"lake": self.table, "holder": by}
            write("delete from pins where lake = :lake and holder = :holder", [row])

    def raise_floor(self, version: int) -> None:
        """From now on keep no version below this one that is not pinned; never the other way."""
        with self.control.writing() as write:
            write(RAISE, [{"lake": self.table, "version": version}])

    def spent(self) -> Mapping[str, int]:
        """The data files that no kept version needs, and the version that removed each."""
        floor, pinned = self.floor, self.pinned
        added, spent = dict[str, int](), dict[str, int]()
        for version, entry in self._entries():
            for path in entry.removes:
                first = added.pop(path, 0)
                held = any(first <= one < version for one in pinned)
                if version <= floor and not held:
                    spent[path] = version
            for path in entry.adds:
                added[path] = version
                spent.pop(path, None)
        return spent

    def newest_at(self, moment: datetime) -> int:
        """The version that was the newest at a moment; 0 where none was yet."""
        newest = 0
        for version, entry in self._entries():
            if entry.at_ms is not None and datetime.fromtimestamp(entry.at_ms / 1e3, UTC) <= moment:
                newest = version
        return newest

    def _entries(self) -> Iterator[tuple[int, Entry]]:
        sql = """select version, content from lake_files
            where lake = :lake and content is not null order by version"""
        for row in self.control.rows(sql, lake=self.table):
            yield int(row["version"]), read_entry(row["content"])
