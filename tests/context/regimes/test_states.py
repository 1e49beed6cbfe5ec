"""States that are kept, pushed to, named, said, and never taken for what they are not."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from tradewind.context.regimes import (
    BySymbol,
    FilterState,
    GaussianHMM,
    GaussianMixture,
    Hysteresis,
    JumpModel,
    KMeans,
    Live,
    LiveSaying,
    MarketWide,
    RuleRegimes,
    choose,
    document,
    restored,
)
from tradewind.context.regimes.chain import Chain
from tradewind.context.regimes.fitted import Recipe, fitted
from tradewind.context.regimes.naming import name_states, same_states
from tradewind.context.regimes.resuming import left_off, resumed
from tradewind.context.regimes.saying import SayingState
from tradewind.context.regimes.trial import two_regimes
from tradewind.core import Dataset, Market, MarketState, Panel, Strategy
from tradewind.core.errors import BadConfig, BadTable, Misuse
from tradewind.core.roles import RegimeLearner
from tradewind.data.synthetic import make_market
from tradewind.features import compute

ROWS = two_regimes(symbols=3, moments=300)
BORDER = ROWS.table["decided_at"][600]
BEFORE, AFTER = (
    Dataset(ROWS.table.filter(part), ROWS.features)
    for part in (pl.col("decided_at") < BORDER, pl.col("decided_at") >= BORDER)
)


@pytest.mark.parametrize("recipe", [GaussianHMM(2), JumpModel(2)])
def test_a_state_that_was_stored_goes_on_to_the_bit(recipe: GaussianHMM | JumpModel) -> None:
    regimes = recipe.fit(BEFORE)
    first, state = regimes.step(regimes.begin(), BEFORE)
    second, _ = regimes.step(FilterState.restored(state.table), AFTER)
    whole = regimes.filter(ROWS).table
    assert pl.concat([first.table, second.table]).equals(whole)


def test_rows_pushed_one_by_one_have_the_bits_of_the_history() -> None:
    regimes = GaussianHMM(2).fit(BEFORE)
    _, state = regimes.step(regimes.begin(), BEFORE)
    live = Live(regimes, state)
    keys = AFTER.table.select("symbol", "decided_at").rows()
    pushed = [live.push(*key, row).copy() for key, row in zip(keys, AFTER.matrix, strict=True)]
    told, after = regimes.step(state, AFTER)
    assert np.array_equal(np.array(pushed), told.table.select(regimes.names).to_numpy())
    assert live.state == after


def test_a_row_that_was_filtered_is_not_filtered_again() -> None:
    regimes = GaussianHMM(2).fit(BEFORE)
    _, state = regimes.step(regimes.begin(), BEFORE)
    with pytest.raises(Misuse, match=r"is to be filtered, and .* has been: give each row once"):
        regimes.step(state, BEFORE)
    live = Live(regimes, state)
    with pytest.raises(Misuse, match="give each row once"):
        live.push("S0", BORDER - timedelta(days=1), np.zeros(2))
    live.push("S0", BORDER, np.zeros(2))
    with pytest.raises(BadTable, match=r"a row of shape \(3,\) for 2 features: give volatility"):
        live.push("S1", BORDER, np.zeros(3))


def test_a_missing_row_keeps_what_was_known_through_one_move_and_says_so() -> None:
    regimes = GaussianHMM(2).fit(ROWS)
    gone = pl.when(pl.col("decided_at") != BORDER).then("return").alias("return")
    told = regimes.filter(Dataset(ROWS.table.with_columns(gone), ROWS.features)).table
    mine = told.filter(pl.col("symbol") == "S0")
    place = int((mine["at"] == BORDER).arg_max() or 0)
    before, here = mine.select(regimes.names).to_numpy()[place - 1 : place + 1]
    assert here == pytest.approx(before @ regimes.chain.moves, rel=1e-12)
    assert mine["degraded"][place].to_list() == ["regime: no return"]
    assert mine["degraded"].list.len().sum() == 1


def test_a_stranger_begins_where_a_symbol_that_is_known_begins() -> None:
    regimes = GaussianHMM(2).fit(ROWS)
    stranger = ROWS.table.with_columns(symbol=pl.lit("NEW").cast(pl.Enum(["NEW"]))).unique(
        "decided_at", keep="first", maintain_order=True
    )
    told = regimes.filter(Dataset(stranger, ROWS.features)).table
    assert told["high_vol"].is_between(0, 1).all()


@pytest.mark.parametrize(
    "learner",
    [GaussianHMM(2), JumpModel(2), BySymbol(KMeans(2)), MarketWide(GaussianMixture(2))],
)
def test_features_as_they_are_computed_are_taken_as_their_dataset_is(
    learner: RegimeLearner,
) -> None:
    panel = make_market("equity", 2, 300).panel
    table = compute(panel, "observed")
    rows = Dataset(
        table.rename({"timestamp": "decided_at"}).sort("decided_at", "symbol"),
        tuple(table.columns[2:]),
    )
    regimes = learner.fit(table)  # type: ignore[arg-type]
    assert regimes.filter(table) == learner.fit(rows).filter(rows)  # type: ignore[arg-type]
    assert regimes.smooth(table).picture.equals(regimes.smooth(rows).picture)  # type: ignore[arg-type]


def test_a_rule_takes_features_as_they_are_computed() -> None:
    table = compute(make_market("equity", 2, 200).panel, ["volatility_20", "return_60"])
    table = table.with_columns(liquidity_20=pl.lit(None, pl.Float64))
    assert RuleRegimes().fit(table).filter(table).table["low_vol"].drop_nulls().len() > 100
    with pytest.raises(BadTable, match="the rows have no liquidity_20: rules read volatility_20, "):
        RuleRegimes().fit(table.drop("liquidity_20"))


@pytest.mark.parametrize("learner", [GaussianHMM(2), RuleRegimes(), MarketWide(KMeans(2))])
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "regimes are read off a Dataset or a polars table, not off a NoneType: give what"),
        (ROWS.table.to_dict(), "not off a dict: give what `compute"),
        (ROWS.table, "a table of features has no column 'timestamp'"),
        (
            ROWS.table.with_columns(timestamp=pl.col("decided_at").dt.date()),
            "the timestamps are Date: give the moment of each bar, with its zone",
        ),
    ],
)
def test_what_is_no_table_of_features_is_refused(
    learner: RegimeLearner, given: Dataset, said: str
) -> None:
    with pytest.raises(Misuse, match=said):
        learner.fit(given)


@pytest.mark.parametrize("ask", ["names", "begin", "filter", "step", "smooth"])
@pytest.mark.parametrize(
    "recipe", [GaussianHMM(2), GaussianMixture(2), KMeans(2), JumpModel(2), MarketWide(KMeans(2))]
)
def test_a_recipe_that_has_learnt_nothing_says_so(recipe: object, ask: str) -> None:
    given = {"filter": 1, "smooth": 1, "step": 2}.get(ask, 0) * [ROWS]
    with pytest.raises(Misuse, match="has learnt nothing yet: take what its `fit"):
        getattr(recipe, ask)(*given)


@pytest.mark.parametrize("recipe", [GaussianHMM(2), GaussianMixture(2), KMeans(2), JumpModel(2)])
@pytest.mark.parametrize("size", [2.0**-1000, 2.0**300, 2.0**1000])
def test_the_size_of_a_number_makes_no_regime_and_no_warning(recipe: Recipe, size: float) -> None:
    far = pl.col("volatility") * size
    large = Dataset(ROWS.table.with_columns(far), ROWS.features)
    with np.errstate(over="raise", invalid="raise"):
        told = fitted(recipe, large)
        for regimes, rows in ((told, ROWS), (fitted(recipe, ROWS), large)):
            assert np.isfinite(regimes.smooth(rows).picture.select(regimes.names).to_numpy()).all()
    if size > 1:
        assert told.filter(large) == fitted(recipe, ROWS).filter(ROWS)


def test_rows_without_a_feature_that_was_fitted_are_refused() -> None:
    regimes = GaussianHMM(2).fit(ROWS)
    with pytest.raises(BadTable, match="the rows have no feature 'return', which was fitted"):
        regimes.filter(Dataset(ROWS.table, ("volatility",)))


def test_too_few_rows_and_features_without_values_are_refused() -> None:
    with pytest.raises(BadTable, match=r"30 rows have a value of each of 2 features: give 40 or"):
        GaussianHMM(2).fit(Dataset(ROWS.table.head(30), ROWS.features))
    empty = ROWS.table.with_columns(pl.lit(None, pl.Float64).alias("return"))
    with pytest.raises(BadTable, match=r"0 rows have .*: leave out return, of which there is no v"):
        GaussianHMM(2).fit(Dataset(empty, ROWS.features))
    with pytest.raises(BadTable, match="600 rows have a value of each of 0 features"):
        GaussianHMM(2).fit(Dataset(BEFORE.table, ()))


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: GaussianHMM(9), "9 states: give a number from 1 to 8"),
        (lambda: GaussianHMM("2"), "states='2': give a whole number"),
        (lambda: GaussianHMM(starts=0), "0 starts: give 1 or more"),
        (lambda: JumpModel(penalty=-1), "a jump penalty of -1: give a number from 0 to 500"),
        (lambda: Hysteresis(margin=2), "a margin of 2: give a number from 0 to 1"),
        (lambda: Hysteresis(rows=0), "a regime said after 0 rows: give 1 or more"),
        (
            lambda: RuleRegimes("volatile"),
            "no rule is called 'volatile': did you mean 'volatility'",
        ),
        (
            lambda: GaussianHMM(2, tells={"retrun": "volatility"}).fit(ROWS),
            "no feature is named 'retrun': did you mean 'return'?",
        ),
    ],
)
def test_what_no_detector_has_is_refused(make: object, match: str) -> None:
    with pytest.raises(BadConfig, match=match):
        make()


def test_each_name_is_given_for_what_a_state_stands_out_in() -> None:
    of = ["volatility", "autocorrelation", "illiquidity", "ssr", "luld"]
    means = np.diag([1.5, 0.4, 2.0, 3.0, 3.0])
    means = np.vstack([means, [-0.9, 0, 0, 0, 0], [0, -0.4, 0, 0, 0], [0.05, 0, 0, 0, 0]])
    order, names = name_states(means, of)
    called = dict(zip(order, names, strict=True))
    wanted = (
        *("high_vol", "trending", "illiquid", "ssr_active", "luld_active"),
        *("low_vol", "mean_reverting", "normal"),
    )
    assert tuple(called[state] for state in range(8)) == wanted
    assert means[order, 0].tolist() == sorted(means[:, 0])


def test_states_are_matched_whatever_order_they_were_learnt_in() -> None:
    means = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
    one = Chain(np.full(3, 1 / 3), np.full((3, 3), 1 / 3), means, np.tile(np.eye(2), (3, 1, 1)))
    assert same_states(one, one.ordered([2, 0, 1])) == [1, 2, 0]


def test_what_is_smoothed_is_refused_by_a_strategy() -> None:
    bars = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02"], "symbol": "S0", "close": 1.0}))
    smoothed = GaussianHMM(2).fit(ROWS).smooth(ROWS)
    strategy = Strategy(
        lambda market, times: ROWS,
        lambda rows, state: None,
        allocator=lambda forecast, book: None,
        state=lambda market, times: smoothed,
    )
    with pytest.raises(Misuse, match="a StateReader gave a Smoothed, not a MarketState"):
        strategy.forecast(Market({"bars": bars}), bars.moments)
    with pytest.raises(AttributeError):
        Hysteresis()(smoothed)


def test_hindsight_knows_more_than_was_known() -> None:
    regimes = GaussianHMM(2).fit(ROWS)
    truth = ROWS.table["truth"] == "wild"
    online = (regimes.filter(ROWS).table["high_vol"] > 0.5) == truth
    later = (regimes.smooth(ROWS).picture["high_vol"] > 0.5) == truth
    assert later.mean() >= online.mean()


def test_what_is_said_does_not_depend_on_how_the_history_is_cut() -> None:
    told = GaussianHMM(2).fit(BEFORE).filter(ROWS)
    hysteresis, state, parts = Hysteresis(), SayingState(), []
    for part in told.table.partition_by("at", maintain_order=True):
        said, state = hysteresis.step(state, MarketState(part, told.regimes))
        parts.append(said.table)
    assert pl.concat(parts).equals(hysteresis(told).table)
    with pytest.raises(Misuse, match=r"a row of .S0. at .* is to be said, and .* was"):
        hysteresis.step(state, told)


def test_a_doubt_is_not_said_and_a_rule_that_knows_nothing_says_nothing() -> None:
    rules = ROWS.table.rename({"volatility": "volatility_20"}).with_columns(
        liquidity_20=pl.lit(None, pl.Float64), return_60=0.0
    )
    rows = Dataset(rules, ("volatility_20",))
    said = Hysteresis(margin=1.0, rows=1)(RuleRegimes("volatility").filter(rows)).table
    assert said["regime"].null_count() == 60 * 3
    assert said["regime"].head(60 * 3).null_count() == 60 * 3


@pytest.mark.parametrize("recipe", [GaussianHMM(2), GaussianMixture(2), KMeans(2), JumpModel(2)])
def test_rows_on_which_nothing_was_seen_change_no_regime_and_many_of_them_unsay_it(
    recipe: Recipe,
) -> None:
    wild = pl.col("symbol").cum_count() <= 50
    blind = ROWS.table.filter(pl.col("symbol") == "S0").with_columns(
        pl.when(wild).then(value).alias(name)
        for name, value in (("volatility", 1.0 + pl.col("volatility") / 100), ("return", 1.0))
    )
    hysteresis = Hysteresis(rows=40)
    said = hysteresis(fitted(recipe, ROWS).filter(Dataset(blind, ROWS.features))).table
    assert said["regime"].to_list() == ["high_vol"] * 90 + [None] * 210
    assert said["since"].drop_nulls().unique().to_list() == [said["at"][0]]


def test_a_regime_that_was_unsaid_is_said_anew_from_the_row_that_shows_it() -> None:
    unseen = pl.int_range(pl.len()).over("symbol").is_between(100, 119)
    gap = ROWS.table.with_columns(pl.when(~unseen).then("return").alias("return"))
    said = Hysteresis()(GaussianHMM(2).fit(ROWS).filter(Dataset(gap, ROWS.features))).table
    for mine in said.partition_by("symbol"):
        assert mine["regime"].is_null().arg_true().to_list() == [*range(110, 120)]
        assert mine["since"][120] == mine["at"][120]


def test_rows_that_were_not_seen_are_counted_alike_in_a_history_that_is_cut_and_row_by_row() -> (
    None
):
    unseen = pl.int_range(pl.len()).over("symbol") % 40 >= 25
    gaps = ROWS.table.with_columns(pl.when(~unseen).then("return").alias("return"))
    regimes, hysteresis, state = GaussianHMM(2).fit(ROWS), Hysteresis(), SayingState()
    told = regimes.filter(Dataset(gaps, ROWS.features))
    whole = hysteresis(told).table
    aloud = LiveSaying(hysteresis, told.regimes)
    for part in told.table.partition_by("at", maintain_order=True):
        said, state = hysteresis.step(state, MarketState(part, told.regimes))
        assert said.table.equals(whole.filter(at=part["at"][0]))
        for row, one in zip(part.iter_rows(named=True), said.table.rows(), strict=True):
            sure = np.array([row[name] for name in told.regimes])
            pushed = aloud.push(row["symbol"], row["at"], sure, observed=not row["degraded"])
            assert (row["at"], row["symbol"], *pushed) == one
    assert 0 < whole["regime"].null_count() < len(whole) / 2


def test_what_was_kept_before_unseen_rows_were_counted_is_gone_on_from() -> None:
    state = SayingState({"A": (1, -1, 0, 7, 0)}, {"A": BORDER})
    kept = left_off(state)
    kept["said"]["A"] = kept["said"]["A"][:4]
    assert resumed(kept) == state


def test_symbols_learnt_alone_share_their_names() -> None:
    fit = BySymbol(GaussianHMM(2)).fit(ROWS)
    assert {one.names for one in fit.alone.values()} == {fit.names}
    assert len({one.chain.means.tobytes() for one in fit.alone.values()}) == 3


def test_a_choice_needs_recipes_and_a_history() -> None:
    with pytest.raises(Misuse, match="no recipe to choose from"):
        choose(ROWS, [])
    with pytest.raises(BadTable, match=r"0\.7 of 1 moments to learn from: give a longer history"):
        choose(Dataset(ROWS.table.head(3), ROWS.features), [GaussianHMM(2)])


def test_what_is_no_detector_is_not_restored() -> None:
    kept = document(JumpModel(2).fit(ROWS))
    assert restored(kept).filter(ROWS) == JumpModel(2).fit(ROWS).filter(ROWS)
    with pytest.raises(
        BadTable, match="no detector is called 'JumpMdel': did you mean 'JumpModel'"
    ):
        restored({**kept, "kind": "JumpMdel"})
