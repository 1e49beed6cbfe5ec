"""Who belongs to a universe, from the files that people have: intervals of days, or entries and exits."""

import polars as pl

from tradewind.core import Panel
from tradewind.core.errors import BadTable, nearest
from tradewind.core.panel import KEYS
from tradewind.core.tables import UTC_TIME


def entries_and_exits(intervals: pl.DataFrame, calendar: str = "XNYS") -> Panel:
    """Intervals (symbol, start, end; null: a member still) of days as dated facts: `member` is 1 from an
    entry on and 0 from an exit on, each known at the close of its day. What a store keeps.

    >>> from datetime import date
    >>> facts = entries_and_exits(pl.DataFrame({"symbol": ["AAL", "AAL"],
    ...     "start": [date(1996, 1, 2), date(2015, 3, 23)], "end": [date(1997, 1, 15), None]}))
    >>> [(str(day), member) for day, member in facts.table.select("session", "member").rows()]
    [('1996-01-02', 1), ('1997-01-15', 0), ('2015-03-23', 1)]
    """
    entries = intervals.select("symbol", date=pl.col("start"), member=pl.lit(1))
    exits = intervals.drop_nulls("end").select("symbol", date=pl.col("end"), member=pl.lit(0))
    both = pl.concat([entries, exits]).unique(["symbol", "date"], keep="first")
    return Panel.from_frame(both, calendar=calendar, stamps="session")


def universe_of(facts: Panel) -> pl.DataFrame:
    """The universe of a market, (symbol, start, end, known_at), from entries and exits.

    >>> rows = Panel.from_frame(pl.DataFrame({"symbol": "AAL", "date": ["1996-01-02", "1997-01-15"],
    ...     "member": [1, 0]}))
    >>> [(str(end), str(known)[:10]) for end, known in universe_of(rows).select("end", "known_at").rows()]
    [('None', '1996-01-02'), ('1997-01-15 21:00:00+00:00', '1997-01-15')]
    """
    if "member" not in facts.columns:
        raise BadTable(f"a membership has no column {'member'!r}", nearest("member", facts.columns))
    joins = pl.col("member").cast(pl.Float64) == 1
    entry = pl.when(joins).then("timestamp").forward_fill().over("symbol")
    rows = facts.table.select(
        *KEYS, start=entry, end=pl.when(~joins).then("timestamp").cast(UTC_TIME)
    )
    return rows.drop_nulls("start").select("symbol", "start", "end", "known_at")


def facts_of(universe: pl.DataFrame) -> pl.DataFrame:
    """The entries and exits (symbol, timestamp, known_at, member) of a market's universe, as a table that
    `universe_of` takes back.

    >>> from tradewind.data.synthetic import make_market
    >>> market = make_market("equity", 6, 100, plants=["turnover"])
    >>> universe_of(Panel.from_frame(facts_of(market.universe))).equals(market.universe)
    True
    """
    entries = universe.filter(pl.col("end").is_null()).with_columns(timestamp="start", member=1)
    exits = universe.filter(pl.col("end").is_not_null()).with_columns(timestamp="end", member=0)
    both = pl.concat([entries, exits]).sort(KEYS)
    return both.select(*KEYS, "member")
