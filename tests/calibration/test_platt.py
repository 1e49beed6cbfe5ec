"""Calibration means what it says, trusts no thin evidence, and moves no row because of another."""

import numpy as np
import polars as pl
import pytest

from tradewind.calibration.platt import Platt, PlattLearner
from tradewind.core import Dataset, Forecast, stream
from tradewind.core.errors import Misuse
from tradewind.evaluation.contracts import check_calibrator
from tradewind.evaluation.logistic import logit

SYMBOLS = pl.Enum([f"S{i:02d}" for i in range(10)])


def said_and_done(
    rows: int, up: np.ndarray, truth: np.ndarray, seed: int
) -> tuple[Forecast, Dataset]:
    """Ten symbols at each moment; `up` is said of each row and `truth` is its real probability."""
    moments = rows // 10
    table = pl.DataFrame(
        {
            "decided_at": np.repeat(np.arange(moments) * 86_400_000_000, 10),
            "symbol": list(SYMBOLS.categories) * moments,
            "y": (stream(seed, "y").random(rows) < truth).astype(float),
        },
        schema_overrides={"symbol": SYMBOLS},
    ).with_columns(pl.col("decided_at").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))
    table = table.with_columns(resolved_at=pl.col("decided_at") + pl.duration(days=1))
    keys = table.select("symbol", at="decided_at", horizon=1)
    forecast = Forecast.of(
        keys.with_columns(probabilities=np.column_stack([1 - up, up])),
        model="m",
        target="up",
        unit="",
        classes=("down", "up"),
    )
    return forecast, Dataset(table, (), "y")


def test_an_overconfident_model_is_brought_back() -> None:
    truth = np.clip(stream(1, "p").normal(0.53, 0.05, 20_000), 0.01, 0.99)
    loud = 1 / (1 + np.exp(-3 * logit(truth)))
    fitted = PlattLearner()(*said_and_done(20_000, loud, truth, seed=1))
    assert fitted.slope == pytest.approx(1 / 3, abs=0.05)


def test_noise_is_answered_with_the_base_rate() -> None:
    trusted = []
    for seed in range(40):
        noise = np.clip(stream(seed, "p").normal(0.5, 0.05, 2000), 0.01, 0.99)
        fitted = PlattLearner()(*said_and_done(2000, noise, np.full(2000, 0.55), seed))
        assert fitted.slope >= 0
        trusted.append(fitted.slope)
    # positive and beyond one standard error: about one noise in six is trusted a little
    assert np.mean([slope == 0 for slope in trusted]) > 0.7
    assert np.median(trusted) == 0


def test_a_model_that_is_wrong_way_round_is_not_turned() -> None:
    truth = np.clip(stream(2, "p").normal(0.5, 0.1, 5000), 0.01, 0.99)
    assert PlattLearner()(*said_and_done(5000, 1 - truth, truth, seed=2)).slope == 0


def test_the_mean_that_is_said_is_the_base_rate() -> None:
    truth = np.clip(stream(3, "p").normal(0.6, 0.1, 5000), 0.01, 0.99)
    forecast, rows = said_and_done(5000, np.clip(truth - 0.2, 0.01, 0.99), truth, seed=3)
    after = PlattLearner()(forecast, rows)(forecast)
    assert after.probability("up").mean() == pytest.approx(rows.outcomes.mean(), abs=1e-3)


def test_platt_passes_the_battery_of_calibrators() -> None:
    truth = np.clip(stream(4, "p").normal(0.5, 0.1, 2000), 0.01, 0.99)
    forecast, _ = said_and_done(2000, truth, truth, seed=4)
    assert check_calibrator(Platt(0.7, 0.1), forecast) == ()


def test_the_battery_catches_a_calibrator_that_reorders_and_one_that_looks_around() -> None:
    truth = np.clip(stream(5, "p").normal(0.5, 0.1, 200), 0.01, 0.99)
    forecast, _ = said_and_done(200, truth, truth, seed=5)

    def looks_around(given: Forecast) -> Forecast:
        up = given.probability("up")
        up = up / up.max()
        return given.with_probabilities(np.column_stack([1 - up, up]), calibrated=True)

    assert "became unlikelier" in str(check_calibrator(Platt(-1.0, 0.0), forecast)[0])
    assert "depends on the rows beside it" in str(check_calibrator(looks_around, forecast)[0])
    assert "does not say it calibrated" in str(check_calibrator(lambda same: same, forecast)[0])


def test_forecasts_and_outcomes_must_be_the_same_rows() -> None:
    forecast, rows = said_and_done(100, np.full(100, 0.5), np.full(100, 0.5), 6)
    with pytest.raises(Misuse, match="100 forecasts to calibrate on 50 outcomes"):
        PlattLearner()(forecast, rows.take(np.arange(50)))
