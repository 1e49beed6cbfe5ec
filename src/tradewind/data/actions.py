"""Splits and dividends as dated facts: prices as what an investor's holding was worth.

Two views of one truth, which differ by one constant a symbol and moment:

- `adjusted`, for the thread: each row times what one share had become by then. A later action changes
  no earlier row, so the panel can be cut at any moment.
- `adjusted_as_of`, for a person's eyes: the last close in its own units, the earlier ones in those.
"""

from datetime import datetime

import numpy as np
import polars as pl

from tradewind.core import Finding, Panel, Snapshot
from tradewind.core.arrays import Floats
from tradewind.core.clock import micros_of
from tradewind.core.panel import KEYS, NEVER
from tradewind.core.tables import UTC_TIME, physical
from tradewind.data.factors import factors_of

PRICES = ("open", "high", "low", "close")


def adjusted(bars: Panel, actions: Panel) -> Panel:
    """The bars of a holding that began as one share: prices times what it has become, by splits and by
    dividends put back into it; volume in shares of the beginning.

    A fact that becomes known after its ex-date changes the rows since then when it does, as new versions
    of them, known when the fact was:

    >>> bars = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02", "2024-01-03", "2024-01-04"],
    ...     "symbol": "ACME", "close": [100.0, 49.0, 51.0], "volume": [10.0, 20.0, 30.0]}))
    >>> split = Panel.from_frame(pl.DataFrame({"date": ["2024-01-03"], "symbol": ["ACME"],
    ...     "split": [2.0], "dividend": [0.0], "known_at": ["2024-01-04T12:00Z"]}))
    >>> whole = adjusted(bars, split)
    >>> [whole.as_of(at).table["close"].to_list() for at in bars.moments]
    [[100.0], [100.0, 49.0], [100.0, 98.0, 102.0]]
    >>> whole.as_of(bars.moments[-1]).table["volume"].to_list()
    [10.0, 10.0, 15.0]
    """
    count = len(bars)
    known = bars.life[0]
    worth, shares = np.ones(count), np.ones(count)
    rows, moments, later = [np.arange(count)], [known], []
    for history, factors in factors_of(bars, actions):
        worth[history.rows], shares[history.rows] = factors.at(history.day, history.known)
        row, moment = factors.news(history)
        rows.append(row)
        moments.append(moment)
        later.append(factors.at(history.day[row - history.rows.start], moment))
    every = np.concatenate(rows)
    table = bars.table[every].with_columns(
        pl.Series("known_at", np.concatenate(moments)).cast(UTC_TIME)
    )
    table = _scaled(
        table,
        np.concatenate([worth, *(part[0] for part in later)]),
        np.concatenate([shares, *(part[1] for part in later)]),
    )
    findings = (*bars.findings, told(bars, actions))
    return Panel(table if len(every) == count else table.sort(KEYS), findings)


def adjusted_as_of(bars: Panel, actions: Panel, when: datetime) -> Snapshot:
    """What was known at a moment, in the units of each symbol's last close: prices before an ex-date are
    divided by what a share has become since.

    >>> bars = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02", "2024-01-03"],
    ...     "symbol": "ACME", "close": [100.0, 49.0]}))
    >>> split = Panel.from_frame(pl.DataFrame({"date": ["2024-01-03"], "symbol": ["ACME"],
    ...     "split": [2.0], "dividend": [0.0]}))
    >>> [adjusted_as_of(bars, split, at).table["close"].to_list() for at in bars.moments]
    [[100.0], [50.0, 49.0]]
    """
    snapshot = bars.as_of(when)
    worth, shares = np.ones(len(snapshot)), np.ones(len(snapshot))
    segments, day = snapshot.segments, physical(snapshot.table["session"]).astype(np.int64)
    for history, factors in factors_of(bars, actions):
        rows = segments.get(str(bars.table["symbol"][history.rows.start]), slice(0, 0))
        at = np.full(rows.stop - rows.start, micros_of(when))
        grown, split = factors.at(day[rows], at)
        worth[rows], shares[rows] = grown / grown[-1:], split / split[-1:]
    return Snapshot(_scaled(snapshot.table, worth, shares), when)


def told(bars: Panel, actions: Panel) -> Finding:
    """What was done to the prices, for whoever compares them with a quote."""
    name = pl.col("symbol").cast(pl.String)
    span = bars.table.group_by(name).agg(
        pl.col("session").min().alias("first"), pl.col("session").max().alias("last")
    )
    believed = actions.table.filter(pl.Series(actions.life[1] == NEVER)).with_columns(name)
    passed = believed.join(span, on="symbol").filter(
        (pl.col("first") < pl.col("session")) & (pl.col("session") <= pl.col("last"))
    )
    splits, dividends = (passed["split"] != 1).sum(), (passed["dividend"] > 0).sum()
    return Finding(
        "actions.adjusted",
        "info",
        "the bars",
        f"{splits:,} splits and {dividends:,} dividends of {passed['symbol'].n_unique():,} symbols "
        "are in the prices: each is what a holding that began as one share was worth",
        "none: compare them with quotes by adjusted_as_of",
    )


def _scaled(table: pl.DataFrame, worth: Floats, shares: Floats) -> pl.DataFrame:
    prices = [pl.col(name) * pl.Series(worth) for name in PRICES if name in table.columns]
    volume = [pl.col(name) / pl.Series(shares) for name in ("volume",) if name in table.columns]
    return table.with_columns(*prices, *volume)
