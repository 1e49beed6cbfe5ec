"""`Coarser`: a family of features on longer bars."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import polars as pl

from tradewind.core import Panel
from tradewind.core.arrays import Floats
from tradewind.core.coarser import EVERY, Every, coarser
from tradewind.core.errors import Misuse, nearest
from tradewind.core.panel import KEYS
from tradewind.features.bar_length import once_short, too_long
from tradewind.features.calendars import USUAL, Calendars
from tradewind.features.families import CarriedFamily, Family, KeptFamily
from tradewind.features.seen import Seen
from tradewind.features.spec import FeatureSpec


@dataclass(frozen=True)
class Coarser:
    """A family on longer bars: weeks beside days, hours beside minutes, as they were complete by then.

    It is named `bars@1w`, its features after both, and their lookback counts the longer bars. Days and
    longer end by the calendar of each symbol.

    >>> from tradewind.features.registry import BARS, CROSS_ASSET
    >>> weekly = Coarser(BARS, "1w")
    >>> weekly.name, weekly.specs[0].name, weekly.specs[0].doc
    ('bars@1w', 'return_1_1w', 'return of the last bar, in bars of 1w')
    >>> Coarser(CROSS_ASSET, "1w")
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: 'cross_asset' on longer bars: it reads all symbols at once, whose longer
    bars end apart: name a family that reads each symbol by itself, such as bars@1w
    """

    family: Family
    every: Every
    calendars: Calendars = field(default=USUAL, repr=False)

    def __post_init__(self) -> None:
        if self.every not in EVERY:
            rule = f"{self.family.name!r} on bars of {self.every!r}"
            raise Misuse(rule, nearest(self.every, EVERY))
        if not isinstance(self.family, CarriedFamily):
            raise Misuse(
                f"{self.family.name!r} on longer bars: it reads all symbols at once, whose longer "
                "bars end apart",
                f"name a family that reads each symbol by itself, such as bars@{self.every}",
            )

    @property
    def name(self) -> str:
        return f"{self.family.name}@{self.every}"

    @property
    def doc(self) -> str:
        return f"{self.family.doc}, in bars of {self.every}"

    @cached_property
    def specs(self) -> tuple[FeatureSpec, ...]:
        return tuple(
            replace(
                spec,
                name=f"{spec.name}_{self.every}",
                family=self.name,
                doc=f"{spec.doc}, in bars of {self.every}",
            )
            for spec in self.family.specs
        )

    @cached_property
    def longer(self) -> CarriedFamily:
        """The family that reads the longer bars themselves."""
        assert isinstance(self.family, CarriedFamily)
        return replace(self.family, name=self.name, doc=self.doc, specs=self.specs)

    def bars(self, panel: Panel) -> Panel:
        """The longer bars of whole histories; by the clock none of bars that are not known to be as short."""
        return once_short(self.gathered(panel), panel, self.every)

    def bars_asked_for(self, panel: Panel) -> Panel:
        """The same for a person who asks, and is refused where all bars are longer."""
        longer = self.bars(panel)
        if not len(longer) and (long := too_long(panel, self.every)):
            rule = f"{self.name!r} of bars that are longer than {self.every}, such as those of {long[0]}"
            raise Misuse(rule, f"name longer bars than they are, such as {self.family.name}@1w")
        return longer

    def gathered(self, panel: Panel) -> Panel:
        """Those of rows that go on from others, each symbol's by its own calendar."""
        parts = [coarser(part, self.every, name) for name, part in self.calendars.apart(panel)]
        return parts[0] if len(parts) == 1 else _together(panel, parts)

    def values(self, seen: Seen) -> Floats:
        """(features, answers)."""
        longer = Seen(self.bars(seen.panel), seen.times)
        symbols = len(seen.names)
        answers, told = (one.moment * symbols + one.symbol for one in (seen, longer))
        values = np.full((len(self.specs), len(answers)), np.nan)
        values[:, np.searchsorted(answers, told)] = self.longer.values(longer)
        return values


NamedFamily = KeptFamily | Coarser
"""A family that a workspace may name."""


def _together(panel: Panel, parts: list[Panel]) -> Panel:
    tables = [part.table for part in parts] or [panel.table]
    return Panel(pl.concat(tables).sort(KEYS))
