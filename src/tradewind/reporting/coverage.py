"""`Coverage`: what a workspace holds, table by table and symbol by symbol, before it is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from tradewind.core import Finding
from tradewind.core.tables import by_value, require_columns

SYMBOLS: Mapping[str, type[pl.DataType] | pl.DataType] = {
    "symbol": pl.String,
    "rows": pl.UInt32,
    "corrections": pl.UInt32,
    "first": pl.Date,
    "last": pl.Date,
    "sessions": pl.Int64,  # on which there is a row
    "thin": pl.UInt32,  # of these, with less than half of the symbol's usual rows
    "missing": pl.Float64,  # share of its values that are null
}
WHERE_EXPECTED = ("calendar", "expected", "gaps", "longest", "after", "behind")
STRIP: Mapping[str, type[pl.DataType] | pl.DataType] = {
    "line": pl.String,
    "begins": pl.Date,
    "ends": pl.Date,
    "share": pl.Float64,
}


@dataclass(frozen=True)
class Trainable:
    """How many decisions the main job could learn from, and what keeps it from the others.

    >>> print(Trainable(500, 430, {"warm up": 60, "not resolved": 10}))
    430 of 500 decisions (86.0 %); 60 warm up, 10 not resolved
    >>> print(Trainable(0, 0, {}, "the bars have 90 distinct moments, and a walk-forward needs 150"))
    none: the bars have 90 distinct moments, and a walk-forward needs 150
    """

    decisions: int
    usable: int
    lost: Mapping[str, int]  # why -> how many, each decision once
    refused: str = ""  # why the main job would not begin

    def __str__(self) -> str:
        if self.refused:
            return f"none: {self.refused}"
        share = f"{self.usable / max(self.decisions, 1):.1%}".replace("%", " %")
        told = f"{self.usable:,} of {self.decisions:,} decisions ({share})"
        lost = ", ".join(f"{count:,} {why}" for why, count in self.lost.items() if count)
        return f"{told}; {lost}" if lost else told


@dataclass(frozen=True, eq=False)
class TableCoverage:
    """One table: its size, its span, what is missing in it, and each of its symbols.

    A symbol without a calendar is one of which nothing is expected: no gap can be told, and the columns
    about gaps are null.
    """

    name: str
    version: int
    rows: int
    corrections: int
    first: date
    last: date
    missing: Mapping[str, float]  # column -> share null, of the versions believed now
    symbols: pl.DataFrame
    strip: pl.DataFrame  # line, begins, ends, share of the sessions expected in between
    trainable: Trainable | None = None  # of bars

    __eq__ = by_value

    def __post_init__(self) -> None:
        require_columns(self.symbols, "TableCoverage", SYMBOLS)
        require_columns(self.strip, "TableCoverage's strip", STRIP)

    @property
    def calendars(self) -> tuple[str, ...]:
        """Whose sessions its symbols keep, the most frequent first."""
        kept = self.symbols["calendar"].drop_nulls().value_counts(sort=True)
        return tuple(kept["calendar"])

    @property
    def expected(self) -> int:
        """How many sessions its symbols had between their first row and their last."""
        return int(self.symbols["expected"].sum())

    @property
    def gaps(self) -> int:
        """On how many of these they have no row."""
        return int(self.symbols["gaps"].sum())

    @property
    def present(self) -> float | None:
        """The share of the expected sessions on which there is a row."""
        return 1 - self.gaps / self.expected if self.expected else None

    @property
    def behind(self) -> int:
        """How many symbols end before the table does."""
        return int((self.symbols["behind"] > 0).sum())

    def worst(self, most: int) -> pl.DataFrame:
        """The symbols with the most gaps, then those that ended longest ago, where there are any."""
        odd = self.symbols.filter((pl.col("gaps") > 0) | (pl.col("behind") > 0))
        return odd.sort("gaps", "behind", "symbol", descending=[True, True, False])[:most]

    def to_dict(self) -> dict[str, Any]:
        """The table as plain values, for JSON."""
        days = self.symbols.with_columns(pl.col(pl.Date).cast(pl.String))
        trainable = self.trainable
        return {
            "table": self.name,
            "version": self.version,
            "rows": self.rows,
            "corrections": self.corrections,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "calendars": list(self.calendars),
            "expected": self.expected,
            "gaps": self.gaps,
            "behind": self.behind,
            "missing": dict(self.missing),
            "trainable": None
            if trainable is None
            else {**vars(trainable), "lost": {**trainable.lost}},
            "symbols": days.to_dicts(),
        }


@dataclass(frozen=True)
class Coverage:
    """All tables of a workspace, and what was found while they were read.

    >>> Coverage("my-market", (), ()).to_dict()
    {'workspace': 'my-market', 'tables': [], 'findings': []}
    """

    workspace: str
    tables: tuple[TableCoverage, ...]
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        return {
            "workspace": self.workspace,
            "tables": [table.to_dict() for table in self.tables],
            "findings": [found.to_dict() for found in self.findings],
        }
