"""Features as rows to be kept: each value with the moment from which it could be known.

Values go on from states that were kept, so what is computed day by day is to the bit what one run over
the whole history gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tradewind.core import Panel
from tradewind.core.arrays import Flags, Floats, Ints
from tradewind.core.tables import UTC_TIME, micros
from tradewind.features.families import CarriedFamily
from tradewind.features.kept.arrivals import Arrivals, arrivals_of
from tradewind.features.kept.telling import NEVER_YET
from tradewind.features.runs import Runs
from tradewind.features.seen import bars_of


@dataclass(frozen=True, eq=False)
class States:
    """Where a family was left: of each symbol its newest bar, when the last of its rows came to be
    known, and what is carried on from there; times in microseconds."""

    symbols: tuple[str, ...]
    newest: Ints  # (symbols,)
    known: Ints  # (symbols,)
    carried: Floats  # (symbols, state)

    def of(self, symbols: Sequence[str]) -> "States":
        """Those of some symbols, in their order; one that was never met has nothing to go on from.

        >>> left = States(("A",), np.array([5]), np.array([6]), np.array([[0.5]]))
        >>> both = left.of(["A", "B"])
        >>> (both.known == NEVER_YET).tolist(), both.carried.tolist()
        ([False, True], [[0.5], [nan]])
        """
        place = {name: i for i, name in enumerate(self.symbols)}
        found = [place.get(name, len(self.symbols)) for name in symbols]
        nothing = np.full((1, self.carried.shape[1]), np.nan)
        return States(
            tuple(symbols),
            np.append(self.newest, NEVER_YET)[found],
            np.append(self.known, NEVER_YET)[found],
            np.vstack([self.carried, nothing])[found],
        )

    def renewed(self, later: "States") -> "States":
        """The same, where there is nothing later."""
        kept = [i for i, name in enumerate(self.symbols) if name not in {*later.symbols}]
        return States(
            (*(self.symbols[i] for i in kept), *later.symbols),
            np.concatenate([self.newest[kept], later.newest]),
            np.concatenate([self.known[kept], later.known]),
            np.vstack([self.carried[kept], later.carried]),
        )

    @property
    def table(self) -> pl.DataFrame:
        """Every bit of them, a row a symbol."""
        return pl.DataFrame(
            {
                "symbol": pl.Series(self.symbols, dtype=pl.String),
                "newest": self.newest,
                "known": self.known,
                "carried": pl.Series(self.carried.ravel()).reshape(self.carried.shape),
            }
        )

    @classmethod
    def from_table(cls, table: pl.DataFrame) -> "States":
        """Those of a table."""
        symbols, newest, known, carried = table.get_columns()
        return cls(tuple(symbols), newest.to_numpy(), known.to_numpy(), carried.to_numpy())


def no_states(family: CarriedFamily) -> States:
    """Those of a family that has met no symbol."""
    nothing = np.empty(0, dtype=np.int64)
    return States((), nothing, nothing, np.empty((0, family.state)))


@dataclass(frozen=True, eq=False)
class Materialised:
    """Rows of features, and where the family was left."""

    panel: Panel
    states: States


def materialised(family: CarriedFamily, panel: Panel, left: States) -> Materialised:
    """A version of every value that the rows of a panel bring or change, gone on from where it was left.

    >>> from tradewind.features.registry import BARS
    >>> bars = Panel.from_frame(pl.DataFrame({
    ...     "date": ["2024-01-02", "2024-01-03", "2024-01-02"], "symbol": "ACME",
    ...     "close": [1.0, 2.0, 4.0], "known_at": [f"2024-01-0{d}T22:00Z" for d in (2, 3, 4)]}))
    >>> rows = materialised(BARS, bars, no_states(BARS)).panel.table
    >>> rows.select(pl.col("timestamp", "known_at").dt.day(), pl.col("return_1").round(2)).rows()
    ... # as known on the 2nd, again on the 4th
    [(2, 2, None), (2, 4, None), (3, 3, 0.69), (3, 4, -0.69)]
    """
    arrivals = arrivals_of(panel)
    symbols = panel.symbols
    before = left.of(symbols)
    runs, states = _gone_on(arrivals, before)
    values = family.resumed(bars_of(panel, family.inputs, arrivals.rows), runs, states)
    known = before.known.copy()
    np.maximum.at(known, np.repeat(arrivals.symbol, np.diff(arrivals.offsets)), arrivals.known)
    newest = micros(panel.table["timestamp"])[arrivals.rows[arrivals.newest]]
    after = States(symbols, newest, known, states[runs.keep[arrivals.newest]])
    told = np.ones(len(arrivals.rows), dtype=np.bool_)
    if family.reach is not None:
        told = arrivals.again < family.reach
    return Materialised(_rows(family, panel, arrivals, told, values), after)


def _gone_on(arrivals: Arrivals, before: States) -> tuple[Runs, Floats]:
    """The runs, with the states that they go on from in front of those that they will keep."""
    kept = np.union1d(arrivals.before[arrivals.before >= 0], arrivals.newest)
    keep = np.full(len(arrivals.rows), -1)
    keep[kept] = len(before.symbols) + np.arange(len(kept))
    met = np.where(before.known > NEVER_YET, np.arange(len(before.symbols)), -1)
    resume = np.where(arrivals.before >= 0, keep[arrivals.before], met[arrivals.symbol])
    states = np.full((len(before.symbols) + len(kept), before.carried.shape[1]), np.nan)
    states[: len(before.symbols)] = before.carried
    last = arrivals.newest[np.newaxis]
    return Runs(arrivals.rows, arrivals.offsets, resume, keep, last), states


def _rows(
    family: CarriedFamily,
    panel: Panel,
    arrivals: Arrivals,
    told: Flags,
    values: Floats,
) -> Panel:
    keys = panel.table[arrivals.rows[told]].select("symbol", "timestamp", "session")
    known = pl.Series("known_at", arrivals.known[told]).cast(UTC_TIME)
    measured = [
        pl.Series(spec.name, row[told]).fill_nan(None)
        for spec, row in zip(family.specs, values, strict=True)
    ]
    return Panel(keys.with_columns(known, *measured).sort("symbol", "timestamp", "known_at"))
