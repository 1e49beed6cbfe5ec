"""`OnlineMarket`: what families of a whole market say at one moment, from the bars that were told so far."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import isinf, nan
from typing import Any

import numpy as np
import polars as pl

from tradewind.core import Panel
from tradewind.core.arrays import Floats
from tradewind.core.clock import micros_of
from tradewind.core.errors import BadTable, nearest
from tradewind.features.across.spells import members_over, sectors_over
from tradewind.features.across.together import MarketFamily, SideBySide, said_of

NO_MOMENT = np.iinfo(np.int64).min


class OnlineMarket:
    """Families that are told bars of several symbols, and say what one run over all of them would say.

    A bar, a correction, or a bar that comes late is put in its place among the last moments of the market;
    what is said is computed when it is asked for, once for all symbols. Who is a member, and of which
    sector, is given at the beginning, as it came to be known:

    >>> from datetime import UTC
    >>> from tradewind.features.across.breadth import MARKET_WIDE
    >>> online = OnlineMarket([MARKET_WIDE])
    >>> for day, closes in ((2, (1.0, 1.0)), (3, (2.0, 1.0))):
    ...     for symbol, close in zip("AB", closes):
    ...         online.push(symbol, datetime(2024, 1, day, 21, tzinfo=UTC), {"close": close})
    >>> values = online.ask(datetime(2024, 1, 3, 22, tzinfo=UTC))
    >>> online.symbols, values[online.names.index("market_return_1")].round(3).tolist()
    (('A', 'B'), [0.347, 0.347])
    """

    def __init__(
        self,
        families: Iterable[MarketFamily],
        universe: pl.DataFrame | None = None,
        sectors: Panel | None = None,
    ) -> None:
        self.universe, self.sectors = universe, sectors
        self.symbols: tuple[str, ...] = ()
        self._newest = tuple(_Newest(family) for family in families)
        self.names = tuple(spec.name for one in self._newest for spec in one.family.specs)
        self._meet(())

    @classmethod
    def after(
        cls,
        families: Iterable[MarketFamily],
        panel: Panel,
        universe: pl.DataFrame | None = None,
        sectors: Panel | None = None,
    ) -> "OnlineMarket":
        """With all that is known of a panel told already."""
        online = cls(families, universe, sectors)
        if len(panel):
            online._meet(panel.symbols)
            known = panel.as_of(max(panel.table["known_at"])).table
            looked_at = max(one.family.lookback for one in online._newest)
            moments = known["timestamp"].unique().sort().tail(looked_at)
            newest = known.filter(pl.col("timestamp") >= moments[0]).sort("timestamp")
            for row in newest.iter_rows(named=True):
                online.push(row["symbol"], row["timestamp"], row)
        return online

    def push(self, symbol: str, timestamp: datetime, bar: Mapping[str, Any]) -> None:
        """A bar that is known now, or another version of one."""
        columns = [_column(one.family.inputs, bar) for one in self._newest]
        if symbol not in self._places:
            self._meet((*self.symbols, symbol))
        place, stamp = self._places[symbol], micros_of(timestamp)
        for one, column in zip(self._newest, columns, strict=True):
            one.put(place, stamp, one.family.each(column)[:, 0])

    def ask(self, at: datetime) -> Floats:
        """(features, symbols) of each symbol's newest bar, when nothing more is known at this moment; NaN
        where there is no value."""
        moment = micros_of(at)
        said = []
        for one in self._newest:
            members = self._members.at(moment, one.stamps)
            side = SideBySide(one.bars, members, self._sectors.at(moment, one.stamps))
            said.append(said_of(one.family.among(self.symbols), side))
        return np.concatenate(said)

    def _meet(self, symbols: tuple[str, ...]) -> None:
        """Symbols of which there are no bars yet; those that there are come first."""
        self.symbols = symbols
        self._places = {name: place for place, name in enumerate(symbols)}
        self._members = members_over(self.universe, symbols)
        self._sectors = sectors_over(self.sectors, symbols)
        for one in self._newest:
            one.widen(len(symbols))


class _Newest:
    """The last moments of the market as a family reads them, and which these are."""

    def __init__(self, family: MarketFamily) -> None:
        self.family = family
        numbers = len(family.each(np.full((len(family.inputs), 1), nan)))
        self.bars = np.empty((numbers, 0, family.lookback))
        self.stamps = np.full(family.lookback, NO_MOMENT)

    def widen(self, symbols: int) -> None:
        numbers, held, moments = self.bars.shape
        more = np.full((numbers, symbols - held, moments), nan)
        self.bars = np.concatenate([self.bars, more], axis=1)

    def put(self, symbol: int, stamp: int, numbers: Floats) -> None:
        """What is older than all of these moments has no part in what follows."""
        place = int(np.searchsorted(self.stamps, stamp))
        if place == len(self.stamps) or self.stamps[place] != stamp:
            if place == 0:
                return
            place -= 1
            self.stamps[:place], self.stamps[place] = self.stamps[1 : place + 1].copy(), stamp
            self.bars[:, :, :place] = self.bars[:, :, 1 : place + 1].copy()
            self.bars[:, :, place] = nan
        self.bars[:, symbol, place] = numbers


def _column(inputs: tuple[str, ...], bar: Mapping[str, Any]) -> Floats:
    """(inputs, 1); what the bar lacks is missing, and its close it has."""
    if "close" not in bar:
        raise BadTable("the bar has no 'close'", nearest("close", bar))
    numbers = [nan if bar.get(name) is None else float(bar[name]) for name in inputs]
    for name, number in zip(inputs, numbers, strict=True):
        if isinf(number):
            raise BadTable(f"{name!r} of the bar is {number}", "leave a missing value out")
    return np.array(numbers)[:, np.newaxis]
