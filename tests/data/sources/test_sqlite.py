"""A database in the Market NN layout is a source a table, whatever its columns are called."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from tradewind.core.errors import BadTable
from tradewind.data.sources.battery import check_source
from tradewind.data.sources.declared import plan
from tradewind.data.sources.sqlite import SqliteDatabase, SqliteSource
from tradewind.data.sources.stamping import Stamping
from tradewind.data.synthetic import make_market
from tradewind.data.writing import write_market

LAYOUT = """
CREATE TABLE assets (asset_id INTEGER PRIMARY KEY, ticker TEXT, sector TEXT);
INSERT INTO assets VALUES (1, 'ACME', 'Tools'), (2, 'BOLT', 'Tools');
CREATE TABLE series (asset_id INTEGER, ts TEXT, open REAL, high REAL, low REAL, close REAL, vol INTEGER);
INSERT INTO series VALUES (1, '2024-01-02', 1, 2, 1, 2, 10), (2, '2024-01-02', 3, 4, 3, 4, 20),
    (1, '2024-01-03', 2, 3, 2, 3, 11);
CREATE TABLE indicators (asset_id INTEGER, ts TEXT, name TEXT, value REAL);
INSERT INTO indicators VALUES (1, '2024-01-02', 'rsi', 50), (1, '2024-01-02', 'macd', 0.1),
    (2, '2024-01-02', 'rsi', 60), (1, '2024-01-03', 'rsi', 55);
