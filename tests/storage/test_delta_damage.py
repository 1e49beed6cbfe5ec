"""What damage does to a table: acknowledged rows stay, numbers are not used twice, errors have a name."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from deltalake import write_deltalake

from tradewind.core.errors import WorkspaceError
from tradewind.storage.delta_log import checkpoint_name, entry_name
from tradewind.storage.lake import Lake

Damage = Callable[[Path], None]
TABLE = "scores"


def cut_in_the_middle(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def fill_with_zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut_at_a_line_end(path: Path) -> None:
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])


def take_away(path: Path) -> None:
    path.unlink()


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)


LOG_DAMAGE = [cut_in_the_middle, fill_with_zeros, empty, cut_at_a_line_end]
DATA_DAMAGE = [cut_in_the_middle, fill_with_zeros, empty, take_away, flip_a_bit]


def rows(*numbers: int) -> pl.DataFrame:
    return pl.DataFrame({"number": list(numbers)})


def numbers(lake: Lake, version: int | None = None) -> list[int]:
    return sorted(lake.read(TABLE, version)["number"])


def entry(lake: Lake, version: int) -> Path:
    return lake.root / TABLE / entry_name(version)


def data_file(lake: Lake, number: int) -> Path:
    files = (lake.root / TABLE).glob("*.parquet")
    return next(file for file in files if number in pl.read_parquet(file)["number"])


def never_acknowledged(lake: Lake, version: int) -> None:
    """As if the power had gone before the versions from this one on were recorded."""
    with lake.control.writing() as write:
        write("delete from lake_files where version >= :version", [{"version": version}])


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Two acknowledged versions."""
    lake = Lake(tmp_path)
    lake.append(TABLE, rows(1))
    lake.append(TABLE, rows(2))
    return lake


def reopened(lake: Lake) -> Lake:
    return Lake(lake.root.parent)


@pytest.mark.parametrize("damage", LOG_DAMAGE)
def test_a_damaged_entry_that_was_never_acknowledged_becomes_an_empty_version(
    lake: Lake, damage: Damage
) -> None:
    lake.append(TABLE, rows(3))
    never_acknowledged(lake, 3)
    damage(entry(lake, 3))
    lake = reopened(lake)
    assert numbers(lake) == [1, 2]
    assert lake.append(TABLE, rows(4)) == 4
    assert numbers(lake) == [1, 2, 4]
    assert numbers(lake, version=3) == [1, 2]


@pytest.mark.parametrize("damage", [*LOG_DAMAGE, take_away])
def test_a_damaged_entry_that_was_acknowledged_is_put_back(lake: Lake, damage: Damage) -> None:
    before = entry(lake, 2).read_bytes()
    damage(entry(lake, 2))
    lake = reopened(lake)
    assert numbers(lake) == [1, 2]
    assert entry(lake, 2).read_bytes() == before
    assert "the log entry of version 2 was damaged and is put back" in lake.findings()[0].detail
    assert lake.append(TABLE, rows(3)) == 3


@pytest.mark.parametrize("damage", DATA_DAMAGE)
def test_a_damaged_file_that_was_never_acknowledged_makes_its_version_empty(
    lake: Lake, damage: Damage
) -> None:
    lake.append(TABLE, rows(3))
    never_acknowledged(lake, 3)
    damage(data_file(lake, 3))
    lake = reopened(lake)
    assert numbers(lake) == [1, 2]
    assert lake.append(TABLE, rows(4)) == 4
    assert numbers(lake) == [1, 2, 4]


@pytest.mark.parametrize("damage", [cut_in_the_middle, fill_with_zeros, empty, take_away])
def test_a_damaged_file_that_was_acknowledged_is_named_and_stops_only_who_needs_it(
    lake: Lake, damage: Damage
) -> None:
    file = data_file(lake, 2)
    damage(file)
    lake = reopened(lake)
    with pytest.raises(
        WorkspaceError, match=f"table 'scores' cannot be used: the file {file.name} .*: put it back"
    ):
        lake.read(TABLE)
    assert lake.append(TABLE, rows(3)) == 3
    assert numbers(lake, version=1) == [1]


