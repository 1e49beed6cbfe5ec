"""`Ledger`: orders, fills, cash, positions, costs, equity, and the decisions behind them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core.arrays import Floats
from tradewind.core.clock import utc
from tradewind.core.decision import REASON, Decision
from tradewind.core.errors import BadTable
from tradewind.core.finding import Finding
from tradewind.core.tables import UTC_TIME, by_value, floats, physical

Stamps = npt.NDArray[np.int64]
Schema = dict[str, pl.DataType]
NUMBER = pl.Float64()
FIGURES = ("equity", "cash", "costs", "peak")


def schemas(names: pl.Enum) -> dict[str, Schema]:
    """The columns of each table of a book over these symbols."""
    at: Schema = {"at": UTC_TIME}
    key: Schema = {**at, "symbol": names}
    return {
        "decisions": {**key, "weight": NUMBER, "reasons": pl.List(REASON)},
        "orders": {**key, "quantity": NUMBER},
        "fills": {
            **key,
            "ordered_at": UTC_TIME,
            "quantity": NUMBER,
            "price": NUMBER,
            "cost": NUMBER,
        },
        "positions": {**key, "quantity": NUMBER, "mark": NUMBER, "marked_at": UTC_TIME},
        "equity": {**at, "cash": NUMBER, "holdings": NUMBER, "costs": NUMBER, "equity": NUMBER},
    }


@dataclass(frozen=True, eq=False)
class Account:
    """The account at one moment: cash, and for each symbol how much is held and what it last cost.

    The arrays are (symbols,), in the order of the ledger's names; a symbol never marked has a mark of NaN.
    """

    at: datetime
    cash: float
    costs: float  # all that was ever paid
    peak: float  # the highest equity so far
    quantity: Floats
    mark: Floats
    marked_at: Stamps  # microseconds since 1970; when the marked bar was complete
    fills: pl.DataFrame  # those that led here from the account before

    __eq__ = by_value

    @property
    def holdings(self) -> float:
        """What is held, at its marks."""
        held = self.quantity != 0
        return float((self.quantity[held] * self.mark[held]).sum())

    @property
    def equity(self) -> float:
        return self.cash + self.holdings


@dataclass(frozen=True, eq=False)
class Placement:
    """A decision, the orders that serve it, and every order that is open once they are placed."""

    at: datetime
    decision: Decision
    orders: pl.DataFrame
    open: pl.DataFrame

    __eq__ = by_value


@dataclass(frozen=True, eq=False)
class Ledger:
    """The book of one account, moment by moment; `equity = cash + sum(quantity x mark)` at each.

    A book grows by `placed` (a decision and its orders) and `settled` (fills, then marks). Bought at
    10, marked at 12, one unit of cost:

    >>> from datetime import UTC
    >>> day = [datetime(2024, 1, d, tzinfo=UTC) for d in (2, 3)]
    >>> opening = Ledger.opening(100.0, day[0], pl.Enum(["ACME"]))
    >>> fill = [day[1], "ACME", day[0], 5.0, 10.0, 1.0]
    >>> fills = pl.DataFrame([fill], schema=opening.fills.schema, orient="row")
    >>> opening.settled(day[1], fills, np.array([12.0]), np.array([0])).equity.row(0)[1:]
    (49.0, 60.0, 1.0, 109.0)
    """

    names: pl.Enum
    start_cash: float
    opened_at: datetime
    accounts: tuple[Account, ...] = ()
    placements: tuple[Placement, ...] = ()

    __eq__ = by_value

    def __post_init__(self) -> None:
        utc(self.opened_at)
        if not self.start_cash > 0:
            raise BadTable(
                f"a Ledger opens with {self.start_cash} of cash", "start with more than 0"
            )

    @classmethod
    def opening(cls, cash: float, at: datetime, names: pl.Enum) -> "Ledger":
        """A book with cash and nothing else, for the symbols of `panel.names`."""
        return cls(names, cash, at)

    def placed(
        self, decision: Decision, orders: pl.DataFrame, waiting: pl.DataFrame | None = None
    ) -> "Ledger":
        """The book with one more decision and its orders (at, symbol, quantity).

        They replace the orders that are open, but for those that go on `waiting`.
        """
        self._require("orders", orders)
        still = orders if waiting is None else pl.concat([waiting, orders])
        at = decision.at if len(decision) else self.account.at
        placement = Placement(at, decision, orders, still)
        return replace(self, placements=(*self.placements, placement))

    def settled(
        self, at: datetime, fills: pl.DataFrame, mark: Floats, marked_at: Stamps
    ) -> "Ledger":
        """The book at `at`: fills booked, then every symbol valued at its mark.

        A symbol that is held must have a mark; the identity would otherwise mean nothing.
        """
        self._require("fills", fills)
        before = self.account
        self._require_step(at, fills, mark, marked_at)
        quantity = before.quantity.copy()
        codes, amounts = physical(fills["symbol"]), floats(fills["quantity"])
        prices, costs = floats(fills["price"]), floats(fills["cost"])
        np.add.at(quantity, codes, amounts)
        unmarked = (quantity != 0) & ~np.isfinite(mark)
        if unmarked.any():
            name = self.names.categories[int(unmarked.argmax())]
            raise BadTable(f"{name!r} is held at {at} and has no mark", "mark what is held")
        cash = before.cash - float((amounts * prices + costs).sum())
        paid = before.costs + float(costs.sum())
        after = Account(at, cash, paid, 0.0, quantity, mark.copy(), marked_at.copy(), fills)
        after = replace(after, peak=max(before.peak, after.equity))
        for array in (quantity, after.mark, after.marked_at):
            array.setflags(write=False)
        return replace(self, accounts=(*self.accounts, after))

    def book_at(self, when: datetime) -> "Ledger":
        """The book that the decision at `when` saw: settled at `when`, and nothing placed yet."""
        return replace(
            self,
            accounts=tuple(account for account in self.accounts if account.at <= when),
            placements=tuple(placed for placed in self.placements if placed.at < when),
        )

    @cached_property
    def account(self) -> Account:
        """The account as it stands."""
        if self.accounts:
            return self.accounts[-1]
        size = len(self.names.categories)
        return Account(
            self.opened_at,
            self.start_cash,
            0.0,
            self.start_cash,
            np.zeros(size),
            np.full(size, np.nan),
            np.full(size, np.iinfo(np.int64).min),
            self._nothing("fills"),
        )

    @property
    def at(self) -> datetime | None:
        """The moment to which the book is settled."""
        return self.accounts[-1].at if self.accounts else None

    @property
    def value(self) -> float:
        """Equity now."""
        return self.account.equity

    @property
    def drawdown(self) -> float:
        """How far equity is below its peak, as a share of the peak."""
        return 1 - self.value / self.account.peak

    @property
    def weights(self) -> Floats:
        """(symbols,) the share of equity in each symbol, in the order of the names."""
        return np.nan_to_num(self.account.quantity * self.account.mark) / self.value

    @property
    def open_orders(self) -> pl.DataFrame:
        """The orders (at, symbol, quantity) that are neither filled nor replaced, one a symbol."""
        if not self.placements:
            return self._nothing("orders")
        latest = self.placements[-1]
        since = self._accounts_since(latest.at)
        done = [code for account in since for code in physical(account.fills["symbol"])]
        if not done:
            return latest.open
        return latest.open.filter(pl.Series(~np.isin(physical(latest.open["symbol"]), done)))

    @cached_property
    def decisions(self) -> pl.DataFrame:
        """Every decision (at, symbol, weight, reasons)."""
        return self._joined("decisions", [placed.decision.table for placed in self.placements])

    @cached_property
    def orders(self) -> pl.DataFrame:
        """Every order (at, symbol, quantity)."""
        return self._joined("orders", [placed.orders for placed in self.placements])

    @cached_property
    def fills(self) -> pl.DataFrame:
        """Every fill (at, symbol, ordered_at, quantity, price, cost)."""
        return self._joined("fills", [account.fills for account in self.accounts])

    @cached_property
    def equity(self) -> pl.DataFrame:
        """One row a moment: cash, holdings, costs so far, equity."""
        rows = [
            (account.at, account.cash, account.holdings, account.costs, account.equity)
            for account in self.accounts
        ]
        return pl.DataFrame(rows, schema=schemas(self.names)["equity"], orient="row")

    @cached_property
    def positions(self) -> pl.DataFrame:
        """(at, symbol, quantity, mark, marked_at) of every symbol that was ever marked, at each moment."""
        seen = [np.isfinite(account.mark) for account in self.accounts]
        symbols = pl.Series(self.names.categories).cast(self.names)
        tables = [
            pl.DataFrame(
                {
                    "at": pl.repeat(account.at, int(rows.sum()), dtype=UTC_TIME, eager=True),
                    "symbol": symbols.filter(pl.Series(rows)),
                    "quantity": account.quantity[rows],
                    "mark": account.mark[rows],
                    "marked_at": pl.Series(account.marked_at[rows]).cast(UTC_TIME),
                }
            )
            for account, rows in zip(self.accounts, seen, strict=True)
        ]
        return self._joined("positions", tables)

    def codes_of(self, symbols: pl.Series) -> npt.NDArray[np.integer[Any]]:
        """The places of these symbols in the arrays of an account; other names than ours are refused."""
        if symbols.dtype != self.names:
            raise BadTable(
                "a Ledger was asked about symbols of other names than it was opened with",
                "open it with `panel.names` of the market that it trades",
            )
        return physical(symbols)

    def findings(self) -> tuple[Finding, ...]:
        """Recount every account from the fills alone; each that does not add up to 1e-9 is an error.

        >>> from datetime import UTC
        >>> Ledger.opening(100.0, datetime(2024, 1, 2, tzinfo=UTC), pl.Enum(["ACME"])).findings()
        ()
        """
        cash, costs, peak = self.start_cash, 0.0, self.start_cash
        quantity = np.zeros(len(self.names.categories))
        found = []
        for account in self.accounts:
            amount, price = floats(account.fills["quantity"]), floats(account.fills["price"])
            cost = floats(account.fills["cost"])
            np.add.at(quantity, self.codes_of(account.fills["symbol"]), amount)
            cash, costs = cash - float((amount * price + cost).sum()), costs + float(cost.sum())
            held = quantity != 0
            equity = cash + float((quantity[held] * account.mark[held]).sum())
            peak = max(peak, equity)
            told = (account.equity, account.cash, account.costs, account.peak)
            for name, one, other in zip(FIGURES, told, (equity, cash, costs, peak), strict=True):
                if not abs(one - other) <= 1e-9 * max(abs(other), 1.0):
                    found.append(_unbalanced(account.at, name, one, other))
            if not np.allclose(account.quantity, quantity, rtol=1e-12, atol=1e-9):
                name = self.names.categories[int(np.abs(account.quantity - quantity).argmax())]
                found.append(_unbalanced(account.at, f"the holding of {name}", np.nan, np.nan))
        return tuple(found)

    def _require_step(
        self, at: datetime, fills: pl.DataFrame, mark: Floats, marked_at: Stamps
    ) -> None:
        """Refuse a step back in time, a fill before its order, and numbers that are none."""
        if self.accounts and not utc(at) > self.accounts[-1].at:
            raise BadTable(f"the book is settled to {self.at}, and not back to {at}", "go forwards")
        if (fills["ordered_at"] > fills["at"]).any():
            raise BadTable(
                f"a fill at {at} comes before its order", "fill orders after they are placed"
            )
        numbers = fills.select("quantity", "price", "cost")
        if not np.isfinite(numbers.to_numpy()).all():
            raise BadTable(f"a fill at {at} is not finite", "fill at a price, or not at all")
        size = len(self.names.categories)
        if mark.shape != (size,) or marked_at.shape != (size,):
            raise BadTable(
                f"marks of shape {mark.shape} for {size} symbols", "mark each of the book's names"
            )

    def _accounts_since(self, when: datetime) -> Iterator[Account]:
        for account in reversed(self.accounts):
            if account.at <= when:
                return
            yield account

    def _nothing(self, table: str) -> pl.DataFrame:
        return pl.DataFrame(schema=schemas(self.names)[table])

    def _joined(self, table: str, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
        return pl.concat([self._nothing(table), *parts]).rechunk()

    def _require(self, table: str, rows: pl.DataFrame) -> None:
        wanted = schemas(self.names)[table]
        if dict(rows.schema) != wanted:
            raise BadTable(f"{table} of a Ledger have the columns {rows.schema}", f"give {wanted}")


def _unbalanced(at: datetime, name: str, told: float, recounted: float) -> Finding:
    return Finding(
        "ledger.identity",
        "error",
        f"{at}",
        f"{name} is told as {told!r}, and the fills recount to {recounted!r}",
        "a fill or a mark was booked twice, or not at all",
        at,
    )
