"""`View`: all that searches see at one moment of the library's own life. A change makes another view.

The large shelf and its index stay as they are while a small one takes what is new and what has changed;
when that has grown to an eighth of the large one, both are put together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.context.library.folding import STATE
from tradewind.context.library.index_file import Indexed
from tradewind.context.library.nearest import ExactNearest, Nearest, Vectors
from tradewind.context.library.shelf import NEVER, Kept, Rows, Shelf, seen_from
from tradewind.core.arrays import Flags, Ints
from tradewind.core.pattern import WIDTH
from tradewind.core.tables import micros

SHARE = 8
Index = Callable[[Vectors, bytes], Nearest]
NOTHING: Kept = (pl.DataFrame(schema=dict(STATE)), np.empty((0, WIDTH), np.float32))


@dataclass(frozen=True, eq=False)
class View:
    """The living episodes on two shelves, and which ones are past: nobody finds those after `past_until`."""

    large: Shelf
    small: Shelf
    past: Ints  # the numbers of the episodes that have ended
    past_until: int

    @classmethod
    def of(cls, states: pl.DataFrame, vectors: Vectors, index: Index) -> "View":
        """All episodes, with the large shelf made anew."""
        ended = has_ended(states)
        living = Rows.in_order(states.filter(~ended), vectors[~ended])
        large = Shelf(living, index(living.vectors, b""), _none())
        return cls(large, empty_shelf(), *_past(states.filter(ended)))

    @classmethod
    def indexed(
        cls, states: pl.DataFrame, vectors: Vectors, index: Index, indexed: Indexed
    ) -> "View | None":
        """The same with the large shelf as it was; None where that was of other episodes, or would leave
        too many to the small one."""
        numbers = states["episode"].to_numpy()
        order = np.argsort(numbers)
        place = np.searchsorted(numbers[order], indexed.episodes).clip(max=max(len(order) - 1, 0))
        if not len(order) or not np.array_equal(numbers[order][place], indexed.episodes):
            return None
        place = order[place]
        rows = Rows(states[place], vectors[place], indexed.seen)
        ended = has_ended(states)
        stays = ~ended[place] & (seen_from(rows.states) == indexed.seen)
        moved = ~ended
        moved[place[stays]] = False
        if SHARE * int(moved.sum()) > len(place):
            return None
        large = Shelf(rows, index(rows.vectors, indexed.learnt), np.flatnonzero(~stays))
        small = _small(states.filter(moved), vectors[moved])
        return cls(large, small, *_past(states.filter(ended)))

    @property
    def shelves(self) -> tuple[Shelf, Shelf]:
        """Both."""
        return self.large, self.small

    def concerns_the_past(self, episodes: Ints, earliest: int = NEVER) -> bool:
        """Have some of these ended, or may one that begins then lie beside one that has? All were seen until
        after their end."""
        return earliest < self.past_until or bool(len(np.intersect1d(episodes, self.past)))

    def states(self, columns: Sequence[str]) -> pl.DataFrame:
        """Some columns of all that live."""
        told = [shelf.rows.states.select(columns).filter(shelf.stays) for shelf in self.shelves]
        return pl.concat(told)

    def changed(self, states: pl.DataFrame, vectors: Vectors, index: Index) -> "View":
        """With these episodes as they are now, whether they are new or not."""
        numbers, ended = states["episode"].to_numpy(), has_ended(states)
        past, until = _past(states.filter(ended))
        past, until = np.union1d(self.past, past), max(self.past_until, until)
        large = self.large.without(numbers)
        small = together(
            self.small.without(numbers).all_kept, (states.filter(~ended), vectors[~ended])
        )
        if SHARE * len(small[0]) <= len(large.rows):
            return View(large, _small(*small), past, until)
        rows = Rows.in_order(*together(large.all_kept, small))
        return View(Shelf(rows, index(rows.vectors, b""), _none()), empty_shelf(), past, until)

    def __len__(self) -> int:
        return sum(len(one.rows) - len(one.gone) for one in self.shelves)


def empty_shelf() -> Shelf:
    """A shelf with nothing on it."""
    return _small(*NOTHING)


def _small(states: pl.DataFrame, vectors: Vectors) -> Shelf:
    rows = Rows.in_order(states, vectors)
    return Shelf(rows, ExactNearest(rows.vectors), _none())


def past_after(past: Shelf, states: pl.DataFrame, vectors: Vectors) -> Shelf:
    """The past with these episodes as they are now."""
    numbers, ended = states["episode"].to_numpy(), has_ended(states)
    return _small(*together(past.without(numbers).all_kept, (states.filter(ended), vectors[ended])))


def shelf_of_the_past(states: pl.DataFrame, vectors: Vectors) -> Shelf:
    """Those of some episodes that have ended."""
    ended = has_ended(states)
    return _small(states.filter(ended), vectors[ended])


def together(*kept: Kept) -> Kept:
    """Episodes and their vectors from several places."""
    states, vectors = zip(*kept, strict=True)
    return pl.concat(states), np.concatenate(vectors)


def has_ended(states: pl.DataFrame) -> Flags:
    """(rows,) whether each was superseded or let go; one that is to expire lives until it is."""
    ended = pl.col("superseded_at").is_not_null() | pl.col("let_go_at").is_not_null()
    return states.select(ended).to_series().to_numpy()


def _past(ended: pl.DataFrame) -> tuple[Ints, int]:
    """The numbers of episodes that have ended, and from when on none of them is seen."""
    until = ended.select(pl.min_horizontal("expires_at", "superseded_at", "let_go_at")).to_series()
    return np.sort(ended["episode"].to_numpy()), int(micros(until).max(initial=-NEVER))


def _none() -> npt.NDArray[np.intp]:
    return np.empty(0, np.intp)
