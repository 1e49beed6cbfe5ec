"""`Calendars`: whose sessions each symbol keeps, where they do not all keep the same."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from tradewind.core import Panel


@dataclass(frozen=True)
class Calendars:
    """The calendar of each symbol: its own where one was declared, else the usual one.

    >>> kept = Calendars("XNYS", {"BTC": "24/7"})
    >>> kept.of("BTC"), kept.of("ACME")
    ('24/7', 'XNYS')
    """

    usual: str = "XNYS"
    own: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.usual, frozenset(self.own.items())))

    def of(self, symbol: str) -> str:
        """The one that a symbol keeps."""
        return self.own.get(symbol, self.usual)

    def apart(self, panel: Panel) -> Iterator[tuple[str, Panel]]:
        """The rows of each calendar that is kept.

        >>> bars = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02"] * 2, "symbol": ["ACME", "BTC"],
        ...     "close": [1.0, 2.0]}))
        >>> [(name, part.symbols) for name, part in Calendars("XNYS", {"BTC": "24/7"}).apart(bars)]
        [('24/7', ('BTC',)), ('XNYS', ('ACME',))]
        """
        kept = {symbol: self.of(symbol) for symbol in panel.symbols}
        for calendar in sorted({*kept.values()}):
            mine = [symbol for symbol in kept if kept[symbol] == calendar]
            whole = len(mine) == len(kept)
            yield (
                calendar,
                panel
                if whole
                else Panel(panel.table.filter(pl.col("symbol").cast(pl.String).is_in(mine))),
            )


USUAL = Calendars()
