"""How much of each source reaches the rows that are decided, and how old it is by then."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from tradewind.core import Dataset, Finding, Panel
from tradewind.core.joining import Side

COVERED = "alternative.coverage"


@dataclass(frozen=True, eq=False)
class Coverage:
    """One row for each column of each source.

    `covered` is the share of rows with a value, `stale` the share whose newest observation was too old to
    be believed; ages are in days since the observation was complete; `symbols` counts those with a value.
    """

    table: pl.DataFrame

    @property
    def findings(self) -> tuple[Finding, ...]:
        """A line a column, for the page and the scorecard."""
        return tuple(_told(row) for row in self.table.iter_rows(named=True))

    def to_dict(self) -> list[dict[str, Any]]:
        """The rows as plain values, for JSON."""
        texts = self.table.with_columns(pl.col("first", "last").dt.to_string("iso:strict"))
        return list(texts.iter_rows(named=True))


def coverage(rows: Dataset, panels: Mapping[str, Panel], sides: tuple[Side, ...]) -> Coverage:
    """What of the panels was joined to these rows."""
    lines = [line for side in sides for line in _lines(rows.table, panels[side.panel], side)]
    return Coverage(pl.DataFrame(lines, schema=SCHEMA, orient="row"))


SCHEMA: dict[str, Any] = {
    "source": pl.String,
    "column": pl.String,
    "rows": pl.Int64,
    "covered": pl.Float64,
    "stale": pl.Float64,
    "median_age_days": pl.Float64,
    "p95_age_days": pl.Float64,
    "symbols": pl.Int64,
    "first": pl.Datetime("us", "UTC"),
    "last": pl.Datetime("us", "UTC"),
}


def _lines(rows: pl.DataFrame, panel: Panel, side: Side) -> list[tuple[Any, ...]]:
    age = pl.col(side.age)
    limit = None if side.stale_after is None else side.stale_after.total_seconds() / 86_400
    stale = pl.lit(False) if limit is None else (age > limit).fill_null(False)
    span = panel.table.select(pl.col("timestamp").min(), last=pl.col("timestamp").max()).row(0)
    lines = []
    for column, features in side.features(panel).items():
        seen = pl.col(features[0]).is_not_null()
        figures = rows.select(
            pl.len().alias("rows"),
            seen.mean().alias("covered"),
            stale.mean().alias("stale"),
            age.filter(seen).median().alias("median"),
            age.filter(seen).quantile(0.95, "linear").alias("p95"),
            pl.col("symbol").filter(seen).n_unique().alias("symbols"),
        ).row(0)
        lines.append((side.panel, column, *figures, *span))
    return lines


def _told(row: Mapping[str, Any]) -> Finding:
    detail = f"{row['covered'] or 0:.0%} of {row['rows']:,} rows have a value"
    if row["median_age_days"] is not None:
        detail += (
            f", {row['median_age_days']:.1f} days old in the median and {row['p95_age_days']:.1f} in "
            f"one of twenty, for {row['symbols']:,} symbols"
        )
    if row["stale"]:
        detail += f"; {row['stale']:.1%} had one that was too old"
    where = f"{row['source']}.{row['column']}"
    return Finding(COVERED, "info", where, detail, "give the history that lacks")
