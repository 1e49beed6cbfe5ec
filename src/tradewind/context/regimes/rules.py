"""`RuleRegimes`: the labels by rule, in the form of a detector; what a fitted one has to beat."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from tradewind.context.bands import Bands
from tradewind.context.regimes.smoothed import Smoothed
from tradewind.context.regimes.taken import Given, taken
from tradewind.context.rule_labels import NEEDED, UNKNOWN, LabelState, require_measures, step
from tradewind.core import MarketState
from tradewind.core.errors import BadConfig, nearest

Measure = Literal["volatility", "liquidity", "rotation"]
CALLED: Mapping[str, Mapping[str, str]] = {
    "volatility": {"low": "low_vol", "normal": "normal", "high": "high_vol"},
    "liquidity": {"low": "illiquid", "normal": "normal", "high": "liquid"},
    "rotation": {"lagging": "lagging", "neutral": "neutral", "leading": "leading"},
}


@dataclass(frozen=True)
class RuleRegimes:
    """How a measure stands among its own past, each regime with probability 1 or 0.

    There is nothing to fit, so it is its own fit. Until the past is long enough nothing is known, and
    the state says so.

    >>> from tradewind.context.regimes.trial import two_regimes
    >>> from tradewind.core import Dataset
    >>> rows = two_regimes(moments=100)
    >>> table = rows.table.rename({"volatility": "volatility_20"}).with_columns(
    ...     liquidity_20=pl.lit(None, pl.Float64), return_60=0.0)
    >>> told = RuleRegimes("volatility").filter(Dataset(table, ("volatility_20",))).table
    >>> told["high_vol"][0], told["degraded"][0].to_list(), float(told["high_vol"].sum()) > 5
    (None, ['regime: the past is too short, or no volatility_20'], True)
    """

    measure: Measure = "volatility"
    bands: Bands = field(default_factory=Bands)

    def __post_init__(self) -> None:
        if self.measure not in CALLED:
            remedy = nearest(self.measure, CALLED)
            raise BadConfig(f"no rule is called {self.measure!r}", remedy)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(CALLED[self.measure].values())

    def fit(self, features: Given) -> "RuleRegimes":
        """Itself, once these are rows that a rule can be told of."""
        require_measures(taken(features).table)
        return self

    def begin(self) -> LabelState:
        """The state before any row."""
        return LabelState(self.bands)

    def filter(self, features: Given) -> MarketState:
        """The regime of each row among the rows before it."""
        return self.step(self.begin(), features)[0]

    def step(self, state: LabelState, features: Given) -> tuple[MarketState, LabelState]:
        """The moments that follow a state; it moves on in place, since its past is long."""
        said = step(state, taken(features)).table.select(
            at="timestamp", symbol="symbol", said=pl.col(self.measure).cast(pl.String)
        )
        unknown = pl.col("said") == UNKNOWN
        why = f"regime: the past is too short, or no {NEEDED[self.measure]}"
        columns = [
            pl.when(~unknown).then((pl.col("said") == rule).cast(pl.Float64)).alias(name)
            for rule, name in CALLED[self.measure].items()
        ]
        texts = pl.List(pl.String)
        degraded = pl.when(unknown).then(pl.lit([why], texts)).otherwise(pl.lit([], texts))
        table = said.sort("at", "symbol").select(
            "at",
            "symbol",
            *columns,
            pl.lit([], texts).alias("similar"),
            degraded.alias("degraded"),
        )
        return MarketState(table, self.names), state

    def smooth(self, features: Given) -> Smoothed:
        """The same: a rule does not think otherwise in hindsight."""
        told = self.filter(features).table.select("at", "symbol", *self.names)
        return Smoothed(told, self.names)
