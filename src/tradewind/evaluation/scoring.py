"""Forecasts and ledgers onto a scorecard: each figure beside its baseline's, each with its interval."""

from datetime import timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core import Dataset, Forecast, Ledger, Rng, Score
from tradewind.core.errors import BadTable
from tradewind.core.tables import floats, physical
from tradewind.evaluation.intervals import interval
from tradewind.evaluation.logistic import fit_logistic, logit, slope_variance
from tradewind.evaluation.metrics import brier, log_loss, max_drawdown, sharpe

Floats = npt.NDArray[np.float64]
YEAR = timedelta(days=365.25)


def forecast_scores(
    model: Forecast, baseline: Forecast, rows: Dataset, rng: Rng
) -> tuple[Score, ...]:
    """Skill against the baseline on resolved rows, and the calibration of what was said."""
    up, base, outcomes = probabilities(model, rows), probabilities(baseline, rows), rows.outcomes
    moments = physical(rows.table["decided_at"])
    log_skill = _skill(
        "log_loss_skill", log_loss(up, outcomes), log_loss(base, outcomes), moments, rng
    )
    brier_skill = _skill("brier_skill", brier(up, outcomes), brier(base, outcomes), moments, rng)
    slope, bias = fit_logistic(logit(up), outcomes)
    half = 1.96 * slope_variance(logit(up), outcomes, moments, slope, bias) ** 0.5
    return (
        log_skill,
        brier_skill,
        _score("calibration_slope", slope, (slope - half, slope + half), "1 is calibrated"),
    )


def fold_skill(
    model: Floats, baseline: Floats, moments: npt.NDArray[np.integer], rng: Rng
) -> Score:
    """The log-loss skill of a part of the rows, from losses per row."""
    return _skill("log_loss_skill", model, baseline, moments, rng)


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
    """What the decisions earned, beside what the baseline's earned through the same broker."""
    years, model, base = years_of(ledger), log_returns(ledger), log_returns(baseline)
    a_year = len(model) / years

    def growth(returns: Floats) -> float:
        return float(np.expm1(returns.mean() * a_year))

    def lead(returns: Floats) -> float:
        return float(returns.mean() * a_year)

    def risked(returns: Floats) -> float:
        return sharpe(returns, a_year)

    over = interval(model - base, lead, rng)
    unit = "share of equity a year, in logs"
    return (
        _score("annual_return", growth(model), interval(model, growth, rng), "", growth(base)),
        _score("return_over_baseline", lead(model - base), over, unit),
        _score("sharpe", risked(model), interval(model, risked, rng), "a year", risked(base)),
        _plain("max_drawdown", max_drawdown(curve(ledger)), "", max_drawdown(curve(baseline))),
        _plain("turnover", turnover(ledger), "times equity a year", turnover(baseline)),
        _plain("costs_bps", costs_bps(ledger), "of equity a year", costs_bps(baseline)),
    )


def years_of(ledger: Ledger) -> float:
    """How long the book was kept, by the calendar, whatever its moments are: minutes, days or months."""
    return float((ledger.accounts[-1].at - ledger.accounts[0].at) / YEAR)


def log_returns(ledger: Ledger) -> Floats:
    """(moments - 1,) log returns of equity."""
    return np.asarray(np.diff(np.log(curve(ledger))))


def turnover(ledger: Ledger) -> float:
    """The value traded a year, in multiples of equity."""
    traded = np.abs(floats(ledger.fills["quantity"]) * floats(ledger.fills["price"])).sum()
    return float(traded) / _mean_equity(ledger) / years_of(ledger)


def costs_bps(ledger: Ledger) -> float:
    """Costs a year, in hundredths of a percent of equity."""
    return ledger.account.costs / _mean_equity(ledger) / years_of(ledger) * 1e4


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


def _skill(
    name: str, model: Floats, baseline: Floats, moments: npt.NDArray[np.integer], rng: Rng
) -> Score:
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
