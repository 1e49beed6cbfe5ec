"""The calendar as features, each symbol by the one that it keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from tradewind.core.arrays import Flags, Floats
from tradewind.features.calendars import Calendars
from tradewind.features.families import StepFamily
from tradewind.features.runs import Runs
from tradewind.features.seasons.seasonal import INPUTS, SPECS, Seasons, seasonal
from tradewind.features.seen import number_of


@dataclass(frozen=True)
class SeasonsOfEach:
    """The steps along the bars of symbols that keep several calendars: each run is walked by that of its
    symbol, so what is said of one is the same whoever lies beside it."""

    calendars: Calendars = field(repr=False)

    def __call__(self, bars: Floats, runs: Runs, states: Floats) -> Floats:
        """(features, rows)."""
        own, numbers = bars[: len(INPUTS)], bars[-1, runs.offsets[:-1]].tolist()
        kept = [self._by_number.get(number, self.calendars.usual) for number in numbers]
        if len({*kept}) == 1:
            return Seasons(kept[0])(own, runs, states)
        out = np.empty((len(SPECS), bars.shape[1]))
        for calendar in sorted({*kept}):
            walked = np.array([name == calendar for name in kept])
            rows = np.repeat(walked, np.diff(runs.offsets))
            out[:, rows] = Seasons(calendar)(own[:, rows], _some(runs, walked, rows), states)
        return out

    @cached_property
    def _by_number(self) -> Mapping[float, str]:
        return {number_of(symbol): calendar for symbol, calendar in self.calendars.own.items()}


def seasonal_of(calendars: Calendars) -> StepFamily:
    """The family `seasonal` of symbols that keep several calendars.

    After a Friday a coin's next session is a day away, and a share's three:

    >>> import polars as pl
    >>> from tradewind.core import Panel
    >>> from tradewind.features.computing import compute
    >>> bars = pl.DataFrame({"date": ["2024-01-05"] * 2, "symbol": ["ACME", "BTC"], "close": [1.0, 2.0]})
    >>> family = seasonal_of(Calendars("XNYS", {"BTC": "24/7"}))
    >>> compute(Panel.from_frame(bars), "days_to_session", [family])["days_to_session"].to_list()
    [3.0, 1.0]
    """
    plain = seasonal(calendars.usual)
    return replace(plain, inputs=(*INPUTS, "symbol"), steps=SeasonsOfEach(calendars))


def _some(runs: Runs, walked: Flags, rows: Flags) -> Runs:
    """These runs alone, over their own rows; they go on from and are left in the same states."""
    ends = np.cumsum(np.diff(runs.offsets)[walked])
    return Runs(
        runs.rows[rows], np.append(0, ends), runs.resume[walked], runs.keep[rows], runs.last
    )
