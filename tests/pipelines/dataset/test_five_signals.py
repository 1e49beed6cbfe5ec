"""Five signals beside technical and cross-asset features: how much of each there is, and when it was known."""

from datetime import timedelta

import polars as pl
import pytest

from tests.pipelines.conftest import Notes
from tradewind.core import stream
from tradewind.data.alternative.spec import AlternativeDataConfig, AlternativeDataSpec
from tradewind.data.sources.stamping import Stamping
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import Revisions, make_market
from tradewind.features.config import FeaturesConfig
from tradewind.pipelines.config import UpConfig
from tradewind.pipelines.dataset.build import run
from tradewind.pipelines.dataset.folder import load_dataset
from tradewind.pipelines.dataset.request import DatasetRequest
from tradewind.storage.workspace import Workspace

PANEL = make_market("equity", 6, 200, seed=4, plants=[Revisions(0.05)]).panel
DAY = timedelta(days=1)
LATE = {
    "slope": 1 * DAY,
    "fear": timedelta(),
    "oil": 7 * DAY,
    "inflation": 20 * DAY,
    "mood": 2 * DAY,
}
NAMES = [f"{name}_value" for name in LATE]
FEATURES = FeaturesConfig(("bars", "technical", "cross_asset", "market_wide"))


@pytest.fixture
def asked(workspace: Workspace) -> DatasetRequest:
    """Five files beside the bars: four of the whole market, one of half of the symbols."""
    days = PANEL.table["timestamp"].unique().sort()
    for k, name in enumerate(LATE):
        every = days.gather_every(20 if name == "inflation" else 1)
        rows = pl.DataFrame({"timestamp": every, "value": stream(k, name).normal(size=len(every))})
        if name == "mood":
            rows = rows.join(pl.DataFrame({"symbol": PANEL.symbols[:3]}), how="cross")
        rows.write_parquet(workspace.path / f"{name}.parquet")
    specs = tuple(
        AlternativeDataSpec(
            name, "sentiment" if name == "mood" else "macro", f"{name}.parquet", ("value",),
            entity="symbol" if name == "mood" else None, stamping=Stamping("end"), lag=late,
            stale_after=40 * DAY,
        )
        for name, late in LATE.items()
    )  # fmt: skip
    config = UpConfig(features=FEATURES, alternative_data=AlternativeDataConfig(specs))
    return DatasetRequest(config=config)


def rows_of(workspace: Workspace) -> pl.DataFrame:
    return load_dataset(workspace.path / "datasets" / "dataset").rows.table


def test_they_are_columns_beside_the_others_and_their_coverage_is_told(
    workspace: Workspace, notes: Notes, asked: DatasetRequest
) -> None:
    MarketStore(workspace.path).append(PANEL)
    result = run(asked, workspace, notes)
    rows = rows_of(workspace)
    assert {*NAMES, "rsi_14", "beta_market_60", "dispersion_20"} < {*rows.columns}
    told = [found for found in result.findings if found.check == "alternative.coverage"]
    assert [found.where for found in told] == [f"{name}.value" for name in LATE]
    lines = result.summary.splitlines()
    for found in told:
        assert f"  {found.where}: {found.detail}" in lines
    assert rows["mood_value"].is_not_null().mean() == pytest.approx(0.5, abs=0.02)


def test_each_value_is_the_newest_that_had_been_published(
    workspace: Workspace, notes: Notes, asked: DatasetRequest
) -> None:
    MarketStore(workspace.path).append(PANEL)
    run(asked, workspace, notes)
    rows = rows_of(workspace).filter(symbol=PANEL.symbols[0]).sort("decided_at")
    for name, late in LATE.items():
        said = pl.read_parquet(workspace.path / f"{name}.parquet")
        if name == "mood":
            said = said.filter(symbol=PANEL.symbols[0])
        known = said.with_columns(decided_at=pl.col("timestamp") + late).sort("decided_at")
        joined = rows.select("decided_at").join_asof(
            known, on="decided_at", tolerance=40 * DAY - late
        )
        assert joined["value"].equals(rows[f"{name}_value"]), name
        assert joined["value"].count() > 100


def test_what_was_decided_does_not_change_when_the_future_comes(
    workspace: Workspace, notes: Notes, asked: DatasetRequest
) -> None:
    store, at = MarketStore(workspace.path), PANEL.moments[170]
    store.append(PANEL.until(at))
    for name, late in LATE.items():
        file = workspace.path / f"{name}.parquet"
        whole = pl.read_parquet(file)
        whole.filter(pl.col("timestamp") + late <= at).write_parquet(file)
        whole.write_parquet(workspace.path / f"{name}.later")
    run(asked, workspace, notes)
    before = rows_of(workspace)
    for name in LATE:
        (workspace.path / f"{name}.later").rename(workspace.path / f"{name}.parquet")
    store.append(PANEL)
    run(asked, workspace, notes)
    after = rows_of(workspace).filter(pl.col("decided_at") <= at)
    known = [name for name in before.columns if name not in ("resolved_at", "beats_its_peers")]
    assert after.select(known).equals(before.select(known))
