"""`SyncedLog`: which versions of a table are there for good, and how the others are made so or undone.

The package that writes the log syncs nothing, so the newest versions may be gone or torn when the power
comes back. The control database therefore records each version after its files, and those of every
version beneath it, are synced; only then is an append acknowledged. What lies above the record when a
table is opened is verified: whole versions are synced and recorded, a bad one is replaced by an empty
one so that its number is never used again. Opening after a crash and acknowledging are the same steps.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from logging import getLogger
from typing import Any

from tradewind.core.errors import WorkspaceError
from tradewind.storage.checkpoints import Checkpoints
from tradewind.storage.control import Control
from tradewind.storage.delta_log import (
    FOLDER,
    RECORD,
    empty_entry,
    entry_name,
    flaw,
    read_entry,
    version_of,
)
from tradewind.storage.objects import Objects, digest
from tradewind.storage.quarantine import Quarantine
from tradewind.storage.retention import Retention

log = getLogger(__name__)

RECENT = 200  # entries whose bytes are compared on opening; of the older ones, the sizes


@dataclass(frozen=True)
class SyncedLog:
    """The log of one table, and the record of it in the control database."""

    table: str
    objects: Objects
    control: Control
    quarantine: Quarantine

    @property
    def checkpoints(self) -> Checkpoints:
        """What sums this log up."""
        return Checkpoints(self.table, self.objects, self.control, self.quarantine)

    @property
    def retention(self) -> Retention:
        """What is kept of its past."""
        return Retention(self.table, self.control)

    @property
    def synced(self) -> int:
        """The highest version that is there for good; -1 where none is."""
        sql = "select max(version) as version from lake_files where lake = :lake"
        version = self.control.rows(sql, lake=self.table)[0]["version"]
        return -1 if version is None else int(version)

    def recover(self) -> int:
        """Bring a table that was just opened to where every version of it can be believed."""
        recorded = self._recorded()  # before we look: whatever is recorded by now is there
        sizes = self.objects.sizes(FOLDER)
        self._put_back(recorded, sizes)
        self.checkpoints.drop_strange(sizes)
        versions = [version for name in sizes if (version := version_of(name)) is not None]
        return self.settle(max(versions, default=-1))

    def settle(self, upto: int = -1) -> int:
        """Verify, sync and record every version above the record; the version that stands then.

        All that follow each other are found by themselves; `upto` reaches over a missing one.
        """
        version = synced = self.synced
        records: list[dict[str, Any]] = []
        while version < upto or self.objects.read(entry_name(version + 1)) is not None:
            if version == -1 and self._never_was():
                return -1
            version += 1
            records += self._whole(version)
        if version > synced:
            self.objects.sync(record["name"] for record in records)
            with self.control.writing() as write:
                write(RECORD, records)
        return version

    def damage(self) -> Iterator[tuple[str, str]]:
        """Every recorded file that is not what was recorded, and why: all bytes are read.

        One that no kept version needs may be gone.
        """
        spent = self.retention.spent()
        for name, recorded in self.digests().items():
            if name in spent:
                continue
            found = self.objects.digest(name)
            if found != recorded:
                yield name, "is missing" if found is None else "is not what was recorded"

    def digests(self) -> Mapping[str, str]:
        """Every recorded file and its digest."""
        sql = "select name, digest from lake_files where lake = :lake order by version, name"
        return {row["name"]: row["digest"] for row in self.control.rows(sql, lake=self.table)}

    def remove_spent(self) -> Mapping[str, int]:
        """Remove the data files that no kept version needs; those that were there, and their sizes."""
        sizes = self.objects.sizes("")
        gone = {name: sizes[name] for name in self.retention.spent() if name in sizes}
        for name in gone:
            self.objects.remove(name)
        return gone

    def _whole(self, version: int) -> list[dict[str, Any]]:
        """The records of a version that is whole, if need be by being made empty."""
        name = entry_name(version)
        data = self.objects.read(name)
        found = flaw(data, self.objects, first=version == 0)
        if found:
            self._replace(version, data, found)
            data = self.objects.read(name)
        assert data is not None
        entry = read_entry(data)
        records = [self._record(version, name, data, keep=True)]
        for path in entry.adds:
            content = self.objects.read(path)
            if content is None:
                raise WorkspaceError(
                    f"version {version} of {self.table} lost {path} as it was looked at",
                    "run again",
                )
            records.append(self._record(version, path, content, keep=False))
        return records

    def _record(self, version: int, name: str, data: bytes, *, keep: bool) -> dict[str, Any]:
        row = {"lake": self.table, "version": version, "name": name}
        content = data if keep else None
        return {**row, "size": len(data), "digest": digest(data), "content": content}

    def _replace(self, version: int, data: bytes | None, found: str) -> None:
        """Put an empty version in the place of a bad one, whose bytes are kept aside.

        A missing one is only ever filled, never overwritten: it may arrive as we look.
        """
        name = entry_name(version)
        detail = f"version {version} was never acknowledged and is now empty: {found}"
        log.warning("%s: %s", self.table, detail)
        if data is None:
            if self.objects.put_new(name, empty_entry(found)):
                self.quarantine.keep(self.table, name, None, detail)
            return
        self.quarantine.keep(self.table, name, data, detail)
        self.objects.put(name, empty_entry(found))
        self._set_aside(data, detail)

    def _set_aside(self, data: bytes, detail: str) -> None:
        """The data files of a bad version, as far as its entry can be read."""
        try:
            adds = read_entry(data).adds
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        for path in adds:
            content = self.objects.read(path)
            if content is not None:
                self.quarantine.keep(self.table, path, content, detail)
                self.objects.remove(path)

    def _never_was(self) -> bool:
        """Put aside a table whose first version is bad: nothing in it was ever acknowledged."""
        found = flaw(self.objects.read(entry_name(0)), self.objects, first=True)
        if not found:
            return False
        for name in sorted(self.objects.sizes(FOLDER), reverse=True):
            detail = f"the table was never acknowledged and begins anew: {found}"
            self.quarantine.keep(self.table, name, self.objects.read(name), detail)
            self.objects.remove(name)
        return True

    def _recorded(self) -> list[dict[str, Any]]:
        sql = """select version, name, size, digest from lake_files
            where lake = :lake and content is not null order by version"""
        return self.control.rows(sql, lake=self.table)

    def _put_back(self, rows: Sequence[Mapping[str, Any]], sizes: Mapping[str, int]) -> None:
        """Mend recorded log entries from the record, if the disk has lost or changed them."""
        for place, row in enumerate(rows):
            same = sizes.get(row["name"]) == row["size"]
            if same and place >= len(rows) - RECENT:
                same = self.objects.digest(row["name"]) == row["digest"]
            if not same:
                self._mend(row["version"], row["name"])

    def _mend(self, version: int, name: str) -> None:
        sql = "select content from lake_files where lake = :lake and name = :name"
        content = self.control.rows(sql, lake=self.table, name=name)[0]["content"]
        detail = f"the log entry of version {version} was damaged and is put back from the record"
        log.warning("%s: %s", self.table, detail)
        self.quarantine.keep(self.table, name, self.objects.read(name), detail)
        self.objects.put(name, content)
