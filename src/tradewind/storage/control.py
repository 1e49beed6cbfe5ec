"""`Control`: the one small database of a workspace, which says what is acknowledged and what is kept.

SQLite in WAL mode with every commit synced: of the ways that were measured, the one that loses nothing
when the power does. It is reached through SQLAlchemy, with plain SQL and bound values, so that the
same statements can go to a server.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError

from tradewind.core.errors import WorkspaceError
from tradewind.storage.objects import LocalObjects

PATIENCE_MS = 30_000

TABLES = (
    # What is acknowledged: each file of each synced version of each lake table. The bytes of a log
    # entry are kept too: they are few, and with them a damaged entry can be put back.
    """create table if not exists lake_files (
        lake text not null, version integer not null, name text not null, size integer not null,
        digest text not null, content blob, primary key (lake, name))""",
    "create index if not exists lake_versions on lake_files (lake, version)",
    """create table if not exists documents (
        collection text not null, key text not null, document text not null,
        primary key (collection, key))""",
    # What is kept of a table's past: all from the floor on, and what somebody holds.
    "create table if not exists lake_floors (lake text primary key, version integer not null)",
    """create table if not exists pins (
        lake text not null, version integer not null, holder text not null,
        primary key (lake, version, holder))""",
)

Rows = Sequence[Mapping[str, Any]]


class Control:
    """A database that is made whole, opened by many processes, and waits for its turn to write.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     control = Control(Path(folder, "control.db"))
    ...     with control.writing() as write:
    ...         write("insert into documents values ('labels', :key, '{}')", [{"key": "2024"}])
    ...     control.rows("select key from documents where collection = :name", name="labels")
    [{'key': '2024'}]
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def _engine(self) -> Engine:
        if not self.path.exists():
            self._make()
        engine = create_engine(f"sqlite:///{self.path}", isolation_level="AUTOCOMMIT")
        event.listen(engine, "connect", _prepare)
        with engine.connect() as connection:
            for sql in TABLES:
                connection.execute(text(sql))
        return engine

    def rows(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        """What a question answers, one dictionary a row."""
        with self._connected() as connection:
            return [dict(row) for row in connection.execute(text(sql), values).mappings()]

    @contextmanager
    def writing(self) -> Iterator["Write"]:
        """Statements that happen together or not at all; one writer at a time, the others wait."""
        with self._connected() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield Write(connection)
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                _roll_back(connection)
                raise

    def close(self) -> None:
        """Let go of the file; the next question opens it again."""
        if "_engine" in self.__dict__:
            self._engine.dispose()
            del self._engine

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self._told(error.__cause__ or error) from error
        except sqlite3.Error as error:
            raise self._told(error) from error

    def _told(self, error: BaseException) -> WorkspaceError:
        said = str(error).splitlines()[0]
        remedy = next((remedy for sign, remedy in REMEDIES.items() if sign in said), OTHERWISE)
        return WorkspaceError(f"{self.path} says: {said}", remedy)

    def _make(self) -> None:
        """Make it, empty, beside its place and put it there whole: two who start see one database."""
        folder = LocalObjects(self.path.parent)
        new = self.path.with_name(f".{self.path.name}.{os.getpid()}-{os.urandom(4).hex()}")
        try:
            with closing(sqlite3.connect(new)) as database:
                database.execute("pragma journal_mode = wal")
            folder.put_new(self.path.name, new.read_bytes())
        except sqlite3.Error as error:
            raise self._told(error) from error
        finally:
            for left in new.parent.glob(f"{new.name}*"):
                left.unlink(missing_ok=True)


class Write:
    """Runs statements within one transaction, each with no, one or many sets of values."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __call__(self, sql: str, values: Rows = ()) -> None:
        if values:
            self._connection.execute(text(sql), [dict(row) for row in values])
        else:
            self._connection.execute(text(sql))


OTHERWISE = "look at that file, or put it back from a copy"
REMEDIES = {
    "disk is full": "free some space, and run again",
    "locked": "another process has held it for half a minute: end that one, and run again",
    "readonly": "give yourself permission to write it",
    "unable to open": "check the folder and its permissions",
    "malformed": "put it back from a copy; without it, every version is verified anew",
    "not a database": "put it back from a copy; without it, every version is verified anew",
}


def _prepare(connection: Any, _: Any) -> None:
    """What SQLite forgets with each connection: how to wait, and to sync every commit."""
    connection.execute(f"pragma busy_timeout = {PATIENCE_MS}")
    connection.execute("pragma synchronous = full")


def _roll_back(connection: Connection) -> None:
    try:
        connection.exec_driver_sql("ROLLBACK")
    except SQLAlchemyError:
        connection.invalidate()  # a failed commit may have ended the transaction already
