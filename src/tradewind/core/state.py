"""`MarketState`: what surrounds a forecast, and which parts of it did not answer."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from tradewind.core.errors import BadTable
from tradewind.core.tables import (
    UTC_TIME,
    by_value,
    floats,
    require_columns,
    require_finite,
    require_keys_in_order,
)


@dataclass(frozen=True, eq=False)
class MarketState:
    """A table by (at, symbol): filtered regime probabilities, similar episodes, `degraded`.

    One column for each name in `regimes`, summing to 1, or all null where the state is not known;
    `similar` lists the episodes retrieved; `degraded` names each part that did not answer, and why.

    >>> from datetime import UTC, datetime
    >>> table = pl.DataFrame({"at": [datetime(2024, 1, 2, tzinfo=UTC)], "symbol": ["ACME"],
    ...     "calm": [0.9], "wild": [0.3], "similar": [[]], "degraded": [[]]}, schema_overrides={
    ...     "symbol": pl.Enum(["ACME"]), "similar": pl.List(pl.String), "degraded": pl.List(pl.String)})
    >>> MarketState(table, regimes=("calm", "wild"))
    Traceback (most recent call last):
    tradewind.core.errors.BadTable: regime probabilities of 'ACME' sum to 1.2: ...
    """

    table: pl.DataFrame
    regimes: tuple[str, ...] = ()

    __eq__ = by_value

    def __post_init__(self) -> None:
        require_columns(
            self.table,
            "MarketState",
            {
                "at": UTC_TIME,
                "symbol": pl.Enum,
                "similar": pl.List(pl.String),
                "degraded": pl.List(pl.String),
            },
        )
        require_keys_in_order(self.table, "MarketState", ("at", "symbol"))
        require_finite(self.table, "MarketState")
        if not self.regimes:
            return
        total = np.sum([floats(self.table[name]) for name in self.regimes], axis=0)
        wrong = np.abs(total - 1) > 1e-9  # NaN, where the state is not known, is not
        if wrong.any():
            row = int(wrong.argmax())
            raise BadTable(
                f"regime probabilities of {self.table['symbol'][row]!r} sum to {total[row]:.6g}",
                "normalise them",
            )
