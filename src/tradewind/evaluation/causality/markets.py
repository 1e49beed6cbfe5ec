"""`MarketSubject`: a FeatureReader at every moment at which a market learnt something."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from tradewind.core import Market, Panel
from tradewind.core.arrays import Ints
from tradewind.core.panel import KEYS
from tradewind.core.roles import FeatureReader
from tradewind.core.tables import micros
from tradewind.evaluation.causality.subject import (
    Answer,
    Claim,
    Rows,
    Shown,
    keyed,
    missing_in,
    moved,
)


@dataclass(frozen=True, eq=False)
class MarketSubject:
    """Whatever reads features from a market: all its panels are cut, garbled and reordered together.

    >>> from tradewind.core import Dataset
    >>> bars = Panel.from_frame(pl.DataFrame(
    ...     {"date": ["2024-01-02", "2024-01-03"], "symbol": "ACME", "close": [1.0, 2.0]}))
    >>> def newest(market, times):
    ...     rows = [market.panel.as_of(at).table.tail(1).with_columns(decided_at=at) for at in times]
    ...     return Dataset(pl.concat(rows), ("close",))
    >>> subject = MarketSubject("newest", newest, Market({"bars": bars}), lambda _: Claim())
    >>> subject(Shown.only(np.array([0, 1]))).values["close"].to_list()
    [1.0, 2.0]
    """

    name: str
    reader: FeatureReader
    market: Market
    claims: Callable[[str], Claim]

    @property
    def given(self) -> frozenset[str]:
        """Nothing: a reader returns features alone."""
        return frozenset()

    def claim(self, column: str) -> Claim:
        return self.claims(column)

    @cached_property
    def rows(self) -> Rows:
        tables = [panel.table for panel in self.market.panels.values()]
        symbol = pl.concat([table["symbol"].cast(pl.String) for table in tables])
        stamp, known = (
            np.concatenate([micros(table[name]) for table in tables])
            for name in ("timestamp", "known_at")
        )
        kinds = [_kinds(panel, number) for number, panel in enumerate(self.market.panels.values())]
        return Rows(symbol, stamp, known, np.concatenate(kinds))

    def __call__(self, shown: Shown) -> Answer:
        panels, begin = {}, 0
        for name, panel in self.market.panels.items():
            end = begin + len(panel)
            panels[name] = _panel(panel, shown, begin, end)
            begin = end
        times = list(panels["bars"].table["known_at"].unique().sort())
        universe = self.market.universe
        if universe is not None:
            universe = universe.filter(pl.col("known_at") <= times[-1])
        market = replace(self.market, panels=panels, universe=universe, truth=None)
        rows = self.reader(market, times)
        at = pl.Series(micros(rows.table["decided_at"]))
        symbol = rows.table["symbol"].cast(pl.String)
        return Answer(keyed(symbol, at, at), rows.table.select(rows.features))


def _panel(panel: Panel, shown: Shown, begin: int, end: int) -> Panel:
    """One panel of what is shown; symbols are declared in the order in which they come."""
    mine = (shown.rows >= begin) & (shown.rows < end)
    rows, source = shown.rows[mine] - begin, shown.source[mine] - begin
    if len(rows) == len(panel) and shown.as_they_are and (rows == np.arange(len(panel))).all():
        return panel
    values = panel.table[source].select(panel.columns)
    factor = shown.factor[:, mine]
    table = panel.table[rows].with_columns(moved(column, factor) for column in values)
    met = table["symbol"].unique(maintain_order=True).cast(pl.String).to_list()
    names = pl.Enum([*met, *(name for name in panel.names.categories if name not in {*met})])
    table = table.with_columns(pl.col("symbol").cast(pl.String).cast(names))
    return Panel(table.sort(KEYS, maintain_order=True))


def _kinds(panel: Panel, number: int) -> Ints:
    """Rows of one panel that lack the same columns are alike."""
    values = panel.table.select(panel.columns)
    return missing_in(values) + (number << 32)
