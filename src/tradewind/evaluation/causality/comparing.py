"""What changed between two answers: column by column, the keys of the rows that did."""

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from tradewind.core.arrays import Flags, Ints
from tradewind.core.tables import floats
from tradewind.evaluation.causality.subject import KEY, Answer, Claim

ROWS = "(the rows themselves)"

Changes = Mapping[str, pl.DataFrame]


def changes(
    got: Answer, want: Answer, claim: Callable[[str], Claim], *, of_common_rows: bool = False
) -> Changes:
    """The keys at which a column of `got` is not what it is in `want`, by column, the earliest first.

    A missing value equals a missing one. Rows that one of them lacks are told as a column of their own.

    >>> from tradewind.evaluation.causality.subject import keyed
    >>> days = pl.Series([1, 2])
    >>> keys = keyed(pl.Series(["A", "A"]), days, days)
    >>> one = Answer(keys, pl.DataFrame({"x": [1.0, None], "y": [3.0, 4.0]}))
    >>> other = Answer(keys, pl.DataFrame({"x": [1.0, float("nan")], "y": [3.0, 5.0]}))
    >>> {name: rows["at"].to_list() for name, rows in changes(one, other, lambda _: Claim()).items()}
    {'y': [2]}
    """
    found = {}
    ours, theirs = _pairs(got, want)
    if not of_common_rows:
        strangers = pl.concat([_unmatched(got, ours), _unmatched(want, theirs)])
        if len(strangers):
            found[ROWS] = strangers
    names = [*want.values.columns, *(set(got.values.columns) - set(want.values.columns))]
    for name in names:
        one, other = _column(got, name, ours), _column(want, name, theirs)
        unlike = unequal(one, other, claim(name).tolerance)
        if unlike.any():
            found[name] = want.keys[theirs[unlike]]
    return {name: keys.sort("at", "stamp", "symbol") for name, keys in found.items()}


def unequal(one: pl.Series, other: pl.Series, tolerance: float) -> Flags:
    """Where two columns differ by more than the tolerance, relative to the larger of both values and to
    what is usual in the column."""
    if not (is_number(one) and is_number(other)):
        if one.dtype != other.dtype:
            one, other = one.cast(pl.String, strict=False), other.cast(pl.String, strict=False)
        return (~one.eq_missing(other)).to_numpy()
    a, b = floats(one), floats(other)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    if tolerance:
        with np.errstate(invalid="ignore"):
            size = np.maximum(np.abs(a), np.abs(b))
            usual = np.median(size[np.isfinite(size)]) if np.isfinite(size).any() else 0.0
            same |= np.isfinite(a - b) & (np.abs(a - b) <= tolerance * (size + usual))
    return np.asarray(~same)


def is_number(column: pl.Series) -> bool:
    """Numbers, flags, and what is nothing at all."""
    return column.dtype.is_numeric() or column.dtype in (pl.Boolean, pl.Null)


def _column(answer: Answer, name: str, rows: Ints) -> pl.Series:
    if name not in answer.values.columns:
        return pl.Series(name, [None] * len(rows), dtype=pl.Null)
    return answer.values[name].gather(rows)


def _pairs(got: Answer, want: Answer) -> tuple[Ints, Ints]:
    """Rows of both that have the same key."""
    if got.keys.equals(want.keys):
        both = np.arange(len(want.keys))
        return both, both
    theirs = want.keys.with_row_index("theirs")
    pairs = got.keys.with_row_index("ours").join(theirs, on=list(KEY))
    return pairs["ours"].to_numpy().astype(np.int64), pairs["theirs"].to_numpy().astype(np.int64)


def _unmatched(answer: Answer, matched: Ints) -> pl.DataFrame:
    alone = np.ones(len(answer.keys), dtype=bool)
    alone[matched] = False
    return answer.keys.filter(pl.Series(alone))
