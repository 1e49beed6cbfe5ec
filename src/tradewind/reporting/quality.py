"""`QualityReport`: how good the bars of a workspace are, before it is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import polars as pl

from tradewind.core import Finding
from tradewind.core.finding import Severity
from tradewind.core.tables import UTC_TIME, by_value, require_columns

Fitness = Literal["fit", "care", "unfit", "empty"]
AROUND: Mapping[str, type[pl.DataType] | pl.DataType] = {
    "timestamp": UTC_TIME,
    "flagged": pl.Boolean,
}
ASIDE: Mapping[str, type[pl.DataType] | pl.DataType] = {
    "symbol": pl.String,
    "timestamp": UTC_TIME,
    "check": pl.String,
    "reason": pl.String,
    "quarantined_at": UTC_TIME,
    "state": pl.String,
}


@dataclass(frozen=True, eq=False)
class Example:
    """A bar that a check has flagged, with the bars around it: low, high and close, null where unknown."""

    symbol: str
    timestamp: datetime
    reason: str
    bars: pl.DataFrame

    __eq__ = by_value

    def __post_init__(self) -> None:
        require_columns(self.bars, "Example", AROUND)


@dataclass(frozen=True)
class Looked:
    """One check, how many rows it has flagged and how many it has set aside, and the worst of them."""

    check: str
    severity: Severity
    what: str
    flagged: int
    aside: int
    examples: tuple[Example, ...] = ()

    @property
    def found(self) -> bool:
        return self.flagged + self.aside > 0


@dataclass(frozen=True, eq=False)
class QualityReport:
    """What was looked for in the bars of a workspace, what was found, and what was set aside.

    >>> spike = Finding("bars.spike", "error", "ACME", "2 of 10 rows spike", "set them aside")
    >>> nothing = pl.DataFrame(schema=ASIDE)
    >>> QualityReport("my-market", 10, 1, None, 1, (), (), nothing, ()).fitness
    'fit'
    >>> QualityReport("my-market", 10, 1, None, 1, (spike,), (), nothing, ()).fitness
    'unfit'
    """

    workspace: str
    rows: int
    symbols: int
    span: tuple[date, date] | None
    version: int
    findings: tuple[Finding, ...]
    looked: tuple[Looked, ...]  # every check, in its order
    aside: pl.DataFrame  # the quarantine, whatever was decided about each row
    unchecked: tuple[str, ...]  # tables that no check looks into

    __eq__ = by_value

    def __post_init__(self) -> None:
        require_columns(self.aside, "QualityReport", ASIDE)

    @property
    def passed(self) -> bool:
        """Whether no finding is an error."""
        return not any(found.severity == "error" for found in self.findings)

    @property
    def fitness(self) -> Fitness:
        """Whether the data is fit for use: not with an error, with care where something is odd."""
        if not self.passed:
            return "unfit"
        if not self.rows:
            return "empty"
        return "care" if any(found.severity == "warning" for found in self.findings) else "fit"

    @property
    def held(self) -> int:
        """How many rows wait for somebody to release or drop them."""
        return int((self.aside["state"] == "held").sum())
