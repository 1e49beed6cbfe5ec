"""A store goes out in the Market NN layout and comes back as it was, whole or not at all."""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from tradewind.core import Panel
from tradewind.core.errors import BadTable, Misuse, WorkspaceError
from tradewind.core.panel import KEYS
from tradewind.data import exporting
from tradewind.data.alignment import align
from tradewind.data.exporting import write_layout
from tradewind.data.quality.pandera_contracts import check_tables
from tradewind.data.sources.sqlite import SqliteDatabase
from tradewind.data.sources.stamping import Stamping
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import make_market
from tradewind.storage.lake import Lake

EQUITY = make_market("equity", 3, 40, seed=3, plants=["revisions"]).panel
AT = EQUITY.moments[5]


def facts(*symbols: str, **columns: object) -> Panel:
    """Two moments of each symbol, the second version of the first a microsecond later."""
    moments = [(AT, AT), (AT, AT + timedelta(microseconds=1)), (AT + timedelta(days=1),) * 2]
    rows = [(name, *moment) for name in symbols for moment in moments]
    table = pl.DataFrame(rows, ["symbol", "timestamp", "known_at"], orient="row")
    return Panel.from_frame(
        table.with_columns(session=pl.col("timestamp").dt.date()).with_columns(**columns)
    )


TABLES = {
    "bars": EQUITY,
    "indicators": facts("EQ1", "EQ2", rsi=pl.lit(50.5), macd=pl.lit(None, pl.Float64)),
    "regimes": facts("market", regime=pl.lit("calm"), probability=pl.lit(0.75)),
    "benchmarks": facts("SPX", "GOLD", close=pl.int_range(pl.len()) + 0.5),
    "trades": facts(
        "7", "8",
        asset=pl.lit("EQ3"), side=pl.lit("buy"), quantity=pl.lit(2.0), price=pl.lit(9.5),
    ),
    "actions": facts("EQ1", split=pl.lit(4.0), dividend=pl.lit(0.22)),
    "membership": facts("EQ2", "GONE", member=pl.lit(1, pl.Int64)),
    "macro": facts("CPI", value=pl.lit(3.1), region=pl.lit("US")),
    "cross_asset": align(EQUITY, EQUITY.moments[::3], ["close", "volume"], name="pairs").panel(),
}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> MarketStore:
    made = MarketStore(tmp_path_factory.mktemp("store"))
    for name, panel in TABLES.items():
        made.append(panel, name)
    return made


def exported(store: MarketStore, path: Path, **options: object) -> SqliteDatabase:
    write_layout(store, path / "out.db", **options)  # type: ignore[arg-type]
    return SqliteDatabase(path / "out.db")


def plain(panel: Panel) -> pl.DataFrame:
    return panel.table.with_columns(pl.col("symbol").cast(pl.String)).sort(KEYS)


def content(database: SqliteDatabase, table: str) -> pl.DataFrame:
    (source,) = (one for one in database.sources(Stamping()) if one.table == table)
    return pl.concat([plain(part) for part in source.read()]).sort(KEYS)


@pytest.mark.parametrize("table", TABLES)
def test_every_table_comes_back_as_it_was(table: str, store: MarketStore, tmp_path: Path) -> None:
    back, kept = content(exported(store, tmp_path), table), plain(store.read(table))
    assert set(back.columns) == set(kept.columns)
    assert back.select(kept.columns).equals(kept)
    assert back.select(kept.columns).schema == kept.schema


