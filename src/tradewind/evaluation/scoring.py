"""Forecasts and ledgers onto a scorecard: each figure beside its baseline's, each with its interval."""

from datetime import timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core import Dataset, Forecast, Ledger, Rng, Score
from tradewind.core.arrays import Floats
from tradewind.core.errors import BadTable
from tradewind.core.tables import floats, physical
from tradewind.evaluation.intervals import interval
from tradewind.evaluation.logistic import fit_logistic, logit, slope_variance
from tradewind.evaluation.metrics import brier, log_loss, max_drawdown, sharpe

YEAR = timedelta(days=365.25)
SHORTEST_YEARS = 0.25


def forecast_scores(
    model: Forecast, baseline: Forecast, rows: Dataset, rng: Rng
) -> tuple[Score, ...]:
    """Skill against the baseline on resolved rows, and the calibration of what was said."""
    up, base, outcomes = probabilities(model, rows), probabilities(baseline, rows), rows.outcomes
    moments = physical(rows.table["decided_at"])
    log_skill = skill(
        "log_loss_skill", log_loss(up, outcomes), log_loss(base, outcomes), moments, rng
    )
    brier_skill = skill("brier_skill", brier(up, outcomes), brier(base, outcomes), moments, rng)
    slope, bias = fit_logistic(logit(up), outcomes)
    horizon = int(max(model.table["horizon"]))
    half = 1.96 * slope_variance(logit(up), outcomes, moments, slope, bias, horizon) ** 0.5
    return (
        log_skill,
        brier_skill,
        _score("calibration_slope", slope, (slope - half, slope + half), "1 is calibrated"),
    )


def fold_skill(
    model: Floats, baseline: Floats, moments: npt.NDArray[np.integer], rng: Rng
) -> Score:
    """The log-loss skill of a part of the rows, from losses per row."""
    return skill("log_loss_skill", model, baseline, moments, rng)


def probabilities(forecast: Forecast, rows: Dataset) -> Floats:
    """(rows,) what was said of each labelled row.

    Rows that were never forecast are refused: a score of what is left would flatter.
    """
    said = forecast.table.select("symbol", at="at", up=pl.Series(forecast.probability("up")))
    wanted = rows.table.select("symbol", at="decided_at")
    joined = wanted.join(said, on=["at", "symbol"], how="left", maintain_order="left")
    if missing := joined["up"].null_count():
        raise BadTable(
            f"{missing} of {len(wanted)} labelled rows were never forecast",
            "forecast every moment that is scored",
        )
    return floats(joined["up"])


def money_scores(ledger: Ledger, baseline: Ledger, rng: Rng) -> tuple[Score, ...]:
    """What the decisions earned, beside what the baseline's earned through the same broker.

    A year's worth; of a book kept for less than a quarter, what it did in its time, since a year of it
    would be a fable.
    """
    model, base = log_returns(ledger), log_returns(baseline)
    times, name, unit = 1 / years_of(ledger), "annual_return", "a year"
    if years_of(ledger) < SHORTEST_YEARS:
        times, name, unit = 1.0, "return", f"in {years_of(ledger) * 365.25:.0f} days"

    def lead(returns: Floats) -> float:
        return float(returns.sum() * times)

    def growth(returns: Floats) -> float:
        return float(np.expm1(lead(returns)))

    over = interval(model - base, lead, rng)
    earned = (
        _score(name, growth(model), interval(model, growth, rng), unit, growth(base)),
        _score(
            "return_over_baseline", lead(model - base), over, f"share of equity {unit}, in logs"
        ),
        _plain("max_drawdown", max_drawdown(curve(ledger)), "", max_drawdown(curve(baseline))),
        _plain(
            "turnover", turnover(ledger, times), f"times equity {unit}", turnover(baseline, times)
        ),
        _plain(
            "costs_bps", costs_bps(ledger, times), f"of equity {unit}", costs_bps(baseline, times)
        ),
    )
    if name == "return":
        return earned
    a_year = len(model) * times

    def risked(returns: Floats) -> float:
        return sharpe(returns, a_year)

    ratio = _score("sharpe", risked(model), interval(model, risked, rng), unit, risked(base))
    return (*earned[:2], ratio, *earned[2:])


def years_of(ledger: Ledger) -> float:
    """How long the book was kept, by the calendar, whatever its moments are: minutes, days or months."""
    return float((ledger.accounts[-1].at - ledger.accounts[0].at) / YEAR)


def log_returns(ledger: Ledger) -> Floats:
    """(moments - 1,) log returns of equity."""
    return np.asarray(np.diff(np.log(curve(ledger))))


def turnover(ledger: Ledger, times: float) -> float:
    """The value traded, in multiples of equity, so many times over."""
    traded = np.abs(floats(ledger.fills["quantity"]) * floats(ledger.fills["price"])).sum()
    return float(traded) / _mean_equity(ledger) * times


def costs_bps(ledger: Ledger, times: float) -> float:
    """Costs in hundredths of a percent of equity, so many times over."""
    return ledger.account.costs / _mean_equity(ledger) * times * 1e4


def _mean_equity(ledger: Ledger) -> float:
    return float(floats(ledger.equity["equity"]).mean())


def curve(ledger: Ledger) -> Floats:
    """(moments,) equity as a multiple of the cash it began with."""
    return np.asarray(floats(ledger.equity["equity"]) / ledger.start_cash)


def per_moment(values: Floats, moments: npt.NDArray[np.integer]) -> Floats:
    """(moments,) the mean over the rows of each moment: one luck, one observation.

    >>> per_moment(np.array([1.0, 3.0, 5.0]), np.array([10, 10, 20])).tolist()
    [2.0, 5.0]
    """
    _, group, count = np.unique(moments, return_inverse=True, return_counts=True)
    return np.asarray(np.bincount(group, values) / count)


def skill(
    name: str, model: Floats, baseline: Floats, moments: npt.NDArray[np.integer], rng: Rng
) -> Score:
    """The share of the baseline's loss that the model saves, from losses per row."""
    pairs = np.column_stack([per_moment(baseline - model, moments), per_moment(baseline, moments)])

    def share(rows: Floats) -> float:
        return float(rows[:, 0].mean() / rows[:, 1].mean())

    unit = "share of the baseline's loss"
    return _score(name, share(pairs), interval(pairs, share, rng), unit, 0.0)


def _score(
    name: str, value: float, bounds: tuple[float, float], unit: str, baseline: float | None = None
) -> Score:
    low, high = (bound if np.isfinite(bound) else None for bound in bounds)
    return Score(name, value, low, high, unit, baseline)


def _plain(name: str, value: float, unit: str, baseline: float) -> Score:
    return Score(name, value, None, None, unit, baseline)
