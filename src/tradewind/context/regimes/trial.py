"""A made history of two regimes, for doctests and first trials."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from tradewind.core import Dataset, stream
from tradewind.core.tables import UTC_TIME

START = datetime(2020, 1, 1, 21, tzinfo=UTC)


def two_regimes(symbols: int = 1, moments: int = 600, seed: int = 7) -> Dataset:
    """Rows of a calm and a wild regime that last about 60 moments each, and in `truth` which it was.

    >>> two_regimes(2, 3).table.columns
    ['decided_at', 'symbol', 'volatility', 'return', 'truth']
    """
    rng = stream(seed, "two regimes")
    names = [f"S{place}" for place in range(symbols)]
    changes = rng.random((moments, symbols)) < 1 / 60
    wild = changes.cumsum(axis=0) % 2
    table = pl.DataFrame(
        {
            "decided_at": [START + timedelta(days=day) for day in range(moments) for _ in names],
            "symbol": names * moments,
            "volatility": (wild + 0.25 * rng.standard_normal(wild.shape)).ravel(),
            "return": ((0.5 + wild) * rng.standard_normal(wild.shape)).ravel(),
            "truth": np.where(wild, "wild", "calm").ravel(),
        },
        schema_overrides={"decided_at": UTC_TIME, "symbol": pl.Enum(names)},
    )
    return Dataset(table, ("volatility", "return"))
