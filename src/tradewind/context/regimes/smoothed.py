"""`Smoothed`: regimes in hindsight, for pictures."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, eq=False)
class Smoothed:
    """Probabilities of each row given the rows after it too: THEY LOOK AHEAD, and are to be drawn only.

    It is no `MarketState` and has no `table`, so no stage of a strategy can read it by mistake.

    >>> Smoothed(pl.DataFrame({"calm": [1.0]}), ("calm",)).table
    Traceback (most recent call last):
    AttributeError: 'Smoothed' object has no attribute 'table'
    """

    picture: pl.DataFrame  # at, symbol, and a column for each regime
    regimes: tuple[str, ...]
