"""`Seen`: a panel at some moments, in the two orders in which features read it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from hashlib import blake2b

import numpy as np
import polars as pl

from tradewind.core import Panel
from tradewind.core.arrays import Floats, Ints
from tradewind.core.errors import BadTable, nearest
from tradewind.core.tables import floats, physical
from tradewind.features.runs import Runs, runs_of
from tradewind.features.windows import Windows, windows_of


@dataclass(frozen=True, eq=False)
class Seen:
    """What each symbol was known to have at each moment, found once for every family that asks.

    An answer is wanted for each moment and each symbol that then had a bar, in that order: `moment` and
    `symbol` are their numbers. Where there is a universe (see `Membership`), or a panel of sectors, they
    say who is counted among the others.

    >>> import polars as pl
    >>> panel = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02", "2024-01-03"], "symbol": ["A", "B"],
    ...     "close": [1.0, 2.0]}))
    >>> seen = Seen(panel, panel.moments)
    >>> seen.moment.tolist(), seen.symbol.tolist()
    ([0, 1, 1], [0, 0, 1])
    """

    panel: Panel
    times: Sequence[datetime]
    universe: pl.DataFrame | None = None
    sectors: Panel | None = None
    _windows: dict[int, Windows] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Every symbol that was declared."""
        return tuple(self.panel.names.categories)

    def windows(self, lookback: int) -> Windows:
        """The rows to compute each answer from a window of `lookback` bars."""
        if lookback not in self._windows:
            self._windows[lookback] = windows_of(self.panel, self.times, lookback)
        return self._windows[lookback]

    @cached_property
    def runs(self) -> Runs:
        """The rows to compute each answer from a state that is carried on."""
        return runs_of(self.panel, self.times)

    @cached_property
    def newest(self) -> Ints:
        """(answers,) the row of the panel's table that is the symbol's last at the moment."""
        one = self.windows(1)
        return one.rows[one.last[self.moment, self.symbol]]

    @property
    def moment(self) -> Ints:
        return self._answers[0]

    @property
    def symbol(self) -> Ints:
        return self._answers[1]

    @cached_property
    def _answers(self) -> tuple[Ints, Ints]:
        moment, symbol = np.nonzero(self.windows(1).last >= 0)
        return moment.astype(np.int64), symbol.astype(np.int64)

    def bars(self, inputs: Sequence[str], rows: Ints) -> Floats:
        """(inputs, rows)."""
        return bars_of(self.panel, inputs, rows)


def bars_of(panel: Panel, inputs: Sequence[str], rows: Ints) -> Floats:
    """(inputs, rows) as float64; what a panel of closes alone lacks is missing. Its close it has. The input
    `symbol` is each row's `number_of`."""
    table = panel.table
    if "close" in inputs and "close" not in table.columns:
        raise BadTable("the bars have no column 'close'", nearest("close", panel.columns))
    out = np.full((len(inputs), len(rows)), np.nan)
    for i, name in enumerate(inputs):
        if name == "symbol":
            numbers = np.array([number_of(one) for one in panel.names.categories], dtype=np.float64)
            np.take(numbers, physical(table[name])[rows], out=out[i])
        elif name in table.columns:
            np.take(floats(table[name]), rows, out=out[i])
    return out


@cache
def number_of(symbol: str) -> float:
    """The number by which a kernel knows a symbol: the same in every panel, and another for each.

    >>> number_of("ACME"), number_of("ACME") == number_of("BTC")
    (143830756742193.0, False)
    """
    return float(int.from_bytes(blake2b(symbol.encode(), digest_size=6).digest()))
