"""Bars against the actions on record: a split that prices do not show was adjusted away, or never was.

The other way round, a split that prices show and nobody recorded, is `bars.split` on adjusted bars: one
that is on record is no move there any more.
"""

from math import log

import polars as pl

from tradewind.core import Finding, Panel
from tradewind.core.panel import NEVER
from tradewind.data.factors import require_actions

PLAIN = log(1.25)  # a split of less may hide in a day's move


def unshown(bars: Panel, actions: Panel) -> tuple[Finding, ...]:
    """A finding for splits on record where the price stayed nearer to the close before than to its part.

    >>> bars = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02", "2024-01-03"],
    ...     "symbol": "ACME", "close": [50.0, 51.0]}))
    >>> split = Panel.from_frame(pl.DataFrame({"date": ["2024-01-03"], "symbol": ["ACME"],
    ...     "split": [2.0], "dividend": [0.0]}))
    >>> unshown(bars, split)[0].detail
    '1 of 1 splits do not show in the prices, first 2 for one ACME on 2024-01-03: 50 before, 51 after'
    """
    seen = _around_splits(bars, actions)
    moved = (pl.col("after") / pl.col("before")).log()
    wrong = seen.filter((moved + pl.col("split").log()).abs() > moved.abs()).sort("told_at")
    if not len(wrong):
        return ()
    row = wrong.row(0, named=True)
    return (
        Finding(
            "actions.unshown",
            "warning",
            ", ".join(wrong["symbol"].unique().sort()[:5]),
            f"{len(wrong)} of {len(seen)} splits do not show in the prices, first {row['split']:g} for "
            f"one {row['symbol']} on {row['session']}: {row['before']:g} before, {row['after']:g} after",
            "give bars as they were traded; a fact about bars that are adjusted already counts twice",
            row["told_at"],
        ),
    )


def _around_splits(bars: Panel, actions: Panel) -> pl.DataFrame:
    """The splits, each with the close before and the first price after, as they were first known."""
    name = pl.col("symbol").cast(pl.String)
    first = bars.table.filter(~pl.Series(bars.corrections)).with_columns(name)
    first = first.filter(pl.col("close") > 0)
    opened = pl.col("open" if "open" in bars.columns else "close")
    before = first.select("symbol", "session", before=pl.col("close"))
    after = first.select("symbol", "session", after=opened, seen_at=pl.col("known_at"))
    believed = require_actions(actions).table.filter(pl.Series(actions.life[1] == NEVER))
    splits = believed.with_columns(name).filter(pl.col("split").log().abs() > PLAIN)
    around = splits.join_asof(
        before, on="session", by="symbol", allow_exact_matches=False, check_sortedness=False
    ).join_asof(after, on="session", by="symbol", strategy="forward", check_sortedness=False)
    told_at = pl.max_horizontal("known_at", "seen_at").alias("told_at")
    return around.drop_nulls(["before", "after"]).with_columns(told_at)
