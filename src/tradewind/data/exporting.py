"""A store's tables as one SQLite file in the Market NN layout, a piece at a time.

`SqliteDatabase` reads each of them back to the same panel: the same rows, every version of them, and the
same values, but for true and false: SQLite has numbers for them, and they come back as 1 and 0.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tradewind.core import Panel
from tradewind.core.errors import BadTable, Misuse, WorkspaceError, nearest
from tradewind.core.panel import KEYS
from tradewind.data.sources.sqlite import (
    MARKET,
    TABLES,
    UNSEEN,
    names_and_values,
    with_layout_names,
)
from tradewind.data.store import MarketStore
from tradewind.data.writing import affinity, plain
from tradewind.storage.files import publishing
from tradewind.storage.sql_text import quoted

ROWS = 200_000  # in memory at a time, or those of one symbol
TIMES = ("timestamp", "known_at", "session")
LEAVE = "leave that table out, with tables=[...]"
LONG = {"indicators": "indicator", "cross_asset": "column"}  # one value a row, and what names it
BESIDE = ("view", "fill")  # what a row of a long table says besides its value
Ids = Mapping[str, int]


@dataclass(frozen=True)
class Form:
    """How a table lies in the layout: what names its rows, and what names its values if it is long."""

    identity: tuple[str, ...]
    value_named_by: str | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """What no two rows share."""
        named = [self.value_named_by] if self.value_named_by else []
        return (*self.identity[:1], "timestamp", *named, "known_at")


def write_layout(
    store: MarketStore,
    path: Path | str,
    *,
    tables: Sequence[str] | None = None,
    calendars: Mapping[str, str] | None = None,
) -> Mapping[str, int]:
    """Write some tables of a store (every panel), and say how many rows of each went out.

    Bars are `series` of `assets`. Other tables keep their names and are of assets too, unless they speak
    of something that has no bars; `indicators`, `cross_asset` and what is called such as
    `my_cross_asset` have one value a row, `benchmarks` their benchmark, `trades` their trade_id, and regimes of the market no asset. Every version of a row
    goes out, once. `calendars` are what the tables keep, as of a `Market`.

    The file takes its place in one step when it is whole, and memory holds a piece of a table at a time.
    A table with vectors is refused, since the layout has no place for them.

    >>> from tempfile import TemporaryDirectory
    >>> from tradewind.data.sources.sqlite import SqliteDatabase
    >>> from tradewind.data.sources.stamping import Stamping
    >>> from tradewind.data.synthetic import make_market
    >>> with TemporaryDirectory() as folder:
    ...     store = MarketStore(folder)
    ...     version = store.append(make_market("fx", 2, 30, plants=["revisions"]).panel)
    ...     written = write_layout(store, Path(folder, "fx.db"))
    ...     bars, = SqliteDatabase(Path(folder, "fx.db")).sources(Stamping())
    ...     [panel] = bars.read()
    ...     written, panel == store.read()
    ({'bars': 63}, True)
    """
    path, chosen = Path(path), _chosen(store, tables)
    ids = _ids(store, chosen)
    assets = pl.DataFrame(
        [*ids.items()], {"symbol": pl.String, "asset_id": pl.Int64}, orient="row"
    ).select("asset_id", "symbol")
    kept = pl.DataFrame(
        [*(calendars or {}).items()], {"panel": pl.String, "calendar": pl.String}, orient="row"
    )
    with publishing(path) as new, _filling(new, path) as database:
        for name, table in (("assets", assets), ("calendars", kept)):
            _create(database, name, table.schema, table.columns[:1])
            _insert(database, name, table)
        return {table: _export(database, store, table, ids) for table in chosen}


@contextmanager
def _filling(new: Path, path: Path) -> Iterator[sqlite3.Connection]:
    """A database that nobody sees until it is whole, and that is synced then: it keeps no journal."""
    try:
        with closing(sqlite3.connect(new, isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode = OFF")
            database.execute("PRAGMA synchronous = OFF")
            database.execute("BEGIN")
            yield database
            database.execute("COMMIT")
    except sqlite3.OperationalError as error:
        raise WorkspaceError(
            f"{path}: {error}", "free some space, or choose another folder"
        ) from error


def _export(database: sqlite3.Connection, store: MarketStore, table: str, ids: Ids) -> int:
    """One table, piece by piece, all of one version of the store."""
    form, rows = None, 0
    name = "series" if table == "bars" else table
    symbols = _counts(store, table)["symbol"]
    for panel in _pieces(store, table):
        shape = form or _form(table, panel, set(symbols), ids)
        shaped = _shaped(panel.table, shape, ids)
        if form is None:
            _create(database, name, shaped.schema, shape.key)
        _insert(database, name, shaped)
        form, rows = shape, rows + len(panel)
    return rows


def _pieces(store: MarketStore, table: str) -> Iterator[Panel]:
    """The whole of a table, some symbols at a time."""
    version = store.version_of(table)
    counts = _counts(store, table)
    part = (counts["rows"].cum_sum() - 1) // ROWS
    for _, some in counts.group_by(part.alias("part"), maintain_order=True):
        yield store.read(table, symbols=some["symbol"].to_list(), version=version)


def _counts(store: MarketStore, table: str) -> pl.DataFrame:
    """(symbol, rows) of a table."""
    if not store.is_panel(table):
        raise BadTable(f"table {table!r} is no panel: it lacks one of {', '.join(KEYS)}", LEAVE)
    return store.rows_by_symbol(table)


def _chosen(store: MarketStore, tables: Sequence[str] | None) -> tuple[str, ...]:
    """The tables to write, every panel unless told; one that would be read back as something else is
    refused."""
    every = tuple(name for name in store.tables if store.is_panel(name))
    chosen = every if tables is None else tuple(tables)
    for table in chosen:
        if table not in store.tables:
            raise Misuse(f"there is no table {table!r} to write", nearest(table, store.tables))
        reserved = table in (*TABLES, "assets", "calendars") or table.startswith(UNSEEN)
        if reserved or table != table.lower():
            raise BadTable(
                f"the layout has another meaning for the name {table!r}",
                LEAVE,
            )
    return chosen


def _ids(store: MarketStore, chosen: Sequence[str]) -> Ids:
    """The asset_id of each symbol that has bars or was traded, counted from 1."""
    names = set(_counts(store, "bars")["symbol"]) if "bars" in chosen else set()
    if "trades" in chosen:
        for panel in _pieces(store, "trades"):
            names |= set(panel.table["asset"].drop_nulls()) if "asset" in panel.columns else set()
    return {symbol: number for number, symbol in enumerate(sorted(names), start=1)}


def _form(table: str, panel: Panel, symbols: set[str], ids: Ids) -> Form:
    """The most telling form in which the table is read back as it is."""
    forms: list[Form] = []
    numbers = [panel.table.schema[one] for one in panel.columns if one not in BESIDE]
    if symbols <= set(ids):
        named_by = next((LONG[kind] for kind in LONG if table.endswith(kind)), None)
        if named_by and set(numbers) == {pl.Float64()}:
            forms.append(Form(("asset_id",), named_by))
        forms.append(Form(("asset_id",)))
    if table == "trades" and "asset" in panel.columns:
        forms.append(Form(("trade_id", "asset_id")))
    if table == "benchmarks":
        forms.append(Form(("benchmark",)))
    if symbols == {MARKET}:
        forms.append(Form(()))
    forms.append(Form(("symbol",)))
    misread = [_misread(_shaped(panel.table.head(1), form, ids).schema, form) for form in forms]
    if None not in misread:
        raise BadTable(
            f"column {misread[-1]!r} of table {table!r} would not be read back as it is",
            LEAVE,
        )
    return forms[misread.index(None)]


def _misread(schema: Mapping[str, pl.DataType], form: Form) -> str | None:
    """The first column that would come back under another name or as something else, if there is one."""
    vectors = [one for one, dtype in schema.items() if isinstance(dtype, pl.Array)]
    if vectors:
        return vectors[0]
    columns = [*schema]
    read = with_layout_names(pl.DataFrame(schema=columns)).columns
    for column, other in zip(columns, read, strict=True):
        if column != other and form.identity != (column,):
            return column
    if "trade_id" in columns and "trade_id" not in form.identity:
        return "trade_id"
    long = names_and_values(columns)
    return long[0] if long and long[0] != form.value_named_by else None


def _shaped(rows: pl.DataFrame, form: Form, ids: Ids) -> pl.DataFrame:
    """The rows as the layout has them: what names them, their moments, and what they say."""
    asset = "asset" if "trade_id" in form.identity else "symbol"
    named = {
        "asset_id": pl.col(asset).cast(pl.String).replace_strict(ids, return_dtype=pl.Int64),
        **{one: pl.col("symbol").cast(pl.String) for one in ("trade_id", "benchmark", "symbol")},
    }
    told = [one for one in rows.columns if one not in ("symbol", *TIMES)]
    if "trade_id" in form.identity:
        told.remove("asset")
    identity = [named[one].alias(one) for one in form.identity]
    rows = rows.select(*identity, *TIMES, *told)
    if not form.value_named_by:
        return rows
    beside = [one for one in BESIDE if one in told]
    values = rows.unpivot(
        [one for one in told if one not in beside],
        index=[*form.identity, *TIMES, *beside],
        variable_name=form.value_named_by,
        value_name="value",
    )
    return values.sort(form.key)


def _create(
    database: sqlite3.Connection, name: str, schema: Mapping[str, pl.DataType], key: Sequence[str]
) -> None:
    """A table whose rows lie in the order of their key, which no two share."""
    columns = ", ".join(f"{quoted(one)} {affinity(dtype)}" for one, dtype in schema.items())
    listed = ", ".join(map(quoted, key))
    database.execute(
        f"CREATE TABLE {quoted(name)} ({columns}, PRIMARY KEY ({listed})) WITHOUT ROWID"
    )


def _insert(database: sqlite3.Connection, name: str, table: pl.DataFrame) -> None:
    marks = ", ".join("?" * len(table.columns))
    for piece in table.iter_slices(ROWS):
        rows = plain(piece).iter_rows(buffer_size=10_000)
        database.executemany(f"INSERT INTO {quoted(name)} VALUES ({marks})", rows)  # noqa: S608 (names are quoted)
