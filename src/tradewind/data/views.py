"""The views that SQL users expect over the bars, each a SELECT; what is not named costs nothing.

They look back from now: each row in its newest version, as a chart shows it. What was known at a moment
is asked of `bars_as_of`, and features that a strategy may see are not made here.
"""

from collections.abc import Iterable

import polars as pl

from tradewind.core.panel import RESERVED
from tradewind.core.tables import UTC_TIME
from tradewind.data.store import MarketStore
from tradewind.storage.documents import Documents
from tradewind.storage.sql import Catalogue
from tradewind.storage.sql_text import View, quoted

NEEDED = {"symbol", "timestamp", "known_at", "session", "close"}
LISTED: dict[str, pl.DataType | type[pl.DataType]] = {
    "name": pl.String,
    "rows": pl.Int64,
    "version": pl.Int64,
    "first": UTC_TIME,
    "last": UTC_TIME,
    "bytes": pl.Int64,
}

NEWEST = """select * from (select * from {rows} qualify "timestamp" is distinct from
    lead("timestamp") over (partition by symbol order by "timestamp", known_at))
    where {said}"""

DERIVED = (
    View(
        "returns",
        "from each bar's close to the next, simple and log",
        """select symbol, "timestamp", session,
        case when before > 0 then close / before - 1 end as return_1,
        case when before > 0 and close > 0 then ln(close / before) end as log_return_1
        from (select *, lag(close) over (partition by symbol order by "timestamp") as before
        from views.bars_now where close is not null)""",
    ),
    View(
        "volatility",
        "standard deviation of the last 20 and 60 log returns",
        """select symbol, "timestamp", session,
        case when count(log_return_1) over month = 20
        then stddev_pop(log_return_1) over month end as volatility_20,
        case when count(log_return_1) over quarter = 60
        then stddev_pop(log_return_1) over quarter end as volatility_60
        from views.returns
        window month as (partition by symbol order by "timestamp" rows 19 preceding),
        quarter as (partition by symbol order by "timestamp" rows 59 preceding)""",
    ),
    View(
        "rolling",
        "mean of the last 20 and 60 closes, and how many deviations the close is from it",
        """select symbol, "timestamp", session, close,
        case when count(*) over month = 20 then avg(close) over month end as mean_20,
        case when count(*) over quarter = 60 then avg(close) over quarter end as mean_60,
        (close - mean_20) / nullif(stddev_pop(close) over month, 0) as zscore_20,
        (close - mean_60) / nullif(stddev_pop(close) over quarter, 0) as zscore_60
        from views.bars_now where close is not null
        window month as (partition by symbol order by "timestamp" rows 19 preceding),
        quarter as (partition by symbol order by "timestamp" rows 59 preceding)""",
    ),
)


FEATURES = "features"
"""The collection of documents that says which table holds the features of a family now."""

NEWEST_VALUES = """select * from main.{table} qualify "timestamp" is distinct from
    lead("timestamp") over (partition by symbol order by "timestamp", known_at)"""


def views_of(columns: Iterable[str]) -> tuple[View, ...]:
    """The views over bars that have these columns. A version without any value withdraws its bar; one
    that has a value is shown, with or without a close.

    >>> [view.called for view in views_of(["symbol", "close"])]
    ['bars_now', 'bars_as_of(moment)', 'returns', 'volatility', 'rolling']
    """
    values = [quoted(name) for name in columns if name not in RESERVED]
    said = " or ".join(f"{name} is not null" for name in values)
    known = "(select * from main.bars where known_at <= moment::timestamptz)"
    return (
        View(
            "bars_now",
            "the newest version of each bar, without those withdrawn",
            NEWEST.format(rows="main.bars", said=said),
        ),
        View(
            "bars_as_of",
            "the same as it was known at a moment, in UTC unless it says its offset",
            NEWEST.format(rows=known, said=said),
            "moment",
        ),
        *DERIVED,
    )


def catalogue_of(store: MarketStore) -> Catalogue:
    """What may be asked of a store in SQL: its tables, these views over its bars, and a table of tables.

    >>> from tempfile import TemporaryDirectory
    >>> from tradewind.core import Panel
    >>> bars = Panel.from_frame(pl.DataFrame({
    ...     "date": ["2024-01-02", "2024-01-02"], "symbol": "ACME", "close": [100.0, 101.0],
    ...     "known_at": ["2024-01-02T22:00Z", "2024-01-05T22:00Z"]}))
    >>> with TemporaryDirectory() as folder:
    ...     store = MarketStore(folder)
    ...     version = store.append(bars)
    ...     ask = catalogue_of(store).query
    ...     ask("select close from bars_now").item(), ask("select rows from tables").item()
    ...     ask("select close from bars_as_of('2024-01-04')").item()
    (101.0, 2)
    100.0
    """
    tables = store.tables
    columns = store.lake.table("bars").schema if "bars" in tables else {}
    ours = {} if "tables" in tables else {"tables": lambda: listed(store)}
    over_bars = views_of(columns) if set(columns) >= NEEDED else ()
    views = (*over_bars, *feature_views(store))
    return Catalogue(store.lake, views, ours)


def feature_views(store: MarketStore) -> tuple[View, ...]:
    """One for each family whose features are kept: the newest version of each value, as `bars_now`."""
    current = Documents(store.lake.control).find(FEATURES)
    return tuple(
        View(
            f"features_{one['family']}",
            f"the newest version of each feature of the family {one['family']}",
            NEWEST_VALUES.format(table=one["table"]),
        )
        for one in current
        if one["table"] in store.tables
    )


def listed(store: MarketStore) -> pl.DataFrame:
    """A row for each table, told by its log: how much is in it, from when to when, and how large it is."""
    rows = []
    for name in store.tables:
        version, files = store.version_of(name), store.lake.table(name).files()
        told = "min.timestamp" in files.columns
        first = files["min.timestamp"].min() if told else None
        last = files["max.timestamp"].max() if told else None
        rows.append((name, store.count(name), version, first, last, files["size_bytes"].sum()))
    return pl.DataFrame(rows, schema=LISTED, orient="row")