def test_it_goes_out_in_pieces_as_it_does_in_one(
    store: MarketStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = write_layout(store, tmp_path / "whole.db")
    monkeypatch.setattr(exporting, "ROWS", 7)
    assert write_layout(store, tmp_path / "pieces.db") == whole
    assert (tmp_path / "pieces.db").read_bytes() == (tmp_path / "whole.db").read_bytes()
    assert whole == {name: len(panel) for name, panel in TABLES.items()}


def test_how_the_rows_lay_in_the_store_is_not_seen(store: MarketStore, tmp_path: Path) -> None:
    other = MarketStore(tmp_path / "other")
    for start in range(0, len(EQUITY), 50):
        other.append(Panel(EQUITY.table[start : start + 50]))
    for name in ("one", "two"):
        write_layout({"one": store, "two": other}[name], tmp_path / name, tables=["bars"])
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    database = sqlite3.connect(path / "out.db")
    found = database.execute(query).fetchall()
    database.close()
    return found


def test_what_goes_out_keeps_the_contracts(store: MarketStore, tmp_path: Path) -> None:
    exported(store, tmp_path)
    named = ["assets", "series", "indicators", "regimes", "benchmarks", "cross_asset"]
    with closing(sqlite3.connect(tmp_path / "out.db")) as database:
        tables = {name: pl.read_database(f"SELECT * FROM {name}", database) for name in named}
    assert check_tables(tables) == []
    assert set(tables["cross_asset"]["column"]) == {"close", "volume"}


def test_every_version_of_a_bar_goes_out_once(store: MarketStore, tmp_path: Path) -> None:
    exported(store, tmp_path)
    versions = "SELECT count(*), count(DISTINCT asset_id || timestamp || known_at) FROM series"
    assert rows(tmp_path, versions) == [(len(EQUITY), len(EQUITY))]
    assert EQUITY.revised > 0


def test_what_has_no_bars_is_told_by_its_name(store: MarketStore, tmp_path: Path) -> None:
    exported(store, tmp_path)
    assert rows(tmp_path, "SELECT asset_id, symbol FROM assets") == [
        (1, "EQ1"), (2, "EQ2"), (3, "EQ3"),
    ]  # fmt: skip
    assert rows(tmp_path, "SELECT DISTINCT symbol FROM membership") == [("EQ2",), ("GONE",)]
    assert rows(tmp_path, "SELECT DISTINCT trade_id, asset_id FROM trades") == [("7", 3), ("8", 3)]


def test_a_trade_of_nothing_known_comes_back_so(tmp_path: Path) -> None:
    made = MarketStore(tmp_path / "store")
    made.append(facts("7", asset=pl.lit(None, pl.String), price=pl.lit(1.0)), "trades")
    back = content(exported(made, tmp_path), "trades")
    assert back["asset"].to_list() == [None, None, None]


def test_a_store_without_bars_goes_out_by_names(tmp_path: Path) -> None:
    made = MarketStore(tmp_path / "store")
    made.append(TABLES["macro"], "macro")
    assert content(exported(made, tmp_path), "macro").equals(plain(made.read("macro")))


def test_the_calendars_go_out_beside(store: MarketStore, tmp_path: Path) -> None:
    database = exported(store, tmp_path, tables=["bars", "macro"], calendars={"macro": "24/7"})
    told = {one.table: one.stamping.calendar for one in database.sources(Stamping())}
    assert told == {"bars": "XNYS", "macro": "24/7"}


@pytest.mark.parametrize(
    ("table", "panel", "message"),
    [
        ("v", facts("A", v=pl.Series([[1.0, 2.0]] * 3, dtype=pl.Array(pl.Float64, 2))),
         "column 'v' of table 'v' would not be read back as it is: leave that table out, with"),
        ("m", facts("A", metric=pl.lit("x"), value=pl.lit(1.0)), "column 'metric' of table 'm' would"),
        ("m", facts("A", trade_id=pl.lit("x")), "column 'trade_id' of table 'm' would not"),
        ("m", facts("A", as_of=pl.lit("x"), Close=pl.lit(1.0)).table.rename({"close": "vol"}),
         "column 'vol' of table 'm' would not be read back as it is"),
        ("prices", facts("A", v=pl.lit(1.0)), "the layout has another meaning for the name 'prices'"),
        ("truth_x", facts("A", v=pl.lit(1.0)), "another meaning for the name 'truth_x': leave that"),
        ("Notes", facts("A", v=pl.lit(1.0)), "another meaning for the name 'Notes': leave that"),
    ],
)  # fmt: skip
def test_what_would_come_back_as_something_else_is_refused(
    table: str, panel: Panel | pl.DataFrame, message: str, tmp_path: Path
) -> None:
    made = MarketStore(tmp_path / "store")
    made.append(panel if isinstance(panel, Panel) else Panel(panel), table)
    with pytest.raises(BadTable, match=message):
        write_layout(made, tmp_path / "out.db")
    assert [one.name for one in tmp_path.iterdir()] == ["store"]


def test_a_table_that_is_no_panel_stays_behind_and_is_refused_by_name(
    store: MarketStore, tmp_path: Path
) -> None:
    panels = store.tables
    Lake(store.path).append("scores", pl.DataFrame({"score": [0.1]}))
    grown = MarketStore(store.path)
    assert {*write_layout(grown, tmp_path / "out.db")} == {*panels}
    with pytest.raises(BadTable, match="table 'scores' is no panel: it lacks one of symbol,"):
        write_layout(grown, tmp_path / "out.db", tables=["bars", "scores"])


def test_a_table_that_is_not_there_is_refused(store: MarketStore, tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="there is no table 'barz' to write: did you mean 'bars'"):
        write_layout(store, tmp_path / "out.db", tables=["barz"])


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """The kernel refuses to let a file grow past `size` bytes, as it does on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_disk_that_refuses_leaves_the_old_file(store: MarketStore, tmp_path: Path) -> None:
    (tmp_path / "out.db").write_text("old")
    before = sorted(tmp_path.iterdir())
    with (
        no_file_above(8192),
        pytest.raises(WorkspaceError, match=r"out\.db: .*: free some space, or choose another"),
    ):
        write_layout(store, tmp_path / "out.db", tables=["bars"])
    assert (tmp_path / "out.db").read_text() == "old"
    assert sorted(tmp_path.iterdir()) == before


def test_a_folder_that_is_not_there_is_named(store: MarketStore, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"out\.db: it is not there: check the path"):
        write_layout(store, tmp_path / "nowhere" / "out.db")


def test_an_old_file_is_replaced_whole(store: MarketStore, tmp_path: Path) -> None:
    exported(store, tmp_path)
    again = exported(store, tmp_path, tables=["macro"])
    assert [one.table for one in again.sources(Stamping())] == ["macro"]


def test_what_comes_in_while_it_is_written_waits_for_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MarketStore(tmp_path / "store")
    store.append(EQUITY)
    monkeypatch.setattr(exporting, "ROWS", 7)
    read, late = store.read, facts("EQ3", close=pl.lit(1.0))
    moved = late.table.with_columns(pl.col("timestamp", "known_at") + timedelta(days=999))

    def reading(table: str = "bars", **asked: object) -> Panel:
        found = read(table, **asked)  # type: ignore[arg-type]
        store.append(Panel(moved))
        return found

    monkeypatch.setattr(store, "read", reading)
    assert write_layout(store, tmp_path / "out.db", tables=["bars"]) == {"bars": len(EQUITY)}
