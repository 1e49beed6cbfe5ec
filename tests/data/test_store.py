"""A panel in the store: added once, never changed, read as it was known, by any number of processes."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import Panel
from tradewind.core.errors import BadTable, Misuse
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import make_market

FIRST = datetime(2024, 1, 2, 21, tzinfo=UTC)


def bars(symbols: int = 3, days: int = 5, start: int = 0) -> Panel:
    rows = [
        (f"S{symbol}", FIRST + timedelta(days=start + day), 100.0 + symbol + start + day)
        for symbol in range(symbols)
        for day in range(days)
    ]
    table = pl.DataFrame(rows, schema=["symbol", "timestamp", "close"], orient="row")
    return Panel.from_frame(table, stamps="end", calendar="24/7")


def corrected(panel: Panel, lag: timedelta = timedelta(days=30)) -> Panel:
    late = panel.table.with_columns(pl.col("close") + 1, pl.col("known_at") + lag)
    return Panel(pl.concat([panel.table, late]).sort("symbol", "timestamp", "known_at"))


@pytest.fixture
def store(tmp_path: Path) -> MarketStore:
    return MarketStore(tmp_path)


def test_what_is_appended_is_read_back_to_the_bit(store: MarketStore) -> None:
    market = make_market("equity", 5, 60, faults=["splits"])
    store.append(market.panel)
    read, panel = store.read(), market.panel
    assert read.columns == panel.columns
    kept = panel.table.cast({pl.Enum: pl.String, pl.Categorical: pl.String})
    assert read.table.cast({"symbol": pl.String}).equals(kept)


def test_a_vector_keeps_its_width(store: MarketStore) -> None:
    vectors = np.arange(45, dtype=np.float32).reshape(15, 3)
    column = pl.Series("embedding", vectors, dtype=pl.Array(pl.Float32, 3))
    panel = Panel(bars().table.with_columns(column))
    store.append(panel)
    assert store.read() == panel


def test_the_same_panel_again_adds_nothing(store: MarketStore) -> None:
    version, content = store.append(bars()), store.content_hash()
    assert store.append(bars()) == version
    assert store.content_hash() == content


@settings(max_examples=8)
@given(st.lists(st.integers(0, 29), min_size=1, max_size=12))
def test_rows_in_any_pieces_and_any_order_come_to_the_same_table(picks: list[int]) -> None:
    panel = corrected(bars(3, 5))
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        whole, pieces = MarketStore(one), MarketStore(other)
        whole.append(panel)
        for pick in [*picks, *range(0, 30, 3)]:
            pieces.append(Panel(panel.table[pick : pick + 4]))
        assert pieces.content_hash() == whole.content_hash()
        assert pieces.read() == whole.read() == panel


def test_another_content_under_the_same_key_is_refused_and_changes_nothing(
    store: MarketStore,
) -> None:
    store.append(bars())
    content = store.content_hash()
    changed = Panel(bars().table.with_columns(pl.col("close") * 2))
    with pytest.raises(
        BadTable,
        match=r"15 rows of table 'bars' are there with other content, first S0 at .*: close is 100.0, "
        "and now 200.0: give a correction its own known_at",
    ):
        store.append(changed)
    assert store.content_hash() == content


def test_a_correction_is_a_new_row_and_the_past_stays(store: MarketStore) -> None:
    panel = bars()
    store.append(panel)
    before = store.read(as_of=FIRST + timedelta(days=9))
    store.append(corrected(panel))
    assert store.read(as_of=FIRST + timedelta(days=9)) == before == panel
    assert store.read() == corrected(panel)


def test_every_version_stays_readable_and_each_read_names_its_own(store: MarketStore) -> None:
    first = store.append(bars(days=2))
    second = store.append(bars(days=2, start=2))
    store.compact()
    assert store.read(version=first) == bars(days=2)
    assert store.read(version=second) == store.read()
    assert store.read(version=first).findings[0].detail == "version 1 of table 'bars'"


def test_symbols_and_spans_are_read_alone(store: MarketStore) -> None:
    store.append(bars())
    read = store.read(symbols=["S1"], since=FIRST + timedelta(days=3))
    assert read.table["close"].to_list() == [104.0, 105.0]
    assert len(store.read(symbols=["nobody"])) == 0


def test_a_new_column_is_null_in_the_rows_from_before(store: MarketStore) -> None:
    first = store.append(bars(1, 1))
    content = store.content_hash()
    wider = Panel(bars(1, 1, start=1).table.with_columns(volume=pl.lit(5.0)))
    store.append(wider)
    assert store.read().table["volume"].to_list() == [None, 5.0]
    assert store.read(version=first).columns == ("close",)
    assert store.append(bars(1, 1)) == store.version
    assert store.content_hash(version=first) == content


def test_an_append_that_is_refused_leaves_no_column(store: MarketStore) -> None:
    store.append(bars(1, 1))
    version = store.version
    with pytest.raises(BadTable, match=r"close is 100\.0, and now 7\.0"):
        store.append(Panel(bars(1, 1).table.with_columns(close=7.0, extra=1.0)))
    with pytest.raises(BadTable, match=r"extra is None, and now 1\.0: give a correction its own"):
        store.append(Panel(bars(1, 1).table.with_columns(extra=1.0)))
    assert store.version == version
    store.append(Panel(bars(1, 1, start=1).table.with_columns(extra=pl.lit("text"))))
    assert store.read().table["extra"].to_list() == [None, "text"]


def test_a_column_that_does_not_come_again_says_nothing(store: MarketStore) -> None:
    version = store.append(Panel(bars(1, 2).table.with_columns(volume=5.0)))
    assert store.append(bars(1, 2)) == version
    store.append(bars(1, 3))
    assert store.read().table["volume"].to_list() == [5.0, 5.0, None]


def test_what_another_adds_with_more_columns_is_no_other_content(store: MarketStore) -> None:
    other = MarketStore(store.path)
    store.append(bars(1, 1))

    def parts() -> Iterator[Panel]:
        yield bars(1, 3)
        other.append(Panel(bars(1, 2).table.with_columns(volume=5.0).tail(1)))

    store.append_parts(parts())
    assert store.read().table["volume"].to_list() == [None, 5.0, None]


def test_a_column_that_another_adds_meanwhile_in_another_type_is_refused(
    store: MarketStore,
) -> None:
    other = MarketStore(store.path)
    store.append(bars(1, 1))

    def parts() -> Iterator[Panel]:
        yield Panel(bars(1, 1, start=1).table.with_columns(note=5.0))
        other.append(Panel(bars(1, 1, start=4).table.with_columns(note=pl.lit("text"))))

    with pytest.raises(BadTable, match=r"table 'bars' keeps other types: .*: cast the column"):
        store.append_parts(parts())
    assert store.count() == 2


def test_a_column_that_changes_its_type_is_refused(store: MarketStore) -> None:
    store.append(bars(1, 1))
    text = Panel(bars(1, 1, start=1).table.with_columns(close=pl.lit("many")))
    with pytest.raises(
        BadTable, match=r"table 'bars' keeps other types: .*: cast the column, or name"
    ):
        store.append(text)


def test_compaction_changes_where_rows_lie_and_not_what_they_are(store: MarketStore) -> None:
    for day in range(4):
        store.append(bars(days=1, start=day))
    content, panel = store.content_hash(), store.read()
    version = store.compact()
    assert store.content_hash() == content
    assert store.read() == panel
    assert store.compact() == version
    assert store.append(bars(days=4)) == version


def test_compaction_begins_a_file_anew_when_one_is_full(
    store: MarketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradewind.data.store.FILE_ROWS", 10)
    for day in range(4):
        store.append(bars(symbols=6, days=1, start=day))
    store.compact()
    files = store.lake.table("bars").files()
    assert sorted(files["num_records"]) == [4, 8, 12]
    assert store.read() == bars(symbols=6, days=4)


def test_what_others_wrote_is_seen_by_a_handle_that_is_kept(store: MarketStore) -> None:
    other = MarketStore(store.path)
    store.append(bars(days=1))
    other.append(bars(days=1, start=1))
    assert store.read() == other.read() == bars(days=2)


def test_a_table_that_is_not_there_is_told(store: MarketStore) -> None:
    assert store.version == 0
    with pytest.raises(Misuse, match=r"there is no table 'bars' in .*: append to it first"):
        store.read()
    store.append(bars())
    with pytest.raises(Misuse, match=r"there is no table 'barz' in .*: did you mean 'bars'"):
        store.read("barz")
    with pytest.raises(Misuse, match=r"table 'bars' has no version 9: ask for one from 0 to 1"):
        store.read(version=9)


@pytest.mark.parametrize("name", ["../bars", "a/b", "", "."])
def test_no_name_of_a_table_leads_out_of_the_folder(store: MarketStore, name: str) -> None:
    with pytest.raises(Misuse, match=r"is no name for a table: use letters, digits and _"):
        store.append(bars(), name)


WRITER = """
import sys
sys.path.insert(0, {here!r})
from test_store import bars, MarketStore
store = MarketStore({path!r})
for day in range({days}):
    store.append(bars(days=2, start=day))
