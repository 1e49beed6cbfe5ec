"""`folded`: episodes with what became known of them, one row each; the same for all and for a few.

The order in which events came does not matter: each says when it counts from.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from tradewind.context.library.tables import (
    EPISODE,
    EVICTED,
    EXPIRED,
    OUTCOME,
    SUPERSEDED,
    USED,
)
from tradewind.core.pattern import FOLLOWED
from tradewind.core.tables import UTC_TIME

LEARNT: Mapping[str, Any] = {
    "followed": FOLLOWED,  # every version of an outcome
    "superseded_at": UTC_TIME,
    "superseded_by": pl.Int64,
    "let_go_at": UTC_TIME,
    "uses": pl.Int64,
    "gained": pl.Float64,
}
STATE: Mapping[str, Any] = {**EPISODE, **LEARNT}
OF_AN_OUTCOME = ("episode", "horizon", "resolved_at")


def untold(episodes: pl.DataFrame) -> pl.DataFrame:
    """Episodes of which nothing is known yet."""
    return episodes.with_columns(
        pl.lit([], FOLLOWED).alias("followed"),
        pl.lit(None, UTC_TIME).alias("superseded_at"),
        pl.lit(None, pl.Int64).alias("superseded_by"),
        pl.lit(None, UTC_TIME).alias("let_go_at"),
        pl.lit(0, pl.Int64).alias("uses"),
        pl.lit(0.0).alias("gained"),
    ).select(*STATE)


def folded(states: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The states after these events, in the same order.

    >>> from tradewind.context.library.tables import events_of
    >>> one = untold(pl.DataFrame([{"episode": 7}], schema=dict(EPISODE)))
    >>> used = events_of(pl.DataFrame({"episode": [7, 7], "value": [0.5, 0.25]}), USED)
    >>> folded(one, used).select("episode", "uses", "gained").row(0)
    (7, 2, 0.75)
    """
    if not len(events):
        return states
    after = states.join(_used(events), "episode", "left", maintain_order="left")
    after = after.join(_let_go(events), "episode", "left", maintain_order="left")
    after = after.join(_superseded(events), "episode", "left", maintain_order="left")
    after = after.drop("followed").join(
        _followed(states, events), "episode", "left", maintain_order="left"
    )
    at, by, before = pl.col("at"), pl.col("by"), pl.col("superseded_at")
    sooner = (at < before) | ((at == before) & (by < pl.col("superseded_by")))
    sooner = at.is_not_null() & (before.is_null() | sooner)
    return after.with_columns(
        pl.col("followed").fill_null(pl.lit([], FOLLOWED)),
        pl.when(sooner).then("at").otherwise("superseded_at").alias("superseded_at"),
        pl.when(sooner).then("by").otherwise("superseded_by").alias("superseded_by"),
        pl.min_horizontal("let_go_at", "gone").alias("let_go_at"),
        pl.col("uses") + pl.col("more").fill_null(0),
        pl.col("gained") + pl.col("gain").fill_null(0.0),
    ).select(*STATE)


def _followed(states: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    told = states.select("episode", "followed").filter(pl.col("followed").list.len() > 0)
    before = told.explode("followed").unnest("followed")
    new = events.filter(pl.col("what") == OUTCOME).select(
        "episode", "horizon", "value", resolved_at="at"
    )
    each = pl.concat([before, new]).unique(OF_AN_OUTCOME, keep="first").sort(OF_AN_OUTCOME)
    return each.group_by("episode").agg(followed=pl.struct("horizon", "value", "resolved_at"))


def _superseded(events: pl.DataFrame) -> pl.DataFrame:
    """(episode, at, by): the first that supersedes each."""
    told = events.filter(pl.col("what") == SUPERSEDED).sort("at", "by")
    return told.unique("episode", keep="first", maintain_order=True).select("episode", "at", "by")


def _let_go(events: pl.DataFrame) -> pl.DataFrame:
    told = events.filter(pl.col("what").is_in([EXPIRED, EVICTED]))
    return told.group_by("episode").agg(gone=pl.col("at").min())


def _used(events: pl.DataFrame) -> pl.DataFrame:
    told = events.filter(pl.col("what") == USED).sort(
        "value"
    )  # a sum in one order, whatever came first
    used = told.group_by("episode", maintain_order=True)
    return used.agg(more=pl.len().cast(pl.Int64), gain=pl.col("value").sum())
