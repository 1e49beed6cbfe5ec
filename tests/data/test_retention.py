"""What is let go of a table's past: numbers of old versions and their files, never a row or an answer."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from tradewind.core import Panel
from tradewind.core.errors import Misuse, WorkspaceError
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import Revisions, make_market
from tradewind.data.views import catalogue_of
from tradewind.storage.delta_tables import LakeTable
from tradewind.storage.objects import LocalObjects
from tradewind.storage.sql import Catalogue

MADE = make_market("equity", 3, 60, seed=4, plants=[Revisions(0.05)])
PANEL = Panel(MADE.panel.table.drop("status"))
MOMENTS = PANEL.moments[::15]
PARTS = tuple(Panel(PANEL.table[start::3]) for start in range(3))
COMPACTED = len(PARTS) + 1


@pytest.fixture
def store(tmp_path: Path) -> MarketStore:
    """Three appends, and a compaction that moves all rows into one file."""
    store = MarketStore(tmp_path)
    for part in PARTS:
        store.append(part)
    assert store.compact() == COMPACTED
    return store


def files(store: MarketStore) -> set[str]:
    return {file.name for file in (store.path / "market" / "bars").glob("*.parquet")}


def needed(store: MarketStore, version: int) -> set[str]:
    return {*store.lake.table("bars").files(version)["path"]}


def test_no_row_and_no_answer_about_the_past_is_lost(store: MarketStore) -> None:
    content, panel = store.content_hash(), store.read()
    before = [store.read(as_of=moment) for moment in MOMENTS]
    store.retain(versions=1)
    store = MarketStore(store.path)
    assert store.content_hash() == content
    assert store.read() == panel == PANEL
    assert [store.read(as_of=moment) for moment in MOMENTS] == before
    assert [panel.as_of(moment) for moment in MOMENTS] == [PANEL.as_of(one) for one in MOMENTS]


def test_files_that_no_kept_version_needs_are_removed_and_counted(store: MarketStore) -> None:
    old = needed(store, 3)
    size = sum((store.path / "market" / "bars" / name).stat().st_size for name in old)
    kept = store.retain(versions=1)
    assert files(store) == needed(store, COMPACTED)
    assert (kept.oldest, kept.version, kept.files, kept.bytes) == (4, 4, len(old), size)
    assert store.retain(versions=1).files == 0


def test_a_version_that_is_let_go_is_refused_and_the_oldest_kept_is_named(
    store: MarketStore,
) -> None:
    store.append(Panel(PANEL.table.with_columns(pl.col("timestamp", "known_at") + timedelta(900))))
    store.retain(versions=2)
    message = "version 3 of table 'bars' is no longer kept: the oldest that is kept is 4"
    for ask in (store.read, store.content_hash):
        with pytest.raises(Misuse, match=message):
            ask(version=3)  # type: ignore[operator]
    assert store.read(version=4) == PANEL


def test_a_pinned_version_stays_until_it_is_let_go(store: MarketStore) -> None:
    second = store.read(version=2)
    store.pin(2, by="release 1")
    assert store.retain(versions=1).pinned == (2,)
    assert store.read(version=2) == second
    assert files(store) == needed(store, 2) | needed(store, COMPACTED)
    with pytest.raises(
        Misuse, match=r"version 3 .*: the oldest that is kept is 4, and 2 is pinned"
    ):
        store.read(version=3)
    store.unpin("release 1")
    with pytest.raises(Misuse, match="version 2 of table 'bars' is no longer kept"):
        store.read(version=2)
    assert store.retain().files == 2
    assert files(store) == needed(store, COMPACTED)


def test_only_what_is_kept_can_be_pinned(store: MarketStore) -> None:
    store.retain(versions=1)
    with pytest.raises(Misuse, match="version 1 of table 'bars' is no longer kept"):
        store.pin(1, by="release 1")
    with pytest.raises(Misuse, match="table 'bars' has no version 9: ask for one from 4 to 4"):
        store.pin(9, by="release 1")


def test_versions_are_kept_by_when_they_were_the_newest(store: MarketStore) -> None:
    long_ago, tomorrow = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
    assert store.retain(since=long_ago).oldest == 0
    assert store.retain(since=tomorrow, versions=3).oldest == 2
    assert store.retain(since=tomorrow).oldest == COMPACTED
    assert store.retain(since=long_ago, versions=4).oldest == COMPACTED


def test_less_than_the_newest_cannot_be_kept(store: MarketStore) -> None:
    with pytest.raises(Misuse, match="0 versions cannot be kept: keep at least the newest, 1"):
        store.retain(versions=0)


@pytest.mark.parametrize("removed", [0, 1, 2])
def test_a_crash_after_the_floor_is_finished_by_the_next_call(
    store: MarketStore, monkeypatch: pytest.MonkeyPatch, removed: int
) -> None:
    remove, done = LocalObjects.remove, []

    def crash(objects: LocalObjects, name: str) -> None:
        if len(done) == removed:
            raise KeyboardInterrupt
        done.append(name)
        remove(objects, name)

    with monkeypatch.context() as patch:
        patch.setattr(LocalObjects, "remove", crash)
        with pytest.raises(KeyboardInterrupt):
            store.retain(versions=1)
    store = MarketStore(store.path)
    assert len(files(store)) == 4 - removed
    assert store.damage() == ()
    assert store.read() == PANEL
    with pytest.raises(Misuse, match="no longer kept"):
        store.read(version=3)
    assert store.retain().files == 3 - removed
    assert files(store) == needed(store, COMPACTED)


KILLED = """
import os, sys
from tradewind.data.store import MarketStore
from tradewind.storage.objects import LocalObjects
LocalObjects.remove = lambda *_: os.kill(os.getpid(), 9)
MarketStore(sys.argv[1]).retain(versions=1)
"""


def test_the_floor_is_on_the_disk_before_a_file_goes(store: MarketStore) -> None:
    command = [sys.executable, "-c", KILLED, str(store.path)]
    assert subprocess.run(command, check=False).returncode == -9
    store = MarketStore(store.path)
    assert len(files(store)) == 4
    with pytest.raises(Misuse, match="the oldest that is kept is 4"):
        store.read(version=3)
    assert store.retain().files == 3


def test_a_reader_that_loses_its_files_is_told_so(store: MarketStore) -> None:
    reader = MarketStore(store.path).lake.table("bars")
    rows, listed = reader.rows(version=3), reader.files(3)
    store.retain(versions=1)
    with pytest.raises(
        WorkspaceError,
        match="table 'bars' let go of a version as it was read: read again: the oldest that is kept is 4",
    ):
        reader.collect(rows, listed)


def test_a_query_that_loses_its_files_is_asked_anew(tmp_path: Path) -> None:
    store = MarketStore(tmp_path)
    for part in PARTS:
        store.append(part)

    def meanwhile() -> pl.DataFrame:
        MarketStore(tmp_path).compact()
        MarketStore(tmp_path).retain(versions=1)
        return pl.DataFrame({"row": [1]})

    sql = Catalogue(store.lake, frames={"meanwhile": meanwhile})
    assert sql.query("select count(*) from bars, meanwhile").item() == len(PANEL)


@pytest.mark.parametrize("work", ["read", "append", "compact"])
def test_who_looks_at_the_newest_version_looks_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    store, collect, others = MarketStore(tmp_path), LakeTable.collect, list[str]()
    for part in PARTS[:2]:
        store.append(part)

    def late(table: LakeTable, rows: pl.LazyFrame, files: pl.DataFrame) -> pl.DataFrame:
        if not others:
            others.append("another process")
            MarketStore(tmp_path).compact()
            MarketStore(tmp_path).retain(versions=1)
        return collect(table, rows, files)

    monkeypatch.setattr(LakeTable, "collect", late)
    {"read": store.read, "append": lambda: store.append(PANEL), "compact": store.compact}[work]()
    assert others
    store.append(PANEL)
    assert store.read() == PANEL
    assert store.damage() == ()


def test_who_reads_by_number_is_told_that_it_went(
    store: MarketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect = LakeTable.collect

    def late(table: LakeTable, rows: pl.LazyFrame, files: pl.DataFrame) -> pl.DataFrame:
        MarketStore(store.path).retain(versions=1)
        return collect(table, rows, files)

    monkeypatch.setattr(LakeTable, "collect", late)
    with pytest.raises(
        Misuse, match="version 3 of table 'bars' is no longer kept: the oldest that"
    ):
        store.read(version=3)


def test_what_was_let_go_is_no_damage_and_what_is_lost_still_is(store: MarketStore) -> None:
    store.retain(versions=1)
    assert MarketStore(store.path).damage() == ()
    name = files(store).pop()
    (store.path / "market" / "bars" / name).unlink()
    assert [one.where for one in MarketStore(store.path).damage()] == [f"bars/{name}"]


def test_life_goes_on_after_it(store: MarketStore) -> None:
    store.retain(versions=1)
    later = Panel(PANEL.table.with_columns(pl.col("timestamp", "known_at") + timedelta(900)))
    assert store.append(PANEL) == COMPACTED
    assert store.append(later) == COMPACTED + 1
    store.compact()
    store.retain(versions=1)
    assert len(store.read()) == 2 * len(PANEL)
    assert catalogue_of(store).query("select count(*) from bars").item() == 2 * len(PANEL)
    assert store.damage() == ()


def test_another_table_keeps_its_past(store: MarketStore) -> None:
    for part in PARTS:
        store.append(part, "quotes")
    store.compact("quotes")
    store.retain(versions=1)
    assert len(store.read("quotes", version=1)) == len(PARTS[0])


def test_a_long_log_that_was_summed_up_keeps_and_lets_go_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradewind.storage.delta_tables.EVERY", 4)
    store = MarketStore(tmp_path)
    for start in range(6):
        store.append(Panel(PANEL.table[start::6]))
    version = store.compact()
    assert store.retain(versions=1).files == 6
    assert MarketStore(tmp_path).read(version=version) == PANEL
