"""The families that tradewind.yaml names are the features of a dataset, and so are one's own."""

import json
from dataclasses import replace

import polars as pl
import pytest

from tests.features.test_config import MINE
from tests.pipelines.conftest import Notes
from tradewind.core.errors import BadConfig, Misuse
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import Revisions, make_market
from tradewind.features.config import FeaturesConfig, families_of
from tradewind.features.kept.fingerprint import fingerprint
from tradewind.pipelines.config import UpConfig
from tradewind.pipelines.dataset.build import run
from tradewind.pipelines.dataset.folder import load_dataset
from tradewind.pipelines.dataset.parts import feature_rows
from tradewind.pipelines.dataset.request import DatasetRequest
from tradewind.pipelines.gathering import gather_stored
from tradewind.storage.workspace import Workspace

NAMED = ("bars", "alpha158", "technical", "realised", "cross_asset", "market_wide", "seasonal")
CONFIG = FeaturesConfig(NAMED, ("mine.py",))
ASKED = DatasetRequest(config=UpConfig(features=CONFIG))
PANEL = make_market("equity", 4, 190, seed=3, plants=[Revisions(0.05)]).panel


@pytest.fixture
def here(workspace: Workspace) -> Workspace:
    """A workspace with a feature of one's own, and no bars yet."""
    (workspace.path / "mine.py").write_text(MINE.format(name="distance"))
    return workspace


def test_every_feature_of_every_family_is_a_column_by_its_name(
    here: Workspace, notes: Notes
) -> None:
    MarketStore(here.path).append(PANEL)
    result = run(ASKED, here, notes)
    families = families_of(CONFIG, here.path)
    names = [spec.name for family in families for spec in family.specs]
    rows = load_dataset(result.folder).rows
    assert len(names) == 343
    assert rows.features[: len(names)] == tuple(names)
    assert rows.table["distance"].null_count() < len(rows)
    assert {*names} < {*MarketStore(here.path).read("dataset_features").columns}


def test_rows_made_before_the_future_came_are_those_made_after(
    here: Workspace, notes: Notes
) -> None:
    store, at = MarketStore(here.path), PANEL.moments[170]
    store.append(PANEL.until(at))
    run(ASKED, here, notes)
    before = load_dataset(here.path / "datasets" / "dataset").rows
    store.append(PANEL)
    assert PANEL.revised > 20
    run(ASKED, here, notes)  # refused, were a kept row another now
    after = load_dataset(here.path / "datasets" / "dataset").rows
    known = after.table.filter(pl.col("decided_at") <= at)
    assert len(before) == 4 * 171
    assert known.select(before.features).equals(before.table.select(before.features))


def test_the_manifest_names_each_definition(here: Workspace, notes: Notes) -> None:
    MarketStore(here.path).append(PANEL)
    run(ASKED, here, notes)
    manifest = json.loads((here.path / "datasets" / "dataset" / "manifest.json").read_text())
    record = manifest["lineage"]["recipe"]["features"]
    families = families_of(CONFIG, here.path)
    assert [record[f"family {family.name}"] for family in families] == [
        fingerprint(family) for family in families
    ]


def test_another_definition_is_another_dataset(here: Workspace, notes: Notes) -> None:
    MarketStore(here.path).append(PANEL)
    config = UpConfig(features=FeaturesConfig(("bars",), ("mine.py",)))
    asked = DatasetRequest(config=config)
    run(asked, here, notes)
    text = (here.path / "mine.py").read_text()
    (here.path / "mine.py").write_text(text.replace("/ close.rolling_mean(20) - 1", "- close"))
    with pytest.raises(Misuse, match=r"with family mine .*: build it under another --name"):
        run(asked, here, notes)
    assert run(replace(asked, name="anew"), here, notes).passed


def test_a_dry_run_says_which_families(here: Workspace, notes: Notes) -> None:
    told = run(replace(ASKED, dry_run=True), here, notes).summary.splitlines()[1]
    assert told == f"families of features: {', '.join(NAMED)}, mine.py"


def test_labels_without_what_they_are_told_by_are_refused() -> None:
    config = UpConfig(features=FeaturesConfig(("alpha158",)))
    said = "labelled by the family 'bars', and features.families are alpha158: add bars to them"
    with pytest.raises(BadConfig, match=said):
        DatasetRequest(regimes=True, config=config)
    assert DatasetRequest(config=config).recipe("stored")["outcomes"] == {"horizon": 5}


def test_a_market_cut_at_a_moment_answers_as_the_whole_does(here: Workspace) -> None:
    MarketStore(here.path).append(PANEL)
    families = families_of(CONFIG, here.path)
    whole = replace(gather_stored(here, "XNYS"), families=families).at_every_moment()
    at = whole.times[160]
    cut = replace(whole, market=whole.market.as_of(at), times=whole.times[:161])
    rows, every = feature_rows(cut, 5, "itself"), feature_rows(whole, 5, "itself")
    same = every.table.filter(pl.col("decided_at") <= at)
    assert len(rows) == 4 * 161
    assert rows.table.select(rows.features).equals(same.select(rows.features))
