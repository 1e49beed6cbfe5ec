"""`Forecast`: what a model says of the future, and whether it says anything at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import numpy as np
import polars as pl

from tradewind.core.arrays import Floats
from tradewind.core.errors import BadTable, nearest
from tradewind.core.tables import (
    UTC_TIME,
    by_value,
    require_columns,
    require_finite,
    require_keys_in_order,
)

KEYS = ("at", "symbol", "horizon")


@dataclass(frozen=True, eq=False)
class Forecast:
    """A table by (at, symbol, horizon) with a probability per class, quantiles, or both.

    `horizon` counts bars. A row may abstain, and then says why in `reason`; `degraded` names the parts
    of the state that did not answer. Quantiles that cross are refused, not sorted behind your back:

    >>> from datetime import UTC, datetime
    >>> row = {"at": [datetime(2024, 1, 2, tzinfo=UTC)], "symbol": ["ACME"], "horizon": [5],
    ...        "quantiles": [[0.02, 0.01]]}
    >>> Forecast.of(pl.DataFrame(row), model="naive", target="return", unit="log", levels=(0.5, 0.9))
    Traceback (most recent call last):
    tradewind.core.errors.BadTable: quantiles cross at 0.5 and 0.9 for 'ACME': ...
    """

    table: pl.DataFrame
    model: str
    target: str
    unit: str
    classes: tuple[str, ...] = ()
    levels: tuple[float, ...] = ()
    calibrated: bool = False
    release: str | None = None

    __eq__ = by_value

    def __post_init__(self) -> None:
        columns: dict[str, type[pl.DataType] | pl.DataType] = {
            "at": UTC_TIME,
            "symbol": pl.Enum,
            "horizon": pl.Int32,
            "abstains": pl.Boolean,
            "reason": pl.String,
            "degraded": pl.List(pl.String),
        }
        if self.classes:
            columns["probabilities"] = pl.Array(pl.Float64, len(self.classes))
        if self.levels:
            columns["quantiles"] = pl.Array(pl.Float64, len(self.levels))
        require_columns(self.table, "Forecast", columns)
        require_keys_in_order(self.table, "Forecast", KEYS)
        require_finite(self.table, "Forecast")
        if self.classes:
            self._require_probabilities()
        if self.levels:
            self._require_ordered_quantiles()

    @classmethod
    def of(
        cls,
        table: pl.DataFrame,
        *,
        model: str,
        target: str,
        unit: str,
        classes: tuple[str, ...] = (),
        levels: tuple[float, ...] = (),
    ) -> "Forecast":
        """A forecast whose rows abstain from nothing unless they say so, in the order of its keys."""
        defaults = {
            "abstains": pl.lit(False),
            "reason": pl.lit(""),
            "degraded": pl.lit([], dtype=pl.List(pl.String)),
        }
        missing = {name: value for name, value in defaults.items() if name not in table.columns}
        casts = [pl.col("at").cast(UTC_TIME), pl.col("horizon").cast(pl.Int32)]
        if not isinstance(table.schema["symbol"], pl.Enum):
            casts.append(pl.col("symbol").cast(pl.Enum(table["symbol"].unique().sort())))
        if classes:
            casts.append(pl.col("probabilities").cast(pl.Array(pl.Float64, len(classes))))
        if levels:
            casts.append(pl.col("quantiles").cast(pl.Array(pl.Float64, len(levels))))
        rows = table.with_columns(**missing).with_columns(casts).sort(KEYS)
        return cls(rows, model, target, unit, classes, levels)

    def probability(self, name: str) -> Floats:
        """(rows,) the probability of one class."""
        if name not in self.classes:
            raise BadTable(f"a Forecast has no class {name!r}", nearest(name, self.classes))
        matrix = self.table["probabilities"].to_numpy()  # (rows, classes)
        return np.ascontiguousarray(matrix[:, self.classes.index(name)])

    def with_probabilities(self, values: Floats, calibrated: bool) -> "Forecast":
        """The same rows with other probabilities, (rows, classes)."""
        column = pl.Series("probabilities", values, dtype=pl.Array(pl.Float64, len(self.classes)))
        return replace(self, table=self.table.with_columns(column), calibrated=calibrated)

    def at(self, moment: datetime) -> "Forecast":
        """The rows of one moment."""
        first, length = self._moments.get(moment, (0, 0))
        return replace(self, table=self.table.slice(first, length))

    @property
    def moments(self) -> tuple[datetime, ...]:
        """The moments that it speaks of, ascending."""
        return tuple(self._moments)

    @cached_property
    def _moments(self) -> Mapping[datetime, tuple[int, int]]:
        runs = self.table.group_by("at", maintain_order=True).agg(pl.len())
        lengths = runs["len"].to_numpy()
        starts = np.cumsum(lengths) - lengths
        spans = zip(starts.tolist(), lengths.tolist(), strict=True)
        return dict(zip(runs["at"], spans, strict=True))

    def _require_probabilities(self) -> None:
        matrix = self.table["probabilities"].to_numpy()
        for wrong, what in (
            ((matrix < 0).any(axis=1) | (matrix > 1).any(axis=1), "leave [0, 1]"),
            (~(np.abs(matrix.sum(axis=1) - 1) <= 1e-9), "do not sum to 1"),
        ):
            if wrong.any():
                row = int(wrong.argmax())
                raise BadTable(
                    f"probabilities of {self.table['symbol'][row]!r} {what}: {matrix[row].tolist()}",
                    "normalise them, or fix the model's head",
                )

    def _require_ordered_quantiles(self) -> None:
        steps = np.diff(self.table["quantiles"].to_numpy(), axis=1)
        if not (steps >= 0).all():
            row, level = (int(i) for i in np.argwhere(~(steps >= 0))[0])
            raise BadTable(
                f"quantiles cross at {self.levels[level]} and {self.levels[level + 1]} for "
                f"{self.table['symbol'][row]!r}",
                "sort them or train with a monotone head",
            )

    def __len__(self) -> int:
        return len(self.table)


def join_forecasts(parts: Sequence[Forecast]) -> Forecast:
    """One history from forecasts of different moments by different fits of one model."""
    rows = pl.concat([part.table for part in parts]).sort(KEYS)
    return replace(parts[0], table=rows, calibrated=all(part.calibrated for part in parts))
