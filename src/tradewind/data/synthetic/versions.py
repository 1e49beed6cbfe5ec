"""Second versions of rows: what a correction and a repeated report have in common."""

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core.rng import Rng
from tradewind.core.tables import UTC_TIME, micros
from tradewind.data.synthetic.plants import Revisions

Rows = npt.NDArray[np.intp]
PRICES = ("open", "high", "low", "close")
LATEST = 9  # bars after which a correction has come
ERROR = 0.01  # sd of the relative error of a first print


def with_second_version(table: pl.DataFrame, rows: Rows) -> tuple[pl.DataFrame, Rows, Rows]:
    """Each of these rows (ascending) twice, and where the first and the second of each now are.

    >>> twice, first, second = with_second_version(pl.DataFrame({"close": [1, 2, 3]}), np.array([1]))
    >>> twice["close"].to_list(), first, second
    ([1, 2, 2, 3], array([1]), array([2]))
    """
    count = np.ones(len(table), dtype=np.int64)
    count[rows] += 1
    first = rows + np.arange(len(rows))
    return table[np.repeat(np.arange(len(table)), count)], first, first + 1


def revise(table: pl.DataFrame, periods: int, config: Revisions, rng: Rng) -> pl.DataFrame:
    """Bars first published with a relative error, and corrected when a later bar is known.

    What is planted and what the truth speaks of is the corrected version.
    """
    bars = np.arange(len(table)) % periods
    free = np.flatnonzero(bars < periods - 1)
    count = min(round(config.share * len(table)), len(free))
    rows = np.sort(rng.choice(free, count, replace=False))
    lag = np.minimum(rng.integers(1, LATEST + 1, count), periods - 1 - bars[rows])
    corrected_at = micros(table["known_at"])[rows + lag]
    table, first, second = with_second_version(table, rows)
    known = micros(table["known_at"]).copy()
    known[second] = corrected_at
    factor = np.ones(len(table))
    factor[first] = np.exp(ERROR * rng.standard_normal(count))
    prices = [name for name in PRICES if name in table.columns]
    return table.with_columns(
        pl.Series("known_at", known).cast(UTC_TIME),
        *[pl.col(name) * pl.Series(factor) for name in prices],
    )
