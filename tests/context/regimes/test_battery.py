"""Every detector keeps every promise of the role; and the battery finds those who do not."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pytest

from tradewind.context.regimes import (
    BySymbol,
    GaussianHMM,
    GaussianMixture,
    JumpModel,
    KMeans,
    MarketWide,
    RuleRegimes,
)
from tradewind.context.regimes.trial import two_regimes
from tradewind.core import Dataset, MarketState, stream
from tradewind.core.roles import RegimeLearner
from tradewind.evaluation.regime_contracts import check_regime_detector

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


@pytest.mark.parametrize(
    ("learner", "found"),
    [(Peeking(), {"step", "causal"}), (Renaming(), {"deterministic", "names"})],
)
def test_the_battery_finds_who_looks_ahead_and_who_renames(
    learner: RegimeLearner, found: set[str]
) -> None:
    findings = check_regime_detector(learner, rows(), stream(1, "battery"))
    assert {finding.where for finding in findings} == found
    assert np.all([finding.severity == "error" for finding in findings])
