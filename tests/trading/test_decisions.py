"""Allocation is capped and patient; guards only ever take away."""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from tradewind.core import Decision, Forecast, Ledger, stream
from tradewind.core.errors import BadConfig, BadTable
from tradewind.evaluation.contracts import check_allocator, check_guard
from tradewind.trading.allocation import CappedLong
from tradewind.trading.guardrails import DrawdownBrake

AT = datetime(2024, 1, 2, tzinfo=UTC)
LATER = datetime(2024, 1, 3, tzinfo=UTC)
NAMES = pl.Enum([f"S{i}" for i in range(20)])


def chances(up: np.ndarray, abstains: bool = False) -> Forecast:
    rows = pl.DataFrame(
        {"at": AT, "symbol": list(NAMES.categories)[: len(up)], "horizon": 1, "abstains": abstains},
        schema_overrides={"symbol": NAMES},
    ).with_columns(probabilities=np.column_stack([1 - up, up]))
    return Forecast.of(rows, model="m", target="up", unit="", classes=("down", "up"))


def held(weights: np.ndarray, start: float = 100.0) -> Ledger:
    """A book of 100 that holds these weights at a price of 1."""
    book = Ledger.opening(start, AT, NAMES)
    fills = [
        (AT, name, AT, 100 * w, 1.0, 0.0)
        for name, w in zip(NAMES.categories, weights, strict=False)
    ]
    table = pl.DataFrame(fills, schema=book.fills.schema, orient="row")
    return book.settled(AT, table, np.ones(20), np.zeros(20, dtype=np.int64))


CASH = held(np.zeros(20))


def test_weights_follow_the_edge_and_stop_at_the_cap() -> None:
    weights = CappedLong(cap=0.3)(chances(np.array([0.51, 0.52, 0.57, 0.4])), CASH).weights
    assert weights == pytest.approx([0.1, 0.2, 0.3, 0.0])


def test_gross_exposure_is_never_above_its_limit() -> None:
    for seed in range(50):
        up = stream(seed, "p").random(20)
        assert CappedLong(cap=0.2, gross=0.8)(chances(up), CASH).weights.sum() <= 0.8 + 1e-12


def test_a_small_wish_leaves_what_is_held() -> None:
    up = np.array([0.51, 0.51])
    book = held(np.array([0.495, 0.5]))
    decision = CappedLong(cap=1.0, band=0.02)(chances(up), book)
    assert decision.weights.tolist() == [0.495, 0.5]
    assert decision.table["reasons"][0][-1]["why"] == "less than 2% from what is held"


def test_a_row_that_abstains_gets_nothing() -> None:
    assert CappedLong()(chances(np.array([0.9, 0.9]), abstains=True), CASH).weights.tolist() == [
        0,
        0,
    ]


def test_the_allocator_passes_its_battery() -> None:
    for seed in range(20):
        book = held(stream(seed, "held").dirichlet(np.ones(20)))
        assert check_allocator(CappedLong(), chances(stream(seed, "p").random(20)), book) == ()


@pytest.mark.parametrize("fallen", [0.0, 0.1, 0.2, 0.3, 0.4, 0.9])
def test_the_brake_passes_the_battery_of_guards_at_any_drawdown(fallen: float) -> None:
    decision = CappedLong(cap=0.5)(chances(np.array([0.6, 0.7, 0.8])), CASH)
    book = held(np.array([1.0]))
    marks = np.full(20, 1.0 - fallen)
    book = book.settled(LATER, book.fills.clear(), marks, np.zeros(20, dtype=np.int64))
    assert book.drawdown == pytest.approx(fallen)
    assert check_guard(DrawdownBrake(), decision, book) == ()
    left = DrawdownBrake()(decision, book).weights.sum() / decision.weights.sum()
    assert left == pytest.approx(1 - 0.75 * np.clip((fallen - 0.15) / 0.2, 0, 1))


def test_the_brake_says_why() -> None:
    decision = CappedLong(cap=0.5)(chances(np.array([0.6])), CASH)
    fallen = held(np.array([1.0]), 100.0)
    fallen = fallen.settled(
        LATER, fallen.fills.clear(), np.full(20, 0.75), np.zeros(20, dtype=np.int64)
    )
    after = DrawdownBrake()(decision, fallen)
    assert after.weights == pytest.approx(decision.weights * 0.625)
    assert after.table["reasons"][0][-1]["why"] == "the book is 25.0% below its peak"


def test_the_battery_catches_a_guard_that_adds_risk() -> None:
    decision = CappedLong(cap=0.5)(chances(np.array([0.6])), CASH)

    def doubles(decision: Decision, book: Ledger) -> Decision:
        return decision.revised(decision.weights * 2, by="doubles", why="more is more")

    assert "the weight of 'S0' became riskier" in str(check_guard(doubles, decision, CASH)[0])


@pytest.mark.parametrize("wrong", [{"cap": 0.0}, {"cap": 2.0}, {"band": 1.5}])
def test_limits_that_contradict_each_other_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(
        BadConfig, match="keep 0 < cap <= gross <= 1, and band and threshold in 0 to 1"
    ):
        CappedLong(**wrong)


def test_a_brake_that_stops_before_it_starts_is_refused() -> None:
    with pytest.raises(BadConfig, match="keep 0 <= starts < stops <= 1 and 0 <= least <= 1"):
        DrawdownBrake(0.3, 0.2)


def test_caps_and_gross_hold_for_whatever_is_held() -> None:
    for seed in range(100):
        rng = stream(seed, "held")
        book = held(rng.dirichlet(np.ones(20)) * rng.uniform(0.2, 1.2))
        count = int(rng.integers(1, 21))
        weights = CappedLong(cap=0.1, gross=0.9)(chances(rng.random(count)), book).weights
        assert weights.max() <= 0.1 + 1e-12
        unsold = np.abs(book.weights[count:]).sum()
        assert weights.sum() <= max(0.0, 0.9 - unsold) + 1e-9


def test_what_cannot_be_sold_leaves_less_room() -> None:
    book = held(np.array([0.0, 0.0, 0.7]))
    weights = CappedLong(cap=1.0)(chances(np.array([0.6, 0.6])), book).weights
    assert weights.sum() == pytest.approx(0.3)


def test_a_book_of_other_names_is_refused() -> None:
    other = Ledger.opening(100.0, AT, pl.Enum(["S0", "OTHER"]))
    with pytest.raises(BadTable, match="symbols of other names than it was opened with"):
        CappedLong()(chances(np.array([0.6])), other)


def test_the_battery_catches_an_allocator_that_drops_rows_and_one_that_hides_its_reasons() -> None:
    def drops(forecast: Forecast, book: Ledger) -> Decision:
        return Decision.of(forecast.table[:1], np.array([0.1]), by="drops", why="one is enough")

    def hides(forecast: Forecast, book: Ledger) -> Decision:
        silent = Decision.of(forecast.table, np.zeros(len(forecast)), by="hides", why="")
        return Decision(silent.table.with_columns(weight=pl.lit(0.1)))

    two = chances(np.array([0.6, 0.7]))
    assert "not one weight for each row" in str(check_allocator(drops, two, CASH)[0])
    assert "2 weights are not what their last reason says" in str(
        check_allocator(hides, two, CASH)[0]
    )
