"""Gradient-boosted trees. The only file that knows LightGBM."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tradewind.core import Dataset, Forecast, MarketState, Rng
from tradewind.core.errors import BadConfig, Misuse
from tradewind.models.climatology import require_outcomes, two_class

if TYPE_CHECKING:
    import lightgbm


@dataclass(frozen=True)
class TreesConfig:
    """Small trees, slow steps, much data in a leaf: daily returns are nearly all noise."""

    trees: int = field(default=100, metadata={"doc": "how many"})
    leaves: int = field(default=4, metadata={"doc": "of each tree"})
    learning_rate: float = field(default=0.04, metadata={"doc": "how far each tree moves"})
    leaf_share: float = field(default=0.05, metadata={"doc": "least share of the rows in a leaf"})
    columns_a_tree: float = field(default=0.7, metadata={"doc": "share of features a tree may use"})
    ridge: float = field(default=20.0, metadata={"doc": "L2 penalty on what a leaf says"})

    def __post_init__(self) -> None:
        shares = (self.learning_rate, self.leaf_share, self.columns_a_tree)
        whole = self.trees >= 1 and self.leaves >= 2 and self.ridge >= 0
        if not whole or not all(0 < share <= 1 for share in shares):
            raise BadConfig(
                f"{self.trees} trees of {self.leaves} leaves, a ridge of {self.ridge}, shares of {shares}",
                "grow at least one tree of two leaves, with a ridge of 0 or more; shares lie in (0, 1]",
            )


@dataclass(frozen=True)
class Trees:
    """Fitted trees, kept as LightGBM's own text: no pickle, and the same bits wherever it is read.

    A row's forecast does not depend on which rows are beside it, so online equals batch.
    """

    text: str
    features: tuple[str, ...]
    target: str
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
        return two_class(rows, up, model="lightgbm", target=self.target, horizon=self.horizon)

    @cached_property
    def _booster(self) -> "lightgbm.Booster":
        import lightgbm

        return lightgbm.Booster(model_str=self.text)


@dataclass(frozen=True)
class TreesLearner:
    """Fits trees to whether the outcome comes true; the same rows and seed give the same text.

    >>> from datetime import UTC, datetime, timedelta
    >>> import polars as pl
    >>> from tradewind.core import stream
    >>> rng = stream(0, "doctest")
    >>> at = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=i) for i in range(2000)]
    >>> x = rng.normal(size=2000)
    >>> rows = pl.DataFrame({"decided_at": at, "resolved_at": [t + timedelta(hours=1) for t in at],
    ...     "symbol": "ACME", "x": x, "up": (x + rng.normal(size=2000) > 0).astype(float)},
    ...     schema_overrides={"symbol": pl.Enum(["ACME"])})
    >>> trees = TreesLearner(horizon=1)(Dataset(rows, ("x",), "up"), stream(0, "fit"))
    >>> up = trees(Dataset(rows, ("x",)), None).probability("up")
    >>> bool(up[x > 1].mean() > 0.7 > 0.3 > up[x < -1].mean())
    True
    """

    horizon: int
    config: TreesConfig = TreesConfig()

    def __call__(self, rows: Dataset, rng: Rng) -> Trees:
        import lightgbm

        outcomes = require_outcomes(rows)
        table = lightgbm.Dataset(rows.matrix, outcomes)  # its own names: a file's may not please it
        booster = lightgbm.train(
            self._parameters(len(rows), rng), table, num_boost_round=self.config.trees
        )
        return Trees(booster.model_to_string(), rows.features, str(rows.outcome), self.horizon)

    def _parameters(self, rows: int, rng: Rng) -> dict[str, Any]:
        return {
            "objective": "binary",
            "num_leaves": self.config.leaves,
            "learning_rate": self.config.learning_rate,
            "min_data_in_leaf": max(20, int(self.config.leaf_share * rows)),
            "feature_fraction": self.config.columns_a_tree,
            "lambda_l2": self.config.ridge,
            "seed": int(rng.integers(2**31)),
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }
