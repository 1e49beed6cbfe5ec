"""Tables as SQL, to be read and nothing else. The only file that knows DuckDB.

A table is a view over exactly the data files of its synced version, so that a question reads the
columns and the row groups that it needs. Those files are all of the machine that a question can touch.
"""

import re
import signal
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from threading import current_thread, main_thread
from typing import TypeVar

import duckdb
import polars as pl

from tradewind.core.errors import Misuse
from tradewind.storage.delta_tables import LakeTable
from tradewind.storage.lake import Lake, again
from tradewind.storage.sql_text import View, quoted, table_statement, text, texts

T = TypeVar("T")
LISTENED_S = 0.2
OPENED = (
    "SET TimeZone = 'UTC'",
    "CREATE SCHEMA views",
    "SET search_path = 'main,views'",  # a table comes before a view of its name
)
CLOSED = (
    "SET enable_external_access = false",
    "SET python_enable_replacements = false",
    "SET lock_configuration = true",
)
OF_THE_QUERY = (  # no damage of a file comes as one of these
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ConversionException,
    duckdb.OutOfMemoryException,
    duckdb.OutOfRangeException,
    duckdb.ParserException,
)
NOT_HELD = ("INTERVAL", "BIGNUM", "BIT", "BLOB", "VARIANT")  # types that no table of ours can hold


