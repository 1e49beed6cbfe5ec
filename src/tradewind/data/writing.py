"""A market as files: CSV or Parquet with a file for each panel, or one SQLite database with everything.

`Panel.from_frame` reads each of them back to the same values. A file is composed first and published
in one step, so that a full disk or a cut leaves the old one as it was.
"""

import sqlite3
from io import BytesIO
from pathlib import Path
from typing import Literal, get_args

import polars as pl

from tradewind.core.errors import Misuse, nearest
from tradewind.core.market import Market
from tradewind.core.tables import UTC_TIME
from tradewind.data.membership import facts_of
from tradewind.storage.files import publish
from tradewind.storage.sql_text import quoted

Layout = Literal["csv", "parquet", "sqlite"]
MOMENT = "%Y-%m-%dT%H:%M:%S%.fZ"


def write_market(market: Market, path: Path | str, layout: Layout) -> tuple[Path, ...]:
    """Write a market, and say which files it became.

    CSV and Parquet hold the bars at `path`, one row per (symbol, timestamp, known_at), and every other
    panel, and the `membership` of a universe, beside it as `name.panel.csv`; what only the maker knows is
    not in them. SQLite holds:

    - `assets` (asset_id, symbol, and what else is known of an instrument);
    - `series` (asset_id, timestamp, known_at, session, and the columns of the bars);
    - every other panel as a table of its name, with its `symbol`;
    - of a universe `membership` (symbol, timestamp, known_at, and member: 1 from an entry, 0 from an exit);
    - `calendars` (panel, calendar), and of a made market its truth, which no ingest reads:
      `truth_regimes` (timestamp, regime), `truth_signal`, `truth_outlook`, `truth_faults`, `truth_leaks`.

    Moments are text in UTC such as 2024-01-02T21:00:00Z, days such as 2024-01-02.

    >>> from tempfile import TemporaryDirectory
    >>> from tradewind.core import Panel
    >>> from tradewind.data.synthetic import make_market
    >>> market = make_market("fx", 2, 20)
    >>> with TemporaryDirectory() as folder:
    ...     file, = write_market(market, Path(folder, "fx.parquet"), "parquet")
    ...     Panel.from_frame(pl.read_parquet(file)) == market.panel
    True
    """
    path = Path(path)
    if layout not in get_args(Layout):
        raise Misuse(f"no layout is called {layout!r}", nearest(layout, get_args(Layout)))
    if layout == "sqlite":
        publish(path, _database(market))
        return (path,)
    files = {
        path if name == "bars" else path.with_name(f"{path.stem}.{name}{path.suffix}"): table
        for name, table in _tables(market).items()
    }
    for file, table in files.items():
        publish(file, _csv(table) if layout == "csv" else _parquet(table))
    return tuple(files)


def _tables(market: Market) -> dict[str, pl.DataFrame]:
    """What is known of a market in time, by name."""
    tables = {name: panel.table for name, panel in market.panels.items()}
    return (
        tables if market.universe is None else {**tables, "membership": facts_of(market.universe)}
    )


def _csv(table: pl.DataFrame) -> bytes:
    return plain(table).write_csv().encode()


def _parquet(table: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    table.write_parquet(buffer)
    return buffer.getvalue()


def _database(market: Market) -> bytes:
    """The SQLite file, made in memory."""
    assets = market.panel.table.select(pl.col("symbol").unique(maintain_order=True))
    known = market.instruments.with_columns(
        pl.col("symbol").cast(assets.schema["symbol"], strict=False)
    )
    assets = assets.join(known, on="symbol", how="left", maintain_order="left")
    assets = assets.with_row_index("asset_id", offset=1)
    series = market.panel.table.join(
        assets.select("symbol", "asset_id"), on="symbol", maintain_order="left"
    )
    calendars = {"panel": [*market.calendars], "calendar": [*market.calendars.values()]}
    tables = {
        "assets": assets,
        "series": series.select("asset_id", pl.exclude("asset_id", "symbol")),
        "calendars": pl.DataFrame(calendars, schema={"panel": pl.String, "calendar": pl.String}),
        **{name: table for name, table in _tables(market).items() if name != "bars"},
        **_truth(market),
    }
    database = sqlite3.connect(":memory:")
    try:
        for name, table in tables.items():
            _fill(database, name, table)
        database.commit()
        return database.serialize()
    finally:
        database.close()


def _truth(market: Market) -> dict[str, pl.DataFrame]:
    """What only the maker knows, if there is one."""
    truth = market.truth
    if truth is None:
        return {}
    return {
        "truth_regimes": truth.regimes,
        "truth_signal": truth.signal,
        "truth_outlook": truth.outlook,
        "truth_faults": truth.faults,
        "truth_leaks": truth.leaks,
    }


KEYS = {
    "assets": "asset_id",
    "series": "asset_id, timestamp, known_at",
    "truth_regimes": "timestamp",
}


def _fill(database: sqlite3.Connection, name: str, table: pl.DataFrame) -> None:
    """One table with its rows, its numbers as REAL or INTEGER and all else as TEXT."""
    columns = ", ".join(f"{quoted(one)} {affinity(dtype)}" for one, dtype in table.schema.items())
    key = f", PRIMARY KEY ({KEYS[name]})" if name in KEYS else ""
    database.execute(f"CREATE TABLE {quoted(name)} ({columns}{key})")
    marks = ", ".join("?" * len(table.columns))
    rows = plain(table).iter_rows(buffer_size=10_000)
    database.executemany(f"INSERT INTO {quoted(name)} VALUES ({marks})", rows)  # noqa: S608 (names are quoted)


def affinity(dtype: pl.DataType) -> str:
    """How SQLite keeps a column."""
    if dtype.is_integer() or dtype == pl.Boolean:
        return "INTEGER"
    return "REAL" if dtype.is_numeric() else "TEXT"


def plain(table: pl.DataFrame) -> pl.DataFrame:
    """Moments, days and categories as text."""
    vectors = [name for name, dtype in table.schema.items() if isinstance(dtype, pl.Array)]
    if vectors:
        raise Misuse(f"column {vectors[0]!r} holds vectors", "write the market as parquet")
    days = pl.selectors.date().dt.to_string("%Y-%m-%d")
    moments = pl.selectors.by_dtype(UTC_TIME).dt.to_string(MOMENT)
    names = pl.selectors.by_dtype(pl.Enum, pl.Categorical).cast(pl.String)
    return table.with_columns(days, moments, names)
