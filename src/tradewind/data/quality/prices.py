"""What a bar says against itself: its prices out of order, none, below zero, or not its own."""

import numpy as np

from tradewind.core.arrays import Flags
from tradewind.data.quality.bars import PRICES, Bars, log_ratio, picked
from tradewind.data.quality.verdicts import Check, Marks, marked

SWAPS = (("high", "low"), ("open", "volume"), ("close", "volume"))


def out_of_order(bars: Bars) -> Marks:
    """Open or close outside low..high, or high below low; says which swap would mend it."""
    swap = _swap(bars)

    columns = {name: bars.column(name) for name in PRICES}

    def reason(row: int) -> str:
        prices = {name: float(values[row]) for name, values in columns.items()}
        told = ", ".join(f"{name} {price:g}" for name, price in prices.items() if price == price)
        return f"{told}{swap[row]}"

    return marked(bars, bars.out_of_order, reason)


def _swap(bars: Bars) -> list[str]:
    """(rows,) which two columns, changed back, put a row in order."""
    told = [""] * len(bars)
    wrong = bars.out_of_order
    for one, other in SWAPS if wrong.any() else ():
        mended = _in_order_with(bars, one, other)
        for row in np.flatnonzero(wrong & mended).tolist():
            told[row] = told[row] or f"; {one} and {other} look swapped"
    return told


def _in_order_with(bars: Bars, one: str, other: str) -> Flags:
    columns = {name: bars.column(name) for name in (*PRICES, "volume")}
    columns[one], columns[other] = columns[other], columns[one]
    top = np.fmax(columns["open"], columns["close"])
    bottom = np.fmin(columns["open"], columns["close"])
    return (columns["low"] <= bottom) & (top <= columns["high"])


def swapped(bars: Bars) -> Marks:
    """Without a range to see it by: a close where the volume usually is, and the other way round."""
    if bars.have_range:
        return marked(bars, np.zeros(len(bars), dtype=bool), str)
    last_close, usual_volume = picked(bars.close, bars.before(1)), bars.rolled(bars.volume, 20, 5)
    exchanged = np.abs(log_ratio(bars.volume, last_close)) < 0.25
    exchanged &= np.abs(log_ratio(bars.close, usual_volume)) < 1
    off = np.abs(log_ratio(bars.volume, usual_volume)) + np.abs(bars.change)
    wrong = exchanged & (off > 1.5) & (np.abs(bars.change) > 0.5)
    return marked(
        bars,
        wrong,
        lambda row: f"close {bars.close[row]:g} and volume {bars.volume[row]:g} look swapped",
    )


def no_price(bars: Bars) -> Marks:
    """A price of exactly zero in a bar: nobody trades at that, it stands for nothing known."""
    return marked(bars, bars.without_price, lambda row: f"close {bars.close[row]:g}")


def below_zero(bars: Bars) -> Marks:
    """A price below zero. Oil has had one, so it is told and kept."""
    wrong = (bars.close < 0) & bars.have_range & ~bars.out_of_order
    return marked(bars, wrong, lambda row: f"close {bars.close[row]:g}")


def first_below_zero(bars: Bars) -> Marks:
    """The first value below zero of a series that never had one in 60 observations or more."""
    never = (bars.counted(bars.close < 0) == 0) & (bars.nth >= 60)
    wrong = (bars.close < 0) & never & (not bars.have_range)
    return marked(bars, wrong, lambda row: f"value {bars.close[row]:g} after none below zero")


def no_volume(bars: Bars) -> Marks:
    """Movement while nobody traded. A halted name stands still, and is not told."""
    moved = (bars.high > bars.low) if bars.have_range else (np.abs(bars.change) > 0)
    return marked(
        bars, (bars.volume == 0) & moved, lambda row: f"volume 0, close {bars.close[row]:g}"
    )


CHECKS = (
    Check(
        "bars.order",
        "error",
        "have a price outside low..high",
        "swap the columns back, or take the bar from another source",
        out_of_order,
    ),
    Check(
        "bars.swapped",
        "error",
        "have their close where their volume belongs",
        "swap the two columns back",
        swapped,
    ),
    Check(
        "bars.not_positive",
        "error",
        "have a price of zero",
        "make it null: zero stands for a price that nobody knows",
        no_price,
    ),
    Check(
        "bars.negative",
        "warning",
        "have a price below zero",
        "keep it if it was traded at (oil was, on 2020-04-20), and use differences instead of logs",
        below_zero,
    ),
    Check(
        "values.negative",
        "warning",
        "are the first below zero of their series",
        "check it with the source; rates and oil have been below zero, indices have not",
        first_below_zero,
    ),
    Check(
        "bars.no_volume",
        "warning",
        "moved on a volume of zero",
        "check the source's volume; treat it as unknown",
        no_volume,
    ),
)
