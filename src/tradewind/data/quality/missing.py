"""What is missing and says so, and what is missing and looks like a number."""

import numpy as np

from tradewind.core.arrays import Flags
from tradewind.data.quality.bars import Bars, Moments
from tradewind.data.quality.verdicts import Check, Marks, marked

ENOUGH = 20  # observations that tell what a series is like


def without_close(bars: Bars) -> Marks:
    """Rows without a close."""
    wrong = np.isnan(bars.close) if "close" in bars.panel.columns else np.zeros(len(bars), bool)
    return marked(bars, wrong, lambda row: f"no close at {bars.panel.table['session'][row]}")


def in_part(bars: Bars) -> Marks:
    """Bars with a close that lack another price which the panel has."""
    names = [name for name in ("open", "high", "low") if name in bars.panel.columns]
    lacking = {name: np.isnan(bars.column(name)) for name in names}
    wrong = np.zeros(len(bars), dtype=bool)
    for flags in lacking.values():
        wrong |= flags
    return marked(
        bars,
        wrong & np.isfinite(bars.close),
        lambda row: "no " + ", ".join(name for name in names if lacking[name][row]),
    )


def zeros(bars: Bars) -> Marks:
    """Zeros in a series that is otherwise always well above zero: known by the values before, or, at
    the head of a series, with the values after."""
    zero = (bars.close == 0) & (not bars.have_range)
    if not zero.any():
        return marked(bars, zero, str)
    never_low = bars.counted(bars.near_zero) == 0
    before = zero & never_low & (bars.nth - bars.counted(zero) >= ENOUGH)
    head, known = _at_the_head(bars, zero)
    known = np.where(before, bars.known, known)
    return marked(
        bars,
        before | head,
        lambda row: f"{bars.close[row]:g} in a series that is never near 0",
        known,
    )


def _at_the_head(bars: Bars, zero: Flags) -> tuple[Flags, Moments]:
    """(rows,) zeros before the first other value, if the twenty values after it are well above zero;
    and when the last of those was known."""
    head, known = np.zeros(len(bars), dtype=bool), bars.known.copy()
    leading = zero & (bars.nth == bars.counted(zero))
    for symbol in np.unique(bars.symbol[leading]).tolist():
        mine = bars.spine[bars.symbol[bars.spine] == symbol]
        first = np.flatnonzero(bars.close[mine] != 0)[:1]
        after = mine[first[0] : first[0] + ENOUGH] if len(first) else mine[:0]
        if len(after) == ENOUGH and bars.close[after].min() > 0.1 * np.median(bars.close[after]):
            rows = leading & (bars.symbol == symbol)
            head |= rows
            known[rows] = bars.known[after[-1]]
    return head, known


CHECKS = (
    Check(
        "missing.close",
        "warning",
        "have no close",
        "ask the source for them, or drop them",
        without_close,
    ),
    Check(
        "missing.part",
        "warning",
        "lack a price that other bars have",
        "ask the source for it; the close is kept",
        in_part,
    ),
    Check(
        "missing.zero",
        "error",
        "are zero where zero means missing",
        "make them null; release them if the value was zero",
        zeros,
    ),
)
