"""The main job says whether a result is real, the same each time, and publishes whole pages only."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from tests.pipelines.conftest import Notes, small
from tradewind.core import (
    FixedClock,
    Ledger,
    Market,
    Panel,
    Schedule,
    Score,
    Scorecard,
    replay,
    stream,
)
from tradewind.core.errors import BadStamp, BadTable, Misuse
from tradewind.data.synthetic import Leak, make_market
from tradewind.data.writing import write_market
from tradewind.evaluation.contracts import check_decider, check_feature_reader
from tradewind.features.bars import BarFeatures
from tradewind.features.labels import with_outcome
from tradewind.pipelines.config import UpConfig
from tradewind.pipelines.gathering import gather_synthetic
from tradewind.pipelines.telling import verdict
from tradewind.pipelines.up import UpRequest, recipes, run
from tradewind.pipelines.walk_forward import fit_schedule
from tradewind.storage.workspace import Workspace

NOON = FixedClock(datetime(2026, 1, 2, 12, tzinfo=UTC))


def replayed(config: UpConfig) -> tuple[Market, Ledger, Schedule, list[datetime]]:
    """A market, what the fitted thread did in it, and when."""
    gathered = gather_synthetic(config.synthetic, seed=7)
    reader = BarFeatures(gathered.extra)
    rows = with_outcome(reader(gathered.market, gathered.times), gathered.market, 5, "peers")
    schedule = fit_schedule(recipes(reader, config)[0], rows.resolved, config.split, seed=7)
    times = [when for when in gathered.times if when >= schedule.parts[0][0]]
    return gathered.market, replay(schedule, gathered.market, times, config.broker), schedule, times


def test_decide_equals_replay_at_two_hundred_random_moments_of_a_market_that_is_corrected() -> None:
    market, ledger, schedule, times = replayed(small())
    assert market.panel.revised == pytest.approx(0.05 * 20 * 360, rel=0.2)
    chosen = sorted(stream(7, "moments").choice(len(times), 200, replace=False))
    assert check_decider(schedule, market, ledger, [times[i] for i in chosen]) == ()
    assert ledger.fills.height > 1000
    assert ledger.findings() == ()


def test_the_battery_of_deciders_sees_a_decision_on_other_data() -> None:
    market, ledger, schedule, times = replayed(small())
    other = Market({"bars": Panel(market.panel.table.with_columns(-pl.col("signal")))})
    found = check_decider(schedule, other, ledger, times[-20:])
    assert len(found) > 10
    assert "in weight between deciding online and replaying" in str(found[0])


def test_the_feature_reader_passes_its_battery_on_a_market_that_is_corrected() -> None:
    gathered = gather_synthetic(small().synthetic, seed=3)
    times = gathered.times[100:200]
    found = check_feature_reader(
        BarFeatures(gathered.extra), gathered.market, times, stream(1, "cuts"), cuts=20
    )
    assert found == ()


def test_a_planted_signal_is_found_and_told(workspace: Workspace, notes: Notes) -> None:
    result = run(UpRequest(seed=1, config=small()), workspace, notes)
    assert notes.stages == ["market", "features", "fit", "replay", "score", "page"]
    skill = result.card.score("log_loss_skill")
    assert skill.low is not None
    assert skill.low > 0
    assert result.card.passed
    page = result.page.read_text()
    assert "beats climatology" in page
    assert "Knowing the truth would remove" in page
    told = json.loads((workspace.reports / "up" / "scorecard.json").read_text())
    assert told["scores"]["log_loss_skill"]["value"] == pytest.approx(skill.value)


@pytest.mark.parametrize(("kind", "seed"), [("equity", 1), ("equity", 2), ("fx", 1), ("fx", 3)])
def test_where_nothing_is_planted_the_page_says_that_nothing_was_found(
    workspace: Workspace, notes: Notes, kind: str, seed: int
) -> None:
    config = small(0.0)
    config = replace(config, synthetic=replace(config.synthetic, kind=kind, revised=0.2))
    result = run(UpRequest(seed=seed, config=config), workspace, notes)
    assert "beats climatology" not in result.page.read_text()
    assert "NOT better than the baseline" in result.summary


@pytest.mark.parametrize(
    "leak", [Leak("future_return", noise=0.5), Leak("centred_window"), Leak("back_fill")]
)
def test_a_leak_in_the_data_is_an_error_that_names_its_column(
    workspace: Workspace, notes: Notes, tmp_path: Path, leak: Leak
) -> None:
    market = make_market("equity", 20, 360, "1d", 7, leaks=(leak,))
    write_market(market, tmp_path / "leaky.parquet", "parquet")
    result = run(UpRequest(data=tmp_path / "leaky.parquet", config=small()), workspace, notes)
    assert not result.card.passed
    found = [finding for finding in result.card.findings if finding.severity == "error"]
    told = {"columns.foretells", "evaluation.too_good", "evaluation.too_rich"}
    assert {one.check for one in found} <= told
    assert (found[0].check, found[0].where) == ("columns.foretells", f"leak_{leak.name}")
    assert "none of these figures can be believed" in result.page.read_text()


@pytest.mark.parametrize(
    ("fault", "check"),
    [("swapped_columns", "bars.order"), ("splits", "bars.jump"), ("zero_volume", "bars.no_volume")],
)
def test_a_fault_in_the_data_is_found_and_told(
    workspace: Workspace, notes: Notes, tmp_path: Path, fault: str, check: str
) -> None:
    market = make_market("equity", 20, 360, "1d", 7, faults=(fault,))
    write_market(market, tmp_path / "faulty.csv", "csv")
    result = run(UpRequest(data=tmp_path / "faulty.csv", config=small()), workspace, notes)
    assert check in {finding.check for finding in result.card.findings}
    assert check in result.page.read_text()


def test_the_same_seed_tells_the_same_story(workspace: Workspace, notes: Notes) -> None:
    request = UpRequest(config=small(), clock=NOON)
    pages = [run(request, workspace, notes).page.read_bytes() for _ in range(2)]
    assert pages[0] == pages[1]
    other = run(UpRequest(seed=8, config=small(), clock=NOON), workspace, notes).page.read_bytes()
    assert other != pages[0]


def test_a_file_of_one_symbol_is_forecast_against_itself(
    workspace: Workspace, notes: Notes, tmp_path: Path
) -> None:
    table = make_market("equity", 1, 400, "1d", 7).panel.table
    file = tmp_path / "SPY.csv"
    table.select(Date="session", Open="open", High="high", Low="low", Close="close").write_csv(file)
    result = run(UpRequest(data=file, config=small()), workspace, notes)
    page = result.page.read_text()
    assert "SPY" in page
    assert "is above 0" in page


def test_a_file_of_closes_alone_is_enough(
    workspace: Workspace, notes: Notes, tmp_path: Path
) -> None:
    wide = make_market("equity", 8, 300, "1d", 7).panel.to_wide()
    file = tmp_path / "closes.csv"
    wide.with_columns(pl.col("timestamp").dt.date()).rename({"timestamp": "date"}).write_csv(file)
    assert run(UpRequest(data=file, config=small()), workspace, notes).card.passed


def test_a_job_that_fails_leaves_the_page_before_it(
    workspace: Workspace, notes: Notes, tmp_path: Path
) -> None:
    before = run(UpRequest(config=small()), workspace, notes).page.read_bytes()
    with pytest.raises(BadTable, match="there is no file"):
        run(UpRequest(data=tmp_path / "missing.csv"), workspace, notes)
    assert (workspace.reports / "up" / "index.html").read_bytes() == before


def bars(days: int, **changes: object) -> pl.DataFrame:
    table = make_market("equity", 2, days, "1d", 7).panel.table
    kept = table.select("symbol", "session", "open", "high", "low", "close", "volume")
    return kept.rename({"session": "date"}).with_columns(**changes)


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("none.csv", None, BadTable, r"there is no file .*none\.csv: .* holds no CSV"),
        ("empty.csv", "", BadTable, r"empty\.csv is empty: give it a header"),
        ("header.csv", "date,symbol,close\n", BadTable, "the table is empty"),
        ("noclose.csv", "date,symbol,price_of_x\n2024-01-02,A,1\n", Misuse, "has no close"),
        ("what.xlsx", "x", BadTable, "is no CSV or Parquet file"),
        ("torn.parquet", "PAR1 not really", BadTable, r"torn\.parquet cannot be read as parquet"),
        ("nowhen.csv", "symbol,close\nA,1\n", BadTable, "no column says when"),
        (
            "inf.csv",
            "date,symbol,close\n2024-01-02,A,inf\n",
            BadTable,
            "column 'close' of a Panel is inf",
        ),
        (
            "moments.csv",
            "time,symbol,close\n2024-01-02T15:00Z,A,1\n2024-01-02T16:00Z,A,2\n",
            BadStamp,
            "does not say whether its stamps.* --stamps start --bar 5m",
        ),
        ("naive.csv", "time,symbol,close\n2024-01-02T15:00,A,1\n", BadStamp, "have no time zone"),
        (
            "zones.csv",
            "time,symbol,close\n2024-01-02T15:00Z,A,1\n2024-01-02T16:00-05:00,A,2\n",
            BadStamp,
            "mix the time zones",
        ),
        (
            "twice.csv",
            "date,symbol,close\n2024-01-02,A,1\n2024-01-02,A,2\n",
            BadTable,
            "1 rows of a Panel repeat a key",
        ),
        (
            "text.csv",
            "date,symbol,close\n2024-01-02,A,cheap\n",
            BadTable,
            "column 'close' holds String",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_remedy(
    workspace: Workspace,
    notes: Notes,
    tmp_path: Path,
    name: str,
    content: str | None,
    error: type[Exception],
    message: str,
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    if content is not None:
        (folder / name).write_text(content)
    with pytest.raises(error, match=message):
        run(UpRequest(data=folder / name), workspace, notes)
    assert not (workspace.reports / "up").exists()


def test_too_short_a_history_is_refused(workspace: Workspace, notes: Notes, tmp_path: Path) -> None:
    bars(100).write_csv(tmp_path / "short.csv")
    with pytest.raises(
        Misuse, match="the bars have 100 distinct moments, and a walk-forward needs 150"
    ):
        run(UpRequest(data=tmp_path / "short.csv"), workspace, notes)


def test_unsorted_rows_are_put_in_order(workspace: Workspace, notes: Notes, tmp_path: Path) -> None:
    table = bars(300)
    scorecards = []
    for rows in (table, table[stream(1, "shuffle").permutation(len(table))]):
        rows.write_csv(tmp_path / "bars.csv")
        scorecards.append(
            run(UpRequest(data=tmp_path / "bars.csv", config=small()), workspace, notes).card
        )
    assert scorecards[0] == scorecards[1]


def test_a_model_that_is_surely_worse_is_called_worse() -> None:
    skill = Score("log_loss_skill", -0.02, -0.03, -0.01, "", 0.0)
    told = verdict(Scorecard("m", (skill,)), better=False, rows=1000, ceiling=None)
    assert "is worse than climatology, and surely so: it adds 2.00 % to its log loss" in told
    assert "Do not use it." in told


def test_columns_by_names_that_a_booster_dislikes_are_features_all_the_same(
    workspace: Workspace, notes: Notes, tmp_path: Path
) -> None:
    rng = stream(1, "odd")
    odd = {name: rng.normal(size=600) for name in ("ret[1]", "a b", "a_b", "{x}", "ü")}
    bars(300, **{name: pl.Series(values) for name, values in odd.items()}).write_csv(
        tmp_path / "odd.csv"
    )
    assert run(UpRequest(data=tmp_path / "odd.csv", config=small()), workspace, notes).card.scores


@pytest.mark.parametrize("name", ["rises", "beats_its_peers", "return_5", "rank_return_5"])
def test_columns_by_names_of_ours_are_refused(
    workspace: Workspace, notes: Notes, tmp_path: Path, name: str
) -> None:
    bars(300, **{name: pl.lit(1.0)}).write_csv(tmp_path / "ours.csv")
    with pytest.raises(BadTable, match=f"a column '{name}', which is a name of ours: rename it"):
        run(UpRequest(data=tmp_path / "ours.csv", config=small()), workspace, notes)


@pytest.mark.parametrize("price", [-37.0, 0.0, None])
def test_a_price_that_is_none_silences_its_symbol_and_not_the_job(
    workspace: Workspace, notes: Notes, tmp_path: Path, price: float | None
) -> None:
    oil = (pl.col("symbol") == "EQ1") & (pl.col("date") == pl.col("date").sort().get(400))
    fell = pl.when(oil).then(pl.lit(price)).otherwise("close")
    bars(300, close=fell).write_csv(tmp_path / "oil.csv")
    assert run(UpRequest(data=tmp_path / "oil.csv", config=small()), workspace, notes).page.exists()


def test_bars_that_are_published_days_late_are_traded_days_late(
    workspace: Workspace, notes: Notes, tmp_path: Path
) -> None:
    table = make_market("equity", 8, 300, "1d", 7).panel.table
    late = table.with_columns(known_at=pl.col("known_at") + pl.duration(days=7)).drop(
        "signal", strict=False
    )
    late.write_parquet(tmp_path / "late.parquet")
    result = run(UpRequest(data=tmp_path / "late.parquet", config=small()), workspace, notes)
    assert (result.card.score("turnover").baseline or 0) > 1
    assert "ledger.unfilled" not in {finding.check for finding in result.card.findings}


def test_a_month_of_data_by_the_minute_is_not_blown_up(
    workspace: Workspace, notes: Notes, tmp_path: Path
) -> None:
    table = make_market("crypto", 6, 900, "1m", 7).panel.table
    table.select("symbol", "timestamp", "open", "high", "low", "close", "volume").write_csv(
        tmp_path / "minutes.csv"
    )
    request = UpRequest(
        data=tmp_path / "minutes.csv", stamps="end", calendar="24/7", config=small()
    )
    names = {score.name for score in run(request, workspace, notes).card.scores}
    assert "return" in names
    assert "annual_return" not in names
