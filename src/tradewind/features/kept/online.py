"""`Online`: the features of each symbol's newest bar, kept up to date bar by bar."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from math import inf, isinf, nan
from typing import Any

import numpy as np
import polars as pl

from tradewind.core import Panel
from tradewind.core.arrays import Floats
from tradewind.core.clock import micros_of
from tradewind.core.coarser import ends_of
from tradewind.core.errors import BadTable, Misuse, nearest
from tradewind.core.tables import micros
from tradewind.features.coarser import Coarser
from tradewind.features.families import CarriedFamily, Family, StepFamily
from tradewind.features.kept.along import Along
from tradewind.features.kept.longer_bars import LongerBars
from tradewind.features.kept.telling import NEVER_YET
from tradewind.features.seen import bars_of, number_of

EPOCH = date(1970, 1, 1).toordinal()
_NO_COLUMNS = ("symbol", "timestamp", "session")  # that are gathered


@dataclass
class _Symbol:
    """What is kept of one symbol: its bars by their stamps, the newest of these, and where each family
    was left."""

    families: tuple[Along, ...]
    bars: dict[int, Floats] = field(default_factory=dict)
    newest: int = NEVER_YET


class Online:
    """Families that are told bar after bar, and answer as one run over all of these bars would.

    A bar that is newer than all before it costs one step. A correction, or a bar that comes late, has
    its symbol walked anew from its first bar, so nothing that was ever told is forgotten. Families on
    longer bars come after the others, and say the same until the next longer bar is complete.

    >>> from datetime import UTC
    >>> from tradewind.features.registry import BARS
    >>> online = Online([BARS])
    >>> for day, close in ((2, 1.0), (3, 2.0), (2, 4.0)):
    ...     values = online.push("ACME", datetime(2024, 1, day, 21, tzinfo=UTC), {"close": close})
    ...     print(round(float(values[online.names.index("return_1")]), 2))
    nan
    0.69
    -0.69
    """

    def __init__(self, families: Iterable[CarriedFamily | Coarser]) -> None:
        named = tuple(families)
        _require_alone(named)
        self.families = tuple(one for one in named if isinstance(one, CarriedFamily))
        self._longer = tuple(_OnLongerBars(one) for one in named if isinstance(one, Coarser))
        told = (*self.families, *(one.family for one in self._longer))
        self.names = tuple(spec.name for family in told for spec in family.specs)
        self.inputs = tuple(
            dict.fromkeys(name for family in self.families for name in family.inputs)
        )
        self._symbols: dict[str, _Symbol] = {}
        walked = dict.fromkeys(one for family in self.families for one in _lineage(family))
        self._walked = tuple(walked)
        self._own = [self._walked.index(family) for family in self.families]
        places: list[int] = []
        self._sources: list[slice | int] = []  # inputs, or which other family's values
        for family in self._walked:
            if isinstance(family, StepFamily) and family.of:
                self._sources.append(self._walked.index(family.of))
            else:
                self._sources.append(slice(len(places), len(places) + len(family.inputs)))
                places += map(self.inputs.index, family.inputs)
        self._places = np.array(places)

    @classmethod
    def after(cls, families: Iterable[CarriedFamily | Coarser], panel: Panel) -> "Online":
        """With all that is known of a panel told already."""
        online = cls(families)
        known = panel.as_of(max(panel.table["known_at"])) if len(panel) else None
        if known is None:
            return online
        for one in online._longer:
            one.begin(panel, Panel(known.table))
        for name, rows in known.by_symbol() if online.families else ():
            bars = bars_of(Panel(rows), online.inputs, np.arange(len(rows)))
            symbol = online._symbol(name)
            stamps = micros(rows["timestamp"]).tolist()
            symbol.bars.update(zip(stamps, bars.T[:, :, np.newaxis], strict=True))
            online._walk(symbol)
        return online

    def push(self, symbol: str, timestamp: datetime, bar: Mapping[str, Any]) -> Floats:
        """(features,) of the symbol's newest bar, once this one is known; NaN where there is no value."""
        if not self._longer:
            return self._pushed(symbol, timestamp, bar)
        ends = [one.end_at(symbol, timestamp, bar) for one in self._longer]
        said = [self._pushed(symbol, timestamp, bar)] if self.families else []
        for one, end in zip(self._longer, ends, strict=True):
            said.append(one.push(symbol, timestamp, end, bar))
        return np.concatenate(said)

    def _pushed(self, symbol: str, timestamp: datetime, bar: Mapping[str, Any]) -> Floats:
        if "symbol" in self.inputs:
            bar = {**bar, "symbol": number_of(symbol)}
        told, stamp = self._symbol(symbol), micros_of(timestamp)
        told.bars[stamp] = column = self._column(stamp, bar)
        if stamp <= told.newest:
            return self._walk(told)
        told.newest = stamp
        return self._said(told, column, anew=False)

    def _symbol(self, name: str) -> _Symbol:
        if name not in self._symbols:
            self._symbols[name] = _Symbol(tuple(family.along() for family in self._walked))
        return self._symbols[name]

    def _column(self, stamp: int, bar: Mapping[str, Any]) -> Floats:
        """(inputs, 1); what the bar lacks is missing, and its close it has."""
        if "close" in self.inputs and "close" not in bar:
            raise BadTable("the bar has no 'close'", nearest("close", bar))
        told = map(bar.get, self.inputs)
        numbers = [one if isinstance(one, float) else _number(one) for one in told]
        if "timestamp" in self.inputs:
            numbers[self.inputs.index("timestamp")] = float(stamp)
        if inf in numbers or -inf in numbers:
            name, number = next(
                one for one in zip(self.inputs, numbers, strict=True) if isinf(one[1])
            )
            raise BadTable(f"{name!r} of the bar is {number}", "leave a missing value out")
        return np.array(numbers)[:, np.newaxis]

    def _walk(self, told: _Symbol) -> Floats:
        """All of its bars anew."""
        stamps = sorted(told.bars)
        told.newest = stamps[-1]
        bars = np.hstack([told.bars[stamp] for stamp in stamps])
        return self._said(told, bars, anew=True)

    def _said(self, told: _Symbol, bars: Floats, *, anew: bool) -> Floats:
        inputs = bars.take(self._places, axis=0)
        said: list[Floats] = []
        for one, source in zip(told.families, self._sources, strict=True):
            given = inputs[source] if isinstance(source, slice) else said[source]
            said.append(one.walk(given) if anew else one.step(given))
        return np.concatenate([said[own][:, -1] for own in self._own])


