"""Whether bars are as short as the longer ones that are made of them: days are no hours."""

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from tradewind.core import Panel
from tradewind.core.coarser import BY_SESSION, Every, ends_of
from tradewind.core.tables import micros

MINUTE = 60_000_000
BY_CLOCK: Mapping[str, int] = MappingProxyType(
    {
        "5m": 5 * MINUTE,
        "15m": 15 * MINUTE,
        "30m": 30 * MINUTE,
        "1h": 60 * MINUTE,
        "4h": 240 * MINUTE,
    }
)  # microseconds


def short_since(panel: Panel, every: Every) -> pl.DataFrame:
    """(symbol, end, since): of each longer bar by the clock, since when it is known that its bars are
    shorter, or as long: that up to its end two of them lie in one longer bar, or in two that touch.

    >>> def bars(*hours):
    ...     stamps = [f"2024-01-{2 + hour // 24:02}T{hour % 24:02}:00Z" for hour in hours]
    ...     frame = pl.DataFrame({"timestamp": stamps, "symbol": "ACME", "close": 1.0})
    ...     return Panel.from_frame(frame, stamps="end", calendar="24/7")
    >>> [short_since(bars(*hours), "1h")["since"].null_count() for hours in ([1, 2, 9], [1, 25, 49])]
    [1, 3]
    """
    known, end = pl.col("known"), pl.col("end")
    bars = panel.table.select(
        "symbol",
        known=pl.Series(micros(panel.table["known_at"])),
        end=pl.Series(micros(ends_of(panel, every, ""))),
    ).filter(pl.Series(~panel.corrections))
    longer = bars.group_by("symbol", "end", maintain_order=True).agg(
        known.min(), second=known.sort().get(1, null_on_oob=True)
    )
    touches = end.shift(1).over("symbol") == end - BY_CLOCK[every]
    both = pl.when(touches).then(pl.max_horizontal(known, known.shift(1).over("symbol")))
    since = pl.min_horizontal("second", both).cum_min().forward_fill().over("symbol")
    return longer.select("symbol", "end", since=since)


def too_long(panel: Panel, every: Every) -> tuple[str, ...]:
    """The symbols of several bars, all too far from each other to lie in longer ones by the clock.

    >>> from tradewind.data.synthetic import make_market
    >>> days = make_market("crypto", 2, 9).panel
    >>> too_long(days, "1h"), too_long(days, "1w")
    (('CR1', 'CR2'), ())
    """
    if every in BY_SESSION or not len(panel):
        return ()
    found = short_since(panel, every).group_by("symbol").agg(pl.len(), pl.col("since").count())
    alone = found.filter(pl.col("len") > 1, pl.col("since") == 0)
    return tuple(alone["symbol"].cast(pl.String).sort())


def once_short(longer: Panel, panel: Panel, every: Every) -> Panel:
    """The longer bars of a panel, without those of which it was not known that its bars are as short."""
    if every in BY_SESSION or not len(longer):
        return longer
    ends = longer.table.select("symbol", end=pl.Series(micros(longer.table["timestamp"])))
    keys = ["symbol", "end"]
    since = ends.join(short_since(panel, every), on=keys, how="left", maintain_order="left")
    known = pl.Series(micros(longer.table["known_at"]))
    return Panel(longer.table.filter((known >= since["since"]).fill_null(False)))
