"""`NextBarBroker`: fills at the next bar's open, with costs. Deliberately simple, never generous."""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import polars as pl

from tradewind.core import Decision, Ledger, Market
from tradewind.core.arrays import Flags, Floats, Ints
from tradewind.core.errors import BadConfig, BadTable
from tradewind.core.panel import NEVER
from tradewind.core.tables import UTC_TIME, floats, micros, physical

TRADED = ("normal", "ssr")
MOST_BPS = 1_000


@dataclass(frozen=True)
class NextBarBroker:
    """A Broker. An order is filled whole at the open of the first bar in which its symbol traded.

    It is the close instead where there are no opens, and where the order was placed later than the
    symbol's last bar ended: the next bar may then have been under way, and its open already history.
    A bar without volume, or whose status says halted, fills nothing. A new decision replaces an order,
    unless no later bar of its symbol is known yet: where bars are published late, orders wait for
    theirs. Each fill pays `cost_bps` of its value, and nothing is bought that there is no cash for. A
    position that no longer trades stays, at its last mark. Where a market never closes, the next open
    is the very price that was decided on: charge for the difference.
    """

    cost_bps: float = field(default=5.0, metadata={"doc": "of a fill's value"})

    def __post_init__(self) -> None:
        if not 0 <= self.cost_bps <= MOST_BPS:
            raise BadConfig(f"costs of {self.cost_bps} bps", f"give 0 to {MOST_BPS}")

    def settle(self, book: Ledger, market: Market, at: datetime) -> Ledger:
        arrived = newest_versions(market.panel.arrivals(book.at, at))
        return book.settled(at, self._fills(book, arrived, at), *marks(book, arrived))

    def place(self, book: Ledger, decision: Decision) -> Ledger:
        codes, weights = book.codes_of(decision.table["symbol"]), decision.weights
        mark, held = book.account.mark[codes], book.account.quantity[codes]
        unpriced = (weights != 0) & ~(mark > 0)
        if unpriced.any():
            row = int(unpriced.argmax())
            raise BadTable(
                f"a weight of {weights[row]:g} is wanted in {decision.table['symbol'][row]!r}, whose "
                f"last price is {mark[row]}",
                "decide only on symbols with a price above zero",
            )
        waiting = unanswered(book)
        value = weights * book.value
        change = np.divide(value, mark, where=weights != 0, out=np.zeros_like(mark)) - held
        worth = np.abs(change * np.nan_to_num(mark)) > 1e-9 * book.value
        worth &= ~np.isin(codes, book.codes_of(waiting["symbol"]))
        orders = decision.table.select("at", "symbol", quantity=pl.Series(change))
        return book.placed(decision, orders.filter(pl.Series(worth)), waiting)

    def _fills(self, book: Ledger, arrived: pl.DataFrame, at: datetime) -> pl.DataFrame:
        orders = book.open_orders
        price = fill_prices(book, orders, arrived)
        rate = self.cost_bps / 1e4
        quantity = affordable(floats(orders["quantity"]), price, rate, book.account.cash)
        fills = orders.select(
            pl.lit(at, dtype=UTC_TIME).alias("at"),
            "symbol",
            pl.col("at").alias("ordered_at"),
            quantity=pl.Series(quantity),
            price=pl.Series(price),
            cost=pl.Series(np.abs(quantity * price) * rate),
        )
        return fills.filter(pl.Series(np.isfinite(price) & (quantity != 0)))


def affordable(quantity: Floats, price: Floats, rate: float, cash: float) -> Floats:
    """(orders,) what is bought when there is not cash for all of it: the same share of each.

    Sales of the same bar pay first. A price that moved between decision and fill is no loan.

    >>> affordable(np.array([10.0, -5.0]), np.array([3.0, 2.0]), rate=0.0, cash=5.0).tolist()
    [5.0, -5.0]
    """
    value = np.nan_to_num(quantity * price)
    sold = float(-value[value < 0].sum()) * (1 - rate)
    wanted = float(value[value > 0].sum()) * (1 + rate)
    share = min(1.0, max(0.0, cash + sold) / wanted) if wanted > 0 else 1.0
    return np.asarray(np.where(quantity > 0, quantity * share, quantity))


def unanswered(book: Ledger) -> pl.DataFrame:
    """The open orders whose symbol has no bar yet that ended after they were placed."""
    orders = book.open_orders
    marked_at = book.account.marked_at[book.codes_of(orders["symbol"])]
    return orders.filter(pl.Series(marked_at <= micros(orders["at"])))


def newest_versions(rows: pl.DataFrame) -> pl.DataFrame:
    """Of rows in a panel's order, the last version of each bar."""
    symbol, stamp = physical(rows["symbol"]), micros(rows["timestamp"])
    last = np.ones(len(rows), dtype=bool)
    last[:-1] = (symbol[1:] != symbol[:-1]) | (stamp[1:] != stamp[:-1])
    return rows if last.all() else rows.filter(pl.Series(last))


def marks(book: Ledger, arrived: pl.DataFrame) -> tuple[Floats, Ints]:
    """(symbols,) each symbol's last close and its moment: the book's, moved on by what arrived."""
    mark, marked_at = book.account.mark.copy(), book.account.marked_at.copy()
    symbol, stamp = book.codes_of(arrived["symbol"]), micros(arrived["timestamp"])
    close = floats(arrived["close"])
    newer = np.isfinite(close) & (stamp >= marked_at[symbol])
    mark[symbol[newer]] = close[newer]  # of several bars of one symbol the last stays
    marked_at[symbol[newer]] = stamp[newer]
    return mark, marked_at


def fill_prices(book: Ledger, orders: pl.DataFrame, arrived: pl.DataFrame) -> Floats:
    """(orders,) the price that each gets from the bars that arrived; NaN where it gets none."""
    code, ordered_at = book.codes_of(orders["symbol"]), micros(orders["at"])
    placed_at = np.full(len(book.names.categories), NEVER)
    placed_at[code] = ordered_at
    symbol = book.codes_of(arrived["symbol"])
    later = traded(arrived) & (micros(arrived["timestamp"]) > placed_at[symbol])
    bars = arrived.filter(pl.Series(later))
    symbol, first = np.unique(book.codes_of(bars["symbol"]), return_index=True)
    bars = bars[first]
    paid = floats(bars["close"])
    if "open" in bars.columns:
        opens = floats(bars["open"])
        untouched = book.account.marked_at[symbol] >= placed_at[symbol]
        paid = np.where(untouched & np.isfinite(opens), opens, paid)
    price = np.full(len(placed_at), np.nan)
    price[symbol] = np.where(paid > 0, paid, np.nan)
    return np.asarray(price[code])


def traded(bars: pl.DataFrame) -> Flags:
    """(bars,) whether anybody could trade: there was volume, and no halt."""
    able = np.ones(len(bars), dtype=bool)
    if "volume" in bars.columns:
        able &= ~(floats(bars["volume"]) == 0)
    if "status" in bars.columns:
        status = bars["status"].cast(pl.String).fill_null("normal")
        able &= status.is_in(TRADED).to_numpy()
    return able
