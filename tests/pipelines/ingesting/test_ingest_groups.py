"""How a large file is divided changes nothing: not what is said, not what is kept."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.data.quality.test_causality import faulty
from tests.pipelines.conftest import Notes
from tradewind.core.errors import Refusal
from tradewind.data.sources import batches, files
from tradewind.data.store import MarketStore
from tradewind.pipelines.ingesting import spool
from tradewind.pipelines.ingesting.ingest import IngestRequest, IngestResult, quarantine_of, run
from tradewind.storage.workspace import Workspace


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows of every symbol all over the file, so that each part holds some of each."""
    panel = faulty("crypto", "1d", seed=3, periods=130, symbols=6)
    table = panel.table.with_columns(pl.col("symbol").cast(pl.String))
    path = tmp_path_factory.mktemp("groups") / "bars.parquet"
    table.sample(fraction=1, shuffle=True, seed=2).write_parquet(path)
    return path


@pytest.fixture
def divided(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a hundred rows, groups of one or two symbols, everything on the disk."""
    monkeypatch.setattr(spool, "MOST_ROWS", 150)
    monkeypatch.setattr(
        files, "batches", lambda path, rows, columns: batches.batches(path, 100, columns)
    )


def ingested(file: Path, folder: Path, strict: bool = False) -> tuple[IngestResult, Workspace]:
    workspace = Workspace(folder / "market").create()
    request = IngestRequest("parquet", file, calendar="24/7", strict=strict)
    return run(request, workspace, Notes()), workspace


def kept(workspace: Workspace) -> tuple[str, pl.DataFrame]:
    held = quarantine_of(workspace).list()
    return MarketStore(workspace.path).content_hash(), held.sort("symbol", "timestamp", "known_at")


def test_six_groups_say_and_keep_what_one_does(
    file: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    whole, one = ingested(file, tmp_path / "one")
    request.getfixturevalue("divided")
    parts, six = ingested(file, tmp_path / "six")
    assert "identity.twins" in {finding.check for finding in whole.findings}
    assert len(whole.findings) > 8
    assert parts.findings == whole.findings
    assert parts.tables == whole.tables
    assert kept(six)[0] == kept(one)[0]
    assert kept(six)[1].equals(kept(one)[1].select(kept(six)[1].columns))


def test_twins_that_are_stored_already_are_found_in_any_group(
    file: Path, tmp_path: Path, divided: None
) -> None:
    rows = pl.read_parquet(file)
    names = rows["symbol"].unique().sort()
    (tmp_path / "first").mkdir()
    for nth, name in enumerate(names):
        part = tmp_path / "first" / f"{nth}.parquet"
        rows.filter(symbol=name).write_parquet(part)
        _, workspace = ingested(part, tmp_path)
    _, at_once = ingested(file, tmp_path / "at_once")
    keys = ["symbol", "timestamp", "known_at", "check"]
    assert kept(workspace)[1].select(keys).equals(kept(at_once)[1].select(keys))


def test_rows_that_repeat_in_another_part_are_told_and_kept_once(
    tmp_path: Path, divided: None
) -> None:
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 5, 1), eager=True)
    bars = pl.DataFrame({"date": days, "symbol": "A", "close": pl.arange(len(days), eager=True)})
    bars.cast({"close": float}).vstack(bars[:2].cast({"close": float})).write_parquet(
        tmp_path / "bars.parquet"
    )
    told, workspace = ingested(tmp_path / "bars.parquet", tmp_path)
    assert told.tables[0]["read"] == len(days) == MarketStore(workspace.path).count()
    assert any("2 rows came again" in finding.detail for finding in told.findings)


def test_rows_of_two_parts_that_differ_under_one_key_are_both_set_aside(
    tmp_path: Path, divided: None
) -> None:
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 5, 1), eager=True)
    bars = pl.DataFrame({"date": days, "symbol": "A", "close": 1.0})
    bars.vstack(bars[:1].with_columns(close=2.0)).write_parquet(tmp_path / "bars.parquet")
    told, workspace = ingested(tmp_path / "bars.parquet", tmp_path)
    held = kept(workspace)[1]
    assert (told.tables[0]["clean"], told.tables[0]["aside"]) == (len(days) - 1, 2)
    assert held["reason"].to_list() == [
        "another row has the same key, with another close (1.0 and 2.0)",
        "another row has the same key, with another close (2.0 and 1.0)",
    ]


def test_a_third_row_under_a_key_that_is_in_doubt_is_set_aside_too(
    tmp_path: Path, divided: None
) -> None:
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 5, 1), eager=True)
    bars = pl.DataFrame({"date": days, "symbol": "A", "close": 1.0})
    two, three = (bars[:1].with_columns(close=pl.lit(price)) for price in (2.0, 3.0))
    pl.concat([two, bars, three]).write_parquet(tmp_path / "bars.parquet")
    told, _ = ingested(tmp_path / "bars.parquet", tmp_path)
    assert (told.tables[0]["clean"], told.tables[0]["aside"]) == (len(days) - 1, 3)


def test_a_strict_gate_refuses_all_groups_for_one(
    file: Path, tmp_path: Path, divided: None
) -> None:
    with pytest.raises(Refusal, match=r"rows are in error by \d checks"):
        ingested(file, tmp_path, strict=True)
    assert MarketStore(tmp_path / "market").tables == ()
    assert list((tmp_path / "market" / "spool").iterdir()) == []


CHILD = """
import json, sys
from pathlib import Path
from tests.pipelines.conftest import Notes
from benchmarks.harness import own_peak_mb
from tradewind.pipelines.ingesting.ingest import IngestRequest, run
from tradewind.storage.workspace import Workspace
request = IngestRequest("csv", Path(sys.argv[1]), stamps="end", calendar="24/7", tz="UTC")
told = run(request, Workspace(Path(sys.argv[2])).create(), Notes())
print(json.dumps([told.tables[0]["added"], own_peak_mb()]))
"""


@pytest.mark.slow  # writes and reads half a gigabyte
def test_ten_million_rows_are_ingested_in_less_than_two_gigabytes(tmp_path: Path) -> None:
    minutes = pl.datetime_range(
        pl.datetime(2000, 1, 1),
        pl.datetime(2000, 1, 1) + timedelta(minutes=99_999),
        "1m",
        eager=True,
    )
    bars = pl.DataFrame({"timestamp": minutes}).join(
        pl.DataFrame({"symbol": [f"S{number:03}" for number in range(100)]}), how="cross"
    )
    close = 100 + (pl.int_range(pl.len()) * 7919 % 1000) / 1000
    bars = bars.with_columns(open=close, high=close + 1, low=close - 1, close=close, volume=1000)
    file = tmp_path / "bars.csv"
    bars.write_csv(file)
    command = [sys.executable, "-c", CHILD, str(file), str(tmp_path / "market")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows, peak_mb = json.loads(done.stdout)
    assert rows == 10_000_000
    assert peak_mb < 2_000
