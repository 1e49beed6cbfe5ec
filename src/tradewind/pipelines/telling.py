"""From what a trial measured to a Story: the verdict in plain words, and how each figure came about."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import polars as pl

from tradewind.core import (
    Dataset,
    Decision,
    Forecast,
    Ledger,
    Market,
    Rng,
    Schedule,
    Scorecard,
)
from tradewind.core.tables import physical
from tradewind.evaluation.metrics import log_loss, reliability
from tradewind.evaluation.scoring import curve, fold_skill, probabilities
from tradewind.pipelines.config import UpConfig
from tradewind.reporting.story import Story


@dataclass(frozen=True, eq=False)
class Trial:
    """One model and one baseline over the same moments, fills and costs, and the rows that score them."""

    schedule: Schedule
    forecast: Forecast
    raw: Forecast
    baseline_forecast: Forecast
    ledger: Ledger
    baseline: Ledger
    scored: Dataset  # the resolved rows of the test moments


def tell_story(
    trial: Trial,
    card: Scorecard,
    market: Market,
    config: UpConfig,
    facts: Mapping[str, str],
    rng: Rng,
) -> Story:
    """The story of a trial."""
    latest = trial.forecast.moments[-1]
    ceiling = attainable_skill(market, trial)
    better = (card.score("log_loss_skill").low or 0.0) > 0
    return Story(
        card=card,
        better=better,
        verdict=verdict(card, better, len(trial.scored), ceiling),
        forecast=trial.forecast.at(latest),
        decision=Decision(trial.ledger.decisions.filter(pl.col("at") == latest)),
        reliability=reliabilities(trial),
        equity=pl.DataFrame(
            {
                "at": trial.ledger.equity["at"],
                "model": curve(trial.ledger),
                "baseline": curve(trial.baseline),
            }
        ),
        skill=skill_by_fold(trial, rng),
        ceiling=ceiling,
        measured=measured(config),
        facts=facts,
    )


def verdict(card: Scorecard, better: bool, rows: int, ceiling: float | None) -> str:
    """Is this result real? One or two sentences, with the figures that say so."""
    skill = card.score("log_loss_skill")
    low, high = skill.low or 0.0, skill.high or 0.0
    figures = f"{skill.value:.2%} of its log loss (95 % interval {low:.2%} to {high:.2%})"
    most = "" if ceiling is None else f" Whoever knew the truth would remove {ceiling:.2%}."
    if not card.passed:
        return "An error was found, so none of these figures can be believed: see the findings."
    if better:
        return (
            f"On {rows:,} rows it had never seen, the model beats climatology: it removes {figures}."
            + most
        )
    return (
        f"On {rows:,} rows it had never seen, the model cannot be told from climatology: it removes "
        f"{figures}. Treat what it says as noise." + most
    )


def attainable_skill(market: Market, trial: Trial) -> float | None:
    """The skill of a forecaster that knows the true distribution of the next return, where one is known.

    The truth is told of one bar ahead, so nothing is said of longer horizons.
    """
    if market.truth is None or trial.forecast.table["horizon"].max() != 1:
        return None
    keys = {"at": "timestamp", "symbol": "symbol"}
    rows = trial.scored.table.select("symbol", timestamp="decided_at").join(
        market.truth.outlook.with_columns(pl.col("symbol").cast(market.panel.names)),
        on=list(keys.values()),
        how="left",
        maintain_order="left",
    )
    if not len(rows) or rows["mean"].null_count() == len(rows):
        return None
    known = rows["mean"].is_not_null().to_numpy()
    z = (rows["mean"] / rows["sd"]).to_numpy()[known]
    up = np.array([NormalDist().cdf(x) for x in z])
    outcomes = trial.scored.outcomes[known]
    base = probabilities(trial.baseline_forecast, trial.scored)[known]
    return float(1 - log_loss(up, outcomes).mean() / log_loss(base, outcomes).mean())


def reliabilities(trial: Trial) -> pl.DataFrame:
    """What was said against what happened, raw and calibrated."""
    tables = [
        pl.DataFrame(reliability(probabilities(said, trial.scored), trial.scored.outcomes)).select(
            pl.lit(which).alias("which"), pl.all()
        )
        for which, said in (("raw", trial.raw), ("calibrated", trial.forecast))
    ]
    return pl.concat(tables)


def skill_by_fold(trial: Trial, rng: Rng) -> pl.DataFrame:
    """The skill of each fit on its own test block."""
    decided = trial.scored.table["decided_at"]
    outcomes = trial.scored.outcomes
    model = log_loss(probabilities(trial.forecast, trial.scored), outcomes)
    base = log_loss(probabilities(trial.baseline_forecast, trial.scored), outcomes)
    starts = [valid_from for valid_from, _ in trial.schedule.parts]
    which = np.searchsorted(
        physical(pl.Series(starts).cast(decided.dtype)), physical(decided), "right"
    )
    rows = []
    for fold, start in enumerate(starts, start=1):
        mine = which == fold
        if mine.any():
            score = fold_skill(model[mine], base[mine], physical(decided)[mine], rng)
            rows.append((fold, start, score.value, score.low, score.high))
    figures = dict.fromkeys(("skill", "low", "high"), pl.Float64())
    keys = {"fold": pl.Int64(), "valid_from": decided.dtype}
    return pl.DataFrame(rows, schema={**keys, **figures}, orient="row")


def measured(config: UpConfig) -> tuple[tuple[str, str], ...]:
    """What was measured, and how."""
    horizon = config.target.horizon
    bars = "the next bar" if horizon == 1 else f"the bar {horizon} bars on"
    return (
        ("Target", f"whether the close of {bars} is above the last close known at the moment"),
        (
            "Known at",
            "every feature is computed on the rows known at its moment; corrections count from the "
            "moment they were known, and labels are measured on first versions",
        ),
        (
            "Split",
            f"walk-forward in {config.split.folds} folds after {config.split.warm_up:.0%} of the "
            "moments; a row trains only if its outcome was known before the test block begins",
        ),
        (
            "Model",
            f"{config.trees.trees} gradient-boosted trees; probabilities by Platt scaling on a later "
            "quarter of the training rows, its slope shrunk by its own uncertainty",
        ),
        ("Baseline", "climatology: the base rate of the same training rows, said of every row"),
        (
            "Money",
            f"weights above p = {config.allocation.threshold:g} and below {config.allocation.cap:.0%}; "
            f"orders fill at the next bar's open and pay {config.broker.cost_bps:g} bps; the baseline "
            "holds everything equally through the same broker",
        ),
        (
            "Intervals",
            "95 %, by the stationary bootstrap over moments (all symbols of a moment share its luck), "
            "with the block length chosen on the series that is averaged",
        ),
        (
            "Trials",
            "one configuration, fitted once per fold; nothing was selected on the test rows",
        ),
    )
