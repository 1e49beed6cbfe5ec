"""The made market that features are audited on: corrected later, and with moves for rare leaks to wait for."""

from collections.abc import Mapping

import polars as pl

from tradewind.core import Market, stream
from tradewind.core.coarser import Every
from tradewind.core.panel import Panel
from tradewind.data.synthetic import make_market
from tradewind.features.coarser import Coarser
from tradewind.features.families import Family

SYMBOLS = 5
LONGEST = 700  # bars; a lookback beyond it is told as not tried
ROOMY, SHOWN = 400, 4_000  # bars of a symbol where columns are few; values of a symbol else
WITHIN_DAYS = ("realised", "regime20")  # families that measure sessions by the bars in them
GATHERED: Mapping[Every, tuple[str, int]] = {
    "5m": ("1m", 5),
    "15m": ("1m", 15),
    "30m": ("1m", 30),
    "1h": ("1m", 60),
    "4h": ("1h", 4),
    "1d": ("1h", 7),
    "1w": ("1d", 5),
    "1mo": ("1d", 23),
}
"""Of which bars longer ones are made here, and of how many at most."""
MOVED = 0.04  # share of bars that begin at another level, on more volume
FARTHEST, CROWDED = (
    0.4,
    4.0,
)  # of such a level from where it was made, in log; of its volume, a factor


def market_for(family: Family, seed: int) -> Market:
    """Bars, long enough for the widest window to be begun anew in the first half and still fill, and for
    what is rare to occur; 5 % are corrected later, and one in 25 moves as prices seldom do.

    >>> from tradewind.features.registry import BARS
    >>> bars = market_for(BARS, 7).panel.table
    >>> move = (pl.col("close") / pl.col("close").shift(1)).log().over("symbol")
    >>> bars.select(fell=(move < -0.25).sum() > 5, rose=(move > 0.25).sum() > 5).row(0)
    (True, True)
    """
    freq, longer = "1h" if family.name in WITHIN_DAYS else "1d", 1
    if isinstance(family, Coarser):
        freq, longer = GATHERED[family.every]
    longest = min(longer * max(spec.lookback for spec in family.specs), LONGEST)
    bars = max(2 * longest + 80, min(ROOMY, SHOWN // len(family.specs)))
    market = make_market("equity", SYMBOLS, bars, freq, seed, plants=["revisions"])
    table = _moved(market.panel.table, seed)
    typical = (pl.col("high") + pl.col("low") + pl.col("close")) / 3
    table = table.with_columns(vwap=typical)
    asked = dict.fromkeys(name for spec in family.specs for name in spec.inputs)
    others = [_figures(name, len(table), seed) for name in asked if name not in table.columns]
    panel = Panel(table.with_columns(others))
    return Market({"bars": panel}, market.instruments, calendars=market.calendars)


def _moved(table: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Prices at levels that change now and then; a correction is at the level of its bar."""
    rng = stream(seed, "audit", "levels")
    bars = table.select("symbol", "timestamp").unique(maintain_order=True)
    bars = bars.with_columns(
        begins=pl.Series(rng.random(len(bars)) < MOVED),
        level=pl.Series(rng.uniform(-FARTHEST, FARTHEST, len(bars))),
    )
    level = pl.when("begins").then("level").forward_fill().over("symbol").fill_null(0.0)
    crowd = pl.when("begins").then(CROWDED).otherwise(1.0)
    bars = bars.select("symbol", "timestamp", level=level.exp(), crowd=crowd)
    rows = table.join(bars, on=["symbol", "timestamp"], how="left", maintain_order="left")
    prices = pl.col("open", "high", "low", "close") * pl.col("level")
    return rows.with_columns(prices, pl.col("volume") * pl.col("crowd")).drop("level", "crowd")


def _figures(name: str, rows: int, seed: int) -> pl.Series:
    """A column of somebody's own, of which nothing is known but its name."""
    return pl.Series(name, stream(seed, "audit", name).lognormal(5.0, 0.5, rows))
