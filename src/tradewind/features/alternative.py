"""`WithAlternative`: the features of another reader, and beside them what other panels told by then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tradewind.core import Dataset, Market
from tradewind.core.joining import Side, with_sides
from tradewind.core.roles import FeatureReader


@dataclass(frozen=True)
class WithAlternative:
    """A FeatureReader that joins panels of the market to the rows of another reader, as of each decision.

    >>> import polars as pl
    >>> from tradewind.core import Panel
    >>> from tradewind.features.bars import BarFeatures
    >>> bars = Panel.from_frame(pl.DataFrame(
    ...     {"date": ["2024-01-02", "2024-01-03"], "symbol": "ACME", "close": [1.0, 2.0]}))
    >>> mood = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02"], "symbol": "ACME", "mood": [0.3],
    ...     "known_at": ["2024-01-03T12:00Z"]}))
    >>> reader = WithAlternative(BarFeatures(), (Side("news", ("mood",)),))
    >>> reader(Market({"bars": bars, "news": mood}), bars.moments).table["news_mood"].to_list()
    [None, 0.3]
    """

    reader: FeatureReader
    sides: tuple[Side, ...]

    def __call__(self, market: Market, times: Sequence[datetime]) -> Dataset:
        return with_sides(self.reader(market, times), market.panels, self.sides)
