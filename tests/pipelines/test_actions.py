"""Facts, members and names that lie in the store are in the market that the thread works on."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.pipelines.conftest import Notes
from tradewind.core import Market
from tradewind.core.errors import BadTable
from tradewind.data.actions import adjusted
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import Actions, Revisions, Signal, make_market
from tradewind.data.writing import write_market
from tradewind.features.bars import BarFeatures
from tradewind.features.labels import with_outcome
from tradewind.pipelines.gathering import gather_stored
from tradewind.pipelines.ingesting.ingest import IngestRequest, run
from tradewind.storage.workspace import Workspace

PLANTS = (Signal(0.15), Revisions(0.05))


def ingested(market: Market, folder: Path, notes: Notes) -> Workspace:
    workspace = Workspace(folder / "workspace").create()
    (file,) = write_market(market, folder / "market.db", "sqlite")
    run(IngestRequest("sqlite", file, stamps="end"), workspace, notes)
    return workspace


def csv(rows: dict[str, object], folder: Path, table: str) -> IngestRequest:
    file = folder / f"{table}.csv"
    pl.DataFrame(rows).write_csv(file)
    return IngestRequest("csv", file, table=table)


def test_the_thread_works_on_what_a_holding_was_worth(tmp_path: Path, notes: Notes) -> None:
    market = make_market("equity", 6, 200, seed=2, plants=[*PLANTS, Actions(1, 3)])
    gathered = gather_stored(ingested(market, tmp_path, notes), "XNYS")
    worth = adjusted(market.panel, market.panels["actions"])
    columns = ["symbol", "timestamp", "known_at", "close", "volume"]
    assert gathered.market.panel.table.select(columns).equals(worth.table.select(columns))
    told = {finding.check for finding in gathered.findings}
    assert "actions.adjusted" in told
    assert not told & {"bars.split", "actions.unshown"}
    assert gathered.origin == "version 1 of table 'bars', version 1 of table 'actions'"


def test_a_market_with_splits_is_learned_from_as_one_without(tmp_path: Path, notes: Notes) -> None:
    plain = make_market("equity", 6, 200, seed=7, plants=["signal"])
    split = make_market("equity", 6, 200, seed=7, plants=["signal", Actions(2, 6)])
    gathered = gather_stored(ingested(split, tmp_path, notes), "XNYS")
    one, other = (
        with_outcome(BarFeatures()(market, gathered.times), market, 5, "peers")
        for market in (plain, gathered.market)
    )
    assert np.nanmax(np.abs(one.matrix - other.matrix)) < 1e-9
    assert np.array_equal(one.outcomes, other.outcomes, equal_nan=True)


def test_members_of_a_file_are_the_universe(
    workspace: Workspace, notes: Notes, tmp_path: Path
) -> None:
    market = make_market("equity", ["A", "B", "C"], 200, seed=1)
    run(
        IngestRequest("parquet", write_market(market, tmp_path / "b.parquet", "parquet")[0]),
        workspace,
        notes,
    )
    days = market.panel.table["session"].unique().sort()
    joined = {"date": [days[0], days[0], days[90]], "symbol": ["A", "B", "B"], "member": [1, 1, 0]}
    run(csv(joined, tmp_path, "membership"), workspace, notes)
    membership = gather_stored(workspace, "XNYS").market.membership
    assert membership is not None
    moments = market.panel.moments
    assert [membership.members(moments[at]) for at in (0, 89, 90)] == [
        ("A", "B"),
        ("A", "B"),
        ("A",),
    ]


def test_a_universe_that_is_written_is_the_universe_of_the_thread(
    tmp_path: Path, notes: Notes
) -> None:
    market = make_market("equity", 12, 200, seed=3, plants=["turnover"])
    gathered = gather_stored(ingested(market, tmp_path, notes), "XNYS").market
    assert gathered.membership is not None
    assert market.membership is not None
    for at in market.panel.moments:
        assert gathered.membership.members(at) == market.membership.members(at)
    assert len(gathered.panel.symbols) == 12


def test_names_of_a_file_join_and_part_the_bars_and_their_facts(
    workspace: Workspace, notes: Notes, tmp_path: Path
) -> None:
    market = make_market("equity", ["FB"], 200, seed=1, plants=[Actions(1, 0)])
    days = market.panel.table["session"]
    names = {"date": [days[100]], "symbol": ["FB"], "instrument": ["Facebook"]}
    facts = market.panels["actions"].table.select(
        pl.col("session").alias("date"), pl.col("symbol").cast(pl.String), "split", "dividend"
    )
    bars = write_market(market, tmp_path / "b.parquet", "parquet")[0]
    run(csv(names, tmp_path, "instruments"), workspace, notes)
    run(csv(facts.to_dict(), tmp_path, "actions"), workspace, notes)
    run(IngestRequest("parquet", bars), workspace, notes)
    gathered = gather_stored(workspace, "XNYS").market
    assert gathered.panel.symbols == ("FB?", "Facebook")
    assert set(gathered.panels["actions"].symbols) < {"FB?", "Facebook"}
    own = gathered.panel.as_of(market.panel.moments[-1]).segments
    assert (len(range(200)[own["FB?"]]), len(range(200)[own["Facebook"]])) == (100, 100)


def test_facts_that_cannot_be_are_refused_before_they_are_kept(
    workspace: Workspace, notes: Notes, tmp_path: Path
) -> None:
    wrong = {"date": ["2024-01-02"], "symbol": ["A"], "split": [0.0], "dividend": [0.0]}
    with pytest.raises(BadTable, match="a split of 0 for one share of 'A' on 2024-01-02"):
        run(csv(wrong, tmp_path, "actions"), workspace, notes)
    assert MarketStore(workspace.path).tables == ()
