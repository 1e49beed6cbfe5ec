"""`Dataset`: features and outcomes, each row with the moments that bound it."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core.arrays import Floats, Ints
from tradewind.core.errors import BadTable, nearest
from tradewind.core.tables import (
    UTC_TIME,
    by_value,
    floats,
    physical,
    require_columns,
    require_finite,
    require_keys_in_order,
)


@dataclass(frozen=True, eq=False)
class Dataset:
    """One row per (decided_at, symbol): what was known, and what came of it once that is known.

    `resolved_at` is when the outcome's end is known; it is what lets a split purge. Rows whose outcome
    is not known carry null in both. Without `outcome` the rows are only to be forecast.

    >>> from datetime import UTC, datetime
    >>> at = datetime(2024, 1, 2, 21, tzinfo=UTC)
    >>> rows = pl.DataFrame({"decided_at": [at], "symbol": ["ACME"], "mom": [0.1]}).with_columns(
    ...     pl.col("symbol").cast(pl.Enum(["ACME"])), pl.col("decided_at").cast(UTC_TIME))
    >>> Dataset(rows, features=("mom",)).matrix
    array([[0.1]])
    >>> Dataset(rows.with_columns(resolved_at=pl.col("decided_at"), up=1.0), ("mom",), "up")
    Traceback (most recent call last):
    tradewind.core.errors.BadTable: 1 rows of a Dataset are resolved before they are decided: ...
    """

    table: pl.DataFrame
    features: tuple[str, ...]
    outcome: str | None = None

    __eq__ = by_value

    def __post_init__(self) -> None:
        require_columns(self.table, "Dataset", {"decided_at": UTC_TIME, "symbol": pl.Enum})
        require_keys_in_order(self.table, "Dataset", ("decided_at", "symbol"))
        require_finite(self.table, "Dataset")
        named = (*self.features, "resolved_at", self.outcome) if self.outcome else self.features
        for name in named:
            if name not in self.table.columns:
                raise BadTable(
                    f"a Dataset has no column {name!r}", nearest(str(name), self.table.columns)
                )
        if self.outcome:
            early = (self.table["resolved_at"] <= self.table["decided_at"]).sum()
            if early:
                raise BadTable(
                    f"{early} rows of a Dataset are resolved before they are decided",
                    "an outcome needs at least one later row to be known",
                )

    @property
    def matrix(self) -> Floats:
        """(rows, features) float64, null as NaN."""
        columns = [floats(self.table[name]) for name in self.features]
        return np.column_stack(columns) if columns else np.empty((len(self.table), 0))

    @property
    def outcomes(self) -> Floats:
        """(rows,) float64; NaN where the outcome is not known."""
        if not self.outcome:
            raise BadTable("this Dataset has no outcome", "label it first")
        return floats(self.table[self.outcome])

    @property
    def resolved(self) -> "Dataset":
        """The rows whose outcome is known."""
        return replace(self, table=self.table.filter(pl.col("resolved_at").is_not_null()))

    def take(self, rows: npt.NDArray[np.intp]) -> "Dataset":
        """These rows, in this order."""
        return replace(self, table=self.table[rows])

    def spans(self) -> tuple[Ints, Ints]:
        """Each row's (decided_at, resolved_at] in microseconds since 1970: two arrays of (rows,)."""
        resolved = self.resolved
        if len(resolved.table) < len(self.table):
            raise BadTable("some rows are not resolved", "take dataset.resolved before you split")
        decided = physical(self.table["decided_at"]).astype(np.int64)
        return decided, physical(self.table["resolved_at"]).astype(np.int64)

    def __len__(self) -> int:
        return len(self.table)
