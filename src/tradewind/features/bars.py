"""`BarFeatures`: the features of each symbol's bars, and its rank among the others, as known at t."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import polars as pl

from tradewind.core import Dataset, Market
from tradewind.core.clock import utc
from tradewind.core.errors import BadTable, nearest
from tradewind.core.tables import UTC_TIME
from tradewind.features.across.cross_section import Ranks
from tradewind.features.across.sectors import sectors_of
from tradewind.features.families import Family
from tradewind.features.labels import OUTCOMES
from tradewind.features.registry import BARS
from tradewind.features.seen import Seen

KEPT = ("symbol", "session", "decided_at", "resolved_at", *OUTCOMES.values())
RANKED = ("return_5", "return_20", "volatility_20")


@dataclass(frozen=True)
class BarFeatures:
    """A FeatureReader of bars: families of features, plus any `extra` columns as they last stood.

    A symbol without a bar in the newest session known is not forecast: it is halted, late or gone. Nor
    is one whose last close is not above zero: a return on it means nothing. Nor is one that is no member
    of the universe, where there is one; a member's features see its bars from before it joined, and what
    they say of the others, is of members. Ranks lie in (0, 1), among the symbols that are.

    >>> from tradewind.core import Panel
    >>> panel = Panel.from_frame(pl.DataFrame(
    ...     {"date": ["2024-01-02", "2024-01-03"], "symbol": "ACME", "close": [1.0, 2.0]}))
    >>> rows = BarFeatures()(Market({"bars": panel}), panel.moments)
    >>> rows.table.select("symbol", pl.col("return_1").round(6)).rows()
    [('ACME', None), ('ACME', 0.693147)]
    """

    extra: tuple[str, ...] = ()
    families: tuple[Family, ...] = (BARS,)
    ranked: tuple[str, ...] = RANKED

    def __post_init__(self) -> None:
        taken = [spec.name for family in self.families for spec in family.specs]
        names = [*taken, *(f"rank_{name}" for name in self.ranked), *KEPT]
        if clash := sorted({*self.extra} & {*names}):
            raise BadTable(
                f"the bars have a column {clash[0]!r}, which is a name of ours",
                "rename it in your data",
            )
        if twice := sorted(name for name in {*taken} if taken.count(name) > 1):
            raise BadTable(f"two families have a feature {twice[0]!r}", "rename one of them")
        if unknown := sorted({*self.ranked} - {*taken}):
            raise BadTable(f"no feature {unknown[0]!r} to rank by", nearest(unknown[0], taken))

    @cached_property
    def measured(self) -> tuple[str, ...]:
        """The features of the families, in their order."""
        return tuple(spec.name for family in self.families for spec in family.specs)

    @cached_property
    def names(self) -> tuple[str, ...]:
        ranks = tuple(f"rank_{name}" for name in (*self.ranked, *self.extra))
        return (*self.measured, *self.extra, *ranks)

    def __call__(self, market: Market, times: Sequence[datetime]) -> Dataset:
        panel = market.panel
        for name in ("close", *self.extra):
            if name not in panel.columns:
                raise BadTable(f"the bars have no column {name!r}", nearest(name, panel.columns))
        seen = Seen(panel, times, market.universe, sectors_of(market))
        values = [row for family in self.families for row in family.values(seen)]
        newest = panel.table[seen.newest]
        keys = {
            "decided_at": pl.Series([utc(when) for when in times], dtype=UTC_TIME)[seen.moment],
            "symbol": pl.Series(panel.names.categories)[seen.symbol].cast(panel.names),
            "session": newest["session"],
            "speaks": (newest["close"] > 0).fill_null(False),
        }
        if members := market.membership:
            keys["speaks"] &= members.holds(keys["symbol"], keys["decided_at"])
        measured = dict(zip(self.measured, values, strict=True))
        extras = {name: newest[name].cast(pl.Float64) for name in self.extra}
        table = pl.DataFrame({**keys, **measured, **extras})
        rows = Dataset(_speaking(table), (*self.measured, *self.extra))
        return Ranks((*self.ranked, *self.extra))(rows)


def _speaking(table: pl.DataFrame) -> pl.DataFrame:
    """The rows of the newest session of their moment that may be spoken of, in the order of a Dataset."""
    table = table.with_columns(pl.col(pl.Float64).fill_nan(None))
    newest = pl.col("session").max().over("decided_at")
    speaking = table.filter((pl.col("session") == newest) & pl.col("speaks"))
    return speaking.drop("session", "speaks").sort("decided_at", "symbol")
