"""What is learnt of a workspace's bars is what was known, and can be told again."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.pipelines.conftest import Notes
from tests.pipelines.regimes.conftest import CONFIG
from tradewind.context.regimes import BySymbol, GaussianHMM, RuleRegimes
from tradewind.context.regimes.keeping import document, restored
from tradewind.context.regimes.model import RegimeModel
from tradewind.context.regimes.trial import two_regimes
from tradewind.core import Panel, SystemClock
from tradewind.core.errors import BadConfig, Misuse, WorkspaceError
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import make_market
from tradewind.pipelines.regimes.comparing import compare
from tradewind.pipelines.regimes.config import RegimesConfig
from tradewind.pipelines.regimes.fitting import fit, models_of, observed
from tradewind.pipelines.regimes.refreshing import refresh
from tradewind.storage.workspace import Workspace


def test_what_is_learnt_up_to_a_moment_is_what_the_bars_of_then_teach(
    workspace: Workspace, panel: Panel, known: list[datetime], notes: Notes, tmp_path: Path
) -> None:
    other = Workspace(tmp_path / "other").create()
    MarketStore(workspace.path).append(panel)
    MarketStore(other.path).append(panel.until(known[220]))
    later = fit(workspace, CONFIG, notes, SystemClock(), known[220])
    then = fit(other, CONFIG, notes, SystemClock())
    assert later.to_dict() == then.to_dict()
    assert later.models[0].model.calibration.until == known[220]


def test_a_model_is_kept_to_the_bit_and_fitted_again_is_itself(
    learnt: Workspace, notes: Notes
) -> None:
    before = models_of(learnt).required("symbol")
    again = fit(learnt, CONFIG, notes, SystemClock()).models[1].model
    assert again.fingerprint == before.fingerprint
    assert before.fingerprint.startswith(next((learnt.path / "regimes").glob("symbol-*")).stem[7:])


def test_a_model_that_cannot_be_read_is_fitted_anew(learnt: Workspace, notes: Notes) -> None:
    for file in (learnt.path / "regimes").glob("market-*"):
        file.write_text("{}")
    with pytest.raises(WorkspaceError, match="is not the model that was kept: fit it again"):
        models_of(learnt).required("market")
    fit(learnt, CONFIG, notes, SystemClock())
    assert models_of(learnt).required("market").names


def test_a_model_kept_before_its_regimes_were_counted_is_still_itself(
    learnt: Workspace,
) -> None:
    kept = models_of(learnt).required("symbol").to_dict()
    del kept["calibration"]["occupancy"]
    assert RegimeModel.restored(kept).to_dict() == kept


def test_states_that_are_learnt_anew_keep_their_names(
    learnt: Workspace, panel: Panel, notes: Notes
) -> None:
    before = models_of(learnt).required("market")
    MarketStore(learnt.path).append(panel)
    after = fit(learnt, CONFIG, notes, SystemClock()).models[0].model
    assert after.fingerprint != before.fingerprint
    assert after.names == before.names


@pytest.mark.parametrize("detector", ["jump", "gmm", "kmeans", "rules", "choose"])
def test_every_detector_that_can_be_configured_can_be_kept(
    workspace: Workspace, panel: Panel, notes: Notes, detector: str
) -> None:
    MarketStore(workspace.path).append(panel)
    config = RegimesConfig(detector=detector, states=2)  # type: ignore[arg-type]
    result = fit(workspace, config, notes, SystemClock())
    for one in result.models:
        kept = models_of(workspace).required(one.model.of)
        assert kept.to_dict() == one.model.to_dict()


def test_parameters_of_each_symbol_are_kept_too() -> None:
    rows = two_regimes(2)
    regimes = BySymbol(GaussianHMM(2, starts=1)).fit(rows)
    assert restored(document(regimes)).filter(rows) == regimes.filter(rows)
    assert restored(document(RuleRegimes("liquidity"))) == RuleRegimes("liquidity")
    with pytest.raises(Misuse, match="a GaussianHMM has no form in which it is kept"):
        document(GaussianHMM())  # type: ignore[arg-type]


def closes(kind: str = "equity") -> Panel:
    """Bars of closes alone."""
    return Panel(make_market(kind, 2, 200).panel.table.select(*KEYS, "close"))


KEYS = ("symbol", "timestamp", "known_at", "session")


def test_what_the_bars_do_not_have_is_left_out_or_stood_in_for_and_told(
    workspace: Workspace, notes: Notes
) -> None:
    MarketStore(workspace.path).append(closes())
    result = fit(workspace, CONFIG, notes, SystemClock())
    assert result.models[0].model.features == ("volatility_20", "observed_autocorrelation")
    told = [f"{one.where}: {one.detail}" for one in result.models[0].findings]
    assert told == [
        "observed_range: 0% of the bars have a value: volatility_20 stands in for it",
        "observed_volume: 0% of the bars have a value: it is left out",
        "observed_spread: 0% of the bars have a value: it is left out",
    ]


def test_what_a_comparison_leaves_out_is_told_as_it_is_of_a_fit(
    workspace: Workspace, notes: Notes
) -> None:
    MarketStore(workspace.path).append(closes())
    compared = compare(workspace, replace(CONFIG, of=("market",)), notes, SystemClock())
    fitted = fit(workspace, CONFIG, notes, SystemClock())
    assert compared.findings == fitted.models[0].findings
    assert str(compared.findings[-1]) in compared.summary
    assert len(compared.to_dict()["findings"]) == 3


def test_a_volume_that_grows_with_the_years_does_not_make_eras_of_its_states(
    workspace: Workspace, panel: Panel, notes: Notes
) -> None:
    age = pl.int_range(pl.len()).over("symbol") / 20
    MarketStore(workspace.path).append(
        Panel(panel.table.with_columns(pl.col("volume") * age.exp()))
    )
    result = fit(workspace, CONFIG, notes, SystemClock())
    assert "observed_volume" not in result.models[0].model.features
    assert "its level drifts by" in result.models[0].findings[0].detail


def test_bars_without_anything_to_tell_by_are_refused(workspace: Workspace, notes: Notes) -> None:
    MarketStore(workspace.path).append(closes())
    config = RegimesConfig(features=("observed_spread",))
    with pytest.raises(Misuse, match="regimes cannot be told by observed_spread: 0% of the bars"):
        fit(workspace, config, notes, SystemClock())


def test_before_the_first_bar_there_is_nothing_to_learn(learnt: Workspace, notes: Notes) -> None:
    with pytest.raises(Misuse, match=r"no bar was known by 1990-01-01 .*: give a later moment"):
        fit(learnt, CONFIG, notes, SystemClock(), datetime(1990, 1, 1, tzinfo=UTC))


def test_nothing_is_learnt_up_to_a_moment_that_has_not_come(
    learnt: Workspace, notes: Notes
) -> None:
    with pytest.raises(
        Misuse, match=r"9999-01-01 .* has not come: give an earlier moment, or none"
    ):
        fit(learnt, CONFIG, notes, SystemClock(), datetime(9999, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"states": 9}, "9 states: give a number from 1 to 8"),
        ({"of": ()}, "regimes of nobody, or of nothing: name one or more"),
        ({"margin": 2.0}, "a margin of 2: give a number from 0 to 1"),
        ({"rows": 0}, "a regime said after 0 rows: give 1 or more"),
    ],
)
def test_a_configuration_that_means_nothing_is_refused(
    changes: dict[str, object], said: str
) -> None:
    with pytest.raises(BadConfig, match=said):
        RegimesConfig(**changes)  # type: ignore[arg-type]
    with pytest.raises(
        Misuse, match="there is no feature 'observd_range': did you mean 'observed_r"
    ):
        RegimesConfig(features=("observd_range",))


def test_bars_that_stand_still_or_are_few_are_an_error_that_teaches(
    workspace: Workspace, notes: Notes
) -> None:
    days = pl.date_range(date(2024, 1, 1), date(2024, 1, 1) + timedelta(days=20), eager=True)
    few = pl.DataFrame({"date": days, "symbol": "A", "close": 1.0, "high": 1.1, "low": 0.9})
    MarketStore(workspace.path).append(Panel.from_frame(few, calendar="24/7"))
    with pytest.raises(Misuse, match=r"rows have a value of each of 2 features: give 40 or more"):
        fit(workspace, CONFIG, notes, SystemClock())


def still(bars: int) -> Panel:
    """Two symbols whose price, range and volume never move."""
    first = date(2024, 1, 1)
    days = pl.date_range(first, first + timedelta(days=bars - 1), eager=True)
    rows = pl.DataFrame({"date": days, "close": 1.0, "high": 1.1, "low": 0.9, "volume": 5.0})
    both = pl.concat([rows.with_columns(symbol=pl.lit(name)) for name in ("A", "B")])
    return Panel.from_frame(both, calendar="24/7")


@pytest.mark.parametrize("detector", ["hmm", "jump", "gmm", "kmeans", "rules", "choose"])
def test_regimes_of_bars_that_never_change_are_called_vacuous(
    workspace: Workspace, notes: Notes, detector: str
) -> None:
    MarketStore(workspace.path).append(still(200))
    config = RegimesConfig(detector=detector, states=2)  # type: ignore[arg-type]
    for one in fit(workspace, config, notes, SystemClock()).models:
        [found] = [each for each in one.findings if each.check == "regimes.vacuous"]
        assert (found.severity, found.where) == ("warning", one.model.of)
        assert "is said of 5% of the bars or more" in found.detail
        kept = models_of(workspace).required(one.model.of)
        assert kept.findings == (found,)


def test_a_single_state_is_vacuous_and_two_that_are_lived_in_are_not(
    learnt: Workspace, notes: Notes
) -> None:
    one, two = (
        fit(learnt, RegimesConfig(detector="hmm", states=states), notes, SystemClock()).models
        for states in (1, 2)
    )
    assert [each.check for model in one for each in model.findings] == ["regimes.vacuous"] * 2
    assert [each.check for model in two for each in model.findings] == []
    assert min(two[0].model.calibration.occupancy.values()) >= 0.05


def test_a_symbol_of_empty_bars_takes_no_feature_from_the_others_and_is_told_of_as_not_known(
    workspace: Workspace, panel: Panel, notes: Notes
) -> None:
    numbers = [name for name, kind in panel.table.schema.items() if kind == pl.Float64]
    empty = pl.col("symbol") != panel.symbols[0]
    hollow = panel.table.with_columns(pl.when(~empty).then(name).alias(name) for name in numbers)
    MarketStore(workspace.path).append(Panel(hollow))
    [_, symbols] = fit(workspace, CONFIG, notes, SystemClock()).models
    assert "observed_autocorrelation" in symbols.model.features
    [_, one] = refresh(workspace, CONFIG, notes, SystemClock()).models
    said = MarketStore(workspace.path).read(one.table).table
    known = said.drop_nulls("regime")["symbol"].cast(pl.String).unique().to_list()
    assert known == [panel.symbols[0]]


def test_symbols_that_never_have_what_regimes_are_told_by_are_named_and_not_counted(
    workspace: Workspace, panel: Panel, notes: Notes
) -> None:
    mute = pl.col("symbol") == panel.symbols[1]
    table = panel.table.with_columns(pl.when(~mute).then("volume").alias("volume"))
    MarketStore(workspace.path).append(Panel(table))
    [_, fitted] = fit(workspace, CONFIG, notes, SystemClock()).models
    [found] = [one for one in fitted.findings if one.check == "regimes.unseen"]
    assert found.detail == (
        f"1 of 3 symbols ({panel.symbols[1]}) have no observed_volume on any bar: "
        "no regime is told of them"
    )
    every, _ = observed(workspace, CONFIG.features, notes, SystemClock())
    whole = every.table.drop_nulls(fitted.model.features)
    assert (fitted.model.calibration.symbols, fitted.model.calibration.rows) == (2, len(whole))
    assert found in refresh(workspace, CONFIG, notes, SystemClock()).findings


def test_names_mean_the_same_after_three_fits_of_a_history_that_had_seen_them_all(
    workspace: Workspace, notes: Notes
) -> None:
    panel = make_market("equity", 3, 1600, seed=3).panel
    config = RegimesConfig(detector="hmm", states=3, features=("observed_range",), of=("symbol",))
    said, names = list[pl.DataFrame](), set[tuple[str, ...]]()
    for bars in (800, 1200, 1599):
        MarketStore(workspace.path).append(panel.until(panel.moments[bars]))
        [one] = fit(workspace, config, notes, SystemClock()).models
        names.add(one.model.names)
        [table] = refresh(workspace, config, notes, SystemClock()).models
        said.append(MarketStore(workspace.path).read(table.table).table)
    assert len(names) == 1
    for later in said[1:]:
        both = said[0].drop_nulls("regime").join(later, ["symbol", "timestamp"])
        assert (both["regime"] == both["regime_right"]).mean() > 0.8  # type: ignore[operator]
