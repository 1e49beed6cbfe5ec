"""Fills come after decisions, at prices that were there, and every unit of cash is accounted for."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tradewind.core import Decision, Ledger, Market, Panel
from tradewind.core.errors import BadConfig, BadTable
from tradewind.trading.broker import NextBarBroker
from tradewind.trading.inspection import trading_findings

START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def market_of(**columns: list[object]) -> Market:
    days = len(next(iter(columns.values())))
    frame = pl.DataFrame(columns).with_columns(
        symbol=pl.lit("ACME"), timestamp=START + pl.duration(days=pl.int_range(days))
    )
    return Market({"bars": Panel.from_frame(frame, calendar="24/7", stamps="end")})


BARS = market_of(open=[10.0, 11.0, 12.0, 9.0], close=[10.0, 12.0, 10.0, 10.0], volume=[5.0] * 4)


def decide(book: Ledger, weight: float, names: pl.Enum, at: datetime) -> Decision:
    keys = {"at": pl.Datetime("us", "UTC"), "symbol": names}
    rows = pl.DataFrame({"at": [at], "symbol": ["ACME"]}, schema_overrides=keys)
    return Decision.of(rows, np.array([weight]), by="test", why="a test")


def walk(
    market: Market, weights: list[float], broker: NextBarBroker, late: timedelta = DAY * 0
) -> Ledger:
    book = Ledger.opening(1000.0, START, market.panel.names)
    for i, weight in enumerate(weights):
        at = START + DAY * i + late
        book = broker.settle(book, market, at)
        book = broker.place(book, decide(book, weight, market.panel.names, at))
    return book


def test_an_order_fills_at_the_next_open_and_pays_its_cost() -> None:
    book = walk(BARS, [0.5, 0.5], NextBarBroker(cost_bps=10))
    assert book.orders["quantity"][0] == 50.0
    fill = book.fills.row(0, named=True)
    assert (fill["price"], fill["quantity"]) == (11.0, 50.0)
    assert fill["cost"] == pytest.approx(50 * 11 * 0.001)
    assert fill["at"] > fill["ordered_at"]
    assert book.value == pytest.approx(1000 + 50 * (12 - 11) - 0.55)


def test_an_order_placed_in_the_middle_of_a_bar_does_not_get_its_open() -> None:
    book = walk(BARS, [0.5, 0.5], NextBarBroker(0), late=timedelta(hours=6))
    assert book.fills["price"][0] == 12.0


def test_bars_without_opens_fill_at_the_close() -> None:
    assert (
        walk(market_of(close=[10.0, 12.0]), [0.5, 0.5], NextBarBroker(0)).fills["price"][0] == 12.0
    )


@pytest.mark.parametrize(
    "halted", [{"volume": [5.0, 0.0, 5.0]}, {"status": ["normal", "halt", "normal"]}]
)
def test_a_bar_in_which_nobody_traded_fills_nothing(halted: dict[str, list[object]]) -> None:
    market = market_of(open=[10.0, 11.0, 12.0], close=[10.0, 12.0, 10.0], **halted)
    book = walk(market, [0.5, 0.5, 0.5], NextBarBroker(0))
    assert [at.day for at in book.fills["at"]] == [3]


def test_a_round_trip_at_a_constant_price_loses_exactly_its_costs() -> None:
    flat = market_of(open=[10.0] * 4, close=[10.0] * 4)
    book = walk(flat, [0.5, 0.0, 0.0, 0.0], NextBarBroker(cost_bps=20))
    assert book.value == pytest.approx(1000 - 2 * 500 * 0.002, abs=1e-9)
    assert book.account.quantity.tolist() == [0.0]


def test_trading_nothing_costs_nothing() -> None:
    book = walk(BARS, [0.0] * 4, NextBarBroker(100))
    assert (book.account.costs, book.value, len(book.fills)) == (0.0, 1000.0, 0)


def test_cash_and_positions_are_the_price_changes_less_the_costs() -> None:
    book = walk(BARS, [0.5, 0.9, 0.2, 0.2], NextBarBroker(30))
    held = book.positions.select("quantity", "mark")
    gains = 0.0
    for day, fill in enumerate(book.fills.iter_rows(named=True), start=1):
        gains += held["quantity"][day - 1] * (held["mark"][day] - held["mark"][day - 1])
        gains += fill["quantity"] * (held["mark"][day] - fill["price"])
    assert book.value == pytest.approx(1000 + gains - book.account.costs, abs=1e-9)
    assert book.findings() == ()


def test_a_corrected_bar_moves_the_mark_from_the_moment_it_is_known() -> None:
    table = BARS.panel.table
    told = START + 2 * DAY
    correction = table[2].with_columns(close=20.0, known_at=pl.lit(told + timedelta(hours=6)))
    rows = pl.concat([table, correction]).sort("symbol", "timestamp", "known_at")
    market, broker = Market({"bars": Panel(rows)}), NextBarBroker(0)
    book = Ledger.opening(1000.0, START, market.panel.names)
    marks = [
        (book := broker.settle(book, market, told + timedelta(hours=hours))).account.mark[0]
        for hours in (0, 3, 6, 9)
    ]
    assert marks == [10.0, 10.0, 20.0, 20.0]


def test_an_order_waits_for_the_bar_that_is_published_late() -> None:
    table = BARS.panel.table.with_columns(pl.col("known_at") + 2 * DAY)
    market, broker = Market({"bars": Panel(table)}), NextBarBroker(0)
    book = Ledger.opening(1000.0, START, market.panel.names)
    for day in range(2, 6):
        at = START + DAY * day
        book = broker.place(broker.settle(book, market, at), decide(book, 0.5, book.names, at))
    fill = book.fills.row(0, named=True)
    assert (fill["ordered_at"].day, fill["at"].day, fill["price"]) == (3, 6, 9.0)


def test_the_first_bar_in_which_the_symbol_traded_fills_even_if_several_arrive_at_once() -> None:
    market = market_of(
        open=[10.0, 11.0, 12.0], close=[10.0, 12.0, 13.0], status=["normal", "halt", "normal"]
    )
    broker = NextBarBroker(0)
    book = broker.settle(Ledger.opening(1000.0, START, market.panel.names), market, START)
    book = broker.place(book, decide(book, 0.5, book.names, START))
    assert broker.settle(book, market, START + 2 * DAY).fills["price"].to_list() == [12.0]


def test_a_book_of_other_names_than_the_market_is_refused() -> None:
    other = Ledger.opening(1000.0, START, pl.Enum(["AAAA", "ACME"]))
    with pytest.raises(
        BadTable, match=r"other names than it was opened with: open it with `panel\.names`"
    ):
        NextBarBroker().settle(other, BARS, START)


def test_orders_that_nobody_fills_and_cash_that_nobody_lent_are_errors() -> None:
    dead = market_of(open=[1.0] * 4, close=[1.0] * 4, volume=[0.0] * 4)
    assert [f.check for f in trading_findings(walk(dead, [0.5] * 4, NextBarBroker(0)))] == [
        "ledger.unfilled"
    ]
    bought = pl.DataFrame(
        [(START, "ACME", START, 300.0, 10.0, 0.0)],
        schema=Ledger.opening(1.0, START, BARS.panel.names).fills.schema,
        orient="row",
    )
    greedy = Ledger.opening(1000.0, START, BARS.panel.names)
    greedy = greedy.settled(START, bought, np.array([10.0]), np.array([0]))
    assert "cash fell to -200%" in str(trading_findings(greedy)[0])
    assert trading_findings(walk(BARS, [0.5] * 4, NextBarBroker(0))) == ()


def test_a_weight_in_what_has_no_price_is_refused() -> None:
    market = market_of(open=[1.0, 1.0], close=[-5.0, 1.0])
    with pytest.raises(
        BadTable, match=r"wanted in 'ACME', whose last price is -5\.0: decide only on"
    ):
        walk(market, [0.5], NextBarBroker())


def test_negative_costs_are_refused() -> None:
    with pytest.raises(BadConfig, match=r"costs of -1\.0 bps: give 0 to 1000"):
        NextBarBroker(-1.0)


def test_nothing_is_bought_that_there_is_no_cash_for() -> None:
    book = walk(BARS, [1.0, 3.0, 3.0, 3.0], NextBarBroker(10))
    assert book.equity["cash"].min() == pytest.approx(0, abs=1e-9)
    assert book.findings() == ()
