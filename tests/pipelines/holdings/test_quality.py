"""Is this data fit for use? What lies in a workspace is judged, and what is set aside is not judged again."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from tests.pipelines.conftest import Notes
from tradewind.data.quality.checks import CHECKS
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import make_market
from tradewind.data.writing import write_market
from tradewind.pipelines.holdings.examining import examine
from tradewind.pipelines.holdings.examples import worst_of
from tradewind.pipelines.holdings.quality import compose, run
from tradewind.pipelines.holdings.setting_aside import Chosen, decided
from tradewind.pipelines.ingesting.ingest import IngestRequest
from tradewind.pipelines.ingesting.ingest import run as ingest
from tradewind.storage.workspace import Workspace

NOW = datetime(2026, 1, 2, tzinfo=UTC)
Ingested = Callable[..., Workspace]


@pytest.fixture
def ingested(tmp_path: Path, workspace: Workspace, notes: Notes) -> Ingested:
    """`ingested(faults)` brings a made market with these faults into a workspace."""

    def bring(*faults: str) -> Workspace:
        market = make_market("equity", 6, 300, seed=3, faults=list(faults))
        file = write_market(market, tmp_path / "bars.parquet", "parquet")[0]
        ingest(IngestRequest("parquet", file, stamps="end"), workspace, notes)
        return workspace

    return bring


def checks_of(workspace: Workspace, severity: str) -> list[str]:
    found = examine(workspace).findings
    return [finding.check for finding in found if finding.severity == severity]


def test_bars_without_a_fault_are_fit_for_use(ingested: Ingested) -> None:
    examined = examine(ingested())
    report = compose("market", examined)
    assert (report.findings, report.fitness) == ((), "fit")
    assert len(report.looked) == len(CHECKS)


def test_what_the_gate_has_set_aside_is_no_error_again(ingested: Ingested) -> None:
    workspace = ingested("spikes", "swapped_columns")
    assert checks_of(workspace, "error") == []
    assert "quarantine.rows" in checks_of(workspace, "warning")
    assert compose("market", examine(workspace)).fitness == "care"
    assert run(workspace).passed


def test_nor_is_a_row_that_a_person_has_released_or_dropped(ingested: Ingested) -> None:
    workspace = ingested("spikes")
    half = examine(workspace).aside["symbol"][0]
    decided(workspace, "release", Chosen(symbol=half), NOW)
    assert checks_of(workspace, "error") == []
    decided(workspace, "drop", Chosen(), NOW)
    assert checks_of(workspace, "error") == []
    assert "quarantine.rows" in checks_of(workspace, "info")


def test_rows_that_came_past_the_gate_are_errors(workspace: Workspace) -> None:
    market = make_market("equity", 6, 300, seed=3, faults=["swapped_columns"])
    MarketStore(workspace.path).append(market.panel)
    assert checks_of(workspace, "error") == ["bars.order"]
    assert compose("market", examine(workspace)).fitness == "unfit"


def test_a_workspace_of_which_most_is_set_aside_is_not_fit(
    workspace: Workspace, notes: Notes, tmp_path: Path
) -> None:
    one = make_market("equity", 1, 200, seed=1).panel.table
    bars = one.with_columns(pl.col("symbol").cast(pl.String)).drop("known_at", "session")
    file = tmp_path / "same.parquet"
    pl.concat([bars, bars.with_columns(symbol=pl.lit("OTHER"))]).write_parquet(file)
    ingest(IngestRequest("parquet", file, stamps="end"), workspace, notes)
    (finding,) = [one for one in examine(workspace).findings if one.check == "quarantine.rows"]
    assert finding.severity == "error"
    assert "identity.twins" in finding.detail
    assert not run(workspace).passed


def test_the_rows_set_aside_are_counted_among_those_that_came(ingested: Ingested) -> None:
    (finding,) = [
        one for one in examine(ingested("spikes")).findings if one.check == "quarantine.rows"
    ]
    assert " of 1,800 rows are set aside" in finding.detail


def test_damage_is_an_error_on_the_page_and_not_the_end_of_it(ingested: Ingested) -> None:
    workspace = ingested()
    data = next((workspace.path / "market" / "bars").rglob("*.parquet"))
    data.write_bytes(data.read_bytes()[:-100])
    assert checks_of(workspace, "error") == ["store.changed", "store.unreadable"]
    result = run(workspace, page=True)
    assert result.page is not None
    assert "NOT fit for use" in result.page.read_text()


def test_a_workspace_without_bars_has_nothing_to_judge(workspace: Workspace) -> None:
    report = compose("market", examine(workspace))
    assert (report.fitness, report.looked, report.span) == ("empty", (), None)


def test_tables_that_no_check_looks_into_are_named(workspace: Workspace) -> None:
    MarketStore(workspace.path).append(make_market("property", 2, 30, "1mo").panel, "homes")
    assert examine(workspace).unchecked == ("homes",)


def test_the_examples_hold_the_flagged_bar_among_its_neighbours(ingested: Ingested) -> None:
    examples = worst_of(examine(ingested("spikes", "gaps")))
    assert {"bars.spike", "gaps.missing"} <= set(examples)
    for example in (one for several in examples.values() for one in several):
        flagged = example.bars.filter("flagged")
        assert flagged["timestamp"].to_list() == [example.timestamp]
        assert 2 < len(example.bars) <= 33


def test_the_examples_are_the_worst_of_as_many_symbols_as_there_are(ingested: Ingested) -> None:
    spikes = worst_of(examine(ingested("spikes")))["bars.spike"]
    assert len({example.symbol for example in spikes}) == len(spikes) == 3


def test_the_page_and_the_findings_lie_in_reports(ingested: Ingested) -> None:
    workspace = ingested("spikes")
    result = run(workspace, page=True)
    assert result.page == workspace.reports / "quality" / "index.html"
    told = json.loads((workspace.reports / "quality" / "quality.json").read_text())
    assert told == json.loads(json.dumps(result.to_dict()))


def test_seven_names_with_the_rows_of_one_company_are_not_fit(
    shared: Path, workspace: Workspace, notes: Notes
) -> None:
    file = shared / "data/faults/equity_daily_mislabelled.parquet"
    ingest(IngestRequest("parquet", file), workspace, notes)
    assert compose("mislabelled", examine(workspace)).fitness == "unfit"