CREATE TABLE regimes (ts TEXT, regime TEXT);
INSERT INTO regimes VALUES ('2024-01-02', 'calm'), ('2024-01-03', 'wild');
CREATE TABLE trades (trade_id INTEGER, asset_id INTEGER, executed_at TEXT, side TEXT, price REAL);
INSERT INTO trades VALUES (7, 1, '2024-01-02T15:00:00Z', 'buy', 1.5), (8, 1, '2024-01-02T15:00:00Z', 'buy', 1.6);
CREATE TABLE benchmarks (benchmark TEXT, ts TEXT, value REAL);
INSERT INTO benchmarks VALUES ('SPX', '2024-01-02', 4700), ('SPX', '2024-01-03', 4710);
CREATE TABLE fundamentals (asset_id INTEGER, ts TEXT, knowledge_time TEXT, eps REAL);
INSERT INTO fundamentals VALUES (1, '2024-01-02', '2024-02-01T00:00:00Z', 1.2);
CREATE TABLE notes (text TEXT);
"""  # fmt: skip


def database(path: Path, script: str = LAYOUT) -> SqliteDatabase:
    connection = sqlite3.connect(path / "market.db")
    connection.executescript(script)
    connection.close()
    return SqliteDatabase(path / "market.db")


def source(path: Path, table: str, stamping: Stamping | None = None) -> SqliteSource:
    made = database(path).sources(stamping or Stamping())
    return next(one for one in made if one.table == table)


def test_every_table_with_a_time_is_a_source_and_the_rest_are_named(tmp_path: Path) -> None:
    made = database(tmp_path)
    assert [one.table for one in made.sources(Stamping())] == [
        "bars", "indicators", "regimes", "trades", "benchmarks", "fundamentals",
    ]  # fmt: skip
    assert made.undated == ("assets", "notes")
    assert made.assets["symbol"].to_list() == ["ACME", "BOLT"]


@pytest.mark.parametrize("table", ["bars", "indicators", "regimes", "benchmarks", "fundamentals"])
def test_every_table_passes_the_battery(table: str, tmp_path: Path) -> None:
    assert check_source(source(tmp_path, table)) == ()


def test_trades_at_one_moment_are_two_trades(tmp_path: Path) -> None:
    trades = source(tmp_path, "trades", Stamping("end"))
    assert check_source(trades) == ()
    [panel] = trades.read()
    assert panel.symbols == ("7", "8")
    assert panel.table["asset"].to_list() == ["ACME", "ACME"]


def test_series_get_the_symbols_of_their_assets(tmp_path: Path) -> None:
    [panel] = source(tmp_path, "bars").read()
    assert panel.symbols == ("ACME", "BOLT")
    assert panel.columns == ("open", "high", "low", "close", "volume")
    assert panel.moments[0] == datetime(2024, 1, 2, 21, tzinfo=UTC)


def test_indicators_in_long_form_become_a_column_each(tmp_path: Path) -> None:
    [panel] = source(tmp_path, "indicators").read()
    assert panel.table.select("rsi", "macd").rows() == [(50.0, 0.1), (55.0, None), (60.0, None)]


def test_regimes_that_came_with_the_data_are_told_apart(tmp_path: Path) -> None:
    [panel] = source(tmp_path, "regimes").read()
    assert panel.symbols == ("market",)
    assert "may have been fitted on the whole of it" in panel.findings[-1].detail


def test_what_says_when_it_was_known_is_known_then(tmp_path: Path) -> None:
    [panel] = source(tmp_path, "fundamentals").read()
    assert panel.table["known_at"][0] == datetime(2024, 2, 1, tzinfo=UTC)


def test_a_plan_counts_the_rows(tmp_path: Path) -> None:
    assert "market.db:series: 3 rows" in str(plan(source(tmp_path, "bars")))


@pytest.mark.parametrize(
    ("kind", "batch_rows"), [("equity", 100), ("crypto", 10_000), ("fx", 7), ("property", 50)]
)
def test_a_market_that_we_wrote_reads_back_to_the_same(
    kind: str, batch_rows: int, tmp_path: Path
) -> None:
    market = make_market(kind, 3, 40, seed=5, plants=["revisions"])  # type: ignore[arg-type]
    (file,) = write_market(market, tmp_path / "made.db", "sqlite")
    for table, panel in market.panels.items():
        (made,) = (one for one in SqliteDatabase(file).sources(Stamping()) if one.table == table)
        read = SqliteSource(made.path, made.rows, made.stamping, batch_rows).read()
        rows = pl.concat([part.table.cast({"symbol": pl.String}) for part in read])
        want = panel.table.with_columns(pl.selectors.by_dtype(pl.Enum).cast(pl.String))
        got = rows.sort("symbol", "timestamp", "known_at").select(want.columns)
        assert got.cast(dict(want.schema)).equals(want)


def test_what_only_the_maker_knows_is_no_source(tmp_path: Path) -> None:
    (file,) = write_market(make_market("equity", 2, 30), tmp_path / "made.db", "sqlite")
    names = [one.table for one in SqliteDatabase(file).sources(Stamping())]
    assert names == ["bars"]


def test_an_asset_that_nobody_listed_is_set_aside_or_refused(tmp_path: Path) -> None:
    made = database(
        tmp_path, LAYOUT + "INSERT INTO series (asset_id, ts) VALUES (9, '2024-01-02');"
    )
    with pytest.raises(BadTable, match="1 rows have no symbol: drop or name them"):
        list(made.sources(Stamping())[0].read())
    kept: list[pl.DataFrame] = []
    [panel] = made.sources(Stamping(), kept.append)[0].read()
    assert len(panel) == 3
    assert kept[0]["reason"].to_list() == ["it has no symbol"]


def test_a_word_in_a_price_column_is_seen(tmp_path: Path) -> None:
    script = LAYOUT + "INSERT INTO series (asset_id, ts, close) VALUES (1, '2024-01-04', 'cheap');"
    with pytest.raises(BadTable, match="column 'close' holds String"):
        list(database(tmp_path, script).sources(Stamping())[0].read())


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("CREATE TABLE assets (sector TEXT); INSERT INTO assets VALUES ('x');"
         "CREATE TABLE series (asset_id INT, ts TEXT); INSERT INTO series VALUES (1, '2024-01-02');",
         "the table assets has the columns sector: give it an asset_id and a symbol"),
        ("CREATE TABLE series (symbol TEXT, ts TEXT, v BLOB); INSERT INTO series VALUES"
         "('A', '2024-01-02', x'00');", "column 'v' holds bytes: give vectors as Parquet"),
        ("CREATE TABLE i (symbol TEXT, ts TEXT, name TEXT, value REAL); INSERT INTO i VALUES"
         "('A', '2024-01-02', 'rsi', 1), ('A', '2024-01-02', 'rsi', 2);",
         "market.db:i has two values under one name and key: keep one of each"),
    ],
)  # fmt: skip
def test_a_layout_that_cannot_be_read_is_refused(script: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadTable, match=message):
        list(database(tmp_path, script).sources(Stamping())[0].read())


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "market.db").write_text("not a database, though long enough to be looked at")
    with pytest.raises(
        BadTable, match=r"market\.db cannot be read as SQLite: file is not a database"
    ):
        SqliteDatabase(tmp_path / "market.db").sources(Stamping())
    with pytest.raises(BadTable, match=r"there is no file .*none\.db: check the path"):
        SqliteDatabase(tmp_path / "none.db").sources(Stamping())


def test_names_are_names_and_nothing_else(tmp_path: Path) -> None:
    made = database(
        tmp_path, LAYOUT + 'CREATE TABLE "a""; DROP TABLE series; --" (ts TEXT, v REAL);'
    )
    assert len(made.sources(Stamping())) == 7
    assert len(made.sources(Stamping())) == 7
