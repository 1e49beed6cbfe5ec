"""Allocation is capped and patient; guards only ever take away."""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from tradewind.core import Decision, Forecast, Ledger, stream
from tradewind.core.errors import BadConfig
from tradewind.evaluation.contracts import check_allocator, check_guard
from tradewind.trading.allocation import CappedLong
from tradewind.trading.guardrails import DrawdownBrake

AT = datetime(2024, 1, 2, tzinfo=UTC)
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


def test_the_brake_passes_the_battery_of_guards_at_any_drawdown() -> None:
    decision = CappedLong(cap=0.5)(chances(np.array([0.6, 0.7, 0.8])), CASH)
    for start in (100.0, 110.0, 125.0, 140.0, 400.0):
        book = held(np.zeros(20), start)
        assert check_guard(DrawdownBrake(), decision, book) == ()


def test_the_brake_says_why() -> None:
    decision = CappedLong(cap=0.5)(chances(np.array([0.6])), CASH)
    fallen = held(np.array([1.0]), 100.0)
    later = datetime(2024, 1, 3, tzinfo=UTC)
    fallen = fallen.settled(
        later, fallen.fills.clear(), np.full(20, 0.75), np.zeros(20, dtype=np.int64)
    )
    after = DrawdownBrake()(decision, fallen)
    assert after.weights == pytest.approx(decision.weights / 2)
    assert after.table["reasons"][0][-1]["why"] == "the book is 25.0% below its peak"


def test_the_battery_catches_a_guard_that_adds_risk() -> None:
    decision = CappedLong(cap=0.5)(chances(np.array([0.6])), CASH)

    def doubles(decision: Decision, book: Ledger) -> Decision:
        return decision.revised(decision.weights * 2, by="doubles", why="more is more")

    assert "the weight of 'S0' became riskier" in str(check_guard(doubles, decision, CASH)[0])


@pytest.mark.parametrize("wrong", [{"cap": 0.0}, {"cap": 2.0}, {"band": 1.5}])
def test_limits_that_contradict_each_other_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadConfig, match="keep 0 < cap <= gross and 0 <= band < 1"):
        CappedLong(**wrong)


def test_a_brake_that_stops_before_it_starts_is_refused() -> None:
    with pytest.raises(BadConfig, match="keep 0 <= starts < stops <= 1"):
        DrawdownBrake(0.3, 0.2)
