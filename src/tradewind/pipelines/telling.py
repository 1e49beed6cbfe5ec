"""From what a trial measured to a Story: the verdict in plain words, and how each figure came about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from tradewind.context.regimes.said import Said
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
from tradewind.core.tables import floats, physical
from tradewind.evaluation.logistic import fit_logistic
from tradewind.evaluation.metrics import log_loss, reliability
from tradewind.evaluation.scoring import curve, fold_skill, probabilities
from tradewind.pipelines.config import UpConfig
from tradewind.reporting.figures import percent, percents
from tradewind.reporting.regimes import spoken
from tradewind.reporting.story import Story

LEAST_SKILL = 1e-5  # below it, what looks like skill is the rounding of the base rate


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
    said: Said | None  # the regime of the market at each of them


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
    better = (card.score("log_loss_skill").low or 0.0) > LEAST_SKILL
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
        regimes=skill_by_regime(trial, rng),
        regime=regime_now(trial.said),
        ceiling=ceiling,
        measured=measured(config),
        facts=facts,
    )


def verdict(card: Scorecard, better: bool, rows: int, ceiling: float | None) -> str:
    """Is this result real? A few sentences, with the figures that say so; a loser is called one."""
    if not card.passed:
        return "An error was found, so none of these figures can be believed: see the findings."
    skill = card.score("log_loss_skill")
    amount = percent(abs(skill.value), 2)
    within = "" if skill.low is None else f" (95 % interval {percents(skill.low, skill.high, 2)})"
    told = f"On {rows:,} rows it had never seen, the model "
    if better:
        told += f"beats climatology: it removes {amount} of its log loss{within}."
    elif skill.high is not None and skill.high < 0:
        told += (
            f"is worse than climatology, and surely so: it adds {amount} to its log loss"
            f"{within.replace('interval', 'interval of its skill')}. Do not use it."
        )
    else:
        told += (
            f"cannot be told from climatology: its skill is {percent(skill.value, 2)}{within}. "
            "Treat what it says as noise."
        )
    most = (
        "" if ceiling is None else f" Knowing the truth would remove about {percent(ceiling, 2)}."
    )
    return told + most


def attainable_skill(market: Market, trial: Trial) -> float | None:
    """About the best skill there could be on these rows, where the truth is known.

    The forecaster that is scored knows the true mean of each symbol's next return over its spread, and
    is calibrated on the very rows that score it.
    """
    if market.truth is None:
        return None
    outlook = market.truth.outlook.with_columns(pl.col("symbol").cast(market.panel.names))
    rows = trial.scored.table.select("decided_at", "symbol").join(
        outlook,
        left_on=["decided_at", "symbol"],
        right_on=["timestamp", "symbol"],
        how="left",
        maintain_order="left",
    )
    hope = pl.col("mean") / pl.col("sd")
    relative = hope - hope.median().over("decided_at")
    known = rows.select(hope=hope, relative=relative, known=hope.is_not_null())
    seen = known["known"].to_numpy()
    if not seen.any():
        return None
    outcomes = trial.scored.outcomes[seen]
    base = log_loss(probabilities(trial.baseline_forecast, trial.scored)[seen], outcomes).mean()
    losses = []
    for name in ("hope", "relative"):
        x = floats(known[name])[seen]
        slope, bias = fit_logistic(x, outcomes)
        losses.append(log_loss(1 / (1 + np.exp(-(slope * x + bias))), outcomes).mean())
    return float(1 - min(losses) / base)


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


def skill_by_regime(trial: Trial, rng: Rng) -> pl.DataFrame:
    """The skill on the rows of each regime: where the model is of use, and where it is not."""
    keys = {"regime": pl.String(), "share": pl.Float64(), "rows": pl.Float64()}
    schema = {**keys, **dict.fromkeys(("skill", "low", "high"), pl.Float64())}
    if trial.said is None:
        return pl.DataFrame(schema=schema)
    said = trial.said.table.select("at", pl.col("regime").cast(pl.String))
    decided = trial.scored.table["decided_at"]
    regime = pl.DataFrame({"at": decided}).join(said, on="at", how="left", maintain_order="left")
    model = log_loss(probabilities(trial.forecast, trial.scored), trial.scored.outcomes)
    base = log_loss(probabilities(trial.baseline_forecast, trial.scored), trial.scored.outcomes)
    rows = []
    for name in trial.said.regimes:
        mine = (regime["regime"] == name).fill_null(False).to_numpy()
        if mine.any():
            score = fold_skill(model[mine], base[mine], physical(decided)[mine], rng)
            share = trial.said.occupancy[name]
            rows.append((name, share, float(mine.sum()), score.value, score.low, score.high))
    return pl.DataFrame(rows, schema=schema, orient="row")


def regime_now(said: Said | None) -> str:
    """The regime of the latest moment, in words."""
    known = None if said is None else said.table.drop_nulls("regime")
    if known is None or not len(known):
        return ""
    since: datetime = known["since"][-1]
    return f"{spoken(known['regime'][-1])} since {since:%-d %b %Y}"


def measured(config: UpConfig) -> tuple[tuple[str, str], ...]:
    """What was measured, and how."""
    horizon = config.target.horizon
    ahead = "the next bar" if horizon == 1 else f"the next {horizon} bars"
    than = "the median of its peers" if config.target.against == "peers" else "0"
    return (
        ("Target", f"whether a symbol's return over {ahead} is above {than}"),
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
            "Regimes",
            "of the market: the median symbol's volatility, range and return, by a hidden Markov model of "
            "three states that was learnt before each fold and filtered from the first bar on, never in hindsight",
        ),
        (
            "Money",
            f"weights above p = {config.allocation.threshold:g} and below {config.allocation.cap:.0%}; "
            f"orders fill at the next bar's open and pay {config.broker.cost_bps:g} bps; the baseline "
            "holds everything equally through the same broker, and is never braked; the model's weights are "
            f"scaled down from a drawdown of {config.guardrails.starts:.0%} on",
        ),
        (
            "Intervals",
            "95 %, by the stationary bootstrap over moments (all symbols of a moment share its luck), "
            "with the block length chosen on the series that is averaged",
        ),
        (
            "Trials",
            "this run fits one configuration, once per fold; runs are not counted yet, so if you tried "
            "others before, the best of them looks better than it is",
        ),
        (
            "Not seen here",
            "how a column that came with the data was made: an error is told where its news foretells "
            "returns as nobody's does, where it is a flag on just the right days, or of mean 0 and sd 1 over "
            "the whole sample; one that knows the future more quietly passes, unless the result is too good "
            "to be true",
        ),
    )
