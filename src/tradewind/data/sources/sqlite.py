"""SQLite in the Market NN layout: assets, series, indicators, regimes, trades, benchmarks, side tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

import polars as pl

from tradewind.core import Finding, Panel
from tradewind.core.errors import BadTable
from tradewind.core.reading import with_known_names
from tradewind.data.sources.declared import Part, known_after
from tradewind.data.sources.sifting import Aside
from tradewind.data.sources.sqlite_rows import Table, frames_of, tables_of
from tradewind.data.sources.stamping import Stamping

ROWS = 200_000

ALIASES: dict[str, tuple[str, ...]] = {
    "asset_id": ("asset_id", "assetid", "instrument_id", "security_id"),
    "symbol": ("benchmark", "benchmark_id", "series_id", "indicator_id"),
    "timestamp": (
        "ts",
        "observed_at",
        "executed_at",
        "entry_time",
        "opened_at",
        "event_time",
        "day",
    ),
    "known_at": ("knowledge_time", "as_of", "asof", "recorded_at"),
    "name": ("name", "indicator", "metric", "field", "key", "column"),
    "trade_id": ("trade_id", "tradeid"),
}
"""What SQLite tables call things, besides the names that every source understands."""

CANONICAL = {alias: name for name, aliases in ALIASES.items() for alias in aliases}
TABLES = {"series": "bars", "prices": "bars", "ohlcv": "bars"}
UNSEEN = "truth_"  # what only the maker of a market knows
MARKET = "market"


@dataclass(frozen=True)
class SqliteDatabase:
    """A database: its assets, and a source for each table that has a time.

    >>> from tempfile import TemporaryDirectory
    >>> from tradewind.data.synthetic import make_market
    >>> from tradewind.data.writing import write_market
    >>> market = make_market("property", 2, 24)
    >>> with TemporaryDirectory() as folder:
    ...     file, = write_market(market, Path(folder, "homes.db"), "sqlite")
    ...     database = SqliteDatabase(file)
    ...     bars, sales = database.sources(Stamping())
    ...     [panel] = bars.read()
    ...     bars.table, sales.table, sales.stamping.calendar, len(panel) == len(market.panel)
    ('bars', 'sales', '24/7', True)
    """

    path: Path

    def sources(self, stamping: Stamping, aside: Aside | None = None) -> tuple["SqliteSource", ...]:
        """One source a table. The calendar of a table is that of `calendars`, where it is listed."""
        calendars = self._calendars
        return tuple(
            SqliteSource(
                self.path,
                table,
                replace(stamping, calendar=calendars.get(_kind(table), stamping.calendar)),
                aside=aside,
            )
            for table in self._tables
            if _has_time(table) and not table.name.startswith(UNSEEN)
        )

    @property
    def undated(self) -> tuple[str, ...]:
        """The tables that hold no facts in time, and are no sources."""
        return tuple(table.name for table in self._tables if not _has_time(table))

    @cached_property
    def assets(self) -> pl.DataFrame:
        """What is known of each asset; `asset_id` and `symbol` by those names."""
        for table in self._tables:
            if table.name.lower() == "assets":
                rows = list(frames_of(self.path, table, max(table.rows, 1)))
                return _assets(rows[0]) if rows else _assets(pl.DataFrame(schema=[*table.columns]))
        return pl.DataFrame(schema={"asset_id": pl.Int64, "symbol": pl.String})

    @cached_property
    def _tables(self) -> tuple[Table, ...]:
        return tables_of(self.path)

    @property
    def _calendars(self) -> dict[str, str]:
        for table in self._tables:
            if table.name == "calendars" and [*table.columns] == ["panel", "calendar"]:
                rows = list(frames_of(self.path, table, max(table.rows, 1)))
                return dict(rows[0].rows()) if rows else {}
        return {}


@dataclass(frozen=True)
class SqliteSource:
    """One table. Rows of `asset_id` get the symbol of the asset, rows of nothing that of the market.

    Indicators as (asset, time, name, value) become a column a name. In a table of trades the thing
    observed is the trade, since two of one asset may share a moment: its id is the symbol, and the
    asset a column.
    """

    path: Path
    rows: Table
    stamping: Stamping
    batch_rows: int = ROWS
    aside: Aside | None = None

    @property
    def name(self) -> str:
        """The file and the table."""
        return f"{self.path.name}:{self.rows.name}"

    @property
    def table(self) -> str:
        """The kind of rows; `series` are the bars."""
        return _kind(self.rows)

    def parts(self, since: datetime | None = None) -> tuple[Part, ...]:  # noqa: ARG002 (of the role)
        """The table and its rows."""
        return (Part(self.name, self.rows.rows),)

    def read(self, since: datetime | None = None) -> Iterator[Panel]:
        """The table in panels of about `batch_rows` rows."""
        assets = SqliteDatabase(self.path).assets
        for frame in self._frames():
            named = self._with_symbols(with_layout_names(frame), assets)
            panel = self.stamping.read(named, name=self.name, aside=self.aside)
            told = (*panel.findings, *([_FITTED] if self.table == "regimes" else []))
            yield from known_after(Panel(panel.table, told), since)

    def _frames(self) -> Iterator[pl.DataFrame]:
        """Frames as they lie; of a table in long form the whole, since a key has a row for each name."""
        long = names_and_values([*self.rows.columns])
        if not long:
            yield from frames_of(self.path, self.rows, self.batch_rows)
            return
        whole = pl.concat(list(frames_of(self.path, self.rows, self.batch_rows)), how="vertical")
        keys = [column for column in whole.columns if column not in long]
        try:
            yield whole.pivot(long[0], index=keys, values=long[1])
        except pl.exceptions.ComputeError as error:
            raise BadTable(
                f"{self.name} has two values under one name and key", "keep one of each"
            ) from error

    def _with_symbols(self, frame: pl.DataFrame, assets: pl.DataFrame) -> pl.DataFrame:
        if "asset_id" in frame.columns and "symbol" not in frame.columns:
            known = dict(assets.select(pl.col("asset_id").cast(pl.String), "symbol").rows())
            ids = frame["asset_id"].cast(pl.String)
            symbol = ids.replace_strict(known, default=None, return_dtype=pl.String)
            frame = frame.drop("asset_id").with_columns(symbol=symbol)
        if "trade_id" in frame.columns:
            asset = frame["symbol"] if "symbol" in frame.columns else pl.lit(None, pl.String)
            frame = frame.with_columns(asset=asset, symbol=pl.col("trade_id").cast(pl.String))
            return frame.drop("trade_id")
        return frame if "symbol" in frame.columns else frame.with_columns(symbol=pl.lit(MARKET))


def _kind(table: Table) -> str:
    return TABLES.get(table.name.lower(), table.name.lower())


def _has_time(table: Table) -> bool:
    names = pl.DataFrame(schema=[*table.columns])
    return bool({"timestamp", "session"} & set(with_layout_names(names).columns))


def _alias(column: str) -> str | None:
    return CANONICAL.get(column.strip().lower().replace(" ", "_"))


def with_layout_names(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns by the names of the design; what every source understands goes first."""
    frame = with_known_names(frame)
    renamed = {
        column: name
        for column in frame.columns
        if (name := _alias(column)) and name not in ("name", *frame.columns)
    }
    return frame.rename(renamed)


def names_and_values(columns: Sequence[str]) -> tuple[str, str] | None:
    """The columns of a table in long form that hold a name and its value.

    >>> names_and_values(["asset_id", "ts", "indicator", "value"])
    ('indicator', 'value')
    """
    known = {_alias(column) or column.lower(): column for column in columns}
    return (known["name"], known["value"]) if {"name", "value"} <= set(known) else None


def _assets(frame: pl.DataFrame) -> pl.DataFrame:
    frame = with_layout_names(frame)
    if "asset_id" not in frame.columns and "id" in frame.columns:
        frame = frame.rename({"id": "asset_id"})
    if "symbol" not in frame.columns and "name" in frame.columns:
        frame = frame.rename({"name": "symbol"})
    if not {"asset_id", "symbol"} <= set(frame.columns):
        raise BadTable(
            f"the table assets has the columns {', '.join(frame.columns)}",
            "give it an asset_id and a symbol",
        )
    return frame


_FITTED = Finding(
    "source.labels",
    "warning",
    "regimes",
    "regimes that come with the data may have been fitted on the whole of it, its future included",
    "use them to compare with; let decisions read filtered regimes",
)
