"""`LakeTable`: one Delta Lake table that only grows. The one file that knows the package deltalake.

What the package decides by itself is switched off: it makes no checkpoint, cleans no log and retries no
commit. A commit stands on exactly the version that its writer looked at, or it does not happen, so a
check of keys made there still holds.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import polars as pl
from deltalake import CommitProperties, DeltaTable, Field, PostCommitHookProperties, Schema
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction, RemoveAction

from tradewind.core.errors import Misuse, TradewindError, WorkspaceError
from tradewind.storage.delta_log import (
    ANNOUNCEMENT,
    FOLDER,
    MANIFEST,
    checkpoint_name,
    entry_name,
    file_flaw,
)
from tradewind.storage.delta_schema import to_dtype, to_field
from tradewind.storage.disk_errors import workspace_error
from tradewind.storage.objects import digest
from tradewind.storage.retention import LetGo
from tradewind.storage.row_hash import RowSum, row_sum
from tradewind.storage.synced_log import SyncedLog

ROW_GROUP = 65_536  # one symbol's years in one to three of them
EVERY = 100  # versions from one checkpoint to the next
SUM = "tradewind.rows"
NO_HOOKS = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
DAMAGE = (pl.exceptions.ComputeError, pl.exceptions.SchemaError)  # what a bad file reads as
SETTINGS = {"delta.appendOnly": "true", "delta.enableExpiredLogCleanup": "false"}


@dataclass(frozen=True)
class NewFile:
    """A data file that is written and that no version names yet."""

    name: str
    size: int
    digest: str
    rows: int
    stats: str


class LakeTable:
    """A table with its handle kept: rows are added as whole files, one commit at a time.

    >>> from tradewind.storage.lake import Lake
    >>> with TemporaryDirectory() as folder:
    ...     table = Lake(Path(folder)).table("notes", {"symbol": pl.String()})
    ...     file = table.write(pl.DataFrame({"symbol": ["ACME"]}), bounds=["symbol"])
    ...     table.commit(table.version, [file]), table.settle(), table.rows().collect().rows()
    (True, 1, [('ACME',)])
    """

    def __init__(self, log: SyncedLog, schema: Mapping[str, pl.DataType]) -> None:
        self.log = log
        self.name, self.objects = log.table, log.objects
        self._sums: dict[str, RowSum] = {}
        self._files: pl.DataFrame | None = None
        if log.recover() < 0:
            self._create(schema)
        self._handle = self._open()
        self._read_schema()

    @property
    def version(self) -> int:
        """The version that this handle looks at; it was synced before anyone was told of it."""
        return self._version

    @property
    def schema(self) -> Mapping[str, pl.DataType]:
        """The columns at that version."""
        return self._schema

    def settle(self) -> int:
        """Look at the newest version, after it and all beneath it are made to last."""
        version = self.log.settle()
        if version != self._version:
            with self._told():
                self._handle.update_incremental()
            self._read_schema()
        return version

    def files(self, version: int | None = None) -> pl.DataFrame:
        """The data files of a version: path, size_bytes, num_records, and min.* and max.* of each
        column, null where a file does not say."""
        if version in (None, self._version):
            if self._files is None:
                self._files = self._listed(self._handle)
            return self._files
        return self._listed(self._at(version))

    def rows(self, files: pl.DataFrame | None = None, version: int | None = None) -> pl.LazyFrame:
        """What some files hold, all of them unless told; columns that came later are null."""
        schema = self._schema if version is None else self._schema_of(self._at(version))
        chosen = self.files(version) if files is None else files
        if not len(chosen):
            return pl.LazyFrame(schema=schema)
        paths = [f"{self.objects.uri}/{path}" for path in chosen["path"]]
        return pl.scan_parquet(
            paths, schema=schema, missing_columns="insert", extra_columns="ignore", glob=False
        )

    def collect(self, rows: pl.LazyFrame, files: pl.DataFrame) -> pl.DataFrame:
        """Read; damage is told by the name of the file that has it."""
        with self._told(files):
            return rows.collect()

    def write(self, rows: pl.DataFrame, bounds: Sequence[str]) -> NewFile:
        """Put rows into a new data file, with the bounds of some columns for whoever looks later."""
        data, total = BytesIO(), row_sum(rows)
        rows.write_parquet(
            data,
            compression="zstd",
            compression_level=1,
            row_group_size=ROW_GROUP,
            metadata={SUM: str(total)},
        )
        name = f"part-{uuid4().hex}.zstd.parquet"
        content = data.getvalue()
        self.objects.add(name, content)
        self._sums[name] = total
        return NewFile(name, len(content), digest(content), len(rows), _stats(rows, bounds))

    def commit(
        self, base: int, files: Sequence[NewFile], removed: pl.DataFrame | None = None
    ) -> bool:
        """Add files, on top of version `base` or not at all. Rows that only move from `removed`
        files into new ones are no change of the data, and older versions keep reading the old files.
        """
        actions: list[AddAction | RemoveAction] = [
            AddAction(file.name, file.size, {}, 0, removed is None, file.stats) for file in files
        ]
        if removed is not None:
            old = removed.select("path", "size_bytes").iter_rows()
            actions += [RemoveAction(path, False, 0, size, {}) for path, size in old]
        manifest = {file.name: file.digest for file in files}
        properties = CommitProperties({MANIFEST: manifest}, max_commit_retries=0)
        if base != self._version:
            return False
        with self._told():
            try:
                self._handle.create_write_transaction(
                    actions,
                    "append",
                    self._handle.schema(),
                    commit_properties=properties,
                    post_commithook_properties=NO_HOOKS,
                )
            except CommitFailedError:
                return False
        return True

    def widen(self, schema: Mapping[str, pl.DataType]) -> None:
        """Add the columns that the table lacks; nothing is written to them until that will last."""
        for _ in range(EVERY):
            new = [to_field(name, schema[name]) for name in schema if name not in self._schema]
            if not new:
                return
            fields = [Field.from_json(json.dumps(field)) for field in new]
            properties = CommitProperties({MANIFEST: {}}, max_commit_retries=0)
            with self._told(), suppress(CommitFailedError):  # another was first: look again
                self._handle.alter.add_columns(
                    fields, commit_properties=properties, post_commithook_properties=NO_HOOKS
                )
            self.settle()

    def require_whole(self) -> None:
        """Refuse a table of which a data file is not what was recorded; every byte is read."""
        if found := self._wrong(self.files()):
            raise found

    def discard(self, files: Sequence[NewFile]) -> None:
        """Take away files that no version came to name."""
        for file in files:
            self.objects.remove(file.name)

    def sum(self, version: int | None = None) -> RowSum:
        """What the rows of a version come to, from the footers of its files."""
        files = self.files(version)
        total = RowSum()
        for path in files["path"]:
            if path not in self._sums:
                self._sums[path] = self._sum_of(files.filter(pl.col("path") == path))
            total += self._sums[path]
        return total

    def checkpoint_if_due(self) -> None:
        """Sum the log up so that opening stays fast: written, synced, recorded, then announced."""
        last = self.log.checkpoints.last
        if self._version - last >= EVERY:
            made = self._made_aside(last, self._version)
            self.log.checkpoints.announce(self._version, *made)

    def _made_aside(self, last: int, version: int) -> tuple[bytes, bytes]:
        """A checkpoint and its announcement, made from a copy of the log where nobody looks."""
        names = [entry_name(one) for one in range(last, version + 1)]
        names += [checkpoint_name(last)] if last else []
        with TemporaryDirectory() as folder, self._told():
            Path(folder, FOLDER).mkdir()
            for name in names:
                Path(folder, name).write_bytes(self.objects.read(name) or b"")
            DeltaTable(folder, version=version).create_checkpoint()
            checkpoint, announcement = (
                Path(folder, name).read_bytes() for name in (checkpoint_name(version), ANNOUNCEMENT)
            )
        return checkpoint, announcement

    def _create(self, schema: Mapping[str, pl.DataType]) -> None:
        text = json.dumps({"type": "struct", "fields": [to_field(n, t) for n, t in schema.items()]})
        with self._told():
            try:
                DeltaTable.create(
                    self.objects.uri,
                    Schema.from_json(text),
                    configuration=SETTINGS,
                    commit_properties=CommitProperties({MANIFEST: {}}, max_commit_retries=0),
                    post_commithook_properties=NO_HOOKS,
                )
            except DeltaError:
                if self.objects.read(entry_name(0)) is None:
                    raise  # nobody else has made it in this moment
        self.log.settle()

    def _open(self, version: int | None = None) -> DeltaTable:
        with self._told():
            return DeltaTable(self.objects.uri, version=version)

    def _at(self, version: int | None) -> DeltaTable:
        if version is None or version == self._version:
            return self._handle
        if not 0 <= version <= self._version:
            raise Misuse(
                f"table {self.name!r} has no version {version}",
                f"ask for one from {self.log.retention.floor} to {self._version}",
            )
        self.log.retention.require_kept(version)
        return self._open(version)

    def _read_schema(self) -> None:
        self._version = self._handle.version()
        self._schema = self._schema_of(self._handle)
        self._files = None

    def _schema_of(self, handle: DeltaTable) -> dict[str, pl.DataType]:
        fields = json.loads(handle.schema().to_json())["fields"]
        return {field["name"]: to_dtype(field) for field in fields}

    def _listed(self, handle: DeltaTable) -> pl.DataFrame:
        with self._told():
            listed = pl.DataFrame(handle.get_add_actions(flatten=True))
        bounds = {
            f"{end}.{name}": pl.lit(None, dtype)
            for name, dtype in self._schema_of(handle).items()
            for end in ("min", "max")
        }
        return listed.with_columns(**{n: e for n, e in bounds.items() if n not in listed.columns})

    def _sum_of(self, file: pl.DataFrame) -> RowSum:
        with self._told(file):
            path = f"{self.objects.uri}/{file['path'][0]}"
            known = pl.read_parquet_metadata(path).get(SUM)
            return RowSum.parse(known) if known else row_sum(self.rows(file).collect())

    def _wrong(self, files: pl.DataFrame) -> WorkspaceError | None:
        """What is wrong with these files, if anything: not kept any more, or not what was recorded."""
        if not {*files["path"]}.isdisjoint(self.log.retention.spent()):
            return LetGo(
                f"table {self.name!r} let go of a version as it was read",
                f"read again: the oldest that is kept is {self.log.retention.floor}",
            )
        promised, sizes = self.log.digests(), files.select("path", "size_bytes").iter_rows()
        flaws = (file_flaw(self.objects, path, size, promised) for path, size in sizes)
        found = next((flaw for flaw in flaws if flaw), None)
        return self._unusable(found) if found else None

    @contextmanager
    def _told(self, files: pl.DataFrame | None = None) -> Iterator[None]:
        """Whatever goes wrong inside, panics of the readers too, as an error of ours."""
        try:
            yield
        except (TradewindError, CommitFailedError):
            raise
        except OSError as error:
            if files is not None:
                raise self._damaged(error, files) from error
            raise workspace_error(error, self.objects.uri) from error
        except (DeltaError, *DAMAGE) as error:
            raise self._damaged(error, files) from error
        except BaseException as error:
            if type(error).__name__ != "PanicException":
                raise
            raise self._damaged(error, files) from error

    def _damaged(self, error: BaseException, files: pl.DataFrame | None) -> WorkspaceError:
        said = (str(error).splitlines() or [type(error).__name__])[0][:200]
        found = None if files is None else self._wrong(files)
        return found or self._unusable(said)

    def _unusable(self, said: str) -> WorkspaceError:
        remedy = "put it back from a copy, or read an older version"
        if "No space left" in said:
            remedy = "free some space, and run again"
        return WorkspaceError(f"table {self.name!r} cannot be used: {said}", remedy)


def _stats(rows: pl.DataFrame, bounds: Sequence[str]) -> str:
    """What Delta keeps of a file so that readers can pass it by: count and bounds."""
    known: Any = {"numRecords": len(rows)}
    if len(rows):
        known["minValues"] = {name: _plain(rows[name].min()) for name in bounds}
        known["maxValues"] = {name: _plain(rows[name].max()) for name in bounds}
        known["nullCount"] = {name: rows[name].null_count() for name in bounds}
    return json.dumps(known)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float) else _moment(value)


def _moment(value: Any) -> str:
    return str(value.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
