"""`FilterState`: what the next row needs to know of all the rows before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from tradewind.context.regimes.forward import NOT_BEGUN
from tradewind.core.arrays import Floats
from tradewind.core.errors import Misuse
from tradewind.core.tables import UTC_TIME

STORED: Mapping[str, Any] = {"symbol": pl.String, "at": UTC_TIME, "weights": pl.List(pl.Float64)}


@dataclass(frozen=True)
class FilterState:
    """By symbol, the moment of its last row and the weights of the states after it.

    >>> from datetime import UTC
    >>> state = FilterState({"ACME": (datetime(2024, 1, 2, tzinfo=UTC), (0.1, 0.9))})
    >>> FilterState.restored(state.table) == state
    True
    """

    after: Mapping[str, tuple[datetime, tuple[float, ...]]] = field(default_factory=dict)

    def weights(self, names: Sequence[str], states: int) -> Floats:
        """(symbols, states), where a symbol that had no row has not begun."""
        new = (NOT_BEGUN,) * states
        rows = [self.after[name][1] if name in self.after else new for name in names]
        return np.array(rows, dtype=np.float64).reshape(len(rows), states)

    def require_before(self, symbol: str, at: datetime) -> None:
        """Refuse to go on with a row that is no later than the last."""
        if symbol in self.after and at <= self.after[symbol][0]:
            raise Misuse(
                f"a row of {symbol!r} at {at} is to be filtered, and {self.after[symbol][0]} has been",
                "give each row once, in its order",
            )

    def moved(self, rows: Mapping[str, tuple[datetime, tuple[float, ...]]]) -> "FilterState":
        """After those rows; symbols that had none stay where they were."""
        return FilterState({**self.after, **rows})

    @property
    def table(self) -> pl.DataFrame:
        """One row a symbol."""
        rows = [(name, at, [*weights]) for name, (at, weights) in sorted(self.after.items())]
        return pl.DataFrame(rows, schema=dict(STORED), orient="row")

    @classmethod
    def restored(cls, table: pl.DataFrame) -> "FilterState":
        """The state that a table was made of."""
        return cls({name: (at, tuple(weights)) for name, at, weights in table.iter_rows()})
