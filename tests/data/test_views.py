"""SQL over the store: what is asked is read and no more, and the views say what the panels say."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from tradewind.core import Panel
from tradewind.core.errors import Misuse, WorkspaceError
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import Revisions, make_market
from tradewind.data.views import catalogue_of
from tradewind.features.kernels import NAMES, bar_features
from tradewind.storage.sql import Catalogue

FOREVER = datetime(2200, 1, 1, tzinfo=UTC)
MARKET = make_market("equity", 4, 120, seed=2, plants=[Revisions(0.05)])
ROW = ["symbol", "timestamp"]


@pytest.fixture
def store(tmp_path: Path) -> MarketStore:
    store = MarketStore(tmp_path)
    store.append(MARKET.panel)
    return store


@pytest.fixture
def sql(store: MarketStore) -> Catalogue:
    return catalogue_of(store)


def plain(table: pl.DataFrame) -> pl.DataFrame:
    """In order, and categories as SQL has them: text."""
    return table.cast({pl.Enum: pl.String}).sort("symbol", "timestamp")


def withdrawn(panel: Panel) -> Panel:
    """The same where the first bar of all was later said never to have been."""
    none = [pl.lit(None, panel.table.schema[name]).alias(name) for name in panel.columns]
    gone = panel.table.head(1).with_columns(*none, pl.col("known_at") + timedelta(days=900))
    return Panel(pl.concat([panel.table, gone]).sort("symbol", "timestamp", "known_at"))


def test_a_table_answers_as_the_store_reads_it(store: MarketStore, sql: Catalogue) -> None:
    answer = sql.query("select * from bars order by symbol, timestamp, known_at")
    panel = store.read().table.with_columns(pl.col("symbol").cast(pl.String))
    assert_frame_equal(answer, panel, check_exact=True)


def test_only_the_files_of_the_synced_version_are_read(store: MarketStore, sql: Catalogue) -> None:
    rows = len(store.read())
    stray = store.lake.table("bars").write(store.read().table.cast({"symbol": pl.String}), [])
    assert (store.path / "market" / "bars" / stray.name).exists()
    assert sql.query("select count(*) from bars").item() == rows
    store.compact()
    assert sql.query("select count(*) from bars").item() == rows


def test_a_path_that_looks_like_a_pattern_or_a_partition_is_only_a_path(tmp_path: Path) -> None:
    store = MarketStore(tmp_path / "year=2024" / "[a]*?'s")
    store.append(MARKET.panel)
    answer = catalogue_of(store).query("select * from bars limit 1")
    assert answer.columns == MARKET.panel.table.columns


def test_a_file_from_before_a_column_has_null_in_it(store: MarketStore, sql: Catalogue) -> None:
    later = MARKET.panel.table.with_columns(
        pl.col("timestamp", "known_at") + timedelta(days=3_000), note=pl.lit("new")
    )
    store.append(Panel(later))
    answer = sql.query("select note, count(*) as rows from bars group by note order by note")
    assert answer.rows() == [("new", len(later)), (None, len(later))]


def test_a_table_that_is_only_declared_has_no_rows(store: MarketStore, sql: Catalogue) -> None:
    store.append(Panel(MARKET.panel.table.clear()), "quotes")
    assert sql.query("select * from quotes").columns == MARKET.panel.table.columns


def test_a_vector_keeps_its_width_in_sql(store: MarketStore, sql: Catalogue) -> None:
    vectors = pl.lit([1.0, 2.0], pl.Array(pl.Float32, 2)).alias("embedding")
    store.append(Panel(MARKET.panel.table.with_columns(vectors)), "patterns")
    answer = sql.query("select embedding, embedding[2] as last from patterns limit 1")
    assert answer.dtypes == [pl.Array(pl.Float32, 2), pl.Float32]


def test_a_column_that_is_not_asked_for_is_not_read(store: MarketStore, sql: Catalogue) -> None:
    file = next((store.path / "market" / "bars").glob("*.parquet"))
    data, schema = bytearray(file.read_bytes()), pq.read_schema(file)
    column = pq.read_metadata(file).row_group(0).column(schema.get_field_index("volume"))
    start = column.dictionary_page_offset or column.data_page_offset
    data[start : start + column.total_compressed_size] = bytes(column.total_compressed_size)
    file.write_bytes(data)
    top = MARKET.panel.table["close"].max()
    assert sql.query("select max(close) from bars").item() == top
    with pytest.raises(WorkspaceError, match=rf"the file {file.name} is not what was written"):
        sql.query("select max(volume) from bars")


def test_rows_that_are_not_asked_for_are_not_read(tmp_path: Path) -> None:
    store, day = MarketStore(tmp_path), MARKET.panel.moments[60]
    early = MARKET.panel.table.filter(pl.col("timestamp") <= day)
    store.append(Panel(early))
    kept = set((tmp_path / "market" / "bars").glob("*.parquet"))
    store.append(Panel(MARKET.panel.table.filter(pl.col("timestamp") > day)))
    (late,) = {*(tmp_path / "market" / "bars").glob("*.parquet")} - kept
    data = late.read_bytes()
    footer = int.from_bytes(data[-8:-4], "little") + 8
    late.write_bytes(b"PAR1" + bytes(len(data) - footer - 4) + data[-footer:])
    query = f"select count(close) from bars where timestamp <= '{day.isoformat()}'"
    assert catalogue_of(store).query(query).item() == len(early)


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_parquet('{file}')",
        "select * from read_text('/etc/passwd')",
        "select * from glob('/etc/*')",
        "select * from read_parquet('{folder}/*')",
        "select * from sniff_csv('/etc/passwd')",
        "from '/etc/passwd'",
    ],
)
def test_no_other_file_can_be_read(store: MarketStore, sql: Catalogue, query: str) -> None:
    rows = store.read().table.cast({"symbol": pl.String})
    folder = store.path / "market" / "bars"
    file = folder / store.lake.table("bars").write(rows, []).name
    with pytest.raises(
        Misuse, match=r"the query cannot be answered .*: the tables are: bars, bars_"
    ):
        sql.query(query.format(file=file, folder=folder) + ", bars")


@pytest.mark.parametrize("damage", [b"", b"PAR1" + bytes(2_000), None])
def test_a_damaged_file_is_told_by_its_name(
    store: MarketStore, sql: Catalogue, damage: bytes | None
) -> None:
    file = next((store.path / "market" / "bars").glob("*.parquet"))
    file.unlink() if damage is None else file.write_bytes(damage)
    with pytest.raises(
        WorkspaceError, match=rf"table 'bars' cannot be used: the file {file.name} .*: put it back"
    ):
        sql.query("select avg(close) from bars")
    assert sql.query("select rows from tables").item() == len(MARKET.panel)


def test_bits_that_change_in_a_file_are_told_where_they_stop_the_answer(
    store: MarketStore, sql: Catalogue
) -> None:
    file = next((store.path / "market" / "bars").glob("*.parquet"))
    data = bytearray(file.read_bytes())
    data[100:4_000] = bytes(3_900)
    file.write_bytes(data)
    with pytest.raises(WorkspaceError, match=rf"the file {file.name} is not what was written"):
        sql.query("select * from bars")


def test_bars_as_of_a_moment_is_the_panel_as_of_it(store: MarketStore, sql: Catalogue) -> None:
    panel = withdrawn(MARKET.panel)
    store.append(panel)
    for at in (MARKET.panel.moments[50], MARKET.panel.moments[-1], FOREVER):
        answer = sql.query(f"select * from bars_as_of('{at.isoformat()}')")
        wanted = panel.as_of(at).table.filter(pl.col("close").is_not_null())
        assert_frame_equal(plain(answer), plain(wanted), check_exact=True)


def test_bars_as_of_a_moment_do_not_change_when_the_future_does(
    tmp_path: Path, sql: Catalogue
) -> None:
    at = MARKET.panel.moments[60]
    cut = MarketStore(tmp_path / "cut")
    cut.append(MARKET.panel.until(at))
    query = f"select * from bars_as_of('{at.isoformat()}')"
    assert_frame_equal(plain(catalogue_of(cut).query(query)), plain(sql.query(query)))


def test_bars_now_are_the_newest_versions_without_those_withdrawn(
    store: MarketStore, sql: Catalogue
) -> None:
    store.append(withdrawn(MARKET.panel))
    answer = plain(sql.query("select * from bars_now"))
    assert_frame_equal(answer, plain(MARKET.panel.as_of(FOREVER).table)[1:], check_exact=True)


def test_a_bar_whose_newest_version_lacks_its_close_is_shown_and_has_no_return(
    tmp_path: Path,
) -> None:
    days = pl.DataFrame({"date": ["2024-01-02", "2024-01-03", "2024-01-04"], "symbol": "A"})
    store = MarketStore(tmp_path)
    store.append(Panel.from_frame(days.with_columns(close=pl.Series([1.0, None, 2.0]), volume=5.0)))
    sql = catalogue_of(store)
    assert sql.query("select close, volume from bars_now order by timestamp").rows() == [
        (1.0, 5.0), (None, 5.0), (2.0, 5.0),
    ]  # fmt: skip
    assert sql.query("select count(*) from bars_as_of('2024-01-04')").item() == 2
    assert sql.query("select return_1 from returns order by timestamp").rows() == [(None,), (1.0,)]


def test_returns_and_volatility_are_those_of_the_features(sql: Catalogue) -> None:
    now = MARKET.panel.as_of(FOREVER)
    prices = now.table.select("open", "high", "low", "close", "volume").to_numpy().T.copy()
    every = np.ones(len(now), dtype=bool)
    wanted = pl.DataFrame(bar_features(prices, now.offsets, every), schema=NAMES)
    answer = sql.query(
        "select log_return_1 as return_1, volatility_20 from returns "
        "join volatility using (symbol, timestamp) order by symbol, timestamp"
    )
    assert_frame_equal(answer, wanted.select(answer.columns).fill_nan(None), abs_tol=1e-9)


def test_rolling_figures_wait_for_a_whole_window(sql: Catalogue) -> None:
    answer = sql.query(
        "select * from rolling where symbol = (select min(symbol) from bars) order by timestamp"
    )
    close, mean = answer["close"], answer["mean_20"]
    assert mean.is_null().to_list() == [True] * 19 + [False] * (len(answer) - 19)
    assert mean[19] == pytest.approx(close[:20].mean())
    deviation = close[:20].std(ddof=0)
    assert answer["zscore_20"][19] == pytest.approx((close[19] - mean[19]) / deviation)
    assert answer["mean_60"].null_count() == answer["zscore_60"].null_count() == 59


@pytest.mark.parametrize("view", ["returns", "volatility", "rolling"])
def test_a_view_of_a_bar_does_not_change_when_later_bars_come(
    tmp_path: Path, sql: Catalogue, view: str
) -> None:
    at = MARKET.panel.moments[90]
    cut = MarketStore(tmp_path / "cut")
    cut.append(Panel(MARKET.panel.table.filter(pl.col("timestamp") <= at)))
    early = sql.query(f"select * from {view} where timestamp <= '{at.isoformat()}'")
    assert_frame_equal(plain(catalogue_of(cut).query(f"from {view}")), plain(early), rel_tol=1e-12)


def test_a_price_at_or_below_zero_has_no_return_from_it(tmp_path: Path) -> None:
    days = {"date": ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"]}
    store = MarketStore(tmp_path)
    store.append(
        Panel.from_frame(
            pl.DataFrame({**days, "symbol": "WTI", "close": [20.0, -37.0, 10.0, 11.0]})
        )
    )
    query = "select return_1, log_return_1 is null as none from returns order by timestamp"
    answer = catalogue_of(store).query(query)
    assert answer["none"].to_list() == [True, True, True, False]
    assert answer["return_1"].to_list() == [None, pytest.approx(-2.85), None, pytest.approx(0.1)]


def test_tables_say_what_there_is_without_reading_it(store: MarketStore, sql: Catalogue) -> None:
    for file in (store.path / "market" / "bars").glob("*.parquet"):
        file.write_bytes(b"unreadable")
    panel, row = MARKET.panel, sql.query("select * from tables").row(0, named=True)
    assert (row["name"], row["rows"], row["version"]) == ("bars", len(panel), 1)
    assert (row["first"], row["last"]) == (panel.moments[0], panel.moments[-1])
    assert row["bytes"] > 10_000


def test_every_name_has_its_columns(sql: Catalogue) -> None:
    columns = sql.columns()
    assert set(columns["name"]) == set(sql.names)
    returns = columns.filter(pl.col("name") == "returns")["column"].to_list()
    assert returns == ["symbol", "timestamp", "session", "return_1", "log_return_1"]


def test_a_table_of_ours_comes_before_a_view_of_its_name(store: MarketStore) -> None:
    store.append(MARKET.panel, "returns")
    sql = catalogue_of(store)
    assert sql.query("select close from returns limit 1").columns == ["close"]
    assert sql.query("select volatility_20 from volatility limit 1").columns == ["volatility_20"]
    assert sql.names.count("returns") == 1


def test_without_bars_there_are_no_views(tmp_path: Path) -> None:
    sql = catalogue_of(MarketStore(tmp_path))
    assert sql.names == ("tables",)
    assert len(sql.query("select * from tables")) == 0
    with pytest.raises(Misuse, match=r"does not exist.*: the tables are: tables"):
        sql.query("select * from returns")


def test_names_are_read_in_either_case(sql: Catalogue) -> None:
    assert len(sql.query("SELECT * FROM BARS LIMIT 1")) == 1


def test_the_first_rows_keep_the_order_that_was_asked_for(sql: Catalogue) -> None:
    answer = sql.query("select close from bars order by close desc", most=3)
    assert answer["close"].to_list() == sorted(MARKET.panel.table["close"], reverse=True)[:3]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("select interval '1 day' as lag", "column 'lag' of the answer is INTERVAL: cast it"),
        (
            "select typed_value from duckdb_settings()",
            "column 'typed_value' of the answer is VARIANT",
        ),
        ("select 1 as a, 2 as a", "two columns of the answer are named 'a': name them apart"),
        ("select error('no luck')", "the query cannot be answered .*no luck"),
    ],
)
def test_an_answer_that_no_table_holds_is_refused(sql: Catalogue, query: str, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        sql.query(query)


def test_a_sum_of_whole_numbers_is_a_whole_number(sql: Catalogue) -> None:
    answer = sql.query("select sum(x) as whole, 1.5::decimal(4, 2) as part from range(3) as t(x)")
    assert answer.rows() == [(3, 1.5)]
