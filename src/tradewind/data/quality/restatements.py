"""Corrections: how many, how large, how late; and rows that were reported again unchanged."""

import numpy as np
import polars as pl

from tradewind.core import Panel
from tradewind.core.arrays import Flags
from tradewind.data.calendars import AroundTheClock
from tradewind.data.quality.bars import Bars
from tradewind.data.quality.verdicts import Check, Marks, marked

DAY = 86_400_000_000  # microseconds


def corrections(bars: Bars) -> Marks:
    """Later versions that say something else than the one before them."""

    def reason(row: int) -> str:
        old, new = bars.close[row - 1], bars.close[row]
        later = (bars.known[row] - bars.known[row - 1]) / DAY
        return f"close {old:g} became {new:g}, {later:.3g} days later"

    return marked(bars, bars.panel.corrections & ~repeats(bars), reason)


def again(bars: Bars) -> Marks:
    """Later versions that say the same as the one before them."""

    def reason(row: int) -> str:
        later = (bars.known[row] - bars.known[row - 1]) / DAY
        return f"the same again {later:.3g} days later"

    return marked(bars, repeats(bars), reason)


def repeats(bars: Bars) -> Flags:
    """(rows,) whether a row is a version of the row above it, and the same in every column."""
    same = bars.panel.corrections.copy()
    if not same.any():
        return same
    alike = bars.panel.table.select(
        pl.col(name).eq_missing(pl.col(name).shift(1)) for name in bars.panel.columns
    )
    for column in alike.iter_columns():
        same &= np.asarray(column.fill_null(False))
    return same


def restatement_table(panel: Panel) -> pl.DataFrame:
    """One row a symbol: how many rows, corrections and repeats, how large the corrections of the close
    are (as a share of it), and how many days late.

    >>> from tradewind.data.synthetic import make_market
    >>> market = make_market("equity", 3, 200, plants=["revisions"])
    >>> table = restatement_table(market.panel)
    >>> int(table["corrections"].sum()), bool((table["median_change"] < 0.02).all())
    (30, True)
    """
    bars = Bars(panel, AroundTheClock())
    correction, repeat = panel.corrections, repeats(bars)
    change = np.abs(bars.close / np.roll(bars.close, 1) - 1)
    days = (bars.known - np.roll(bars.known, 1)) / DAY
    rows = panel.table.select("symbol").with_columns(
        correction=pl.Series(correction & ~repeat),
        repeat=pl.Series(repeat),
        change=pl.Series(change).fill_nan(None),
        days=pl.Series(days),
    )
    mine = pl.col("correction")
    return rows.group_by("symbol", maintain_order=True).agg(
        pl.len().alias("rows"),
        mine.sum().alias("corrections"),
        pl.col("repeat").sum().alias("repeats"),
        pl.col("change").filter(mine).median().alias("median_change"),
        pl.col("change").filter(mine).max().alias("largest_change"),
        pl.col("days").filter(mine).median().alias("median_days"),
        pl.col("days").filter(mine).max().alias("latest_days"),
    )


CHECKS = (
    Check(
        "restatements.corrected",
        "info",
        "correct an earlier version",
        "none: both versions are kept, and each decision sees the one it could know",
        corrections,
    ),
    Check(
        "restatements.repeated",
        "warning",
        "repeat an earlier version unchanged",
        "drop them at the source: they are no corrections",
        again,
    ),
)
