"""Coverage counts what is there, what is not, and what can be learned from; and never reads the future."""

import json
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from tradewind.core import Market, Panel, stream
from tradewind.core.panel import KEYS
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import Revisions, make_market
from tradewind.features.bars import BarFeatures
from tradewind.features.labels import with_outcome
from tradewind.pipelines.gathering import moments_of
from tradewind.pipelines.holdings.coverage import CoverageRequest, cover, run, table_coverage
from tradewind.pipelines.holdings.presence import gaps, placed, sessions_of, strip
from tradewind.pipelines.holdings.trainable import trainable
from tradewind.storage.workspace import Workspace

HORIZON = 5


def of_main_job(panel: Panel) -> int:
    """How many rows of the main job have every feature and an outcome."""
    market = Market({"bars": panel})
    rows = BarFeatures()(market, moments_of(panel)[0])
    labelled = with_outcome(rows, market, HORIZON, "itself").resolved.table
    return len(labelled.filter(pl.col("return_60").is_not_null()))


@pytest.fixture
def revised() -> Panel:
    return make_market("equity", 6, 260, seed=4, plants=[Revisions(0.05)]).panel


def test_what_is_trainable_is_what_the_main_job_would_learn_from(revised: Panel) -> None:
    told, by_symbol = trainable(revised, HORIZON)
    assert told.usable == of_main_job(revised) == by_symbol["usable"].sum()
    assert told.usable + sum(told.lost.values()) == told.decisions


@pytest.mark.parametrize("cut", [180, 220, 255])
def test_on_a_market_that_is_cut_it_is_what_the_main_job_would_have_learnt_then(
    revised: Panel, cut: int
) -> None:
    then = revised.until(revised.moments[cut] + timedelta(hours=3))
    assert trainable(then, HORIZON)[0].usable == of_main_job(then)


def late(panel: Panel, share: float) -> Panel:
    """The same bars, some of which came a month after the others."""
    when = stream(4, "late").random(len(panel)) < share
    known = pl.when(pl.Series(when)).then(pl.col("known_at") + timedelta(days=30))
    return Panel(panel.table.with_columns(known.otherwise("known_at")).sort(KEYS))


def test_bars_that_came_too_late_are_not_trainable() -> None:
    panel = late(make_market("equity", 6, 260, seed=4).panel, 0.2)
    told, _ = trainable(panel, HORIZON)
    assert told.usable == of_main_job(panel)
    assert told.lost["came too late"] > 150
    assert told.usable + sum(told.lost.values()) == told.decisions


def test_a_history_that_is_too_short_says_why_nothing_can_be_learnt() -> None:
    told, _ = trainable(make_market("equity", 3, 100).panel, HORIZON)
    assert str(told) == "none: the bars have 100 distinct moments, and a walk-forward needs 150"


def test_every_row_that_is_taken_out_is_a_gap() -> None:
    panel = make_market("equity", 4, 200, seed=5).panel
    sessions = panel.table["session"].unique().sort()
    gone = sessions[[50, 51, 52, 120]]
    lacks = (pl.col("symbol") == panel.symbols[1]) & pl.col("session").is_in(gone.implode())
    table = table_coverage("bars", Panel(panel.table.filter(~lacks)), 1)
    (row,) = table.worst(5).to_dicts()
    assert (row["symbol"], row["gaps"], row["longest"]) == (panel.symbols[1], 4, 3)
    assert row["after"] == sessions[49]
    assert table.gaps == 4
    assert table.expected == 800


def test_a_symbol_that_ends_early_is_behind_and_has_no_gap() -> None:
    panel = make_market("equity", 3, 200, seed=5).panel
    last = panel.table["session"].unique().sort()[189]
    ended = (pl.col("symbol") == panel.symbols[2]) & (pl.col("session") > last)
    table = table_coverage("bars", Panel(panel.table.filter(~ended)), 1)
    row = table.symbols.filter(symbol=panel.symbols[2]).row(0, named=True)
    assert (row["behind"], row["gaps"], table.behind) == (10, 0, 1)


@pytest.mark.parametrize(
    ("kind", "freq", "keeps"),
    [("crypto", "1h", "24/7"), ("property", "1mo", "month"), ("fx", "1d", "24/5")],
)
def test_every_kind_of_market_is_whole_as_it_is_made(kind: str, freq: str, keeps: str) -> None:
    table = table_coverage("bars", make_market(kind, 3, 300, freq).panel, 1)
    assert table.calendars == (keeps,)
    assert (table.present, table.gaps) == (1.0, 0)
    assert set(table.strip["share"]) == {1.0}


