"""Rows set aside are listed, released or dropped, and never lost."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.data.quality.conftest import passed
from tradewind.core import Panel
from tradewind.core.errors import Misuse, WorkspaceError
from tradewind.data.quality.gate import GateResult
from tradewind.data.quality.quarantine import FolderQuarantine
from tradewind.data.synthetic import make_market

LATER = datetime(2026, 1, 2, tzinfo=UTC)


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
    released = quarantine.release(chosen, LATER)
    assert released.table["known_at"].unique().to_list() == [LATER]
    assert released.table["close"].to_list() == chosen["close"].to_list()
    assert released.columns == result.clean.columns
    assert len(quarantine.list("held")) == len(quarantine.list("released")) == 2


def test_a_release_changes_no_answer_about_the_time_before_it(
    quarantine: FolderQuarantine, result: GateResult
) -> None:
    clean = result.clean
    released = quarantine.release(quarantine.list("held"), LATER)
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
        quarantine.release(chosen, LATER)


def test_nothing_is_released_before_it_was_set_aside(quarantine: FolderQuarantine) -> None:
    with pytest.raises(Misuse, match="of rows set aside after it: release them at the present"):
        quarantine.release(quarantine.list("held"), datetime(2020, 1, 1, tzinfo=UTC))
    assert len(quarantine.list("held")) == 4


def test_a_torn_file_is_told_and_left(quarantine: FolderQuarantine) -> None:
    quarantine.path.write_bytes(quarantine.path.read_bytes()[:100])
    with pytest.raises(WorkspaceError, match=r"the quarantine .* cannot be read: restore it from"):
        quarantine.list()
