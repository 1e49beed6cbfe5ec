"""`Online`: the features of each symbol's newest bar, kept up to date bar by bar."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import accumulate, pairwise
from math import isinf, nan
from typing import Any

import numpy as np
import polars as pl

from tradewind.core import Panel
from tradewind.core.clock import micros_of
from tradewind.core.coarser import ends_of
from tradewind.core.errors import BadTable, Misuse, nearest
from tradewind.core.tables import micros
from tradewind.features.coarser import Coarser
from tradewind.features.families import CarriedFamily, Family
from tradewind.features.kept.longer_bars import LongerBars
from tradewind.features.kept.telling import NEVER_YET
from tradewind.features.runs import Runs
from tradewind.features.seen import Floats, bars_of, number_of

EPOCH = date(1970, 1, 1).toordinal()
_ZERO, _NONE, _STEP = np.array([0]), np.array([-1]), np.array([0, 1])
BEGINS = Runs(_ZERO, _STEP, _NONE, _ZERO, np.array([[0]]))
GOES_ON = Runs(_ZERO, _STEP, _ZERO, _ZERO, np.array([[0]]))
_NO_COLUMNS = ("symbol", "timestamp", "session")  # that are gathered


@dataclass
class _Symbol:
    """What is kept of one symbol: its bars by their stamps, the newest of these, and where each family
    was left."""

    states: list[Floats]
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
        self._places = np.array(
            [self.inputs.index(name) for family in self.families for name in family.inputs]
        )
        ends = [0, *accumulate(len(family.inputs) for family in self.families)]
        self._parts = [slice(*bounds) for bounds in pairwise(ends)]

    @classmethod
    def after(cls, families: Iterable[CarriedFamily | Coarser], panel: Panel) -> "Online":
        """With all that is known of a panel told already."""
        online = cls(families)
        known = panel.as_of(max(panel.table["known_at"])) if len(panel) else None
        if known is None:
            return online
        for one in online._longer:
            one.begin(Panel(known.table))
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
        own = [self._pushed(symbol, timestamp, bar)] if self.families else []
        return np.concatenate([*own, *(one.push(symbol, timestamp, bar) for one in self._longer)])

    def _pushed(self, symbol: str, timestamp: datetime, bar: Mapping[str, Any]) -> Floats:
        if "symbol" in self.inputs:
            bar = {**bar, "symbol": number_of(symbol)}
        told, stamp = self._symbol(symbol), micros_of(timestamp)
        told.bars[stamp] = column = self._column(stamp, bar)
        if stamp <= told.newest:
            return self._walk(told)
        runs = GOES_ON if told.newest > NEVER_YET else BEGINS
        told.newest = stamp
        return self._told(told, column, runs)

    def _symbol(self, name: str) -> _Symbol:
        if name not in self._symbols:
            states = [np.full((1, family.state), np.nan) for family in self.families]
            self._symbols[name] = _Symbol(states)
        return self._symbols[name]

    def _column(self, stamp: int, bar: Mapping[str, Any]) -> Floats:
        """(inputs, 1); what the bar lacks is missing, and its close it has."""
        if "close" in self.inputs and "close" not in bar:
            raise BadTable("the bar has no 'close'", nearest("close", bar))
        numbers = [_number(bar[name]) if name in bar else nan for name in self.inputs]
        if "timestamp" in self.inputs:
            numbers[self.inputs.index("timestamp")] = float(stamp)
        for name, number in zip(self.inputs, numbers, strict=True):
            if isinf(number):
                raise BadTable(f"{name!r} of the bar is {number}", "leave a missing value out")
        return np.array(numbers)[:, np.newaxis]

    def _walk(self, told: _Symbol) -> Floats:
        """All of its bars anew."""
        stamps = sorted(told.bars)
        told.newest, size = stamps[-1], len(stamps)
        keep = np.full(size, -1)
        keep[-1] = 0
        runs = Runs(np.arange(size), np.array([0, size]), _NONE, keep, np.array([[size - 1]]))
        return self._told(told, np.hstack([told.bars[stamp] for stamp in stamps]), runs)

    def _told(self, told: _Symbol, bars: Floats, runs: Runs) -> Floats:
        inputs = bars.take(self._places, axis=0)
        values = [
            family.resumed(inputs[part], runs, states)[:, -1]
            for family, part, states in zip(self.families, self._parts, told.states, strict=True)
        ]
        return np.concatenate(values)


class _OnLongerBars:
    """A family on longer bars, told the bars that these are made of."""

    def __init__(self, family: Coarser) -> None:
        self.family, self._online = family, Online([family.longer])
        self._bars: dict[str, LongerBars] = {}
        self._said: dict[str, Floats] = {}

    def begin(self, panel: Panel) -> None:
        """With the bars of a snapshot told already."""
        self._online = Online.after([self.family.longer], self.family.bars(panel))
        for name, told in self._online._symbols.items():
            self._said[name] = self._online._walk(told)
        for calendar, part in self.family.calendars.apart(panel):
            ends = pl.Series(micros(ends_of(part, self.family.every, calendar)))
            rows = part.table.with_columns(ends.alias(" end"))
            for (name,), mine in rows.group_by("symbol", maintain_order=True):
                self._of(str(name)).begin(mine, mine[" end"])

    def push(self, symbol: str, timestamp: datetime, bar: Mapping[str, Any]) -> Floats:
        """(features,) of the symbol's newest longer bar; NaN before there is one."""
        self._online._column(0, {**bar, "symbol": 0.0})  # refused before it leaves a trace
        for end, longer in self._of(symbol).push(timestamp, bar):
            self._said[symbol] = self._online.push(symbol, end, longer)
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
    if isinstance(value, float):
        return value
    if value is None:
        return nan
    return float(value.toordinal() - EPOCH if isinstance(value, date) else value)
