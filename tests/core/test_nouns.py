"""Each noun refuses what it is not, in a sentence that says what to do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import tradewind.core as core
from tradewind.core import (
    Dataset,
    Decision,
    Forecast,
    Ledger,
    Market,
    MarketState,
    Panel,
    Pattern,
    Score,
    Scorecard,
)
from tradewind.core.errors import BadTable, Misuse, TradewindError
from tradewind.core.pattern import WIDTH, Outcome, Patterns

AT = datetime(2024, 1, 2, 21, tzinfo=UTC)
NAMES = pl.Enum(["ACME", "WILE"])
KEYS = {"at": pl.Datetime("us", "UTC"), "symbol": NAMES}


def two_rows(**columns: object) -> pl.DataFrame:
    return pl.DataFrame(
        {"at": [AT, AT], "symbol": ["ACME", "WILE"], **columns}, schema_overrides=KEYS
    )


def chances(*rows: list[float]) -> Forecast:
    table = two_rows(horizon=1, probabilities=list(rows))
    return Forecast.of(table, model="m", target="rise", unit="", classes=("down", "up"))


def test_every_noun_is_exported_and_nothing_else() -> None:
    public = {name for name in vars(core) if not name.startswith("_")}
    modules = {name for name in public if type(getattr(core, name)).__name__ == "module"}
    assert set(core.__all__) == public - modules


def test_probabilities_must_sum_to_one() -> None:
    with pytest.raises(BadTable, match="probabilities of 'WILE' do not sum to 1"):
        chances([0.5, 0.5], [0.5, 0.6])


def test_probabilities_stay_between_zero_and_one() -> None:
    with pytest.raises(BadTable, match=r"probabilities of 'ACME' leave \[0, 1\]"):
        chances([-0.5, 1.5], [0.5, 0.5])


def test_a_forecast_knows_only_its_own_classes() -> None:
    with pytest.raises(BadTable, match="no class 'upp': did you mean 'up'"):
        chances([0.5, 0.5], [0.4, 0.6]).probability("upp")


def test_a_forecast_of_nan_is_refused() -> None:
    with pytest.raises(BadTable, match="a vector in 'probabilities' of a Forecast is not finite"):
        chances([float("nan"), 0.5], [0.5, 0.5])


def test_a_decision_of_nan_is_refused() -> None:
    with pytest.raises(BadTable, match="asks for a weight that is not a number"):
        Decision.of(two_rows(), np.array([np.nan, 0.1]), by="me", why="why not")


def test_a_weight_that_did_not_change_gets_no_reason() -> None:
    first = Decision.of(two_rows(), np.array([0.2, 0.1]), by="allocator", why="p")
    capped = first.revised(np.array([0.15, 0.1]), by="cap", why="15 %")
    assert capped.table["reasons"].list.len().to_list() == [2, 1]


def test_a_dataset_does_not_split_before_it_is_resolved() -> None:
    rows = two_rows(x=1.0, y=[1.0, None], resolved_at=[AT + timedelta(days=1), None]).rename(
        {"at": "decided_at"}
    )
    dataset = Dataset(rows.cast({"resolved_at": pl.Datetime("us", "UTC")}), ("x",), "y")
    with pytest.raises(BadTable, match=r"some rows are not resolved: take dataset\.resolved"):
        dataset.spans()
    assert len(dataset.resolved) == 1


def test_a_market_needs_bars_and_no_calendar_for_what_it_lacks() -> None:
    with pytest.raises(BadTable, match="needs a panel named 'bars'"):
        Market({})
    bars = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02"], "symbol": "A", "close": 1.0}))
    with pytest.raises(
        BadTable, match="a calendar for 'bar', and no such panel: did you mean 'bars'"
    ):
        Market({"bars": bars}, calendars={"bar": "XNYS"})


def test_a_market_as_of_a_moment_keeps_no_truth_and_no_later_member() -> None:
    bars = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02"], "symbol": "A", "close": 1.0}))
    known = [AT, AT + timedelta(days=9)]
    members = two_rows(known_at=known, start=known, end=pl.Series([None, None], dtype=KEYS["at"]))
    nothing = pl.DataFrame()
    truth = core.Truth(nothing, nothing, nothing, nothing, nothing)
    seen = Market({"bars": bars}, universe=members, truth=truth).as_of(AT)
    assert seen.truth is None
    assert seen.universe is not None
    assert len(seen.universe) == 1


def test_a_pattern_is_not_known_before_it_ends() -> None:
    unit = np.full(WIDTH, WIDTH**-0.5)
    later = AT + timedelta(days=5)
    with pytest.raises(BadTable, match="an episode is known when its last bar is"):
        Pattern("A", "gap", timedelta(days=1), AT, later, AT, unit, 0.5)
    with pytest.raises(BadTable, match=r"give \(128,\) numbers of unit length"):
        Pattern("A", "gap", timedelta(days=1), AT, later, later, unit * 2, 0.5)
    for outcome in (Outcome(0.1, later), Outcome(float("nan"), later + timedelta(1))):
        with pytest.raises(BadTable, match="give a log return, and when it was known"):
            Pattern(
                *("A", "gap", timedelta(days=1), AT, later, later, unit, 0.5),
                followed={timedelta(1): outcome},
            )


def test_what_followed_a_pattern_is_not_there_before_it_was_known() -> None:
    unit, later = np.full(WIDTH, WIDTH**-0.5), AT + timedelta(days=5)
    followed = {timedelta(n): Outcome(0.01 * n, later + timedelta(n)) for n in (1, 5)}
    pattern = Pattern(
        *("A", "gap", timedelta(days=1), AT, later, later, unit, 0.5), followed=followed
    )
    known = [[*pattern.as_of(later + timedelta(n)).followed] for n in (0, 1, 5)]
    assert known == [[], [timedelta(1)], [timedelta(1), timedelta(5)]]


def test_patterns_are_a_table_and_come_back_from_it() -> None:
    unit, later = np.full(WIDTH, WIDTH**-0.5), AT + timedelta(days=5)
    followed = {timedelta(1): Outcome(0.01, later + timedelta(1))}
    two = [
        Pattern(
            *(name, "gap", timedelta(days=1), AT, later, later, unit, 0.5), 1, followed=followed
        )
        for name in ("B", "A")
    ]
    patterns = Patterns.of(two)
    assert [one.symbol for one in patterns] == ["A", "B"]
    assert [one.followed for one in patterns] == [followed, followed]
    assert patterns.vectors.shape == (2, WIDTH)
    assert Patterns.of(patterns) == patterns
    doubled = pl.Series("embedding", patterns.vectors * 2, dtype=pl.Array(pl.Float32, WIDTH))
    with pytest.raises(BadTable, match="divide each by its length"):
        Patterns(patterns.table.with_columns(doubled))


def test_a_state_whose_regimes_do_not_sum_to_one_is_refused() -> None:
    empty = pl.Series([[], []], dtype=pl.List(pl.String))
    table = two_rows(calm=[0.5, 0.4], wild=[0.5, 0.4], similar=empty, degraded=empty)
    with pytest.raises(BadTable, match=r"regime probabilities of 'WILE' sum to 0\.8"):
        MarketState(table, ("calm", "wild"))


def test_a_ledger_opens_with_cash_and_recounts_its_equity() -> None:
    with pytest.raises(BadTable, match=r"a Ledger opens with 0\.0 of cash"):
        Ledger.opening(0.0, AT, NAMES)
    book = Ledger.opening(100.0, AT, NAMES)
    later, stamps = AT + timedelta(days=1), np.zeros(2, dtype=np.int64)
    fill = pl.DataFrame(
        [(later, "ACME", AT, 2.0, 9.0, 0.5)], schema=book.fills.schema, orient="row"
    )
    marks = np.array([10.0, 20.0])
    book = book.settled(AT, book.fills, marks, stamps).settled(later, fill, marks, stamps)
    assert book.value == 100 - 18 - 0.5 + 20
    assert book.findings() == ()
    forgotten = replace(book.accounts[-1], fills=book.fills.clear())
    lost = replace(book, accounts=(book.accounts[0], forgotten))
    assert "and the fills recount to" in str(lost.findings()[0])


def test_a_ledger_refuses_to_hold_what_has_no_mark() -> None:
    book = Ledger.opening(100.0, AT, NAMES)
    fill = pl.DataFrame([(AT, "WILE", AT, 2.0, 9.0, 0.5)], schema=book.fills.schema, orient="row")
    with pytest.raises(BadTable, match=r"'WILE' is held at 2024-01-02 .* and has no mark"):
        book.settled(AT, fill, np.array([1.0, np.nan]), np.zeros(2, dtype=np.int64))
    with pytest.raises(BadTable, match="fills of a Ledger have the columns"):
        book.settled(AT, fill.drop("cost"), np.ones(2), np.zeros(2, dtype=np.int64))


def test_a_score_whose_interval_is_upside_down_is_refused() -> None:
    with pytest.raises(BadTable, match="the interval of 'skill'"):
        Score("skill", 0.1, 0.3, 0.2, "")
    with pytest.raises(BadTable, match="there is no score 'x': there are skill"):
        Scorecard("m", (Score("skill", 0.1, 0.0, 0.2, ""),)).score("x")


def test_every_error_says_rule_and_remedy() -> None:
    error = Misuse("the rule", "the remedy")
    assert isinstance(error, TradewindError)
    assert (error.rule, error.remedy, str(error)) == (
        "the rule",
        "the remedy",
        "the rule: the remedy",
    )
