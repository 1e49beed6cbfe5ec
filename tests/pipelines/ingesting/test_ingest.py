"""From a file to the store: nothing is lost, nothing is added twice, and the thread runs on what passed."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from tests.pipelines.conftest import Notes, small
from tradewind.core.errors import BadStamp, Misuse, Refusal
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import make_market
from tradewind.data.writing import write_market
from tradewind.pipelines.holdings.examining import examine
from tradewind.pipelines.holdings.querying import asked
from tradewind.pipelines.holdings.setting_aside import Chosen, decided, listed
from tradewind.pipelines.ingesting.ingest import IngestRequest, Kind, quarantine_of, run
from tradewind.pipelines.up import UpRequest
from tradewind.pipelines.up import run as up
from tradewind.storage.workspace import Workspace

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    market = make_market("equity", 8, 400, seed=3, faults=["spikes", "swapped_columns"])
    return write_market(market, tmp_path / "bars.csv", "csv")[0]


@pytest.fixture
def ingested(faulty: Path, workspace: Workspace, notes: Notes) -> Workspace:
    run(IngestRequest("csv", faulty), workspace, notes)
    return workspace


@pytest.mark.parametrize("kind", ["csv", "parquet", "sqlite"])
def test_every_layout_comes_to_the_same_bars(
    workspace: Workspace, notes: Notes, tmp_path: Path, kind: Kind
) -> None:
    market = make_market("equity", 4, 200, seed=1)
    file = write_market(market, tmp_path / f"bars.{kind}", kind)[0]
    told = run(IngestRequest(kind, file, stamps="end"), workspace, notes)
    stored = MarketStore(workspace.path).read("bars")
    columns = ["symbol", "timestamp", "known_at", "close", "volume"]
    assert stored.table.select(columns).equals(market.panel.table.select(columns))
    assert told.tables[0]["added"] == len(market.panel)


def test_the_same_file_again_or_in_another_order_adds_nothing(
    faulty: Path, ingested: Workspace, notes: Notes, tmp_path: Path
) -> None:
    before = MarketStore(ingested.path).content_hash()
    shuffled = tmp_path / "shuffled.csv"
    pl.read_csv(faulty, infer_schema=False).sample(fraction=1, shuffle=True, seed=1).write_csv(
        shuffled
    )
    for file in (faulty, shuffled):
        told = run(IngestRequest("csv", file), ingested, notes)
        assert told.tables[0]["added"] == 0
    assert MarketStore(ingested.path).content_hash() == before


def test_rows_in_error_are_set_aside_and_told_and_none_is_lost(
    faulty: Path, ingested: Workspace
) -> None:
    held = quarantine_of(ingested).list()
    came = pl.read_csv(faulty, infer_schema=False)
    stored = MarketStore(ingested.path).read("bars").table
    assert set(held["check"]) == {"bars.spike", "bars.order"}
    keys = pl.concat(
        [
            held.select("symbol", "session"),
            stored.select(pl.col("symbol").cast(pl.String), "session"),
        ]
    )
    assert keys.n_unique() == len(came)
    assert len(listed(ingested, Chosen(check="bars.order"))) == held["check"].eq("bars.order").sum()


def test_a_strict_gate_appends_nothing(faulty: Path, workspace: Workspace, notes: Notes) -> None:
    with pytest.raises(Refusal, match=r"12 rows are in error by 2 checks, first bars\.order"):
        run(IngestRequest("csv", faulty, strict=True), workspace, notes)
    assert MarketStore(workspace.path).tables == ()


def test_a_dry_run_says_what_would_be_read_and_reads_nothing(
    faulty: Path, workspace: Workspace, notes: Notes
) -> None:
    told = run(IngestRequest("csv", faulty, dry_run=True), workspace, notes)
    assert "bars.csv -> bars: dates are sessions" in told.summary
    assert notes.stages == []
    assert not (workspace.path / "market").exists()


def test_a_released_row_is_known_from_its_release_and_a_dropped_one_never(
    ingested: Workspace,
) -> None:
    spikes = quarantine_of(ingested).list("held").filter(pl.col("check") == "bars.spike")
    store = MarketStore(ingested.path)
    before = store.read("bars").as_of(NOW)
    assert decided(ingested, "release", Chosen(check="bars.spike"), NOW).count == len(spikes)
    row = spikes.row(0, named=True)
    now = MarketStore(ingested.path).read("bars")
    at = (pl.col("symbol") == row["symbol"]) & (pl.col("timestamp") == row["timestamp"])
    assert before.table.filter(at)["close"].to_list() == [None]
    assert now.as_of(NOW).table.filter(at)["close"].to_list() == [row["close"]]
    rest = len(quarantine_of(ingested).list("held"))
    assert decided(ingested, "drop", Chosen(), NOW).count == rest
    with pytest.raises(Misuse, match="no row is held in quarantine"):
        decided(ingested, "release", Chosen(), NOW)


def test_what_nobody_holds_cannot_be_chosen(ingested: Workspace) -> None:
    with pytest.raises(Misuse, match=r"has the check 'bars\.spik': did you mean 'bars\.spike'"):
        decided(ingested, "drop", Chosen(check="bars.spik"), NOW)


def test_check_tells_of_bars_and_of_bytes(ingested: Workspace) -> None:
    assert "bars.jump" in {finding.check for finding in examine(ingested).findings}
    data = next((ingested.path / "market" / "bars").rglob("*.parquet"))
    data.write_bytes(data.read_bytes()[:-100])
    errors = [
        finding for finding in MarketStore(ingested.path).damage() if finding.severity == "error"
    ]
    assert errors


def test_a_file_that_cannot_say_when_its_bars_were_complete_is_refused(
    workspace: Workspace, notes: Notes, tmp_path: Path
) -> None:
    file = tmp_path / "minutes.csv"
    file.write_text("time,symbol,close\n2024-01-02T15:00Z,A,1\n")
    with pytest.raises(BadStamp, match="does not say whether its stamps"):
        run(IngestRequest("csv", file), workspace, notes)


def test_the_thread_runs_on_what_was_ingested(ingested: Workspace, notes: Notes) -> None:
    result = up(UpRequest(stored=True, config=small()), ingested, notes)
    assert result.facts["data"] == "version 1 of table 'bars'"
    assert "ledger.identity" not in {finding.check for finding in result.card.findings}


def test_a_workspace_without_bars_cannot_be_run_on(workspace: Workspace, notes: Notes) -> None:
    with pytest.raises(Misuse, match="holds no bars: bring some in with `tradewind ingest`"):
        up(UpRequest(stored=True), workspace, notes)


def test_the_tables_answer_one_select_and_nothing_else(ingested: Workspace) -> None:
    answer = asked(ingested, "select symbol, count(*) as bars from bars group by symbol order by 1")
    counts = MarketStore(ingested.path).read("bars").table.group_by("symbol").len().sort("symbol")
    assert answer["bars"].to_list() == counts["len"].to_list()
    for query, message in (
        ("select * from nosuch", "does not exist.*: the tables are: bars"),
        ("drop table bars", "one that is no SELECT: ask one question"),
        ("select 1; select 2", "2 statements"),
        ("", "0 statements"),
        ("copy (select 1) to '/tmp/stolen.csv'", "no SELECT"),
        ("select * from read_text('/etc/passwd')", "Cannot access file"),
        ("selec 1", "syntax error"),
        ("select * from ingested", "does not exist"),
    ):
        with pytest.raises(Misuse, match=message):
            asked(ingested, query)
