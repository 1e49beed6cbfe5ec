"""Rows that no panel can hold: set aside with their reason, counted, listed, and never released."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.pipelines.conftest import Notes
from tradewind.cli.app import run as command
from tradewind.core.errors import BadStamp, BadTable, Misuse
from tradewind.data.store import MarketStore
from tradewind.pipelines.holdings.setting_aside import Chosen, decided, listed
from tradewind.pipelines.ingesting.ingest import IngestRequest, IngestResult, quarantine_of, run
from tradewind.storage.workspace import Workspace

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HEADER = "date,symbol,close\n"
GOOD = "2024-01-02,A,1\n2024-01-03,A,2\n"
BAD = "soon,A,3\n2024-01-04,A,cheap\n2024-01-05,,3\n2024-01-08,A,inf\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bars.csv"
    path.write_text(HEADER + GOOD + BAD)
    return path


def ingest(file: Path, workspace: Workspace, strict: bool = False) -> IngestResult:
    return run(IngestRequest("csv", file, strict=strict), workspace, Notes())


def test_they_are_set_aside_with_what_was_written_and_why(file: Path, workspace: Workspace) -> None:
    ingest(file, workspace)
    held = quarantine_of(workspace).list()
    assert sorted(held["check"]) == ["row.close", "row.infinite", "row.symbol", "row.timestamp"]
    soon = held.filter(check="row.timestamp").row(0, named=True)
    assert soon["reason"] == "its timestamp cannot be read"
    assert json.loads(soon["written"])["timestamp"] == "soon"
    shown = listed(workspace, Chosen(check="row.close"))
    assert shown[0]["reason"] == "its close 'cheap' is no number"


def test_every_row_is_counted_once(file: Path, workspace: Workspace) -> None:
    told = ingest(file, workspace)
    row = told.tables[0]
    assert (row["read"], row["clean"], row["quarantined"], row["aside"]) == (6, 2, 0, 4)
    assert "6 rows read: 2 clean, 0 set aside, 4 unreadable" in told.summary
    assert "4 rows cannot be in any panel and were set aside" in told.summary


def test_the_same_file_again_sets_nothing_aside_twice(file: Path, workspace: Workspace) -> None:
    ingest(file, workspace)
    ingest(file, workspace)
    assert len(quarantine_of(workspace).list()) == 4


def test_a_strict_ingest_refuses_the_file(file: Path, workspace: Workspace) -> None:
    with pytest.raises(BadStamp, match=r"row 2 of bars\.csv has no timestamp \('soon'"):
        ingest(file, workspace, strict=True)
    assert MarketStore(workspace.path).tables == ()


def test_they_can_be_dropped_and_not_released(file: Path, workspace: Workspace) -> None:
    ingest(file, workspace)
    with pytest.raises(Misuse, match=r"4 rows cannot be released, first .*: mend them in the file"):
        decided(workspace, "release", Chosen(), NOW)
    assert decided(workspace, "drop", Chosen(check="row.close"), NOW).count == 1
    states = quarantine_of(workspace).list().select("check", "state").rows()
    assert dict(states)["row.close"] == "dropped"
    assert dict(states)["row.symbol"] == "held"


def test_a_mended_row_comes_in_later(file: Path, workspace: Workspace) -> None:
    ingest(file, workspace)
    file.write_text(HEADER + GOOD + "2024-01-04,A,3\n")
    assert ingest(file, workspace).tables[0]["added"] == 1


def test_a_file_of_which_nothing_can_be_read_is_refused(file: Path, workspace: Workspace) -> None:
    file.write_text(HEADER + "soon,A,1\nlater,A,2\n")
    with pytest.raises(BadTable, match=r"2 of 2 rows of bars\.csv cannot be read, first: its"):
        ingest(file, workspace)


def test_a_long_file_of_which_most_cannot_be_read_is_refused(
    file: Path, workspace: Workspace
) -> None:
    rows = [f"2024-01-{day:02},A{name},1" for day in (2, 3, 4, 5) for name in range(20)]
    file.write_text(HEADER + "\n".join([*rows, *(f"soon,A{name},1" for name in range(81))]) + "\n")
    with pytest.raises(BadTable, match=r"81 of 161 rows of bars\.csv cannot be read, first: its"):
        ingest(file, workspace)
    assert not MarketStore(workspace.path).tables


def test_bars_without_a_price_pass_unjudged_and_that_is_told(
    file: Path, workspace: Workspace
) -> None:
    file.write_text("date,symbol,value\n2024-01-02,CPI,1\n")
    told = {finding.check: finding.detail for finding in ingest(file, workspace).findings}
    assert told["source.unjudged"] == "no column is a close, so nothing was judged; it has value"


def test_months_that_are_known_at_once_are_told(file: Path, workspace: Workspace) -> None:
    file.write_text("date,symbol,close\n2024-01-01,CPI,1\n2024-02-01,CPI,2\n")
    asked = IngestRequest("csv", file, calendar="month")
    checks = {finding.check for finding in run(asked, workspace, Notes()).findings}
    assert "source.no_lag" in checks
    lagged = replace(asked, calendar="month+45d")
    other = Workspace(workspace.path / "other").create()
    checks = {finding.check for finding in run(lagged, other, Notes()).findings}
    assert "source.no_lag" not in checks


def test_columns_are_what_they_are_said_to_be(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("wann,sym,px_last\n2024-01-02,600000,1\n")
    said = {"wann": "date", "sym": "symbol", "px_last": "close"}
    run(IngestRequest("csv", file, columns=said), workspace, Notes())
    stored = MarketStore(workspace.path).read()
    assert stored.symbols == ("600000",)
    assert stored.table["close"].to_list() == [1.0]
    with pytest.raises(BadTable, match=r"odd\.csv has no column 'px_lst': did you mean 'px_last'"):
        run(IngestRequest("csv", file, columns={"px_lst": "close"}), workspace, Notes())


def test_the_command_takes_a_column_for_what_it_is_said_to_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("date,symbol,px_last\n2024-01-02,A,1\n")
    asked = ["ingest", "csv", str(file), "--workspace", str(tmp_path / "market"), "--json"]
    assert command([*asked, "--column", "px_last=close"]) == 0
    assert json.loads(capsys.readouterr().out)["tables"][0]["clean"] == 1
    assert MarketStore(tmp_path / "market").read().columns == ("close",)
    assert command([*asked, "--column", "px_last"]) == 2
    said = json.loads(capsys.readouterr().out)
    assert said["rule"] == "--column 'px_last' names no column"
    assert said["remedy"] == "write it as --column px_last=close"


def test_the_command_lists_what_was_written(
    file: Path, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    ingest(file, workspace)
    assert command(["quarantine", "list", "--workspace", str(workspace.path)]) == 0
    line = 'A - row.timestamp held: its timestamp cannot be read; {"timestamp":"soon","symbol":"A","close":"3"}'
    assert line in capsys.readouterr().out


def test_how_far_reading_and_judging_are_is_told_in_rows(file: Path, workspace: Workspace) -> None:
    class Heard(Notes):
        def progress(self, done: int, of: int) -> None:
            self.stages.append(f"{done} of {of}")

    heard = Heard()
    run(IngestRequest("csv", file), workspace, heard)
    assert heard.stages == ["read bars", "2 of 2", "judge bars", "2 of 2"]
