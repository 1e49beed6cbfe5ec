"""`Decision`: target weights, with the reason for each change, guard by guard."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import numpy as np
import polars as pl

from tradewind.core.arrays import Floats
from tradewind.core.errors import BadTable
from tradewind.core.tables import (
    UTC_TIME,
    Columns,
    by_value,
    require_columns,
    require_finite,
    require_keys_in_order,
)

REASON = pl.Struct({"by": pl.String, "before": pl.Float64, "after": pl.Float64, "why": pl.String})


@dataclass(frozen=True, eq=False)
class Decision:
    """A table by (at, symbol): the weight wanted, as a share of equity, and how it came to that.

    >>> from datetime import UTC, datetime
    >>> at = datetime(2024, 1, 2, tzinfo=UTC)
    >>> rows = pl.DataFrame({"at": [at], "symbol": ["ACME"]}, schema_overrides={
    ...     "at": UTC_TIME, "symbol": pl.Enum(["ACME"])})
    >>> wanted = Decision.of(rows, np.array([0.4]), by="allocator", why="p(up) 0.57")
    >>> capped = wanted.revised(np.array([0.1]), by="cap", why="no more than 10 % in one name")
    >>> [(reason["by"], reason["after"]) for reason in capped.table["reasons"][0]]
    [('allocator', 0.4), ('cap', 0.1)]
    """

    table: pl.DataFrame

    __eq__ = by_value

    def __post_init__(self) -> None:
        columns: Columns = {
            "at": UTC_TIME,
            "symbol": pl.Enum,
            "weight": pl.Float64,
            "reasons": pl.List(REASON),
        }
        require_columns(self.table, "Decision", columns)
        require_keys_in_order(self.table, "Decision", ("at", "symbol"))
        require_finite(self.table, "Decision")

    @classmethod
    def of(cls, rows: pl.DataFrame, weights: Floats, *, by: str, why: str) -> "Decision":
        """A first decision for rows of (at, symbol); its first reason tells who wants it and why."""
        keys = rows.select("at", "symbol").with_columns(
            weight=pl.lit(0.0), reasons=pl.lit([], dtype=pl.List(REASON))
        )
        return cls(keys).revised(weights, by=by, why=why)

    def revised(self, weights: Floats, *, by: str, why: str) -> "Decision":
        """The same rows with other weights; each row that changed says by whom and why."""
        if np.array_equal(weights, self.weights):
            return self
        if not np.isfinite(weights).all():
            raise BadTable(f"{by!r} asks for a weight that is not a number", "give finite weights")
        after = pl.Series("after", weights)
        reason = pl.struct(
            pl.lit(by).alias("by"),
            pl.col("weight").alias("before"),
            after,
            pl.lit(why).alias("why"),
        )
        told = pl.col("reasons").list.concat(pl.concat_list(reason))
        changed = pl.col("weight") != after
        table = self.table.with_columns(
            reasons=pl.when(changed).then(told).otherwise("reasons"), weight=after
        )
        return replace(self, table=table)

    @cached_property
    def at(self) -> datetime:
        """The one moment it is of."""
        moments = self.table["at"].unique()
        if len(moments) != 1:
            raise BadTable(f"a Decision of {len(moments)} moments", "decide one moment at a time")
        moment: datetime = moments[0]
        return moment

    @property
    def weights(self) -> Floats:
        """(rows,) the weights wanted."""
        return self.table["weight"].to_numpy()

    def __len__(self) -> int:
        return len(self.table)