@pytest.mark.parametrize("damage", DATA_DAMAGE)
def test_every_change_of_an_acknowledged_file_is_found_when_all_is_read(
    lake: Lake, damage: Damage
) -> None:
    assert lake.damage() == ()
    file = data_file(lake, 2)
    damage(file)
    found = reopened(lake).damage()
    assert [(one.severity, one.where) for one in found] == [("error", f"scores/{file.name}")]
    assert "this file is" in found[0].detail


def test_bytes_that_are_replaced_are_kept_and_told(lake: Lake) -> None:
    lake.append(TABLE, rows(3))
    never_acknowledged(lake, 3)
    cut_in_the_middle(entry(lake, 3))
    torn = entry(lake, 3).read_bytes()
    lake = reopened(lake)
    lake.read(TABLE)
    finding = lake.findings()[0]
    assert (
        "version 3 was never acknowledged and is now empty: its log entry is torn" in finding.detail
    )
    kept = finding.remedy.removeprefix("its bytes are in ").partition(";")[0]
    assert (lake.root / kept).read_bytes() == torn


def test_opening_again_finds_nothing_more(lake: Lake) -> None:
    lake.append(TABLE, rows(3))
    never_acknowledged(lake, 3)
    empty(entry(lake, 3))
    first, second = reopened(lake), reopened(lake)
    first.read(TABLE)
    found = first.findings()
    second.read(TABLE)
    assert second.findings() == found
    assert len(found) == 1


@pytest.mark.parametrize("damage", [*LOG_DAMAGE, take_away])
def test_a_bad_version_of_another_writer_beneath_a_good_one_is_emptied_alone(
    lake: Lake, damage: Damage
) -> None:
    place = str(lake.root / TABLE)
    write_deltalake(place, rows(3).to_arrow(), mode="append")
    write_deltalake(place, rows(4).to_arrow(), mode="append")
    damage(entry(lake, 3))
    lake = reopened(lake)
    assert numbers(lake) == [1, 2, 4]
    assert lake.append(TABLE, rows(5)) == 5


def test_what_another_writer_added_lasts_before_ours_is_acknowledged(lake: Lake) -> None:
    write_deltalake(str(lake.root / TABLE), rows(3).to_arrow(), mode="append")
    assert lake.append(TABLE, rows(4)) == 4
    empty(entry(lake, 3))
    assert numbers(reopened(lake)) == [1, 2, 3, 4]


@pytest.mark.parametrize("damage", LOG_DAMAGE)
def test_a_table_whose_first_version_is_bad_begins_anew(tmp_path: Path, damage: Damage) -> None:
    lake = Lake(tmp_path)
    lake.append(TABLE, rows(1))
    never_acknowledged(lake, 0)
    damage(entry(lake, 0))
    lake = reopened(lake)
    assert lake.append(TABLE, rows(2)) == 1
    assert numbers(lake) == [2]
    assert "begins anew" in lake.findings()[0].detail


@pytest.fixture
def long_log(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A table whose log was summed up at version 4."""
    monkeypatch.setattr("tradewind.storage.delta_tables.EVERY", 4)
    for number in (3, 4, 5):
        lake.append(TABLE, rows(number))
    assert (lake.root / TABLE / checkpoint_name(4)).exists()
    return lake


@pytest.mark.parametrize("name", [checkpoint_name(4), "_delta_log/_last_checkpoint"])
@pytest.mark.parametrize(
    "damage", [cut_in_the_middle, fill_with_zeros, empty, flip_a_bit, take_away]
)
def test_a_damaged_checkpoint_is_put_aside_and_loses_nothing(
    long_log: Lake, name: str, damage: Damage
) -> None:
    damage(long_log.root / TABLE / name)
    lake = reopened(long_log)
    assert numbers(lake) == [1, 2, 3, 4, 5]
    assert lake.append(TABLE, rows(6)) == 6


def test_a_checkpoint_that_was_written_unasked_is_not_believed(lake: Lake) -> None:
    lake.table(TABLE)._handle.create_checkpoint()
    cut_in_the_middle(lake.root / TABLE / checkpoint_name(2))
    lake = reopened(lake)
    assert numbers(lake) == [1, 2]
    assert "a checkpoint that is damaged, or was not made by us" in lake.findings()[0].detail


def test_a_log_that_others_cleaned_is_put_back(long_log: Lake) -> None:
    for version in range(4):
        take_away(entry(long_log, version))
    assert numbers(reopened(long_log), version=2) == [1, 2]
