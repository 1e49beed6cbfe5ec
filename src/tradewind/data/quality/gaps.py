"""Bars that the calendar expects and that never came."""

import numpy as np

from tradewind.data.quality.bars import Bars
from tradewind.data.quality.hours import NEVER, Hours
from tradewind.data.quality.verdicts import Check, Marks, as_time, marked

SPARSE = 60  # bars in a row that may be missing where quiet minutes have none


def gaps(bars: Bars) -> Marks:
    """The bar after a gap: only then is it known that nothing came. A bar that comes late after all
    fills it, and unsays nothing."""
    hours = Hours(bars)
    came = np.flatnonzero(bars.in_order)
    before = np.full(len(bars), -1)
    before[came[1:]] = np.where(bars.symbol[came[1:]] == bars.symbol[came[:-1]], came[:-1], -1)
    nth = hours.nth_bar()
    missing = np.where(before >= 0, nth - nth[before] - 1, 0)
    wrong = (missing > np.where(hours.sparse, SPARSE, 0)) & (hours.told_at < NEVER)

    def reason(row: int) -> str:
        return f"{missing[row]:.0f} missing after {as_time(bars.stamp[[before[row]]])[0]:%Y-%m-%d %H:%M}"

    return marked(bars, wrong, reason, hours.told_at)


CHECKS = (
    Check(
        "gaps.missing",
        "warning",
        "come after bars that are missing",
        "ask the source for them; a listing or a halt may explain it",
        gaps,
    ),
)
