"""The calendar that each symbol was declared to keep when it was ingested, for who reads it later.

A store may hold shares beside coins, and no row says whose sessions its dates were.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import polars as pl

from tradewind.core import Panel
from tradewind.data.store import MarketStore
from tradewind.storage.documents import Documents


def remember(store: MarketStore, table: str, symbols: Iterable[str], calendar: str) -> None:
    """Keep on record that these symbols of a table keep a calendar; the last that is said counts.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     store = MarketStore(folder)
    ...     remember(store, "bars", ["ACME", "BTC"], "XNYS")
    ...     remember(store, "bars", ["BTC"], "24/7")
    ...     calendars_of(store)
    {'ACME': 'XNYS', 'BTC': '24/7'}
    """
    said = {symbol: {"symbol": symbol, "calendar": calendar} for symbol in symbols}
    Documents(store.lake.control).put_all(_collection(table), said)


def calendars_of(store: MarketStore, table: str = "bars") -> dict[str, str]:
    """The calendar of each symbol of which one was declared."""
    found = Documents(store.lake.control).find(_collection(table))
    return {said["symbol"]: said["calendar"] for said in found}


def usual_calendar(store: MarketStore, otherwise: str = "XNYS") -> str:
    """The calendar that most symbols of the bars were declared to keep, and so those of which nothing was
    said; `otherwise` where nothing was said at all."""
    said = Counter(calendars_of(store).values()).most_common(1)
    return said[0][0] if said else otherwise


def by_calendar(panel: Panel, calendars: Mapping[str, str]) -> dict[str, Panel]:
    """The rows of each calendar, apart; the calendar of every symbol is given.

    >>> bars = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02"] * 2, "symbol": ["A", "B"],
    ...     "close": [1.0, 2.0]}))
    >>> {name: part.symbols for name, part in by_calendar(bars, {"A": "XNYS", "B": "24/7"}).items()}
    {'24/7': ('B',), 'XNYS': ('A',)}
    """
    if not calendars:
        return {}
    if len(kept := {*calendars.values()}) == 1:
        return {kept.pop(): panel}
    keeps = panel.table["symbol"].cast(pl.String).replace_strict(calendars, return_dtype=pl.String)
    return {
        name: Panel(panel.table.filter(keeps == name), panel.findings)
        for name in sorted(keeps.unique())
    }


def _collection(table: str) -> str:
    return f"calendars of {table}"
