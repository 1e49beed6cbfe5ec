"""Platt scaling of the log-odds, shrunk to the base rate where the evidence for the slope is thin."""

from dataclasses import dataclass

import numpy as np

from tradewind.core import Dataset, Forecast
from tradewind.core.arrays import Floats
from tradewind.core.errors import Misuse
from tradewind.core.tables import physical
from tradewind.evaluation.logistic import fit_bias, fit_logistic, logit, slope_variance


@dataclass(frozen=True)
class Platt:
    """p -> sigmoid(slope * logit(p) + bias). A slope of 0 says the base rate of every row.

    >>> round(float(Platt(slope=0.0, bias=0.0).scale(np.array([0.9]))[0]), 3)
    0.5
    """

    slope: float
    bias: float

    def scale(self, up: Floats) -> Floats:
        return 1 / (1 + np.exp(-(self.slope * logit(up) + self.bias)))

    def __call__(self, forecast: Forecast) -> Forecast:
        up = self.scale(forecast.probability("up"))
        return forecast.with_probabilities(np.column_stack([1 - up, up]), calibrated=True)


@dataclass(frozen=True)
class PlattLearner:
    """Fits slope and bias on a later part than the model saw, and trusts the slope as far as it is sure.

    The slope is multiplied by max(0, 1 - variance / slope²) (positive-part James-Stein), its variance
    taken over moments, since the symbols of one moment share their luck and labels that overlap share more;
    a negative slope becomes 0.
    So a model that showed nothing on the calibration part says the base rate, and cannot lose to it by
    more than the noise of the base rate itself.
    """

    def __call__(self, forecast: Forecast, rows: Dataset) -> Platt:
        up = forecast.probability("up")
        outcomes = rows.outcomes
        if len(up) != len(outcomes) or not len(up):
            raise Misuse(
                f"{len(up)} forecasts to calibrate on {len(outcomes)} outcomes",
                "forecast exactly the resolved rows, and at least one",
            )
        x = logit(up)
        if np.ptp(outcomes) == 0:  # one class says nothing of a slope
            return Platt(0.0, fit_bias(np.zeros_like(x), outcomes))
        slope, bias = fit_logistic(x, outcomes)
        moments, horizon = physical(rows.table["decided_at"]), int(max(forecast.table["horizon"]))
        variance = slope_variance(x, outcomes, moments, slope, bias, horizon)
        trust = max(0.0, 1 - variance / slope**2) if slope > 0 else 0.0
        return Platt(slope * trust, fit_bias(slope * trust * x, outcomes))
