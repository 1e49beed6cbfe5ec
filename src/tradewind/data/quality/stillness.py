"""Prices that stand still: a feed that repeats its last word."""

import numpy as np
import polars as pl

from tradewind.core.arrays import Flags
from tradewind.data.quality.bars import Bars, Rows, picked
from tradewind.data.quality.verdicts import Check, Marks, marked

LONG = 10  # bars in a row


def stale(bars: Bars) -> Marks:
    """The tenth and later bars in a row with the same prices, where trading was not halted."""
    length = run_length(bars, _same_as_before(bars))
    wrong = (length >= LONG - 1) & ~_halted(bars)
    return marked(
        bars, wrong, lambda row: f"close {bars.close[row]:g} for {length[row] + 1} bars in a row"
    )


def _same_as_before(bars: Bars) -> Flags:
    """(rows,) whether every price is what it was at the bar before."""
    before = bars.before(1)
    same = before >= 0
    for values in (bars.open, bars.high, bars.low, bars.close):
        same &= (values == picked(values, before)) | np.isnan(values)
    return same


def run_length(bars: Bars, flags: Flags) -> Rows:
    """(rows,) for each row of the spine, how many flags in a row end with it; 0 elsewhere."""
    flagged = flags[bars.spine]
    at = np.arange(len(flagged))
    last_unset = np.maximum.accumulate(np.where(flagged, -1, at)) if len(at) else at
    length = np.zeros(len(bars), dtype=np.int64)
    length[bars.spine] = np.minimum(at - last_unset, bars.nth[bars.spine])
    return length


def _halted(bars: Bars) -> Flags:
    """(rows,) whether the row itself says that trading was halted, or that nobody traded."""
    halted: Flags = bars.volume == 0
    if "status" in bars.panel.columns:
        status = bars.panel.table["status"].cast(pl.String)
        halted = halted | (status == "halt").fill_null(False).to_numpy()
    return halted


CHECKS = (
    Check(
        "bars.stale",
        "warning",
        f"repeat the prices of {LONG - 1} bars before",
        "check whether the feed stood still, or nobody traded",
        stale,
    ),
)
