"""`Coarser`: a family of features on longer bars."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tradewind.core.coarser import Every, coarser
from tradewind.features.families import Family
from tradewind.features.seen import Floats, Seen
from tradewind.features.spec import FeatureSpec


@dataclass(frozen=True)
class Coarser:
    """A family on longer bars: weeks beside days, hours beside minutes, as they were complete by then.

    Its features are named after the bars, and their lookback counts those.

    >>> from tradewind.features.registry import BARS
    >>> weekly = Coarser(BARS, "1w")
    >>> weekly.name, weekly.specs[0].name, weekly.specs[0].doc
    ('bars_1w', 'return_1_1w', 'return of the last bar, in bars of 1w')
    """

    family: Family
    every: Every
    calendar: str = "XNYS"

    @property
    def name(self) -> str:
        return f"{self.family.name}_{self.every}"

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

    def values(self, seen: Seen) -> Floats:
        """(features, answers)."""
        bars = coarser(seen.panel, self.every, self.calendar)
        longer = Seen(bars, seen.times, seen.universe, seen.sectors)
        symbols = len(seen.panel.names.categories)
        told = np.full((len(self.specs), len(seen.times), symbols), np.nan)
        told[:, longer.moment, longer.symbol] = self.family.values(longer)
        values: Floats = told[:, seen.moment, seen.symbol]
        return values
