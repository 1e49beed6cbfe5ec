"""`sectors_of` a market as they were known at each moment, and `with_sector`: that of each row."""

from datetime import UTC, date, datetime

import polars as pl

from tradewind.core import Dataset, Market, Panel
from tradewind.core.errors import BadTable, nearest
from tradewind.core.joining import newest_as_known
from tradewind.core.panel import KEYS
from tradewind.core.tables import UTC_TIME

SECTORS = "sectors"
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def sectors_of(market: Market) -> Panel | None:
    """A panel of `sector`, each from its row's `timestamp` until the symbol's next; None of a market that
    says nothing of sectors.

    It is the market's own panel `sectors`, where a null says that the symbol has none; else what the bars
    say; else what the instruments say, which knows no time and holds for ever.
    """
    if said := market.panels.get(SECTORS):
        return require_sector(said)
    if "sector" in market.panel.columns:
        return Panel(market.panel.table.select(*KEYS, "session", "sector").drop_nulls("sector"))
    if "sector" in market.instruments.columns:
        known = market.instruments.select(pl.col("symbol").cast(pl.String), "sector")
        known = known.drop_nulls().unique("symbol").sort("symbol")
        ever = pl.lit(_EVER).cast(UTC_TIME)
        return Panel(
            known.with_columns(
                pl.col("symbol").cast(pl.Enum(known["symbol"])),
                timestamp=ever,
                known_at=ever,
                session=pl.lit(date(1970, 1, 1)),
            )
        )
    return None


def require_sector(said: Panel) -> Panel:
    """The panel, if it says of sectors at all."""
    if "sector" not in said.columns:
        rule = f"the panel {SECTORS!r} has no column 'sector'"
        raise BadTable(rule, nearest("sector", said.columns))
    return said


def with_sector(rows: Dataset, market: Market) -> Dataset:
    """Add `sector`: that of the symbol when the row was decided, as it was known then.

    What nobody knows is null. A sector that is published later is not known before:

    >>> bars = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02", "2024-01-03"], "symbol": "ACME", "close": 1.0}))
    >>> said = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02"], "symbol": "ACME", "sector": ["metals"],
    ...     "known_at": ["2024-01-03T12:00Z"]}))
    >>> times = Dataset(bars.table.select("symbol", decided_at="known_at"), ())
    >>> with_sector(times, Market({"bars": bars, "sectors": said})).table["sector"].to_list()
    [None, 'metals']
    """
    table = rows.table.drop("sector", strict=False)
    if said := sectors_of(market):
        symbols = table.schema["symbol"]
        known = newest_as_known(said.table.select(*KEYS, pl.col("sector").cast(pl.String)))
        known = known.select(
            pl.col("symbol").cast(pl.String).cast(symbols, strict=False),
            "sector",
            decided_at="known_at",
        )
        table = table.join_asof(
            known.drop_nulls("symbol"), on="decided_at", by="symbol", check_sortedness=False
        )
    else:
        table = table.with_columns(sector=pl.lit(None, pl.String))
    return Dataset(table, rows.features, rows.outcome)