def test_of_a_calendar_without_a_session_in_the_span_nothing_is_expected() -> None:
    weekend = [date(2024, 1, 6), date(2024, 1, 7)]
    days = pl.DataFrame({"symbol": "A", "session": weekend, "calendar": "XNYS"})
    sessions = sessions_of(["XNYS"], *weekend)
    days = placed(days, sessions)
    assert (len(gaps(days, sessions)), len(strip(days, sessions, *weekend))) == (0, 0)


def test_half_a_session_is_told_as_thin() -> None:
    panel = make_market("crypto", 1, 240, "1h").panel
    day = panel.table["session"].unique().sort()[5]
    late = (pl.col("session") == day) & (pl.int_range(pl.len()).over("session") >= 8)
    before, after = (
        table_coverage("bars", one, 1) for one in (panel, Panel(panel.table.filter(~late)))
    )
    assert after.symbols["thin"][0] == before.symbols["thin"][0] + 1
    assert after.gaps == 0


def test_corrections_are_counted_and_are_no_sessions_of_their_own(revised: Panel) -> None:
    table = table_coverage("bars", revised, 3)
    assert table.corrections == revised.revised > 0
    assert table.symbols["corrections"].sum() == revised.revised
    assert table.symbols["sessions"].sum() == len(revised) - revised.revised


def test_of_what_happens_when_it_happens_nothing_is_expected() -> None:
    panel = make_market("equity", 3, 200).panel
    table = table_coverage("actions", panel, 1)
    assert (table.present, table.calendars, table.trainable) == (None, (), None)
    assert table.symbols["gaps"].null_count() == 3


@pytest.mark.parametrize("symbols", [1, 60, 61, 150])
def test_the_strip_has_at_most_sixty_lines(symbols: int) -> None:
    table = table_coverage("observations", make_market("equity", symbols, 30).panel, 1)
    assert table.strip["line"].n_unique() == min(symbols, 60)


def test_what_is_missing_is_told_by_column() -> None:
    panel = make_market("equity", 2, 100).panel
    odd = pl.int_range(pl.len()) % 4 == 0
    holes = panel.table.with_columns(volume=pl.when(~odd).then("volume"))
    assert table_coverage("bars", Panel(holes), 1).missing["volume"] == 0.25


@pytest.fixture
def stocked(workspace: Workspace, revised: Panel) -> Workspace:
    store = MarketStore(workspace.path)
    store.append(revised)
    store.append(make_market("property", 2, 60, "1mo").panel, "observations")
    return workspace


def test_the_page_and_the_figures_lie_in_reports(stocked: Workspace) -> None:
    result = run(CoverageRequest(), stocked)
    assert result.page == stocked.reports / "coverage" / "index.html"
    figures = json.loads((stocked.reports / "coverage" / "coverage.json").read_text())
    assert [table["table"] for table in figures["tables"]] == ["bars", "observations"]
    assert figures["tables"][0]["trainable"]["usable"] > 0
    assert len(figures["tables"][0]["symbols"]) == 6


def test_without_a_page_nothing_is_written(stocked: Workspace) -> None:
    assert run(CoverageRequest(page=False), stocked).page is None
    assert not (stocked.reports / "coverage").exists()


def test_a_table_that_cannot_be_read_is_a_finding_and_the_others_are_told(
    stocked: Workspace,
) -> None:
    data = next((stocked.path / "market" / "bars").rglob("*.parquet"))
    data.write_bytes(data.read_bytes()[:-100])
    coverage = cover(stocked)
    assert [table.name for table in coverage.tables] == ["observations"]
    (finding,) = coverage.findings
    assert (finding.check, finding.severity, finding.where) == ("store.unreadable", "error", "bars")


def test_an_empty_workspace_has_no_tables(workspace: Workspace) -> None:
    assert run(CoverageRequest(), workspace).summary.startswith("market: 0 tables, 0 rows\n")


def test_real_shares_have_the_gaps_that_are_known_of_them(shared: Path) -> None:
    rows = pl.read_parquet(shared / "data/equities/equity_daily_us.parquet")
    few = rows.filter(pl.col("symbol").is_in(["DHR", "ORCL", "AAPL"]))
    panel = Panel.from_frame(few.with_columns(pl.col("timestamp").dt.date()))
    table = table_coverage("bars", panel, 1)
    gaps = dict(table.symbols.select("symbol", "gaps").rows())
    assert gaps["AAPL"] == 0
    assert gaps["ORCL"] > 0
    assert gaps["DHR"] > gaps["ORCL"]


def test_a_table_that_is_no_panel_is_passed_over(tmp_path: Path) -> None:
    store = MarketStore(tmp_path / "w")
    store.append(make_market("equity", 2, 60, seed=4).panel)
    store.lake.append("episodes", pl.DataFrame({"symbol": ["EQ1"], "kind": ["gap"]}))
    covered = cover(Workspace(tmp_path / "w"))
    assert [one.name for one in covered.tables] == ["bars"]
    assert not covered.findings
