"""A dataset knows nothing of the future, is the same each time, and says what it took to make."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.pipelines.conftest import Notes, small
from tradewind.context.bands import Bands
from tradewind.context.rule_labels import LABELS, LabelState, step
from tradewind.core import Dataset, FixedClock, Market, Panel, find_calendar, stream
from tradewind.core.errors import BadConfig, Misuse, Refusal, WorkspaceError
from tradewind.data.alternative.spec import AlternativeDataConfig, AlternativeDataSpec
from tradewind.data.quality.pandera_contracts import check_tables
from tradewind.data.sources.sqlite import SqliteDatabase
from tradewind.data.sources.stamping import Stamping
from tradewind.data.store import MarketStore
from tradewind.features.across.sectors import with_sector
from tradewind.pipelines.dataset.build import run
from tradewind.pipelines.dataset.folder import load_dataset, save_dataset
from tradewind.pipelines.dataset.parts import Join, Parts, feature_rows, with_regimes, with_view
from tradewind.pipelines.dataset.request import DatasetRequest
from tradewind.pipelines.dataset.tables import contract_tables
from tradewind.pipelines.gathering import Gathered, gather_synthetic
from tradewind.storage.control import Control
from tradewind.storage.documents import Documents
from tradewind.storage.workspace import Workspace

ALL = DatasetRequest(regimes=True, view=True, config=small())
NOON = FixedClock(datetime(2026, 1, 2, 12, tzinfo=UTC))
JOIN = Join(("close", "volume"), 5, 60, NOON)


@dataclass
class TickingClock:
    """A clock that is a second further each time it is asked."""

    asked: list[datetime] = field(default_factory=list)

    def now(self) -> datetime:
        self.asked.append(NOON.at)
        return NOON.at + timedelta(seconds=len(self.asked))


@pytest.fixture(scope="module")
def gathered() -> Gathered:
    return gather_synthetic(small().synthetic, seed=7).at_every_moment()


@pytest.fixture(scope="module")
def whole(gathered: Gathered) -> Parts:
    return made(gathered)


@pytest.fixture
def built(workspace: Workspace, notes: Notes) -> Workspace:
    assert run(ALL, workspace, notes).passed
    return workspace


def made(gathered: Gathered) -> Parts:
    parts = with_regimes(feature_rows(gathered, 5, "peers"), LabelState(Bands(least=30)))
    return with_view(parts, JOIN(gathered.market, gathered.times, lambda done, of: None))


def file_of(folder: Path, **changes: object) -> Path:
    """Two hundred days of one symbol, whose price jumps about."""
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 7, 18), eager=True)
    close = np.exp(stream(2, "walk").normal(0, 0.02, len(days)).cumsum())
    frame = pl.DataFrame({"date": days, "symbol": "ACME", "close": close, "volume": 1e6})
    frame.with_columns(**changes).write_parquet(folder / "acme.parquet")  # type: ignore[arg-type]
    return folder / "acme.parquet"


def test_nothing_in_it_changes_when_the_future_does(gathered: Gathered, whole: Parts) -> None:
    assert gathered.market.panel.revised > 300
    for place in stream(3, "cuts").choice(range(120, 350), 4, replace=False):
        at = gathered.times[place]
        known = replace(
            gathered, market=gathered.market.as_of(at), times=gathered.times[: place + 1]
        )
        cut = made(known)
        earlier = whole.rows.table.filter(pl.col("decided_at") <= at)
        assert cut.rows.table.drop(whole.rows.outcome, "resolved_at").equals(
            earlier.drop(whole.rows.outcome, "resolved_at")
        )
        assert cut.rows.resolved.table.equals(earlier.filter(pl.col("resolved_at") <= at))
        assert cut.view.table.equals(whole.view.table.filter(pl.col("at") <= at))
        assert cut.tensor.values.shape == (place + 1, 20, 2)
    assert all(whole.rows.table[name].n_unique() > 1 for name in LABELS)


def test_a_view_joined_in_parts_is_that_joined_at_once(
    gathered: Gathered, whole: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradewind.pipelines.dataset.parts.JOINED_AT_ONCE", 7)
    told: list[tuple[int, int]] = []
    assert JOIN(gathered.market, gathered.times, lambda *done: told.append(done)) == whole.view
    assert told == [(7, 20), (14, 20), (20, 20)]


def test_moments_at_which_few_are_fresh_are_dropped_from_a_view_of_any_size(
    gathered: Gathered, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = gathered.market.panel
    half = panel.table.filter(
        (pl.col("timestamp") != panel.moments[50]) | (pl.col("symbol").to_physical() % 2 == 0)
    )
    market = replace(gathered.market, panels={"bars": Panel(half)})
    monkeypatch.setattr("tradewind.pipelines.dataset.parts.JOINED_AT_ONCE", 7)
    for least, dropped in ((0.5, ()), (0.6, (panel.moments[50],))):
        view = replace(JOIN, least=least)(market, gathered.times, lambda done, of: None)
        assert view.dropped == dropped
        assert len(view.times) == 360 - len(dropped)


def test_it_is_loaded_to_the_bit_as_it_was_made(tmp_path: Path, whole: Parts) -> None:
    save_dataset(tmp_path / "dataset", whole, {"bars": "made"})
    assert load_dataset(tmp_path / "dataset") == whole


def test_a_label_can_be_said_of_the_next_moment_from_what_was_kept(
    gathered: Gathered, whole: Parts, tmp_path: Path
) -> None:
    rows, last = feature_rows(gathered, 5, "peers"), gathered.times[-1]
    until = replace(rows, table=rows.table.filter(pl.col("decided_at") < last))
    save_dataset(tmp_path / "dataset", with_regimes(until, LabelState(Bands(least=30))), {})
    kept = load_dataset(tmp_path / "dataset")
    newest = replace(rows, table=rows.table.filter(pl.col("decided_at") == last))
    said = step(kept.state, newest).table
    assert said.equals(whole.regimes.table.filter(pl.col("timestamp") == last))


def test_the_stages_are_told_in_their_order(built: Workspace, notes: Notes) -> None:
    assert notes.stages == ["bars", "features", "regimes", "join", "check", "keep"]
    loaded = load_dataset(built.path / "datasets" / "dataset")
    labels = loaded.regimes.table.sort("timestamp", "symbol").select(LABELS)
    assert loaded.rows.table.select(LABELS).equals(labels)


def test_the_same_again_changes_nothing(built: Workspace, notes: Notes) -> None:
    store, folder = MarketStore(built.path), built.path / "datasets" / "dataset"
    tables = ("dataset_features", "dataset_outcomes", "dataset_regimes", "dataset_cross_asset")
    before = [(store.version_of(name), store.content_hash(name)) for name in tables]
    manifest = (folder / "manifest.json").read_bytes()
    run(ALL, built, notes)
    assert [(store.version_of(name), store.content_hash(name)) for name in tables] == before
    assert (folder / "manifest.json").read_bytes() == manifest


def test_no_table_tells_an_outcome_before_it_is_known(built: Workspace) -> None:
    store = MarketStore(built.path)
    outcomes = store.read("dataset_outcomes")
    assert outcomes.columns == ("beats_its_peers",)
    assert (outcomes.table["known_at"] >= outcomes.table["timestamp"] + timedelta(days=5)).all()
    assert not {"beats_its_peers", "resolved_at"} & set(store.read("dataset_features").columns)
    for name in ("features", "regimes", "cross_asset"):
        table = store.read(f"dataset_{name}").table
        assert (table["known_at"] == table["timestamp"]).all()


def test_what_it_took_is_on_record(built: Workspace) -> None:
    record = Documents(Control(built.path / "control.db")).get("datasets", "dataset")
    assert [*record["stages"]] == ["bars", "features", "regimes", "join", "check", "keep"]
    assert all(cost["wall_s"] >= 0 and cost["cpu_s"] >= 0 for cost in record["stages"].values())
    assert 10 < record["peak_memory_mb"] < 100_000
    assert record["rows"] == 20 * 360
    assert record["fill_rates"]["cells"] == 20 * 360
    assert record["join"] == {"limit_s": 300.0, "kept": True}
    assert len(record["data"]["sha256"]) == 64
    assert set(record["tables"]) == {
        "dataset_features", "dataset_outcomes", "dataset_regimes", "dataset_cross_asset",
    }  # fmt: skip


def test_rows_of_two_recipes_are_not_mixed_in_one_table(built: Workspace, notes: Notes) -> None:
    wanted = (
        "outcomes of the dataset 'dataset' were made with horizon 5, and now 3 is asked for: "
        "build it under another --name"
    )
    with pytest.raises(Misuse, match=wanted):
        run(replace(ALL, horizon=3), built, notes)
    assert run(replace(ALL, horizon=3, name="short"), built, notes).passed
    assert {"short_outcomes", "dataset_outcomes"} <= set(MarketStore(built.path).tables)


def test_a_part_that_was_made_is_not_left_behind(built: Workspace, notes: Notes) -> None:
    with pytest.raises(Misuse, match="has cross_asset, and none are asked for now: ask for them"):
        run(DatasetRequest(regimes=True), built, notes)


def test_a_dataset_without_an_outcome_does_not_pass(tmp_path: Path, notes: Notes) -> None:
    result = run(DatasetRequest(horizon=100_000), Workspace(tmp_path).create(), notes)
    assert not result.passed
    assert "dataset.no_outcome" in {finding.check for finding in result.findings}


def test_the_bars_of_the_workspace_come_before_made_ones(
    workspace: Workspace, notes: Notes, gathered: Gathered
) -> None:
    sectors = gathered.market.instruments.select("symbol", "sector")
    bars = gathered.market.panel.table.join(sectors, "symbol", maintain_order="left")
    MarketStore(workspace.path).append(Panel(bars))
    result = run(replace(ALL, calendar="XNYS"), workspace, notes)
    assert result.record["data"]["origin"] == "version 1 of table 'bars'"
    rotation = load_dataset(result.folder).regimes.table["rotation"]
    assert set(rotation.cast(pl.String)) == {"unknown", "lagging", "neutral", "leading"}


def test_other_data_are_features_of_the_rows_and_part_of_the_recipe(
    workspace: Workspace, notes: Notes
) -> None:
    months = pl.date_range(pl.date(2010, 1, 1), pl.date(2026, 1, 1), "1mo", eager=True)
    cpi = pl.DataFrame({"date": months, "value": range(len(months))})
    cpi.write_parquet(workspace.path / "cpi.parquet")
    spec = AlternativeDataSpec(
        "cpi", "macro", "cpi.parquet", ("value",), stamping=Stamping(calendar="month"),
        lag=timedelta(days=12),
    )  # fmt: skip
    asked = DatasetRequest(config=small(alternative_data=AlternativeDataConfig((spec,))))
    result = run(asked, workspace, notes)
    rows = load_dataset(result.folder).rows
    assert {"cpi_value", "cpi_age_days"} < set(rows.features)
    assert rows.table["cpi_value"].null_count() == 0
    assert len(result.record["data"]["cpi sha256"]) == 64
    assert "alternative.coverage" in {found.check for found in result.findings}
    with pytest.raises(Misuse, match=r"were made with cpi macro of cpi.parquet, .*, and now None"):
        run(DatasetRequest(config=small()), workspace, notes)


def test_a_table_that_cannot_be_kept_keeps_the_others_out_too(
    workspace: Workspace, notes: Notes, gathered: Gathered
) -> None:
    store = MarketStore(workspace.path)
    theirs = gathered.market.panel.table.select("symbol", "timestamp", "known_at", "session")
    store.append(Panel(theirs.with_columns(volatility=0.2)), "dataset_regimes")
    message = "table 'dataset_regimes' of the store keeps other types: .*: build it under another"
    with pytest.raises(Misuse, match=message):
        run(ALL, workspace, notes)
    assert store.tables == ("dataset_regimes",)


def test_tables_of_other_data_are_never_those_of_a_dataset(
    workspace: Workspace, notes: Notes, gathered: Gathered
) -> None:
    store, rows = MarketStore(workspace.path), gathered.market.panel.table
    theirs = Panel(rows.select("symbol", "timestamp", "known_at", "session", regime=pl.lit("bull")))
    store.append(theirs, "regimes")
    run(ALL, workspace, notes)
    assert store.read("regimes").columns == ("regime",)
    assert "volatility" in store.read("dataset_regimes").columns


def test_news_of_an_older_bar_do_not_move_a_symbol_to_its_old_sector() -> None:
    bars = {
        "date": ["2024-01-02", "2024-01-03", "2024-01-02"],
        "symbol": "ACME",
        "close": [1.0, 2.0, 1.1],
        "sector": ["old", "new", "old"],
        "known_at": ["2024-01-02T22:00Z", "2024-01-03T22:00Z", "2024-01-04T01:00Z"],
    }
    panel = Panel.from_frame(pl.DataFrame(bars))
    times = panel.table.select("symbol", decided_at="known_at").sort("decided_at")
    rows = with_sector(Dataset(times, ()), Market({"bars": panel}))
    assert rows.table["sector"].to_list() == ["old", "new", "new"]


def test_new_bars_add_rows_and_leave_the_old_ones(
    workspace: Workspace, notes: Notes, gathered: Gathered
) -> None:
    store = MarketStore(workspace.path)
    store.append(gathered.market.as_of(gathered.times[299]).panel)
    run(ALL, workspace, notes)
    assert len(store.read("dataset_regimes")) == 300 * 20
    store.append(gathered.market.panel)
    run(ALL, workspace, notes)
    assert len(store.read("dataset_regimes")) == 360 * 20
    assert store.version_of("dataset_regimes") == 2


def test_bars_whose_past_has_changed_do_not_change_what_was_kept(
    workspace: Workspace, notes: Notes, gathered: Gathered
) -> None:
    store, symbol = MarketStore(workspace.path), gathered.market.panel.symbols[-1]
    table = gathered.market.panel.table
    store.append(Panel(table.filter(pl.col("symbol") != symbol)))
    run(ALL, workspace, notes)
    before = store.content_hash("dataset_features")
    store.append(Panel(table.filter(pl.col("symbol") == symbol)))
    with pytest.raises(
        Misuse, match=r"these bars have another past than .*: build it under another"
    ):
        run(ALL, workspace, notes)
    assert store.content_hash("dataset_features") == before


def test_what_was_kept_is_exported_and_read_back_as_it_is(
    workspace: Workspace, notes: Notes, gathered: Gathered, tmp_path: Path
) -> None:
    store = MarketStore(workspace.path)
    store.append(gathered.market.panel)
    result = run(replace(ALL, export=tmp_path / "market.db"), workspace, notes)
    assert notes.stages[-1] == "export"
    sources = SqliteDatabase(tmp_path / "market.db").sources(Stamping())
    assert set(result.record["exported"]) == {source.table for source in sources}
    for source in sources:
        back = pl.concat([panel.table for panel in source.read()])
        kept = store.read(source.table).table.cast({"symbol": pl.String})
        names = sorted(kept.columns)
        assert len(names) == len(back.columns)
        assert (
            back.cast({"symbol": pl.String})
            .select(names)
            .sort("symbol", "timestamp", "known_at")
            .equals(kept.select(names))
        )


def test_a_join_that_takes_too_long_is_left_out_and_the_rest_is_kept(
    workspace: Workspace, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradewind.pipelines.dataset.parts.JOINED_AT_ONCE", 5)
    result = run(replace(ALL, join_limit_s=1.5, clock=TickingClock()), workspace, notes)
    assert not result.passed
    [stopped] = [found for found in result.findings if found.severity == "error"]
    assert stopped.check == "dataset.join_limit"
    assert stopped.detail == "joining took over 1.5 s, with 10 of 20 symbols joined"
    assert result.record["join"] == {"limit_s": 1.5, "kept": False}
    kept = load_dataset(result.folder)
    assert kept.view is None
    assert kept.regimes is not None
    assert "dataset_cross_asset" not in MarketStore(workspace.path).tables


def test_a_join_that_ends_too_late_has_not_kept_its_time_either(gathered: Gathered) -> None:
    late = replace(JOIN, limit_s=0.5, clock=TickingClock())
    with pytest.raises(
        Refusal, match=r"joining took over 0.5 s, with 20 of 20 symbols joined: give"
    ):
        late(gathered.market, gathered.times, lambda done, of: None)


def test_a_strict_run_keeps_nothing_that_breaks_a_contract(
    workspace: Workspace, notes: Notes, tmp_path: Path
) -> None:
    volume = pl.when(pl.int_range(pl.len()) == 50).then(-1.0).otherwise("volume")
    request = DatasetRequest(data=file_of(tmp_path, volume=volume), calendar="24/7")
    refused = run(replace(request, strict=True), workspace, notes)
    assert (refused.passed, refused.folder) == (False, None)
    assert "contract.value" in {found.check for found in refused.findings}
    assert MarketStore(workspace.path).tables == ()
    told = run(request, workspace, notes)
    assert told.passed
    assert told.findings == refused.findings
    assert "  error contract.value in series.volume" in told.summary


def test_made_parts_keep_every_contract(gathered: Gathered, whole: Parts) -> None:
    tables = contract_tables(gathered.market.panel, whole)
    assert [*tables] == ["assets", "series", "regimes", "cross_asset"]
    assert check_tables(tables) == []
    assert "volatility:high" in set(tables["regimes"]["regime"])


def test_a_dry_run_says_what_it_would_make_and_makes_nothing(
    workspace: Workspace, notes: Notes
) -> None:
    result = run(replace(ALL, dry_run=True), workspace, notes)
    assert result.summary.splitlines()[0] == "bars: made with seed 7"
    assert "table dataset_outcomes: horizon 5" in result.summary
    assert (notes.stages, MarketStore(workspace.path).tables) == ([], ())


def test_a_file_that_changed_since_is_refused(built: Workspace) -> None:
    folder = built.path / "datasets" / "dataset"
    values = bytearray((folder / "values.npy").read_bytes())
    values[-1] ^= 1
    (folder / "values.npy").write_bytes(values)
    with pytest.raises(WorkspaceError, match=r"values.npy is not what its manifest says: build it"):
        load_dataset(folder)


def test_a_folder_without_a_manifest_that_can_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"manifest.json: it is not there"):
        load_dataset(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(WorkspaceError, match=r"manifest.json cannot be read: build it again"):
        load_dataset(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps({"format": 2}))
    with pytest.raises(WorkspaceError, match="is in format 2, and this version reads 1"):
        load_dataset(tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "a/b"}, "'a/b' is no name for a dataset: use letters, digits and _"),
        ({"horizon": 0}, "a horizon of 0 bars: look at least one bar ahead"),
        ({"least": 1.5}, "a least share of 1.5 fresh symbols: give 0 to 1"),
        ({"join_limit_s": 0.0}, "a join limit of 0 s: give seconds above 0"),
        ({"bands": (0.7, 0.3)}, "regime bands of 0.7 and 0.3: give two shares"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        replace(ALL, **changes)  # type: ignore[arg-type]


def test_real_shares_have_regimes_and_sectors(
    shared: Path, workspace: Workspace, notes: Notes
) -> None:
    bars = pl.read_parquet(shared / "data/equities/equity_daily_us_adjusted.parquet")
    bars = bars.filter(pl.col("timestamp") < datetime(2014, 6, 1, tzinfo=UTC))
    panel = Panel.from_frame(bars, calendar=find_calendar("XNYS"))
    MarketStore(workspace.path).append(panel)
    result = run(ALL, workspace, notes)
    regimes = load_dataset(result.folder).regimes.table
    assert regimes["market_rotation"].n_unique() > 4
    assert {"low", "normal", "high"} < set(regimes["volatility"].cast(pl.String))
    shares = regimes.filter(pl.col("volatility") != "unknown")["volatility"].value_counts(
        normalize=True
    )
    assert shares["proportion"].min() > 0.15
