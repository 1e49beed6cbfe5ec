"""`caveats`: what a reader of a search would not suspect, of the bars that asked and of those that could answer."""

from datetime import datetime, timedelta

import polars as pl

from tradewind.context.patterns.scales import LENGTH, Scale
from tradewind.context.retrieval import Retrieved
from tradewind.pipelines.episodes.picture import Asked

LONG_AGO = timedelta(days=7)  # holidays are shorter


def caveats(asked: Asked, found: Retrieved, among: pl.DataFrame) -> tuple[str, ...]:
    """A sentence each; `among` are the episodes that the search may have found."""
    silent = found.aftermath is None and found.degraded is None
    told = (
        long_ago(asked.ended, asked.at, asked.scale),
        all_past(among, asked.at) if silent else None,
    )
    return tuple(one for one in told if one)


def long_ago(ended: datetime, at: datetime, scale: Scale) -> str | None:
    """Why a query is of the past: by a moment, another bar has been due for more than a week.

    >>> from datetime import UTC
    >>> ended = datetime(2018, 7, 1, tzinfo=UTC)
    >>> long_ago(ended, datetime(2018, 7, 20, tzinfo=UTC), "1d")
    'these bars end at 2018-07-01 00:00 UTC, 19 days before the moment asked about: bring in newer ones, or ask --at then'
    >>> long_ago(ended, datetime(2018, 7, 9, tzinfo=UTC), "1d"), long_ago(ended, datetime(2018, 7, 20, tzinfo=UTC), "1mo")
    (None, None)
    """
    if at - ended <= LONG_AGO + LENGTH[scale]:
        return None
    return (
        f"these bars end at {ended:%Y-%m-%d %H:%M} UTC, {(at - ended).days:,} days before the moment asked "
        "about: bring in newer ones, or ask --at then"
    )


def all_past(among: pl.DataFrame, at: datetime) -> str | None:
    """Why nobody could answer at a moment: all that were known are past.

    >>> from datetime import UTC
    >>> day = [datetime(2024, 1, n, tzinfo=UTC) for n in range(1, 5)]
    >>> one = pl.DataFrame({"known_at": day[:1], "expires_at": day[2:3], "superseded_at": None, "let_go_at": day[3:]},
    ...     schema_overrides={"superseded_at": pl.Datetime("us", "UTC")})
    >>> all_past(one, day[2])
    'all 1 episodes that it might resemble are past by then, superseded, expired or let go: raise patterns.lifespan or patterns.capacity of tradewind.yaml and build again'
    >>> all_past(one, day[1]), all_past(one[:0], day[1])
    (None, None)
    """
    known = among.filter(pl.col("known_at") <= at)
    until = pl.min_horizontal("expires_at", "superseded_at", "let_go_at")
    if not len(known) or len(known.filter((until > at) | until.is_null())):
        return None
    return (
        f"all {len(known):,} episodes that it might resemble are past by then, superseded, expired or let "
        "go: raise patterns.lifespan or patterns.capacity of tradewind.yaml and build again"
    )
