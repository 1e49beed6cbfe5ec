"""Where a leak is: the first value that depends on its future, and the later row that it depends on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core.arrays import Ints
from tradewind.evaluation.causality import futures
from tradewind.evaluation.causality.comparing import ROWS, is_number, unequal
from tradewind.evaluation.causality.inquiry import WAYS, How, Inquiry
from tradewind.evaluation.causality.subject import place

AROUND = 20  # rows of a symbol that are kept on either side of a cut
NOTHING = pl.Series([""])
Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Leak:
    """A column, the first value of it found to depend on its future, and on which later row.

    `of` is None where no single row is to blame: the value is another while nothing later is known, or
    it takes several later rows together. `cuts` says at how many of `tried` it showed, by what was done;
    `around` shows it at one cut: timestamp, the value on the `whole` data and at the `cut`, whether the row
    was `known` then, and `differs`; none where it is no number.

    >>> print(Leak("x", "ACME at 2024-01-02", "ACME at 2024-01-03", {"removed": 20, "replaced": 0}, 20))
    the value of ACME at 2024-01-02 depends on the row ACME at 2024-01-03 (later rows removed: 20 of 20 cuts)
    """

    column: str
    value: str
    of: str | None
    cuts: Mapping[How, int]
    tried: int
    around: pl.DataFrame | None = field(default=None, compare=False, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """One JSON object, without the rows around it."""
        told = {"column": self.column, "value": self.value, "of": self.of}
        return {**told, "cuts": dict(self.cuts), "tried": self.tried}

    def __str__(self) -> str:
        source = (
            f"depends on the row {self.of}" if self.of else "depends on what comes later at all"
        )
        shown = [f"{how}: {count}" for how, count in self.cuts.items() if count]
        subject = "the row" if self.column == ROWS else "the value"
        return f"{subject} of {self.value} {source} (later rows {', '.join(shown)} of {self.tried} cuts)"


def trace(inquiry: Inquiry, column: str, cuts: Ints) -> Leak:
    """Find the first value and its source: each is a witness that was asked for and seen."""
    counts = {how: sum(column in inquiry.at_cut(int(c), how) for c in cuts) for how in WAYS}
    how: How = "removed" if counts["removed"] else "replaced"
    seen = min(int(cut) for cut in cuts if column in inquiry.at_cut(int(cut), how))
    cut = _earliest_cut(inquiry, column, how, seen)
    key = inquiry.at_cut(cut, how)[column].row(0, named=True)
    source = _source(inquiry, column, key, cut)
    told = None if source is None else inquiry.subject.rows.named(source)
    value = place(str(key["symbol"]), int(key["stamp"]))
    around = _around(inquiry, column, cuts) if column != ROWS else None
    return Leak(column, value, told, counts, len(cuts), around)


def _earliest_cut(inquiry: Inquiry, column: str, how: How, seen: int) -> int:
    """By halves, an earlier cut that shows it: the first of all where every row leaks."""
    moments = inquiry.subject.rows.moments
    low, high = 0, int(np.searchsorted(moments, seen))
    if column in inquiry.at_cut(int(moments[0]), how):
        return int(moments[0])
    while high - low > 1:
        middle = (low + high) // 2
        if column in inquiry.at_cut(int(moments[middle]), how):
            high = middle
        else:
            low = middle
    return int(moments[high])


def _around(inquiry: Inquiry, column: str, cuts: Ints) -> pl.DataFrame | None:
    """The column on both sides of a cut that shows it, if it can be one with rows enough before it."""
    moments = inquiry.subject.rows.moments
    shown = [
        (int(c), how) for how in WAYS[::-1] for c in cuts if column in inquiry.at_cut(int(c), how)
    ]
    late = [one for one in shown if one[0] >= moments[min(AROUND, len(moments) - 1)]]
    cut, how = min(late or shown, key=lambda one: one[0])
    symbol = inquiry.at_cut(cut, how)[column]["symbol"][0]
    told, known = pl.col("symbol") == symbol, pl.col("at") <= cut
    answers = inquiry.history.where(told), inquiry.answer(cut, how).where(told & known)
    if not all(is_number(answer.values.get_column(column, default=NOTHING)) for answer in answers):
        return None
    one, other = (
        answer.keys.select(
            "stamp", "at", value=answer.values.get_column(column).cast(pl.Float64)
        ).unique("stamp", keep="last", maintain_order=True)
        for answer in answers
    )
    rows = one.join(other.drop("at"), on="stamp", how="left", suffix="_cut").sort("stamp")
    unlike = unequal(rows["value"], rows["value_cut"], inquiry.subject.claim(column).tolerance)
    place = int(rows["at"].search_sorted(cut, "right"))
    return rows.select(
        pl.col("stamp").cast(pl.Datetime("us", "UTC")).alias("timestamp"),
        pl.col("value").alias("whole"),
        pl.col("value_cut").alias("cut"),
        known=known,
        differs=known & pl.Series(unlike),
    )[max(0, place - AROUND) : place + AROUND]


def _source(inquiry: Inquiry, column: str, key: Mapping[str, Any], cut: int) -> int | None:
    """By halves, the nearest later row that changes the value, garbled or else taken away, alone."""
    rows = inquiry.subject.rows
    later = np.flatnonzero(rows.known > cut)
    later = later[np.lexsort((rows.codes[later], rows.stamp[later], rows.known[later]))]
    noise = inquiry.noise(cut)

    def garbled(places: Places) -> bool:
        return inquiry.changed(futures.garbled_at(noise, places), column, key)

    def missing(places: Places) -> bool:
        return inquiry.changed(futures.without(rows, places), column, key)

    changes_it = garbled if garbled(later) else missing
    suspects = later
    while len(suspects) > 1:
        near, far = np.array_split(suspects, 2)
        if changes_it(near):
            suspects = near
        elif changes_it(far):
            suspects = far
        else:
            return None
    return int(suspects[0])
