"""Splits and dividends of made names: the bars of a holding as the prices that were quoted for a share."""

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core.arrays import Floats
from tradewind.core.errors import Misuse
from tradewind.core.rng import Rng
from tradewind.core.tables import floats
from tradewind.data.synthetic.grid import Grid
from tradewind.data.synthetic.plants import Actions
from tradewind.data.synthetic.versions import PRICES

SPLITS = (2.0, 3.0, 5.0, 0.1)  # shares that one becomes
YIELD = (0.002, 0.02)  # of the price, that a dividend pays


def plant_actions(
    table: pl.DataFrame, grid: Grid, config: Actions, rng: Rng
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The table in quoted prices, and the facts, each known with the first bar of its ex-date.

    What a share of the beginning has become divides the prices; so the facts give them back:

    >>> from tradewind.data.actions import adjusted
    >>> from tradewind.data.synthetic import make_market
    >>> plain, split = (make_market("equity", 4, 100, plants=plants) for plants in ([], ["actions"]))
    >>> worth = adjusted(split.panel, split.panels["actions"]).table["close"]
    >>> float((worth / plain.panel.table["close"] - 1).abs().max()) < 1e-12
    True
    """
    count = len(table) // grid.periods
    ex = np.stack([_ex_bars(grid, config, rng) for _ in range(count)])  # (symbols, facts)
    splits = np.ones(ex.shape)
    splits[:, : config.splits] = rng.choice(SPLITS, (count, config.splits))
    yields = np.zeros(ex.shape)
    yields[:, config.splits :] = rng.uniform(*YIELD, (count, config.dividends))
    rows = (np.arange(count)[:, None] * grid.periods + ex).ravel()
    shares = _since(splits.ravel(), rows, count, grid.periods)
    worth = _since((splits / (1 - yields)).ravel(), rows, count, grid.periods)
    prices = [pl.col(name) / pl.Series(worth) for name in PRICES if name in table.columns]
    quoted = table.with_columns(*prices, pl.col("volume") * pl.Series(shares))
    theirs = floats(quoted["close"])[rows - 1] / splits.ravel()  # the close before, a new share
    facts = quoted.select("symbol", "timestamp", "known_at", "session")[rows].with_columns(
        split=pl.Series(splits.ravel()), dividend=pl.Series(yields.ravel() * theirs)
    )
    return quoted, facts.sort("symbol", "timestamp")


def _ex_bars(grid: Grid, config: Actions, rng: Rng) -> npt.NDArray[np.intp]:
    """(facts,) the bars, each the first of its session, at which a name's facts take effect."""
    days = grid.bars["session"].to_physical().to_numpy()[:-1]
    first = np.flatnonzero(np.diff(days)) + 1
    wanted = config.splits + config.dividends
    if wanted > len(first):
        raise Misuse(
            f"{wanted} actions of each name in {len(first) + 1} sessions", "ask for more periods"
        )
    return np.asarray(rng.choice(first, wanted, replace=False))


def _since(factors: Floats, rows: npt.NDArray[np.intp], count: int, periods: int) -> Floats:
    """(rows,) the product of each symbol's factors up to each row."""
    steps = np.ones(count * periods)
    steps[rows] = factors
    return np.asarray(np.multiply.accumulate(steps.reshape(count, periods), axis=1)).ravel()
