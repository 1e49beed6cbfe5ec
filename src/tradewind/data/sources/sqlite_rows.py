"""SQLite as frames: the one file that speaks to the database, read-only and in batches."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tradewind.core.errors import BadTable
from tradewind.storage.sql_text import quoted


@dataclass(frozen=True)
class Table:
    """A table as its database declares it: the columns with their types, and how many rows."""

    name: str
    columns: dict[str, str]
    rows: int


def tables_of(path: Path) -> tuple[Table, ...]:
    """The tables and views of a database, in their order."""
    with opened(path) as database:
        listed = database.execute(
            "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') "
            "AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY rowid"
        ).fetchall()
        return tuple(_table(database, name) for (name,) in listed)


def frames_of(
    path: Path, table: Table, rows: int, order: Sequence[str] = ()
) -> Iterator[pl.DataFrame]:
    """The rows of a table in frames of at most `rows` rows."""
    by = f" ORDER BY {', '.join(map(quoted, order))}" if order else ""
    with opened(path) as database:
        found = database.execute(f"SELECT * FROM {quoted(table.name)}{by}")  # noqa: S608 (names are quoted)
        while batch := found.fetchmany(rows):
            columns = zip(table.columns.items(), zip(*batch, strict=True), strict=True)
            yield pl.DataFrame([_column(name, kind, values) for (name, kind), values in columns])


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The database for reading only; whatever it says is told as an error of ours."""
    if not path.is_file():
        raise BadTable(f"there is no file {path}", "check the path")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            yield database
    except sqlite3.Error as error:
        raise BadTable(f"{path.name} cannot be read as SQLite: {error}", "repair it") from error


def _table(database: sqlite3.Connection, name: str) -> Table:
    columns = database.execute(f"PRAGMA table_info({quoted(name)})").fetchall()
    (rows,) = database.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()  # noqa: S608
    return Table(name, {column[1]: column[2] for column in columns}, rows)


def _column(name: str, kind: str, values: Sequence[Any]) -> pl.Series:
    """Values by the affinity of their column; a word among numbers makes text of all, and is seen."""
    declared = kind.upper()
    number = "INT" in declared or any(part in declared for part in ("REAL", "FLOA", "DOUB", "NUM"))
    if any(isinstance(value, bytes) for value in values):
        raise BadTable(f"column {name!r} holds bytes", "give vectors as Parquet")
    if number and all(value is None or isinstance(value, int | float) for value in values):
        whole = "INT" in declared and not any(isinstance(value, float) for value in values)
        return pl.Series(name, values, dtype=pl.Int64 if whole else pl.Float64, strict=False)
    return pl.Series(name, [None if value is None else str(value) for value in values], pl.String)
