"""Gradient-boosted trees. The only file that knows LightGBM."""

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tradewind.core import Dataset, Forecast, MarketState, Rng
from tradewind.core.errors import Misuse
from tradewind.models.climatology import require_outcomes, two_class

if TYPE_CHECKING:
    import lightgbm


@dataclass(frozen=True)
class TreesConfig:
    """Small trees, slow steps, much data in a leaf: daily returns are nearly all noise."""

    trees: int = 120
    leaves: int = 8
    learning_rate: float = 0.04
    rows_in_leaf: int = 300
    columns_a_tree: float = 0.7
    ridge: float = 20.0


@dataclass(frozen=True)
class Trees:
    """Fitted trees, kept as LightGBM's own text: no pickle, and the same bits wherever it is read.

    A row's forecast does not depend on which rows are beside it, so online equals batch.
    """

    text: str
    features: tuple[str, ...]
    horizon: int

    def __call__(self, rows: Dataset, _state: MarketState | None) -> Forecast:
        if rows.features != self.features:
            raise Misuse(
                f"trees fitted on {len(self.features)} features were given {len(rows.features)}",
                "read them with the same FeatureReader, in the same order",
            )
        up = np.empty(0)
        if len(rows):
            up = np.asarray(self._booster.predict(rows.matrix, num_threads=1))
        return two_class(rows, up, "lightgbm", self.horizon)

    @cached_property
    def _booster(self) -> "lightgbm.Booster":
        import lightgbm

        return lightgbm.Booster(model_str=self.text)


@dataclass(frozen=True)
class TreesLearner:
    """Fits trees to rise or fall; the same rows and seed give the same text.

    >>> from datetime import UTC, datetime, timedelta
    >>> import polars as pl
    >>> from tradewind.core import stream
    >>> rng = stream(0, "doctest")
    >>> at = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=i) for i in range(2000)]
    >>> x = rng.normal(size=2000)
    >>> rows = pl.DataFrame({"decided_at": at, "resolved_at": [t + timedelta(hours=1) for t in at],
    ...     "symbol": "ACME", "x": x, "rise": (x + rng.normal(size=2000) > 0).astype(float)},
    ...     schema_overrides={"symbol": pl.Enum(["ACME"])})
    >>> trees = TreesLearner(horizon=1)(Dataset(rows, ("x",), "rise"), stream(0, "fit"))
    >>> up = trees(Dataset(rows, ("x",)), None).probability("up")
    >>> bool(up[x > 1].mean() > 0.7 > 0.3 > up[x < -1].mean())
    True
    """

    horizon: int
    config: TreesConfig = TreesConfig()

    def __call__(self, rows: Dataset, rng: Rng) -> Trees:
        import lightgbm

        outcomes = require_outcomes(rows)
        table = lightgbm.Dataset(rows.matrix, outcomes, feature_name=list(rows.features))
        booster = lightgbm.train(self._parameters(rng), table, num_boost_round=self.config.trees)
        return Trees(booster.model_to_string(), rows.features, self.horizon)

    def _parameters(self, rng: Rng) -> dict[str, Any]:
        return {
            "objective": "binary",
            "num_leaves": self.config.leaves,
            "learning_rate": self.config.learning_rate,
            "min_data_in_leaf": self.config.rows_in_leaf,
            "feature_fraction": self.config.columns_a_tree,
            "lambda_l2": self.config.ridge,
            "seed": int(rng.integers(2**31)),
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": os.cpu_count() or 1,
            "verbosity": -1,
        }
