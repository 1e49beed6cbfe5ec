"""`Ledger`: orders, fills, cash, positions, costs, equity, and the decisions behind them."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core.clock import utc
from tradewind.core.decision import REASON, Decision
from tradewind.core.errors import BadTable
from tradewind.core.finding import Finding
from tradewind.core.tables import UTC_TIME, by_value, floats, physical

NUMBER = pl.Float64()
Schema = dict[str, pl.DataType]


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
class Ledger:
    """The book of one account, moment by moment; `equity = cash + sum(quantity x mark)` at each.

    A book grows by `placed` (a decision and its orders) and `settled` (fills, then marks). Bought at
    10, marked at 12, one unit of cost:

    >>> from datetime import UTC
    >>> day = [datetime(2024, 1, d, tzinfo=UTC) for d in (2, 3)]
    >>> opening = Ledger.opening(100.0, day[0], pl.Enum(["ACME"]))
    >>> fill = [day[1], "ACME", day[0], 5.0, 10.0, 1.0]
    >>> fills = pl.DataFrame([fill], schema=opening.fills.schema, orient="row")
    >>> marks = opening.positions.select("symbol", "mark", "marked_at").clear(1).with_columns(
    ...     symbol=fills["symbol"], mark=12.0, marked_at=fills["at"])
    >>> opening.settled(day[1], fills, marks).equity.row(0)[1:]
    (49.0, 60.0, 1.0, 109.0)
    """

    names: pl.Enum
    start_cash: float
    opened_at: datetime
    decisions: pl.DataFrame
    orders: pl.DataFrame
    fills: pl.DataFrame
    positions: pl.DataFrame
    equity: pl.DataFrame

    __eq__ = by_value

    def __post_init__(self) -> None:
        utc(self.opened_at)
        if not self.start_cash > 0:
            raise BadTable(
                f"a Ledger opens with {self.start_cash} of cash", "start with more than 0"
            )
        for name, schema in schemas(self.names).items():
            found = dict(getattr(self, name).schema)
            if found != schema:
                raise BadTable(f"a Ledger's {name} have the columns {found}", f"give {schema}")

    @classmethod
    def opening(cls, cash: float, at: datetime, names: pl.Enum) -> "Ledger":
        """A book with cash and nothing else, for the symbols of `panel.names`."""
        empty = {name: pl.DataFrame(schema=schema) for name, schema in schemas(names).items()}
        return cls(names, cash, at, **empty)

    def placed(self, decision: Decision, orders: pl.DataFrame) -> "Ledger":
        """The book with one more decision, and the orders (at, symbol, quantity) that serve it."""
        return replace(
            self,
            decisions=self.decisions.vstack(decision.table),
            orders=self.orders.vstack(orders),
        )

    def settled(self, at: datetime, fills: pl.DataFrame, marks: pl.DataFrame) -> "Ledger":
        """The book at `at`: fills booked, then every symbol of `marks` valued at its mark.

        `marks` (symbol, mark, marked_at) names every symbol that is held or was ever marked.
        """
        cash, costs = self.cash, self.costs
        quantity = np.zeros(len(marks))
        held = dict(zip(self._codes.tolist(), self.quantities.tolist(), strict=True))
        codes = physical(marks["symbol"]).tolist()
        row_of = {code: row for row, code in enumerate(codes)}
        for code, amount in held.items():
            quantity[row_of[code]] = amount
        bought = physical(fills["symbol"]).tolist()
        trades = fills.select("quantity", "price", "cost").iter_rows()
        for code, (amount, price, cost) in zip(bought, trades, strict=True):
            quantity[row_of[code]] += amount
            cash -= amount * price + cost
            costs += cost
        holdings = float((quantity * floats(marks["mark"])).sum())
        positions = marks.select(
            pl.lit(at, dtype=UTC_TIME).alias("at"),
            "symbol",
            pl.Series("quantity", quantity),
            "mark",
            "marked_at",
        )
        row = (at, cash, holdings, costs, cash + holdings)
        return replace(
            self,
            fills=self.fills.vstack(fills),
            positions=self.positions.vstack(positions),
            equity=self.equity.vstack(pl.DataFrame([row], schema=self.equity.schema, orient="row")),
        )

    def book_at(self, when: datetime) -> "Ledger":
        """The book that the decision at `when` saw: settled at `when`, and nothing placed yet."""
        settled, placed = pl.col("at") <= when, pl.col("at") < when
        return replace(
            self,
            decisions=self.decisions.filter(placed),
            orders=self.orders.filter(placed),
            fills=self.fills.filter(settled),
            positions=self.positions.filter(settled),
            equity=self.equity.filter(settled),
        )

    @property
    def at(self) -> datetime | None:
        """The moment to which the book is settled."""
        return self.equity["at"][-1] if len(self.equity) else None

    @property
    def cash(self) -> float:
        return float(self.equity["cash"][-1]) if len(self.equity) else self.start_cash

    @property
    def costs(self) -> float:
        """All costs paid so far."""
        return float(self.equity["costs"][-1]) if len(self.equity) else 0.0

    @property
    def value(self) -> float:
        """Equity now."""
        return float(self.equity["equity"][-1]) if len(self.equity) else self.start_cash

    @property
    def drawdown(self) -> float:
        """How far equity is below its peak, as a share of the peak."""
        peak = max(self.start_cash, float(self.equity["equity"].max() or 0.0))  # type: ignore[arg-type]
        return 1 - self.value / peak

    @property
    def open_orders(self) -> pl.DataFrame:
        """Orders of the latest decision that are not filled: an order lives until the next decision."""
        if not len(self.decisions):
            return self.orders
        latest = self.decisions["at"][-1]
        orders = self.orders.filter(pl.col("at") == latest)
        done = self.fills.filter(pl.col("ordered_at") == latest)["symbol"]
        return orders.filter(~pl.col("symbol").is_in(done.implode())) if len(done) else orders

    @cached_property
    def holdings(self) -> pl.DataFrame:
        """The positions as they stand: every symbol ever marked, held or not."""
        if not len(self.equity):
            return self.positions
        return self.positions.filter(pl.col("at") == self.at)

    @property
    def quantities(self) -> npt.NDArray[np.float64]:
        """(holdings,) the quantity of each."""
        return floats(self.holdings["quantity"])

    @property
    def _codes(self) -> npt.NDArray[np.generic]:
        return physical(self.holdings["symbol"])

    def findings(self) -> tuple[Finding, ...]:
        """Recount every moment from the fills alone; each that does not add up to 1e-9 is an error.

        >>> from datetime import UTC
        >>> Ledger.opening(100.0, datetime(2024, 1, 2, tzinfo=UTC), pl.Enum(["ACME"])).findings()
        ()
        """
        spent = self.fills.select("at", spent=pl.col("quantity") * pl.col("price") + pl.col("cost"))
        per_moment = spent.group_by("at").agg(pl.col("spent").sum())
        valued = self.positions.group_by("at").agg(
            valued=(pl.col("quantity") * pl.col("mark")).fill_null(0.0).sum()
        )
        recount = (
            self.equity.join(per_moment, on="at", how="left", maintain_order="left")
            .join(valued, on="at", how="left", maintain_order="left")
            .with_columns(
                recounted=self.start_cash
                - pl.col("spent").fill_null(0.0).cum_sum()
                + pl.col("valued").fill_null(0.0)
            )
        )
        scale = pl.max_horizontal(pl.col("equity").abs(), pl.lit(1.0))
        wrong = recount.filter(((pl.col("recounted") - pl.col("equity")).abs() / scale) > 1e-9)
        return tuple(
            Finding(
                "ledger.identity",
                "error",
                f"{row['at']}",
                f"equity {row['equity']!r} but cash and positions recount to {row['recounted']!r}",
                "a fill or a mark was booked twice, or not at all",
                row["at"],
            )
            for row in wrong.iter_rows(named=True)
        )
