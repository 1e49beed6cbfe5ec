"""Scores say what was earned and how much better it is, by the calendar and beside the baseline."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tradewind.core import Dataset, Forecast, Ledger, stream
from tradewind.core.errors import BadTable
from tradewind.evaluation.scoring import forecast_scores, money_scores, probabilities

START = datetime(2020, 1, 1, tzinfo=UTC)
NAMES = pl.Enum(["ACME"])


def book(growth: float, steps: int, every: timedelta, noise: float = 0.0) -> Ledger:
    """A book that bought one ACME at 100 for all it had, and then only watched its price."""
    ledger = Ledger.opening(100.0, START, NAMES)
    fill = pl.DataFrame(
        [(START, "ACME", START, 1.0, 100.0, 0.0)], schema=ledger.fills.schema, orient="row"
    )
    nothing = ledger.fills.clear()
    shocks = stream(1, "noise").normal(0, noise, steps + 1) if noise else np.zeros(steps + 1)
    for i in range(steps + 1):
        price = np.array([100.0 * np.exp(growth * i + shocks[i])])
        fills = fill if i == 0 else nothing
        ledger = ledger.settled(START + every * i, fills, price, np.zeros(1, dtype=np.int64))
    return ledger


@pytest.mark.parametrize(
    ("every", "steps"),
    [(timedelta(days=30.4375), 24), (timedelta(days=1), 730), (timedelta(hours=6), 2000)],
)
def test_a_year_is_a_year_whether_the_moments_are_minutes_days_or_months(
    every: timedelta, steps: int
) -> None:
    years = every * steps / timedelta(days=365.25)
    ledger = book(np.log(1.21) / 2 * (years / steps) if steps else 0, steps, every)
    scores = {s.name: s for s in money_scores(ledger, book(0.0, steps, every), stream(1, "x"))}
    assert scores["annual_return"].value == pytest.approx(0.1, rel=1e-6)
    assert scores["return_over_baseline"].value == pytest.approx(np.log(1.1), rel=1e-6)
    assert scores["max_drawdown"].value == 0


def test_turnover_and_costs_are_of_a_year() -> None:
    scores = {
        s.name: s for s in money_scores(*[book(0.0, 365, timedelta(days=1))] * 2, stream(1, "x"))
    }
    assert scores["turnover"].value == pytest.approx(365.25 / 365)
    assert scores["costs_bps"].value == 0


def forecasts(up: np.ndarray) -> tuple[Forecast, Dataset]:
    at = [START + timedelta(days=i) for i in range(len(up))]
    outcomes = (stream(2, "y").random(len(up)) < 0.6).astype(float)
    rows = pl.DataFrame(
        {
            "decided_at": at,
            "resolved_at": [t + timedelta(days=1) for t in at],
            "symbol": "ACME",
            "y": outcomes,
        },
        schema_overrides={"symbol": NAMES},
    )
    table = rows.select("symbol", at="decided_at", horizon=1).with_columns(
        probabilities=np.column_stack([1 - up, up])
    )
    forecast = Forecast.of(table, model="m", target="y", unit="", classes=("down", "up"))
    return forecast, Dataset(rows, (), "y")


def test_a_forecast_has_no_skill_over_itself() -> None:
    forecast, rows = forecasts(np.full(500, 0.55))
    skill = forecast_scores(forecast, forecast, rows, stream(1, "x"))[0]
    assert (skill.value, skill.low, skill.high) == (0.0, 0.0, 0.0)


def test_a_better_base_rate_is_skill_and_a_worse_one_is_not() -> None:
    right, rows = forecasts(np.full(2000, 0.6))
    wrong, _ = forecasts(np.full(2000, 0.3))
    forth = forecast_scores(right, wrong, rows, stream(1, "x"))[0]
    back = forecast_scores(wrong, right, rows, stream(1, "x"))[0]
    assert forth.low is not None
    assert back.high is not None
    assert forth.low > 0 > back.high


def test_a_labelled_row_that_was_never_forecast_is_refused() -> None:
    forecast, rows = forecasts(np.full(10, 0.5))
    with pytest.raises(BadTable, match="9 of 10 labelled rows were never forecast"):
        probabilities(forecast.at(START), rows)


def test_a_book_of_a_few_hours_is_not_blown_up_to_a_year() -> None:
    ledger = book(0.001, 180, timedelta(minutes=1))
    scores = {s.name: s for s in money_scores(ledger, ledger, stream(1, "x"))}
    assert scores["return"].value == pytest.approx(np.expm1(0.18))
    assert "sharpe" not in scores
    assert "annual_return" not in scores
