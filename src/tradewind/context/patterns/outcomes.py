"""`resolve`: what followed each episode, for as far as it is known."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from tradewind.context.patterns.scales import LENGTH
from tradewind.context.patterns.walk import Walk, walked
from tradewind.core import Panel, Patterns
from tradewind.core.arrays import Ints
from tradewind.core.errors import Misuse
from tradewind.core.pattern import FOLLOWED
from tradewind.core.tables import UTC_TIME, micros

_FIELDS = ("horizon", "value", "resolved_at")


def resolve(
    patterns: Patterns, panel: Panel, horizons: Sequence[int], calendar: str = "XNYS"
) -> Patterns:
    """Fill what is known of what followed: log returns over so many bars of each episode's scale.

    From the last close that was known when the episode was, to the close so many bars later as it was first
    known; `resolved_at` is when that was. What the panel does not know yet stays as it was, so the same may
    be asked again tomorrow; a return to or from a price that is not above zero is none.

    >>> from tradewind.context.patterns import MultiScalePatternDetector
    >>> days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 3, 31), eager=True).cast(pl.String)
    >>> rise = np.exp(np.concatenate([np.tile([0.0, 0.01], 30), 0.02 * np.arange(31)]))
    >>> panel = Panel.from_frame(pl.DataFrame({"date": days, "ACME": rise}), calendar="24/7")
    >>> found = MultiScalePatternDetector(("1d",), "24/7")(panel)
    >>> first = next(iter(resolve(found, panel, (5, 500), "24/7")))
    >>> [(str(horizon), round(then.value, 6)) for horizon, then in first.followed.items()]
    [('5 days, 0:00:00', 0.1)]
    """
    if wrong := [bars for bars in horizons if bars < 1]:
        raise Misuse(f"a horizon of {wrong[0]} bars", "give 1 or more")
    table = patterns.table.with_row_index("row")
    parts = [table.select("row", "followed").explode("followed").drop_nulls().unnest("followed")]
    for scale, length in LENGTH.items():
        rows = table.filter(scale=length)
        if len(rows):
            walk = walked(panel, scale, calendar)
            bases = _newest(walk, rows)
            parts += [
                _followed(walk, rows["row"], bases, bars).with_columns(horizon=bars * length)
                for bars in horizons
            ]
    told = pl.concat([part.select("row", *_FIELDS) for part in parts])
    told = told.unique(["row", "horizon"], keep="first", maintain_order=True).sort("row", "horizon")
    lists = told.group_by("row", maintain_order=True).agg(pl.struct(_FIELDS).alias("followed"))
    filled = table.drop("followed").join(lists, "row", "left", maintain_order="left")
    followed = pl.col("followed").fill_null([]).cast(FOLLOWED)
    return Patterns(filled.with_columns(followed).select(patterns.table.columns))


def _newest(walk: Walk, rows: pl.DataFrame) -> Ints:
    """(rows,) the bar of its symbol that was the last known when each episode was; -1 where it has none."""
    bases = np.full(len(rows), -1, dtype=np.int64)
    known, symbols = micros(rows["known_at"]), rows["symbol"].to_numpy()
    for symbol, span in walk.segments.items():
        mine = np.flatnonzero(symbols == symbol)
        counts = np.searchsorted(walk.known[span], known[mine], side="right")
        bases[mine] = np.where(counts > 0, span.start + counts - 1, -1)
    return bases


def _followed(walk: Walk, rows: pl.Series, bases: Ints, bars: int) -> pl.DataFrame:
    """(row, value, resolved_at) of the episodes after which there are so many bars."""
    end = walk.offsets[np.searchsorted(walk.offsets, bases, side="right") % len(walk.offsets)]
    known = np.flatnonzero((bases >= 0) & (bases + bars < end))
    before, after = walk.close[bases[known]], walk.close[bases[known] + bars]
    priced = (before > 0) & (after > 0)
    known, before, after = known[priced], before[priced], after[priced]
    return pl.DataFrame(
        {
            "row": rows.gather(known),
            "value": np.log(after / before),
            "resolved_at": pl.Series(walk.known[bases[known] + bars]).cast(UTC_TIME),
        }
    )
