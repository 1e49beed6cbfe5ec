"""Names that come and go: who belongs to the universe, since when, and who is gone with a last price."""

import numpy as np
import polars as pl

from tradewind.core.rng import Rng
from tradewind.core.tables import UTC_TIME
from tradewind.data.synthetic.grid import Grid
from tradewind.data.synthetic.instruments import Roster
from tradewind.data.synthetic.plants import Turnover


def make_universe(roster: Roster, grid: Grid, config: Turnover, rng: Rng) -> pl.DataFrame:
    """(symbol, start, end, known_at): a row when a name joins, and one more when it has left.

    >>> from tradewind.data.synthetic import make_market
    >>> market = make_market("equity", 10, 200, seed=2, plants=["turnover"])
    >>> [len(market.membership.members(market.panel.moments[at])) for at in (0, 100, 199)]
    [8, 8, 8]
    """
    count = len(roster.names)
    order = rng.permutation(count)
    joins = order[: round(config.entries * count)]
    leaves = order[len(joins) : len(joins) + round(config.exits * count)]
    middle = np.arange(grid.periods // 5, grid.periods - grid.periods // 5)
    start, end = np.zeros(count, dtype=np.int64), np.full(count, -1)
    start[joins] = rng.choice(middle, len(joins))
    end[leaves] = rng.choice(middle, len(leaves))
    known = grid.ends + grid.lag
    joined = pl.DataFrame(
        {
            "symbol": roster.symbols,
            "start": grid.ends.gather(start),
            "end": pl.Series([None] * count, dtype=UTC_TIME),
            "known_at": known.gather(start),
        }
    )
    left = joined[leaves].with_columns(
        end=grid.ends.gather(end[leaves]), known_at=known.gather(end[leaves])
    )
    return pl.concat([joined, left]).sort("symbol", "start", "known_at")


def until_they_left(table: pl.DataFrame, universe: pl.DataFrame) -> pl.DataFrame:
    """The bars of each name up to its last price."""
    gone = universe.drop_nulls("end").select("symbol", last=pl.col("end"))
    rows = table.join(gone, on="symbol", how="left", maintain_order="left")
    there = pl.col("last").is_null() | (pl.col("timestamp") <= pl.col("last"))
    return rows.filter(there).drop("last")
