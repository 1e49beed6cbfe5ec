"""`BarsAtHand`: the bars of a workspace to find episodes in, by calendar, and what was said of regimes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from tradewind.core import Panel
from tradewind.core.errors import Misuse, nearest
from tradewind.data.actions import adjusted
from tradewind.data.declared_calendars import by_calendar
from tradewind.data.store import MarketStore
from tradewind.pipelines.gathering import ACTIONS, kept_calendars, stored_market
from tradewind.pipelines.regimes.labels import labels
from tradewind.storage.workspace import Workspace


@dataclass(frozen=True, eq=False)
class BarsAtHand:
    """Bars by the calendar they keep, and the regimes that were said, if any were."""

    parts: dict[str, Panel]
    origin: str
    regimes: Panel | None = None

    @classmethod
    def of(cls, workspace: Workspace, calendar: str) -> "BarsAtHand":
        """Those of a workspace; `calendar` is for symbols of which none was declared."""
        store = MarketStore(workspace.path)
        if "bars" not in store.tables:
            raise Misuse(f"{workspace.path} holds no bars", "bring some in with `tradewind ingest`")
        market = stored_market(store, calendar)
        facts = market.panels.get(ACTIONS)
        panel = market.panel if facts is None else adjusted(market.panel, facts)
        kept = kept_calendars(store, market)
        parts = by_calendar(panel, kept) or {market.calendars["bars"]: panel}
        return cls(parts, market.panel.findings[0].detail, labels(workspace))

    @property
    def newest(self) -> dict[str, datetime]:
        """When the newest bar of each symbol was known."""
        known = [
            panel.table.group_by(pl.col("symbol").cast(pl.String)).agg(pl.col("known_at").max())
            for panel in self.parts.values()
        ]
        return dict(pl.concat(known).sort("symbol").rows())

    @property
    def symbols(self) -> tuple[str, ...]:
        """Those that have bars."""
        return tuple(name for panel in self.parts.values() for name in panel.symbols)

    def only(self, symbols: set[str]) -> Iterator[tuple[str, Panel]]:
        """(calendar, bars) of some symbols."""
        for calendar, panel in self.parts.items():
            rows = panel.table.filter(pl.col("symbol").cast(pl.String).is_in(symbols))
            if len(rows):
                yield calendar, Panel(rows)

    def keeping(self, symbol: str) -> tuple[str, Panel]:
        """The calendar of one symbol, and all bars that keep it; an unknown symbol is refused.

        >>> bars = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02"], "ACME": [1.0]}))
        >>> BarsAtHand({"XNYS": bars}, "made").keeping("ACM")
        Traceback (most recent call last):
        tradewind.core.errors.Misuse: there are no bars of 'ACM': did you mean 'ACME'?
        """
        for calendar, panel in self.parts.items():
            if symbol in panel.symbols:
                return calendar, panel
        raise Misuse(f"there are no bars of {symbol!r}", nearest(symbol, self.symbols))
