"""What follows in the library from new episodes and outcomes: who supersedes whom, and who is let go."""

from typing import NamedTuple

import numpy as np
import polars as pl

from tradewind.context.library.duplicates import same_episodes
from tradewind.context.library.folding import folded
from tradewind.context.library.lifecycle import Lifecycle, least_useful
from tradewind.context.library.shelf import NEVER, Kept, seen_from
from tradewind.context.library.tables import EVICTED, OUTCOME, SUPERSEDED, events_of
from tradewind.context.library.view import View, has_ended, together
from tradewind.core.tables import UTC_TIME, micros


class Change(NamedTuple):
    """New episodes, what became known of them and of others, and the states of all these after it."""

    new: Kept
    events: pl.DataFrame
    after: Kept

    @classmethod
    def of(cls, view: View, new: Kept, events: pl.DataFrame) -> "Change":
        """The change, worked out."""
        states, vectors = together(new, view.living(events["episode"].unique().to_numpy()))
        return cls(new, events, (folded(states, events), vectors))

    def more(self, view: View, events: pl.DataFrame) -> "Change":
        """With some events more."""
        return Change.of(view, self.new, pl.concat([self.events, events])) if len(events) else self


def with_consequences(change: Change, view: View, lifecycle: Lifecycle) -> Change:
    """The change with all that follows from it."""
    change = change.more(view, _superseded(change, view, lifecycle.alike))
    if lifecycle.capacity is None:
        return change
    return change.more(view, _evicted(change, view, lifecycle.capacity))


def _superseded(change: Change, view: View, alike: float) -> pl.DataFrame:
    """The earlier of each two that are one, from the moment at which the later may be seen."""
    told = change.events.filter(pl.col("what") == OUTCOME)["episode"]
    states, vectors = change.after
    asked = states["episode"].is_in(pl.concat([told, change.new[0]["episode"]]).implode())
    if not asked.any():
        return change.events.clear()
    touched = states.filter(asked), vectors[asked.to_numpy()]
    rows, all_vectors = together(touched, view.beside(touched[0]))
    pairs = same_episodes(rows, all_vectors, np.arange(len(rows)) < len(touched[0]), alike)
    numbers, seen = rows["episode"].to_numpy(), seen_from(rows)
    earlier, later = pairs[seen[pairs[:, 1]] < NEVER].T
    by = pl.DataFrame({"episode": numbers[earlier], "at": seen[later], "by": numbers[later]})
    first = by.sort("at", "by").unique("episode", keep="first", maintain_order=True)
    return events_of(first.with_columns(pl.col("at").cast(UTC_TIME)), SUPERSEDED)


def _evicted(change: Change, view: View, capacity: int) -> pl.DataFrame:
    """The least useful of those above the capacity, from the newest moment that the library knows."""
    changed = change.after[0]
    columns = (*("episode", "known_at", "uses", "gained"), "followed")
    others = view.states(columns).join(changed, "episode", "anti", maintain_order="left")
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
    return events_of(living[worst].select("episode", at=pl.lit(living["known_at"].max())), EVICTED)
