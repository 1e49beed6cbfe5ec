"""Shares beside coins: each is decided at its own bars, judged by its own calendar, and known by its own past."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from tests.pipelines.conftest import Notes
from tradewind.core import FixedClock
from tradewind.data.declared_calendars import calendars_of
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import Revisions, make_market
from tradewind.pipelines.dataset.build import run
from tradewind.pipelines.dataset.parts import Join, calendars_of_days, feature_rows
from tradewind.pipelines.dataset.request import DatasetRequest
from tradewind.pipelines.gathering import Gathered, gather_stored
from tradewind.pipelines.holdings.examining import examine
from tradewind.pipelines.ingesting.ingest import IngestRequest
from tradewind.pipelines.ingesting.ingest import run as ingest
from tradewind.storage.workspace import Workspace

KEEPS = {"equity": "XNYS", "crypto": "24/7"}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Clean shares and clean coins, each ingested under its own calendar."""
    folder = tmp_path_factory.mktemp("mixed")
    workspace = Workspace(folder / "market").create()
    for kind, calendar in KEEPS.items():
        made = make_market(kind, 2, 200, seed=1, plants=[Revisions(0.05)]).panel
        made.table.write_parquet(folder / f"{kind}.parquet")
        asked = IngestRequest("parquet", folder / f"{kind}.parquet", calendar=calendar)
        ingest(asked, workspace, Notes())
    return workspace


@pytest.fixture(scope="module")
def gathered(mixed: Workspace) -> Gathered:
    return gather_stored(mixed, "XNYS").at_every_moment()


def test_the_calendar_of_each_symbol_is_remembered_from_its_ingest(mixed: Workspace) -> None:
    assert calendars_of(MarketStore(mixed.path)) == {
        "EQ1": "XNYS", "EQ2": "XNYS", "CR1": "24/7", "CR2": "24/7",
    }  # fmt: skip


def test_each_is_judged_by_its_own_calendar(mixed: Workspace, notes: Notes) -> None:
    result = run(DatasetRequest(strict=True), mixed, notes)
    assert result.passed
    assert "clock.off_session" not in {found.check for found in result.findings}


def test_a_share_is_decided_on_once_a_bar_and_not_at_midnights(gathered: Gathered) -> None:
    rows = feature_rows(gathered, 5, "itself").table.cast({"symbol": pl.String})
    bars = gathered.market.panel.table.cast({"symbol": pl.String})
    for symbol in ("EQ1", "CR1"):
        closes = bars.filter(symbol=symbol)["timestamp"].unique().sort().to_list()
        assert rows.filter(symbol=symbol)["decided_at"].to_list() == closes


def test_what_a_symbol_is_told_does_not_depend_on_those_of_other_calendars(
    gathered: Gathered,
) -> None:
    [coins] = [part for part in gathered.apart() if "CR1" in part.market.panel.symbols]
    rows = feature_rows(gathered, 5, "peers").table
    alone = feature_rows(coins, 5, "peers").table
    mine = rows.filter(pl.col("symbol").cast(pl.String).str.starts_with("CR"))
    assert mine.equals(alone)


def test_a_share_is_not_old_on_monday_by_the_weekend_of_coins(gathered: Gathered) -> None:
    clock = FixedClock(gathered.times[0])
    join = Join(("close",), 2, 60, clock, calendars_of_days(gathered))
    view = join(gathered.market, gathered.times, lambda done, of: None).table
    began = gathered.market.panel.table.filter(pl.col("symbol") == "EQ1")["known_at"].min()
    shares = view.filter((pl.col("symbol") == "EQ1") & (pl.col("at") >= began))
    until = shares.filter(pl.col("fill") == 0)["at"].max()
    assert shares.filter(pl.col("at") <= until)["close"].null_count() == 0


def test_nothing_of_a_mixed_market_changes_when_the_future_does(gathered: Gathered) -> None:
    whole = feature_rows(gathered, 5, "peers")
    assert gathered.market.panel.revised > 20
    for place in (150, 230):
        at = gathered.times[place]
        then = replace(
            gathered, market=gathered.market.as_of(at), times=gathered.times[: place + 1]
        )
        cut, known = feature_rows(then, 5, "peers"), pl.col("decided_at") <= at
        assert cut.table.select(whole.features).equals(
            whole.table.filter(known).select(whole.features)
        )
        assert cut.resolved.table.equals(whole.table.filter(known & (pl.col("resolved_at") <= at)))


def test_bars_of_one_declared_calendar_need_no_word_about_it_again(
    workspace: Workspace, notes: Notes, tmp_path: Path
) -> None:
    made = make_market("crypto", 2, 200).panel
    made.table.write_parquet(tmp_path / "coins.parquet")
    ingest(IngestRequest("parquet", tmp_path / "coins.parquet", calendar="24/7"), workspace, notes)
    gathered = gather_stored(workspace, "XNYS")
    assert (gathered.market.calendars["bars"], gathered.calendars) == ("24/7", {})


def test_clean_shares_beside_clean_coins_are_clean(mixed: Workspace) -> None:
    assert {finding.check for finding in examine(mixed).findings} == {"restatements.corrected"}