"""


def test_two_writers_and_two_readers_never_see_each_other(store: MarketStore) -> None:
    days = 15
    store.append(bars(days=1))
    here = str(Path(__file__).parent)
    code = WRITER.format(here=here, path=str(store.path), days=days)
    writers = [
        subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    readers, seen = (store, MarketStore(store.path)), [0]
    while any(writer.poll() is None for writer in writers):
        seen += [len(reader.read()) for reader in readers]
    said = [writer.communicate()[1] for writer in writers]
    assert said == ["", ""]
    assert seen == sorted(seen)
    assert all(rows % 3 == 0 for rows in seen)
    assert store.read() == bars(days=days + 1)


def test_rows_are_counted_without_being_read(tmp_path: Path) -> None:
    store = MarketStore(tmp_path)
    assert store.count() == 0
    bars = Panel.from_frame(
        pl.DataFrame({"date": ["2024-01-02", "2024-01-03"], "symbol": "ACME", "close": [1.0, 2.0]})
    )
    store.append(bars)
    store.append(bars)
    assert store.count() == len(store.read()) == 2
    store.compact()
    assert store.count() == 2


def test_panels_that_are_appended_in_parts_come_in_one_version(store: MarketStore) -> None:
    panel = bars()
    parts = [Panel(panel.table.filter(symbol=name)) for name in panel.symbols]
    assert store.append_parts(iter(parts)) == 1
    assert store.read() == panel
    assert store.append_parts(parts) == 1
    assert store.rows_by_symbol().rows() == [(name, 5) for name in panel.symbols]


def test_parts_of_which_one_cannot_be_made_leave_nothing(store: MarketStore) -> None:
    def parts() -> Iterator[Panel]:
        yield bars()
        raise KeyboardInterrupt

    store.append(bars(days=2))
    before = store.content_hash()
    with pytest.raises(KeyboardInterrupt):
        store.append_parts(parts())
    assert store.content_hash() == before
    assert len(list((store.path / "market" / "bars").glob("*.parquet"))) == 1


def test_what_another_adds_while_parts_are_made_is_not_added_twice(store: MarketStore) -> None:
    other = MarketStore(store.path)

    def parts() -> Iterator[Panel]:
        yield bars(symbols=1)
        other.append(bars(symbols=2))
        store.count()  # the handle looks at the newest version
        yield Panel(bars(symbols=3).table.filter(pl.col("symbol") == bars(symbols=3).symbols[2]))

    store.append_parts(parts())
    assert store.read() == bars(symbols=3)
