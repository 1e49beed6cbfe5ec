"""Rows set aside are listed, released or dropped, and never lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep

import pytest

from tests.data.quality.conftest import passed
from tradewind.core import Panel
from tradewind.core.errors import Misuse, WorkspaceError
from tradewind.data.quality.gate import GateResult
from tradewind.data.quality.quarantine import FolderQuarantine
from tradewind.data.synthetic import make_market
from tradewind.storage.files import publish

LATER = datetime(2026, 1, 2, tzinfo=UTC)


def ignored(panel: Panel) -> None:
    """Keeps nothing."""


@pytest.fixture
def result() -> GateResult:
    return passed(make_market("equity", 4, 200, seed=1, faults=["swapped_columns", "spikes"]).panel)


@pytest.fixture
def quarantine(tmp_path: Path, result: GateResult) -> FolderQuarantine:
    kept = FolderQuarantine(tmp_path / "quarantine.parquet")
    assert kept.add(result.quarantined) == len(result.quarantined) == 4
    return kept


def test_the_same_rows_are_kept_once(quarantine: FolderQuarantine, result: GateResult) -> None:
    assert quarantine.add(result.quarantined) == 0
    assert len(quarantine.list()) == 4


def test_rows_of_another_shape_are_kept_beside_them(quarantine: FolderQuarantine) -> None:
    crypto = make_market("crypto", 4, 200, seed=1, faults=["swapped_columns"]).panel
    assert quarantine.add(passed(crypto, "24/7").quarantined) == 2
    assert quarantine.list("held")["reason"].null_count() == 0
    assert len(quarantine.list()) == 6


def test_each_row_is_listed_with_its_reason_and_state(quarantine: FolderQuarantine) -> None:
    rows = quarantine.list("held")
    assert set(rows["check"]) == {"bars.order", "bars.spike"}
    assert (rows["reason"].str.len_chars() > 10).all()


def test_a_released_row_becomes_known_at_its_release(
    quarantine: FolderQuarantine, result: GateResult
) -> None:
    chosen = quarantine.list("held")[:2]
    released = quarantine.release(chosen, LATER, ignored)
    assert released.table["known_at"].unique().to_list() == [LATER]
    assert released.table["close"].to_list() == chosen["close"].to_list()
    assert released.columns == result.clean.columns
    assert len(quarantine.list("held")) == len(quarantine.list("released")) == 2


def test_a_release_changes_no_answer_about_the_time_before_it(
    quarantine: FolderQuarantine, result: GateResult
) -> None:
    clean = result.clean
    released = quarantine.release(quarantine.list("held"), LATER, ignored)
    both = Panel.from_frame(
        clean.table.cast({"symbol": str}).vstack(released.table.cast({"symbol": str}))
    )
    before = LATER - timedelta(seconds=1)
    assert both.as_of(before).table.equals(clean.as_of(before).table)
    assert both.as_of(LATER).table["close"].null_count() == 0


def test_a_dropped_row_stays_on_record(quarantine: FolderQuarantine) -> None:
    assert quarantine.drop(quarantine.list("held")[:1], LATER) == 1
    assert quarantine.list("dropped")["decided_at"].to_list() == [LATER]
    assert len(quarantine.list()) == 4


def test_a_row_is_decided_about_once(quarantine: FolderQuarantine) -> None:
    chosen = quarantine.list("held")[:1]
    quarantine.drop(chosen, LATER)
    with pytest.raises(
        Misuse, match=r"1 of 1 rows to be released at 2026.* are not held in quarantine"
    ):
        quarantine.release(chosen, LATER, ignored)


def test_a_release_that_is_cut_short_is_taken_up_at_the_same_moment(
    quarantine: FolderQuarantine,
) -> None:
    rows, kept = quarantine.list("held"), list[Panel]()

    def full(panel: Panel) -> None:
        kept.append(panel)
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space left"):
        quarantine.release(rows, LATER, full)
    assert len(quarantine.list("held")) == 4
    with pytest.raises(Misuse, match="4 rows was cut short, and they may be stored: release them"):
        quarantine.drop(quarantine.list("held"), LATER)
    quarantine.release(quarantine.list("held"), LATER + timedelta(days=1), kept.append)
    assert kept[0] == kept[1]
    assert quarantine.list("released")["decided_at"].to_list() == [LATER] * 4


def test_rows_of_one_key_that_differ_are_kept_and_decided_about_one_by_one(
    quarantine: FolderQuarantine, result: GateResult
) -> None:
    other = result.quarantined[:1].with_columns(close=7.0)
    assert quarantine.add(other) == 1
    both = quarantine.list("held").filter(timestamp=other["timestamp"][0])
    quarantine.drop(both[:1], LATER)
    after = quarantine.list().filter(timestamp=other["timestamp"][0])
    assert after.select("close", "state").rows() == [
        (both["close"][0], "dropped"), (7.0, "held"),
    ]  # fmt: skip


def test_two_who_add_at_once_lose_nothing(
    tmp_path: Path, result: GateResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(path: Path, data: bytes) -> None:
        sleep(0.05)
        publish(path, data)

    monkeypatch.setattr("tradewind.data.quality.quarantine.publish", slowly)
    path = tmp_path / "quarantine.parquet"
    with ThreadPoolExecutor(4) as pool:
        rows = [result.quarantined[nth : nth + 1] for nth in range(4)]
        assert list(pool.map(lambda one: FolderQuarantine(path).add(one), rows)) == [1] * 4
    assert len(FolderQuarantine(path).list()) == 4


def test_nothing_is_released_before_it_was_set_aside(quarantine: FolderQuarantine) -> None:
    with pytest.raises(Misuse, match="of rows set aside after it: release them at the present"):
        quarantine.release(quarantine.list("held"), datetime(2020, 1, 1, tzinfo=UTC), ignored)
    assert len(quarantine.list("held")) == 4


def test_a_torn_file_is_told_and_left(quarantine: FolderQuarantine) -> None:
    quarantine.path.write_bytes(quarantine.path.read_bytes()[:100])
    with pytest.raises(WorkspaceError, match=r"the quarantine .* cannot be read: restore it from"):
        quarantine.list()
