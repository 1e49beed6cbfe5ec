"""What a family of a whole market told, as rows to be kept: of each symbol's newest bar, moment by moment.

A correction of one symbol changes what is said of all others. So a value is told again, as a later
version, whenever it is another than before; but of the newest bar of each symbol alone. What was told of
an older bar stays as it was when that bar was the newest: to tell it anew for every correction of every
other symbol would be as many rows as pairs of symbols.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tradewind.core import Panel
from tradewind.core.arrays import Flags, Floats, Ints
from tradewind.core.clock import micros_of
from tradewind.core.tables import UTC_TIME, micros
from tradewind.features.across.together import MarketFamily
from tradewind.features.seen import Seen

NEVER_YET = np.iinfo(np.int64).min


@dataclass(frozen=True, eq=False)
class Told:
    """How far a family has told: up to which moment, from which moment of the market on bars have a part
    in what follows, and of each symbol its newest bar and what was said of it; times in microseconds."""

    until: int
    since: int
    symbols: tuple[str, ...]
    newest: Ints  # (symbols,)
    values: Floats  # (features, symbols)

    def of(self, symbols: Sequence[str]) -> tuple[Ints, Floats]:
        """The newest bar of each of these symbols, and what was said of it."""
        place = {name: i for i, name in enumerate(self.symbols)}
        found = [place.get(name, len(self.symbols)) for name in symbols]
        nothing = np.full((len(self.values), 1), np.nan)
        return np.append(self.newest, NEVER_YET)[found], np.hstack([self.values, nothing])[:, found]

    @property
    def table(self) -> pl.DataFrame:
        """Every bit of it, a row a symbol."""
        return pl.DataFrame(
            {
                "symbol": pl.Series(self.symbols, dtype=pl.String),
                "newest": self.newest,
                "values": pl.Series(self.values.T.ravel()).reshape(self.values.T.shape),
                "until": np.full(len(self.symbols), self.until),
                "since": np.full(len(self.symbols), self.since),
            }
        )

    @classmethod
    def from_table(cls, table: pl.DataFrame) -> "Told":
        """That of a table, in which there are symbols."""
        symbols, newest, values, until, since = table.get_columns()
        return cls(until[0], since[0], tuple(symbols), newest.to_numpy(), values.to_numpy().T)


def nothing_told(family: MarketFamily) -> Told:
    """Of a family that has not begun."""
    none = np.empty(0, dtype=np.int64)
    return Told(NEVER_YET, NEVER_YET, (), none, np.empty((len(family.specs), 0)))


def told(family: MarketFamily, seen: Seen, before: Told) -> tuple[Panel, Told]:
    """A version of each value that is another than before, at each moment that is seen; and how far that is.

    The panel need not have the bars that lie before `since`, but has to name every symbol.

    >>> from tradewind.features.registry import MARKET_WIDE
    >>> bars = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02", "2024-01-03", "2024-01-02"],
    ...     "symbol": ["A", "A", "B"], "close": [1.0, 2.0, 4.0],
    ...     "known_at": [f"2024-01-0{d}T22:00Z" for d in (2, 3, 4)]}))
    >>> moments = bars.table["known_at"].unique().sort()
    >>> rows, until = told(MARKET_WIDE, Seen(bars, moments.to_list()), nothing_told(MARKET_WIDE))
    >>> rows.table.select("symbol", pl.col("timestamp", "known_at").dt.day()).rows()
    [('A', 2, 2), ('A', 3, 3), ('B', 2, 4)]
    """
    values = family.values(seen)
    stamps = micros(seen.panel.table["timestamp"])
    newest, said = before.of(seen.names)
    other = _told_anew(seen, stamps[seen.newest], values, newest, said)
    rows = _rows(family, seen, other, values)
    newest, said = newest.copy(), said.copy()
    newest[seen.symbol], said[:, seen.symbol] = (
        stamps[seen.newest],
        values,
    )  # the last of each stays
    met = np.flatnonzero(newest > NEVER_YET)
    names = tuple(seen.names[place] for place in met)
    until = micros_of(seen.times[-1])
    since = _since(seen.panel, until, family.lookback)
    return rows, Told(until, since, names, newest[met], said[:, met])


def _told_anew(seen: Seen, stamp: Ints, values: Floats, newest: Ints, said: Floats) -> Flags:
    """(answers,) whether an answer is another than the symbol's one before, or is of another bar."""
    order = np.lexsort((seen.moment, seen.symbol))
    symbol, stamp, values = seen.symbol[order], stamp[order], values[:, order]
    first = np.diff(symbol, prepend=-1) != 0
    stamp_before = np.where(first, newest[symbol], np.roll(stamp, 1))
    before = np.where(first, said[:, symbol], np.roll(values, 1, axis=1))
    same = ((values == before) | (np.isnan(values) & np.isnan(before))).all(axis=0)
    other = np.empty(len(order), dtype=np.bool_)
    other[order] = ~same | (stamp != stamp_before)
    return other


def _since(panel: Panel, until: int, lookback: int) -> int:
    """The first of the last moments of the market of which a bar was known; before there are so many, a
    bar of any moment may come to be one of them."""
    known = micros(panel.table["known_at"]) <= until
    moments = np.unique(micros(panel.table["timestamp"])[known])
    return int(moments[-lookback]) if len(moments) >= lookback else NEVER_YET


def _rows(family: MarketFamily, seen: Seen, other: Flags, values: Floats) -> Panel:
    keys = seen.panel.table[seen.newest[other]].select("symbol", "timestamp", "session")
    moments = np.array([micros_of(when) for when in seen.times], dtype=np.int64)
    known = pl.Series("known_at", moments[seen.moment[other]]).cast(UTC_TIME)
    measured = [
        pl.Series(spec.name, row[other]).fill_nan(None)
        for spec, row in zip(family.specs, values, strict=True)
    ]
    return Panel(keys.with_columns(known, *measured).sort("symbol", "timestamp", "known_at"))
