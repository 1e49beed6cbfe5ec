"""Every detector keeps every promise of the role; and the battery finds those who do not."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from tradewind.context.regimes import (
    BySymbol,
    FilterState,
    GaussianHMM,
    GaussianMixture,
    Hysteresis,
    JumpModel,
    KMeans,
    MarketWide,
    RuleRegimes,
)
from tradewind.context.regimes.trial import two_regimes
from tradewind.core import Dataset, MarketState, stream
from tradewind.core.roles import RegimeLearner
from tradewind.evaluation.regime_contracts import check_regime_detector

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
LEARNERS: dict[str, RegimeLearner] = {
    "hmm": GaussianHMM(2),
    "hmm, diagonal": GaussianHMM(2, covariance="diagonal"),
    "mixture": GaussianMixture(2),
    "kmeans": KMeans(2),
    "jump": JumpModel(2),
    "market wide": MarketWide(GaussianHMM(2)),
    "by symbol": BySymbol(GaussianHMM(2)),
    "volatility by rule": RuleRegimes("volatility"),
    "liquidity by rule": RuleRegimes("liquidity"),
    "rotation by rule": RuleRegimes("rotation"),
}


def rows() -> Dataset:
    """Two symbols with holes: some values and some rows are missing."""
    made = two_regimes(symbols=2, moments=250)
    rng = stream(3, "holes")
    table = made.table.with_columns(
        volatility_20=pl.col("volatility"),
        liquidity_20=pl.Series(rng.normal(0, 0.4, len(made))) - pl.col("volatility"),
        return_60=pl.col("return"),
        sector=pl.col("symbol").cast(pl.String),
    )
    hole = pl.Series(rng.random(len(table)) < 0.03)
    table = table.with_columns(pl.when(~hole).then("volatility_20").alias("volatility_20"))
    table = table.filter(pl.Series(rng.random(len(table)) > 0.03)).drop("volatility", "return")
    return Dataset(table, ("volatility_20", "liquidity_20", "return_60"))


@pytest.mark.parametrize("name", LEARNERS)
def test_a_detector_keeps_the_promises_of_its_role(name: str) -> None:
    assert check_regime_detector(LEARNERS[name], rows(), stream(1, "battery")) == ()


@pytest.mark.parametrize("name", LEARNERS)
def test_no_regime_is_said_before_the_first_row_that_is_observed(name: str) -> None:
    given = rows()
    begins = given.table["decided_at"].unique().sort()[20]
    later = pl.col("decided_at") >= begins
    hidden = [pl.when(later).then(one).alias(one) for one in given.features]
    silent = replace(given, table=given.table.with_columns(hidden))
    said = Hysteresis()(LEARNERS[name].fit(silent).filter(silent)).table
    assert said.filter(pl.col("at") < begins)["regime"].null_count() >= 20
    assert said.filter(pl.col("at") < begins)["regime"].drop_nulls().is_empty()
    assert said["regime"][-1] is not None


@dataclass(frozen=True)
class Peeking:
    """Its filter smooths: it looks ahead."""

    inner: object = GaussianHMM(2)

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    def fit(self, features: Dataset) -> "Peeking":
        return Peeking(self.inner.fit(features))

    def filter(self, features: Dataset) -> MarketState:
        honest = self.inner.filter(features)
        told = self.inner.smooth(features).picture
        columns = [told[name] for name in honest.regimes]
        return replace(honest, table=honest.table.with_columns(columns))


@dataclass(frozen=True)
class Renaming(Peeking):
    """Its states are called anew at each fit."""

    def filter(self, features: Dataset) -> MarketState:
        return self.inner.filter(features)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"{name} {id(self)}" for name in self.inner.names)

    def fit(self, features: Dataset) -> "Renaming":
        return Renaming(self.inner.fit(features))


@dataclass(frozen=True)
class Hasty(Peeking):
    """It is certain of where everybody begins."""

    def fit(self, features: Dataset) -> "Hasty":
        return Hasty(self.inner.fit(features))

    def filter(self, features: Dataset) -> MarketState:
        return self.step(self.inner.begin(), features)[0]

    def step(self, state: FilterState, features: Dataset) -> tuple[MarketState, FilterState]:
        new = [one for one in ("S0", "S1") if one not in state.after]
        certain = dict.fromkeys(new, (LONG_AGO, (1.0, 0.0)))
        return self.inner.step(state.moved(certain), features)


@pytest.mark.parametrize(
    ("learner", "found"),
    [
        (Peeking(), {"step", "causal", "not yet"}),
        (Renaming(), {"deterministic", "names"}),
        (Hasty(), {"not yet"}),
    ],
)
def test_the_battery_finds_who_looks_ahead_who_renames_and_who_is_certain_of_nothing(
    learner: RegimeLearner, found: set[str]
) -> None:
    findings = check_regime_detector(learner, rows(), stream(1, "battery"))
    assert {finding.where for finding in findings} == found
    assert np.all([finding.severity == "error" for finding in findings])
