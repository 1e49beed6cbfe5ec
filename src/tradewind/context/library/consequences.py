"""What follows in the library from new episodes and outcomes: who supersedes whom, and who is let go.

Who supersedes whom is a matter of the episodes and their moments, in whatever order they were told of; so
those that have ended are looked at too. Who is let go is decided when it is, and counts from then on.
"""

from datetime import timedelta
from typing import NamedTuple

import numpy as np
import polars as pl

from tradewind.context.library.duplicates import same_episodes
from tradewind.context.library.folding import folded
from tradewind.context.library.lifecycle import Lifecycle, least_useful
from tradewind.context.library.shelf import NEVER, Kept, Shelf, seen_from
from tradewind.context.library.tables import EVICTED, OUTCOME, SUPERSEDED, events_of
from tradewind.context.library.view import View, has_ended, together
from tradewind.core.arrays import Ints
from tradewind.core.tables import UTC_TIME, micros


class Known(NamedTuple):
    """What a change meets: the view, those that have ended, and the newest moment that was told of.

    The past may be left empty where no change can concern it (`View.concerns_the_past`).
    """

    view: View
    past: Shelf
    heard: int

    def of(self, episodes: Ints) -> Kept:
        """Those of some episodes that are kept, whether they live or have ended."""
        shelves = (*self.view.shelves, self.past)
        return together(*(one.kept(one.rows.places(episodes)) for one in shelves))

    def beside(self, states: pl.DataFrame) -> Kept:
        """The others of the same symbols, scales and kinds, at about the same time."""
        return together(*(one.beside(states) for one in (*self.view.shelves, self.past)))


class Change(NamedTuple):
    """New episodes, what became known of them and of others, and the states of all these after it."""

    new: Kept
    events: pl.DataFrame
    after: Kept

    @classmethod
    def of(cls, known: Known, new: Kept, events: pl.DataFrame) -> "Change":
        """The change, worked out."""
        states, vectors = together(new, known.of(events["episode"].unique().to_numpy()))
        return cls(new, events, (folded(states, events), vectors))

    def more(self, known: Known, events: pl.DataFrame) -> "Change":
        """With some events more."""
        return Change.of(known, self.new, pl.concat([self.events, events])) if len(events) else self


def with_consequences(change: Change, known: Known, lifecycle: Lifecycle) -> Change:
    """The change with all that follows from it."""
    change = change.more(known, _superseded(change, known, lifecycle.alike))
    if lifecycle.capacity is None:
        return change
    return change.more(known, _evicted(change, known, lifecycle.capacity))


def _superseded(change: Change, known: Known, alike: float) -> pl.DataFrame:
    """The earlier of each two that are one, from the moment at which the later may be seen; one that was let
    go before anybody could see it supersedes nobody."""
    told = change.events.filter(pl.col("what") == OUTCOME)["episode"]
    states, vectors = change.after
    asked = states["episode"].is_in(pl.concat([told, change.new[0]["episode"]]).implode())
    if not asked.any():
        return change.events.clear()
    touched = states.filter(asked), vectors[asked.to_numpy()]
    rows, all_vectors = together(touched, known.beside(touched[0]))
    pairs = same_episodes(rows, all_vectors, np.arange(len(rows)) < len(touched[0]), alike)
    numbers, seen = rows["episode"].to_numpy(), seen_from(rows)
    let_go = rows["let_go_at"].to_physical().fill_null(NEVER).to_numpy()
    earlier, later = pairs[seen[pairs[:, 1]] < let_go[pairs[:, 1]]].T
    by = pl.DataFrame({"episode": numbers[earlier], "at": seen[later], "by": numbers[later]})
    first = by.sort("at", "by").unique("episode", keep="first", maintain_order=True)
    return events_of(first.with_columns(pl.col("at").cast(UTC_TIME)), SUPERSEDED)


def _evicted(change: Change, known: Known, capacity: int) -> pl.DataFrame:
    """The least useful of those above the capacity, from just after the newest moment that was told of: what
    was said of any moment until then stays as it was said."""
    changed = change.after[0]
    columns = (*("episode", "known_at", "uses", "gained"), "followed")
    others = known.view.states(columns).join(changed, "episode", "anti", maintain_order="left")
    living = pl.concat([others, changed.filter(~has_ended(changed)).select(columns)])
    over = len(living) - capacity
    if over <= 0:
        return change.events.clear()
    worst = least_useful(
        over,
        living["uses"].to_numpy(),
        living["gained"].to_numpy(),
        (living["followed"].list.len() > 0).to_numpy(),
        micros(living["known_at"]),
    )
    newest = max(known.heard, newest_told(change.new[0], change.events))
    at = pl.lit(newest).cast(UTC_TIME) + timedelta(microseconds=1)
    return events_of(living[worst].select("episode", at=at), EVICTED)


def newest_told(episodes: pl.DataFrame, events: pl.DataFrame) -> int:
    """The newest moment of which some episodes and events tell.

    >>> newest_told(pl.DataFrame(schema=dict(known_at=UTC_TIME)), pl.DataFrame(schema=dict(at=UTC_TIME))) < 0
    True
    """
    told = pl.concat([episodes["known_at"], events["at"]]).drop_nulls()
    return int(micros(told).max(initial=-NEVER))
