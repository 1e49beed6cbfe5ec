"""Checkpoints of a table's log that can be believed: written, synced, recorded, and then announced.

A checkpoint sums the log up so that opening stays fast, and a torn one stops every open. It is also
never needed: the entries beneath it stay. So one that is not exactly as recorded is put aside, and with
it the announcement, without which nobody looks for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tradewind.storage.control import Control, Write
from tradewind.storage.delta_log import ANNOUNCEMENT, FOLDER, RECORD, checkpoint_name
from tradewind.storage.objects import Objects, digest
from tradewind.storage.quarantine import Quarantine

NAMED = f"lake = :lake and (name like '{FOLDER}/%.checkpoint.parquet' or name = '{ANNOUNCEMENT}')"


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of one table."""

    table: str
    objects: Objects
    control: Control
    quarantine: Quarantine

    @property
    def last(self) -> int:
        """The version of the newest checkpoint; 0 where there is none."""
        sql = f"select max(version) as version from lake_files where {NAMED}"  # noqa: S608 (constants)
        return int(self.control.rows(sql, lake=self.table)[0]["version"] or 0)

    def announce(self, version: int, checkpoint: bytes, announcement: bytes) -> None:
        """Put a checkpoint in its place, and say so."""
        made = {checkpoint_name(version): checkpoint, ANNOUNCEMENT: announcement}
        with self.control.writing() as write:
            for name, data in made.items():
                row = {"lake": self.table, "version": version, "name": name, "content": None}
                write(RECORD, [{**row, "size": len(data), "digest": digest(data)}])
                self.objects.put(name, data)

    def drop_strange(self, sizes: Mapping[str, int]) -> None:
        """Put aside what we did not sync and announce, or what has changed since."""
        there = [name for name in sizes if ".checkpoint" in name or name == ANNOUNCEMENT]
        sql = f"select name, digest from lake_files where {NAMED}"  # noqa: S608 (constants)
        if not there and not self.control.rows(sql, lake=self.table):
            return
        with self.control.writing() as write:  # nobody is half-way through making one
            known = {row["name"]: row["digest"] for row in self.control.rows(sql, lake=self.table)}
            strange = [
                name for name in {*there, *known} if self.objects.digest(name) != known.get(name)
            ]
            for name in sorted({*strange, ANNOUNCEMENT} if strange else ()):
                self._put_aside(name, write)

    def _put_aside(self, name: str, write: Write) -> None:
        data = self.objects.read(name)
        detail = "a checkpoint that is damaged, or was not made by us, is put aside"
        if data is not None:
            self.quarantine.keep(self.table, name, data, detail)
            self.objects.remove(name)
        row = {"lake": self.table, "name": name}
        write("delete from lake_files where lake = :lake and name = :name", [row])
