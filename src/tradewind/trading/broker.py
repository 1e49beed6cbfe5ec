"""`NextBarBroker`: fills at the next bar's open, with costs. Deliberately simple, never generous."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from tradewind.core import Decision, Ledger, Market
from tradewind.core.errors import BadConfig, BadTable
from tradewind.core.tables import UTC_TIME


@dataclass(frozen=True)
class NextBarBroker:
    """A Broker. An order is filled whole at the open of its symbol's first bar after it was placed.

    It is the close instead where there are no opens, and where the order was placed later than the
    symbol's last bar ended: the next bar may then have been under way, and its open already history. A bar without volume, or whose status is not normal, fills
    nothing; the order waits until the next decision replaces it. Each fill pays `cost_bps` of its value.
    A position in a symbol that no longer trades stays, at its last mark.
    """

    cost_bps: float = 5.0

    def __post_init__(self) -> None:
        if not self.cost_bps >= 0:
            raise BadConfig(f"costs of {self.cost_bps} bps", "give 0 or more")

    def settle(self, book: Ledger, market: Market, at: datetime) -> Ledger:
        arrived = newest_versions(market.panel.arrivals(book.at, at))
        return book.settled(at, self._fills(book, arrived, at), marks(book, arrived))

    def place(self, book: Ledger, decision: Decision) -> Ledger:
        marked = book.holdings.select("symbol", held="quantity", mark="mark")
        wanted = decision.table.select("at", "symbol", "weight").join(
            marked, on="symbol", how="left", maintain_order="left"
        )
        unpriced = wanted.filter((pl.col("weight") != 0) & ~(pl.col("mark") > 0).fill_null(False))
        if len(unpriced):
            raise BadTable(
                f"a weight of {unpriced['weight'][0]:g} is wanted in {unpriced['symbol'][0]!r}, whose "
                f"last price is {unpriced['mark'][0]}",
                "decide only on symbols with a price above zero",
            )
        target = pl.when(pl.col("weight") != 0).then(pl.col("weight") * book.value / pl.col("mark"))
        orders = wanted.select(
            "at", "symbol", quantity=target.fill_null(0.0) - pl.col("held").fill_null(0.0)
        )
        worth = (pl.col("quantity") * marked_price(book, orders)).abs() > 1e-9 * book.value
        return book.placed(decision, orders.filter(worth))

    def _fills(self, book: Ledger, arrived: pl.DataFrame, at: datetime) -> pl.DataFrame:
        if not len(book.open_orders):
            return book.fills.clear()
        value = (pl.col("quantity") * pl.col("price")).abs()
        return first_bars(book, arrived).select(
            pl.lit(at, dtype=UTC_TIME).alias("at"),
            "symbol",
            "ordered_at",
            "quantity",
            "price",
            cost=value * (self.cost_bps / 1e4),
        )


def first_bars(book: Ledger, arrived: pl.DataFrame) -> pl.DataFrame:
    """Each open order that can be filled, with the price it gets: ordered_at, symbol, quantity, price."""
    opens = pl.col("open") if "open" in arrived.columns else pl.lit(None, dtype=pl.Float64)
    bars = arrived.select("symbol", "timestamp", "close", open=opens, able=tradable(arrived))
    orders = book.open_orders.rename({"at": "ordered_at"})
    later = orders.join(bars, on="symbol", maintain_order="left_right").filter(
        pl.col("timestamp") > pl.col("ordered_at")
    )
    seen = book.holdings.select("symbol", "marked_at")
    first = later.group_by("symbol", maintain_order=True).first()
    first = first.join(seen, on="symbol", how="left", maintain_order="left")
    unopened = pl.col("open").is_not_null() & (pl.col("marked_at") >= pl.col("ordered_at"))
    priced = first.with_columns(price=pl.when(unopened).then("open").otherwise("close"))
    return priced.filter(pl.col("able") & pl.col("price").is_not_null())


def tradable(bars: pl.DataFrame) -> pl.Expr:
    """Whether anybody could trade in a bar: it has volume, and its symbol is not halted."""
    able = pl.lit(True)
    if "volume" in bars.columns:
        able &= pl.col("volume").fill_null(1.0) > 0
    if "status" in bars.columns:
        able &= pl.col("status").cast(pl.String).fill_null("normal").is_in(["normal", "ssr"])
    return able


def newest_versions(rows: pl.DataFrame) -> pl.DataFrame:
    """Of rows in a panel's order, the last version of each bar."""
    following = pl.struct("symbol", "timestamp").shift(-1)
    return rows.filter((pl.struct("symbol", "timestamp") != following).fill_null(True))


def marks(book: Ledger, arrived: pl.DataFrame) -> pl.DataFrame:
    """Every symbol ever seen with its last close: the book's marks, moved on by what arrived."""
    before = book.holdings.select("symbol", "mark", "marked_at")
    new = arrived.filter(pl.col("close").is_not_null()).select(
        "symbol", mark="close", marked_at="timestamp"
    )
    both = pl.concat([before, new]).sort("symbol", "marked_at", maintain_order=True)
    return both.group_by("symbol", maintain_order=True).last()


def marked_price(book: Ledger, orders: pl.DataFrame) -> pl.Series:
    """(orders,) the mark of each order's symbol; 0 where there is none."""
    marked = book.holdings.select("symbol", "mark")
    joined = orders.select("symbol").join(marked, on="symbol", how="left", maintain_order="left")
    return pl.Series("mark", np.nan_to_num(joined["mark"].fill_null(0.0).to_numpy()))
