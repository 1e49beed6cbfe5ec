"""Symbols of which a family on longer bars says nothing, as their own bars are longer."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from tradewind.data.store import MarketStore
from tradewind.features.bar_length import too_long
from tradewind.features.coarser import Coarser
from tradewind.features.config import FeaturesConfig
from tradewind.pipelines.explaining.at_hand import families_at
from tradewind.pipelines.features import Refreshed
from tradewind.storage.workspace import Workspace

NAMED = 3  # symbols


@dataclass(frozen=True)
class Unheard:
    """Whose bars are too long for a family on bars of a length, of so many symbols.

    >>> print(Unheard("technical@1h", "1h", ("AAPL", "EURUSD", "KO", "XOM"), 6))
    technical@1h: says nothing of 4 of 6 symbols, whose bars are longer than 1h: AAPL, EURUSD, KO and 1 more
    """

    family: str
    every: str
    symbols: tuple[str, ...]
    of: int

    def __str__(self) -> str:
        more = len(self.symbols) - NAMED
        named = ", ".join(self.symbols[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
        of = f"says nothing of {len(self.symbols):,} of {self.of:,} symbols"
        return f"{self.family}: {of}, whose bars are longer than {self.every}: {named}"


def unheard(
    workspace: Workspace, config: FeaturesConfig, refreshed: Sequence[Refreshed]
) -> tuple[Unheard, ...]:
    """The families on longer bars whose tables have no row of a symbol that has several bars."""
    store = MarketStore(workspace.path)
    named = {family.name: family for family in families_at(workspace, config)}
    symbols = _symbols(store, "bars")
    told = []
    for one in refreshed:
        family = named[one.family]
        if isinstance(family, Coarser) and (silent := symbols - _symbols(store, one.table)):
            bars = store.read("bars", symbols=sorted(silent))
            if long := too_long(bars, family.every):
                told.append(Unheard(family.name, family.every, long, len(symbols)))
    return tuple(told)


def _symbols(store: MarketStore, table: str) -> set[str]:
    return {*store.rows_by_symbol(table)["symbol"].cast(pl.String)}