def _lineage(family: CarriedFamily) -> Iterator[CarriedFamily]:
    """A family, behind the one that it steps over."""
    if isinstance(family, StepFamily) and family.of:
        yield from _lineage(family.of)
    yield family


class _OnLongerBars:
    """A family on longer bars, told the bars that these are made of."""

    def __init__(self, family: Coarser) -> None:
        self.family, self._online = family, Online([family.longer])
        self._bars: dict[str, LongerBars] = {}
        self._said: dict[str, Floats] = {}

    def begin(self, panel: Panel, known: Panel) -> None:
        """With the bars of a panel told already, as they stand now."""
        self._online = Online.after([self.family.longer], self.family.bars(panel))
        for name, told in self._online._symbols.items():
            self._said[name] = self._online._walk(told)
        for calendar, part in self.family.calendars.apart(known):
            ends = pl.Series(micros(ends_of(part, self.family.every, calendar)))
            rows = part.table.with_columns(ends.alias(" end"))
            for (name,), mine in rows.group_by("symbol", maintain_order=True):
                self._of(str(name)).begin(mine, mine[" end"])

    def end_at(self, symbol: str, timestamp: datetime, bar: Mapping[str, Any]) -> int:
        """When the longer bar ends that this one belongs to; what has to be refused is, before any family
        keeps a trace of it."""
        self._online._column(0, {**bar, "symbol": 0.0})
        return self._of(symbol).end_at(timestamp)

    def push(self, symbol: str, timestamp: datetime, end: int, bar: Mapping[str, Any]) -> Floats:
        """(features,) of the symbol's newest longer bar; NaN before there is one."""
        for complete, longer in self._of(symbol).push(timestamp, end, bar):
            self._said[symbol] = self._online.push(symbol, complete, longer)
        return self._said.get(symbol, np.full(len(self.family.specs), nan))

    def _of(self, symbol: str) -> LongerBars:
        if symbol not in self._bars:
            columns = [name for name in self.family.longer.inputs if name not in _NO_COLUMNS]
            calendar = self.family.calendars.of(symbol)
            self._bars[symbol] = LongerBars(self.family.every, calendar, columns)
        return self._bars[symbol]


def _require_alone(families: Iterable[Family]) -> None:
    """Refuse a family that does not read each symbol by itself."""
    for family in families:
        if not isinstance(family, CarriedFamily | Coarser):
            rule = f"the family {family.name!r} reads all symbols at once"
            raise Misuse(rule, "tell it its bars with OnlineMarket")


def _number(value: Any) -> float:
    """A value of a bar as kernels read it: null as NaN, a day as its number."""
    if value is None:
        return nan
    return float(value.toordinal() - EPOCH if isinstance(value, date) else value)