@dataclass(frozen=True)
class Catalogue:
    """What a query may name: the tables of a lake, views over them, and frames made when asked for.

    >>> from pathlib import Path
    >>> with TemporaryDirectory() as folder:
    ...     lake = Lake(Path(folder))
    ...     version = lake.append("bars", pl.DataFrame({"symbol": ["A", "A"], "close": [1.0, 2.0]}))
    ...     top = View("top", "the highest close", "select symbol, max(close) from bars group by 1")
    ...     Catalogue(lake, (top,)).query("select * from top").rows()
    [('A', 2.0)]

    Whatever else it may ask of the machine is refused:

    >>> Catalogue(lake).query("select * from read_csv('/etc/passwd')")
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: the query cannot be answered (Permission Error: Cannot access file ...
    """

    lake: Lake
    views: tuple[View, ...] = ()
    frames: Mapping[str, Callable[[], pl.DataFrame]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """All there is, as a query writes it; a view is hidden by a table of its name."""
        tables = self.lake.names
        views = (view.called for view in self.views if view.name not in tables)
        return (*tables, *views, *self.frames)

    def query(self, sql: str, most: int | None = None) -> pl.DataFrame:
        """The answer to one SELECT, or its first `most` rows; what it does not name is not opened."""

        def answered() -> pl.DataFrame:
            with self._session(sql) as session:
                answer = session.sql(sql)
                limited = answer if most is None else answer.limit(most)
                return _interruptibly(session, lambda: _frame(limited))

        return again(", ".join(self.lake.names), answered)

    def columns(self) -> pl.DataFrame:
        """(name, column, type) of all there is, a row each."""
        parts = [
            f'SELECT {text(name)} AS name, column_name AS "column", column_type AS "type" '  # noqa: S608
            f"FROM (DESCRIBE SELECT * FROM {_any(name)})"
            for name in self.names
        ]
        return self.query(" UNION ALL ".join(parts))

    @contextmanager
    def _session(self, sql: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """A session that knows what the query names, and can reach those files alone."""
        tables: list[LakeTable] = []
        with (
            TemporaryDirectory(prefix="tradewind-sql-") as spill,
            duckdb.connect() as session,
            self._told(tables),
        ):
            _require_one_select(session, sql)
            views = self._views_of(sql)
            wanted = " ".join([sql, *(view.select for view in views)])
            tables += [self.lake.table(name) for name in _named(self.lake.names, wanted)]
            for setting in (f"SET temp_directory = {text(spill)}", *OPENED):
                session.execute(setting)
            paths = [path for table in tables for path in _shown(session, table)]
            for name in _named(self.frames, wanted):
                session.register(name, self.frames[name]().to_arrow())
            for view in views:
                session.execute(view.statement)
            for setting in (f"SET allowed_paths = {texts(paths)}", *CLOSED):
                session.execute(setting)
            yield session

    def _views_of(self, sql: str) -> tuple[View, ...]:
        """The views that a query names and, before each, those that it is made of."""
        views = {view.name: view for view in self.views}
        found: list[View] = []
        for name in _named(views, sql):
            found += [*self._views_of(views[name].select), views[name]]
        return tuple(dict.fromkeys(found))

    @contextmanager
    def _told(self, tables: Sequence[LakeTable]) -> Iterator[None]:
        """Whatever goes wrong inside: as damage of a file that was to be read, or as the query's."""
        try:
            yield
        except duckdb.Error as error:
            if not isinstance(error, OF_THE_QUERY):
                for table in tables:
                    table.require_whole()
            said = str(error).splitlines()[0]
            listed = ", ".join(self.names) or "none yet"
            raise Misuse(
                f"the query cannot be answered ({said})", f"the tables are: {listed}"
            ) from None
        except RuntimeError as error:
            if "interrupted" not in str(error):
                raise
            raise KeyboardInterrupt from None


def _interruptibly(session: duckdb.DuckDBPyConnection, work: Callable[[], T]) -> T:
    """What work comes to, done beside this thread: in DuckDB's hands it would hear no Ctrl-C.

    DuckDB takes the signal for itself while it computes, so it is taken back now and then.
    """
    with ThreadPoolExecutor(1) as beside:
        done = beside.submit(work)
        try:
            while not wait([done], timeout=LISTENED_S).done:
                if current_thread() is main_thread():
                    signal.signal(signal.SIGINT, signal.getsignal(signal.SIGINT))
            return done.result()
        except KeyboardInterrupt:
            session.interrupt()
            raise


def _require_one_select(session: duckdb.DuckDBPyConnection, sql: str) -> None:
    statements = session.extract_statements(sql)
    if [one.type for one in statements] != [duckdb.StatementType.SELECT]:
        raise Misuse(
            f"{len(statements)} statements, or one that is no SELECT",
            "ask one question: select ...",
        )


def _named(names: Collection[str], sql: str) -> list[str]:
    """Those of the names that are words of a text."""
    return [name for name in names if re.search(rf"\b{name}\b", sql, re.IGNORECASE)]


def _any(name: str) -> str:
    """A table, or a view with anything for its parameter, as it stands after FROM."""
    view, _, parameter = name.partition("(")
    return f"{quoted(view)}(NULL)" if parameter else quoted(view)


def _shown(session: duckdb.DuckDBPyConnection, table: LakeTable) -> Sequence[str]:
    """Let a session see the newest version of a table; the files that this takes."""
    table.settle()
    paths = [f"{table.objects.uri}/{path}" for path in table.files()["path"]]
    session.execute(table_statement(table, paths))
    return paths


def _frame(answer: duckdb.DuckDBPyRelation) -> pl.DataFrame:
    """An answer that a table can hold; one that none can is refused before it is computed."""
    for name, kind in zip(answer.columns, answer.types, strict=True):
        if any(word in str(kind) for word in NOT_HELD):
            raise Misuse(f"column {name!r} of the answer is {kind}", "cast it: column::varchar")
        if answer.columns.count(name) > 1:
            raise Misuse(f"two columns of the answer are named {name!r}", "name them apart with AS")
    frame = pl.from_arrow(answer.to_arrow_table())
    assert isinstance(frame, pl.DataFrame)
    return frame.with_columns(_number(column) for column in frame if column.dtype == pl.Decimal)


def _number(column: pl.Series) -> pl.Series:
    """Decimals, which a sum of whole numbers is too, as numbers that everyone can read."""
    whole = column.cast(pl.Int64, strict=False)
    return whole if whole.cast(column.dtype).eq_missing(column).all() else column.cast(pl.Float64)
