"""`Spells`: what holds of a symbol for a while, such as its sector, as it was known at each moment."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from tradewind.core import Panel
from tradewind.core.arrays import Ints
from tradewind.core.panel import NEVER
from tradewind.core.tables import micros, physical
from tradewind.features.compiled import kernel


@dataclass(frozen=True, eq=False)
class Spells:
    """Of each spell its symbol, what holds, from when up to when, and while that was believed; of one
    symbol the later spell displaces the earlier one. Times are in microseconds.

    A share that is called a miner on the 2nd as of the 1st, and a bank as of the 3rd:

    >>> said = Panel.from_frame(pl.DataFrame({"symbol": "A", "timestamp": ["2024-01-01T00:00Z", "2024-01-03T00:00Z"],
    ...     "known_at": ["2024-01-02T00:00Z", "2024-01-03T00:00Z"], "sector": ["mines", "banks"]}),
    ...     calendar="24/7", stamps="end")
    >>> days = np.array([1, 2, 3]) * 86_400_000_000 + 1_703_980_800_000_000
    >>> [sectors_over(said, ("A", "B")).at(day, days).tolist() for day in days]
    [[[-1, -1, -1], [-1, -1, -1]], [[1, 1, 1], [-1, -1, -1]], [[1, 1, 0], [-1, -1, -1]]]
    """

    symbols: int
    symbol: Ints
    holds: Ints
    begin: Ints
    end: Ints
    known: Ints
    gone: Ints

    def at(self, moment: int, stamps: Ints) -> Ints:
        """(symbols, stamps) what held of each symbol at each stamp, as known at a moment; -1 for nothing."""
        out = np.full((self.symbols, len(stamps)), -1)
        believed = np.flatnonzero((self.known <= moment) & (moment < self.gone))
        first, end = (np.searchsorted(stamps, at[believed]) for at in (self.begin, self.end))
        _spread(self.symbol[believed], self.holds[believed], first, end, out)
        return out


def members_over(universe: pl.DataFrame | None, names: tuple[str, ...]) -> Spells:
    """0 while a symbol of these names is a member of a universe (see `Membership`); of none, always."""
    if universe is None:
        every, always = np.arange(len(names)), np.full(len(names), np.iinfo(np.int64).min)
        never = np.full(len(names), NEVER)
        return Spells(len(names), every, np.zeros_like(every), always, never, always, never)
    rows = universe.with_columns(number=_numbered(universe["symbol"], names)).drop_nulls("number")
    rows = rows.sort("number", "start", "known_at")
    corrected = pl.col("known_at").dt.timestamp().shift(-1).over("number", "start")
    rows = rows.with_columns(
        end=pl.col("end").dt.timestamp().fill_null(NEVER), gone=corrected.fill_null(NEVER)
    )
    return _of(rows, names, "start", np.zeros(len(rows), dtype=np.int64))


def sectors_over(said: Panel | None, names: tuple[str, ...]) -> Spells:
    """The number of the sector that a panel says of these names, from each row's stamp to the next's."""
    if said is None:
        nothing = np.empty(0, dtype=np.int64)
        return Spells(len(names), *[nothing] * 6)
    table = said.table.with_columns(
        number=_numbered(said.table["symbol"], names), gone=pl.Series(said.life[1]), end=NEVER
    )
    known = table.drop_nulls("number")
    sector = known["sector"].cast(pl.String).rank("dense").fill_null(0).cast(pl.Int64) - 1
    return _of(known, names, "timestamp", sector.to_numpy())


def _of(rows: pl.DataFrame, names: tuple[str, ...], begin: str, holds: Ints) -> Spells:
    symbol = physical(rows["number"]).astype(np.int64)
    times = micros(rows[begin]), micros(rows["end"]), micros(rows["known_at"]), micros(rows["gone"])
    return Spells(len(names), symbol, holds, *times)


def _numbered(symbols: pl.Series, names: tuple[str, ...]) -> pl.Series:
    return symbols.cast(pl.String).cast(pl.Enum(names), strict=False).to_physical()


@kernel
def _spread(symbol: Ints, holds: Ints, first: Ints, end: Ints, out: Ints) -> None:
    for spell in range(len(symbol)):
        for place in range(first[spell], end[spell]):
            out[symbol[spell], place] = holds[spell]
