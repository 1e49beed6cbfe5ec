"""All the checks of the gate, and what they say of a panel."""

from dataclasses import replace

import polars as pl

from tradewind.core import Calendar, Finding, Panel, find_calendar
from tradewind.core.roles import Inspector
from tradewind.core.tables import UTC_TIME
from tradewind.data.actions import adjusted
from tradewind.data.quality import (
    clocks,
    gaps,
    identity,
    levels,
    missing,
    prices,
    restatements,
    stillness,
)
from tradewind.data.quality.bars import Bars
from tradewind.data.quality.verdicts import KEYS, SEVERITY, Check, by_symbol

MOST_IN_ERROR = 0.05

CHECKS: tuple[Check, ...] = (
    *prices.CHECKS,
    *levels.CHECKS,
    *stillness.CHECKS,
    *missing.CHECKS,
    *clocks.CHECKS,
    *gaps.CHECKS,
    *identity.CHECKS,
    *restatements.CHECKS,
)


def verdicts_on(
    panel: Panel,
    calendar: Calendar,
    shared: pl.DataFrame | None = None,
    actions: Panel | None = None,
) -> pl.DataFrame:
    """Every verdict on every version of every row, by the moment at which it could be known.

    A panel that is part of a larger one is told which bars two names of the whole share. With the
    `actions` on record, leaps are looked for in what a holding was worth, where a split is none; what is
    said of a version that only a late fact makes is said of no row that came.

    >>> panel = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02", "2024-01-03"],
    ...     "symbol": "ACME", "high": [9.0, 9.0], "low": [10.0, 8.0], "close": [9.5, 8.5]}))
    >>> verdicts_on(panel, find_calendar("XNYS")).select("check", "severity", "reason").rows()
    [('bars.order', 'error', 'high 9, low 10, close 9.5; high and low look swapped')]
    """
    if not len(panel) or "close" not in panel.columns:
        return no_verdicts(panel)
    bars = Bars(panel, calendar, shared)
    worth = bars if actions is None else Bars(adjusted(panel, actions), calendar)
    found = [check.verdicts(worth if check in levels.CHECKS else bars) for check in CHECKS]
    if actions is not None:
        came = panel.table.select(KEYS)
        found = [one.join(came, on=KEYS, how="semi", maintain_order="left") for one in found]
    return pl.concat([no_verdicts(panel), *found]).sort("verdict_known_at", *KEYS, "check")


def no_verdicts(panel: Panel) -> pl.DataFrame:
    """The table of verdicts without rows."""
    return (
        panel.table.select(KEYS)
        .clear()
        .with_columns(
            pl.lit("", dtype=pl.String).alias("check"),
            pl.lit(None, dtype=SEVERITY).alias("severity"),
            pl.lit("", dtype=pl.String).alias("reason"),
            pl.lit(None, dtype=UTC_TIME).alias("verdict_known_at"),
        )
    )


def findings_of(verdicts: pl.DataFrame, panel: Panel) -> tuple[Finding, ...]:
    """One finding for each check that has verdicts, in the order of the checks."""
    return findings_from(by_symbol(verdicts), len(panel))


def findings_from(firsts: pl.DataFrame, rows: int) -> tuple[Finding, ...]:
    """The same from what `by_symbol` kept of the verdicts on so many rows."""
    return tuple(
        finding
        for check in CHECKS
        for finding in check.told_of(firsts.filter(pl.col("check") == check.name), rows)
    )


def inspect(panel: Panel, calendar: str | Calendar) -> tuple[Finding, ...]:
    """What the checks find, for a job that looks and sets nothing aside: its errors are warnings.

    Where more than one row in twenty is in error, the data as a whole is, and that is an error.
    """
    keeper = find_calendar(calendar) if isinstance(calendar, str) else calendar
    verdicts = verdicts_on(panel, keeper)
    looked = tuple(
        replace(one, severity="warning") if one.severity == "error" else one
        for one in findings_of(verdicts, panel)
    )
    wrong = verdicts.filter(pl.col("severity") == "error").select(KEYS).n_unique()
    if wrong <= len(panel) * MOST_IN_ERROR:
        return looked
    share = f"{wrong:,} of {len(panel):,} rows are in error"
    return (Finding("bars.broken", "error", "the bars", share, "repair the source"), *looked)


def inspectors(calendar: str | Calendar) -> tuple[Inspector, ...]:
    """Each check as an inspector of panels that keep this calendar."""
    keeper = find_calendar(calendar) if isinstance(calendar, str) else calendar
    return tuple(check.inspector(keeper) for check in CHECKS)
