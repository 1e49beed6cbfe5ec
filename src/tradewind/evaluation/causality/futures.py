"""Other futures, other pasts and other orders of the same data: what an audit shows to its subject."""

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core.arrays import Ints
from tradewind.core.rng import Rng
from tradewind.evaluation.causality.subject import Rows, Shown

FAINTEST = 0.003  # noise on a future, in log
WILDEST = np.array([1.0, 3.0])  # of prices, of other numbers


def drawn_cuts(rows: Rows, count: int, rng: Rng) -> Ints:
    """Moments after which the future is changed: the last but one, so that the newest row is missing,
    and of the others one half anywhere and one half crowded towards the beginning, where warm-ups are
    filled.

    >>> import polars as pl
    >>> from tradewind.core import stream
    >>> days = np.arange(5)
    >>> drawn_cuts(Rows(pl.Series(["A"] * 5), days, days, 0 * days), 20, stream(0)).tolist()
    [3, 0, 1, 2]
    """
    moments = rows.moments[:-1]
    if len(moments) <= count:
        return np.roll(moments, 1)
    others = np.arange(len(moments) - 1)
    early = np.diff(np.log(np.arange(1, len(moments) + 1)))
    chance = 0.5 / len(others) + 0.5 * early / early.sum()
    drawn = rng.choice(others, count - 1, replace=False, p=chance)
    return np.concatenate([moments[-1:], moments[drawn]])


def everything(rows: Rows) -> Shown:
    """All of it, as it is."""
    return Shown.only(np.arange(len(rows)))


def removed(rows: Rows, cut: int) -> Shown:
    """What was known at the cut."""
    return Shown.only(np.flatnonzero(rows.known <= cut))


def replaced(rows: Rows, cut: int, rng: Rng) -> Shown:
    """All of it, with what became known after the cut turned to noise.

    A half of the symbols carry on with rows drawn from their own, so that values, their order within a
    bar, and what is missing stay plausible. On top the prices of a row move by one factor and its other
    numbers by another, of sizes that are drawn for each symbol between 0.3 % and a multiple: a leak that
    acts on large moves alone finds them, and so does one that acts on small ones.
    """
    source, factor = np.arange(len(rows)), np.ones((2, len(rows)))
    for own in by_symbol(rows):
        size = FAINTEST * (WILDEST / FAINTEST) ** rng.random(2)
        carried_on = rng.random() < 0.5
        later = own[rows.known[own] > cut]
        factor[:, later] = np.exp(size[:, None] * rng.standard_normal((2, len(later))))
        for kind in np.unique(rows.kind[later]) if carried_on else ():
            alike = later[rows.kind[later] == kind]
            source[alike] = rng.choice(own[rows.kind[own] == kind], len(alike))
    return Shown(np.arange(len(rows)), source, factor)


def garbled_at(noise: Shown, places: npt.NDArray[np.intp]) -> Shown:
    """All of the data, with that noise in these rows alone."""
    source, factor = noise.rows.copy(), np.ones_like(noise.factor)
    source[places], factor[:, places] = noise.source[places], noise.factor[:, places]
    return Shown(noise.rows, source, factor)


def without(rows: Rows, places: npt.NDArray[np.intp]) -> Shown:
    """All of it but these rows."""
    return Shown.only(np.delete(np.arange(len(rows)), places))


def since(rows: Rows, start: int) -> Shown:
    """What is of `start` or later."""
    return Shown.only(np.flatnonzero(rows.stamp >= start))


def orders(rows: Rows, rng: Rng) -> tuple[Shown, ...]:
    """The same rows with symbols in another order, and moment by moment; those of a symbol keep theirs."""
    others = rng.permutation(int(rows.codes.max(initial=0)) + 1)[rows.codes]
    return (
        Shown.only(np.argsort(others, kind="stable")),
        Shown.only(np.lexsort((others, rows.known))),
    )


def by_symbol(rows: Rows) -> list[Ints]:
    """The rows of each symbol."""
    order = np.argsort(rows.codes, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(rows.codes[order])) + 1)


def out_of_order(rows: Rows) -> bool:
    """Whether a symbol has a row above one that is of an earlier moment."""
    return any((np.diff(rows.stamp[own]) < 0).any() for own in by_symbol(rows))


def bars_since(rows: Rows, start: int, keys: pl.DataFrame) -> Ints:
    """How many bars of its symbol from `start` on the answer of each of these keys could know."""
    counts, at = np.zeros(len(keys), dtype=np.int64), keys["at"].to_numpy()
    for own in by_symbol(rows):
        asked = (keys["symbol"] == rows.symbol[int(own[0])]).to_numpy()
        order = own[np.lexsort((rows.known[own], rows.stamp[own]))]
        stamps, first = np.unique(rows.stamp[order], return_index=True)
        known = np.sort(rows.known[order][first][stamps >= start])
        counts[asked] = np.searchsorted(known, at[asked], side="right")
    return counts
