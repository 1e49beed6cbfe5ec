"""`Lake`: the tables of a workspace, one Delta Lake folder for each kind of row."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import polars as pl

from tradewind.core.clock import utc
from tradewind.core.errors import Misuse, WorkspaceError, nearest
from tradewind.core.finding import Finding
from tradewind.storage.control import Control
from tradewind.storage.delta_schema import storable
from tradewind.storage.delta_tables import LakeTable
from tradewind.storage.objects import LocalObjects, make_folder
from tradewind.storage.quarantine import Quarantine
from tradewind.storage.retention import LetGo, Retained
from tradewind.storage.synced_log import SyncedLog

ATTEMPTS = 1_000
T = TypeVar("T")


class Lake:
    """Tables that only grow; each version of a table is a version of the data.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     lake = Lake(Path(folder))
    ...     first = lake.append("scores", pl.DataFrame({"subject": ["a"], "score": [0.1]}))
    ...     second = lake.append("scores", pl.DataFrame({"subject": ["b"], "score": [0.2]}))
    ...     len(lake.read("scores")), len(lake.read("scores", version=first)), lake.names
    (2, 1, ('scores',))
    """

    def __init__(self, workspace: Path) -> None:
        self.root = workspace / "market"
        self.control = Control(workspace / "control.db")
        self.quarantine = Quarantine(LocalObjects(self.root))
        self._tables: dict[str, LakeTable] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The tables that there are; one that a crash cut short before its first version is none."""
        found = sorted(folder.parent.name for folder in self.root.glob("*/_delta_log"))
        return tuple(name for name in found if name in self._tables or self._is_whole(name))

    def table(self, name: str, schema: Mapping[str, pl.DataType] | None = None) -> LakeTable:
        """The table, opened once; made with these columns where it is missing."""
        if name not in self._tables:
            if not name.isidentifier():
                raise Misuse(f"{name!r} is no name for a table", "use letters, digits and _")
            if schema is None and name not in self.names:
                known = nearest(name, self.names) if self.names else "append to it first"
                raise Misuse(f"there is no table {name!r} in {self.root}", known)
            make_folder(self.root / name)
            self._tables[name] = LakeTable(self._log(name), schema or {})
        return self._tables[name]

    def _log(self, name: str) -> SyncedLog:
        return SyncedLog(name, LocalObjects(self.root / name), self.control, self.quarantine)

    def _is_whole(self, name: str) -> bool:
        log = self._log(name)
        return log.synced >= 0 or log.recover() >= 0

    def append(self, table: str, rows: pl.DataFrame) -> int:
        """Add rows as they are, whatever is there already; the version that holds them."""
        rows = rows.cast(storable(rows.schema))  # type: ignore[arg-type]
        lake = self.table(table, rows.schema)
        lake.settle()
        lake.widen(rows.schema)
        file = lake.write(rows, bounds=())
        for _ in range(ATTEMPTS):
            version = lake.version
            if lake.commit(version, [file]):
                lake.settle()
                lake.checkpoint_if_due()
                return version + 1
            lake.settle()
        raise too_busy(table)

    def read(self, table: str, version: int | None = None) -> pl.DataFrame:
        """All rows of a version, the newest unless told, in no particular order."""
        lake = self.table(table)

        def read() -> pl.DataFrame:
            lake.settle()
            return lake.collect(lake.rows(version=version), lake.files(version))

        return again(table, read)

    def retain(
        self, table: str, versions: int | None = None, since: datetime | None = None
    ) -> Retained:
        """Keep the newest `versions` of a table and those that were the newest at `since` or later,
        and of the rest what is pinned; data files that none of these needs are removed.

        The floor is on the disk before a file goes, so a crash leaves nothing but files to remove.
        """
        if versions is not None and versions < 1:
            raise Misuse(f"{versions} versions cannot be kept", "keep at least the newest, 1")
        lake = self.table(table)
        newest, kept = lake.settle(), lake.log.retention
        floors = [] if versions is None else [newest - versions + 1]
        floors += [] if since is None else [kept.newest_at(utc(since))]
        kept.raise_floor(max(0, min(floors, default=0)))
        gone = lake.log.remove_spent()
        held = tuple(one for one in kept.pinned if one < kept.floor)
        return Retained(table, newest, kept.floor, held, len(gone), sum(gone.values()))

    def pin(self, table: str, version: int, by: str) -> None:
        """Keep a version readable, whatever is retained, until `by` lets go of it."""
        lake = self.table(table)
        lake.settle()
        lake.files(version)
        lake.log.retention.pin(version, by)

    def unpin(self, table: str, by: str) -> None:
        """Let go of every version of a table that `by` holds."""
        self.table(table).log.retention.unpin(by)

    def findings(self) -> tuple[Finding, ...]:
        """What was damaged and put aside, in every table."""
        return self.quarantine.findings()

    def damage(self) -> tuple[Finding, ...]:
        """What is on the disk and is not what was acknowledged; every byte is read."""
        remedy = "put the file back from a copy; what does not need it can still be read"
        return tuple(
            Finding("store.changed", "error", f"{name}/{file}", f"this file {why}", remedy)
            for name in self.names
            for file, why in self.table(name).log.damage()
        )


def again(table: str, work: Callable[[], T]) -> T:
    """What reading a table comes to, begun anew where a retention took the files from under it."""
    for _ in range(ATTEMPTS):
        with suppress(LetGo):
            return work()
    raise too_busy(table)


def too_busy(table: str) -> WorkspaceError:
    """Nobody has seen this one: every commit that beats ours is somebody's progress."""
    return WorkspaceError(
        f"table {table!r} changed {ATTEMPTS} times while rows were added to it",
        "run again when fewer processes write to it",
    )
