"""Factors and names in the layout of Lean: rows valid up to and including a day, 2050-12-31 for no end.

Its factors are cumulative as of the day on which the file was made, so each knows everything that came
later. The ratio of two successive rows is one action, on the first session after the earlier one.
"""

from datetime import date, timedelta

import polars as pl

from tradewind.core import Panel, find_calendar
from tradewind.data.identity import InstrumentMap

ENDLESS = date(2050, 12, 31)
DAY = timedelta(days=1)
DIGITS = 5  # of a split that can be read from factors of seven decimals


def actions_of(factors: pl.DataFrame, calendar: str = "XNYS") -> Panel:
    """Dated facts from cumulative factors (symbol, price_factor, split_factor, reference_price,
    timestamp): `split` is how many shares one became, `dividend` what each of those then paid.

    >>> facts = actions_of(pl.DataFrame({"symbol": "ACME", "price_factor": [0.98, 1.0, 1.0],
    ...     "split_factor": [0.5, 0.5, 1.0], "reference_price": [50.0, 80.0, 0.0],
    ...     "timestamp": [date(2014, 6, 4), date(2014, 6, 6), ENDLESS]}))
    >>> [(str(day), *fact) for day, *fact in facts.table.select("session", "split", "dividend").rows()]
    [('2014-06-05', 1.0, 1.0), ('2014-06-09', 2.0, 0.0)]
    """
    rows = factors.with_columns(pl.col("timestamp").cast(pl.Date)).sort("symbol", "timestamp")
    price, shares = pl.col("price_factor"), pl.col("split_factor")
    split = (shares.shift(-1).over("symbol") / shares).round_sig_figs(DIGITS)
    paid = 1 - price / price.shift(-1).over("symbol")
    facts = rows.select(
        "symbol",
        pl.col("timestamp").alias("date"),
        split=split,
        dividend=(pl.col("reference_price") * paid / split).round_sig_figs(DIGITS),
    ).filter((pl.col("split") != 1) | (pl.col("dividend") != 0))
    days = facts["date"].unique().sort()
    sessions = find_calendar(calendar).sessions(days[0] + DAY, days[-1] + 10 * DAY)
    after = sessions.gather(sessions.search_sorted(days, side="right"))
    dated = facts.with_columns(pl.col("date").replace_strict(days, after, return_dtype=pl.Date))
    return Panel.from_frame(dated, calendar=calendar)


def instruments_of(symbol_map: pl.DataFrame) -> InstrumentMap:
    """The map in (symbol, mapped_symbol, valid_until): an instrument begins on the day of its first row.

    >>> instruments_of(pl.DataFrame({"symbol": "WM", "mapped_symbol": ["WMI", "WMI", "WM"],
    ...     "valid_until": [date(1998, 7, 17), date(2009, 8, 4), ENDLESS]})).table.rows()[-1]
    ('WM', 'WM', datetime.date(2009, 8, 5), None)
    """
    until = pl.col("valid_until").cast(pl.Date)
    rows = symbol_map.sort("symbol", "valid_until").select(
        pl.col("symbol").alias("instrument"),
        pl.col("mapped_symbol").alias("ticker"),
        (until.shift(1) + DAY).over("symbol").fill_null(until).alias("first"),
        pl.when(until < ENDLESS).then(until + DAY).alias("until"),
    )
    return InstrumentMap(rows)
