"""The test everything began with: 40 lines of strategy, 5 % of rows revised, and two drives that agree."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tradewind.core import (
    Dataset,
    Decision,
    Forecast,
    Ledger,
    Market,
    Panel,
    Schedule,
    Strategy,
    replay,
    stream,
)
from tradewind.core.errors import BadStamp, Misuse

DAY = timedelta(days=1)
START = datetime(2024, 1, 1, tzinfo=UTC)


def revised_market(symbols: int = 4, days: int = 60, revised: float = 0.05) -> Market:
    """A small market in which some bars are corrected one to nine days after they were first known."""
    rng = stream(7, "market")
    n = symbols * days
    rows = pl.DataFrame(
        {
            "symbol": np.repeat([f"S{i}" for i in range(symbols)], days),
            "timestamp": np.tile(np.arange(days), symbols),
            "close": 100 * np.exp(rng.normal(0, 0.02, (symbols, days)).cumsum(axis=1)).ravel(),
        }
    ).with_columns(timestamp=START + pl.duration(days="timestamp"))
    rows = rows.with_columns(known_at="timestamp", open="close")
    late = rows[np.sort(rng.choice(n, int(n * revised), replace=False))].with_columns(
        pl.col("close") * 1.05, pl.col("known_at") + pl.duration(days=pl.lit(rng.integers(1, 10)))
    )
    return Market(
        {"bars": Panel.from_frame(pl.concat([rows, late]), calendar="24/7", stamps="end")}
    )


def momentum(market: Market, times: list[datetime]) -> Dataset:
    """Five-day log return of each symbol, as it was known at each moment."""
    rows = []
    for at in times:
        for symbol, bars in market.panel.as_of(at).by_symbol():
            if len(bars) > 5:
                close = bars["close"]
                rows.append((at, symbol, np.log(close[-1] / close[-6])))
    schema = {"decided_at": pl.Datetime("us", "UTC"), "symbol": pl.String, "mom": pl.Float64}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    symbols = pl.col("symbol").cast(market.panel.names)
    return Dataset(table.with_columns(symbols), features=("mom",))


def squash(rows: Dataset, state: object) -> Forecast:
    up = 1 / (1 + np.exp(-3 * rows.matrix[:, 0]))
    table = rows.table.select("symbol", at="decided_at", horizon=1).with_columns(
        probabilities=np.column_stack([1 - up, up])
    )
    return Forecast.of(table, model="squash", target="up", unit="", classes=("down", "up"))


def long_the_likely(forecast: Forecast, book: Ledger) -> Decision:
    edge = np.maximum(forecast.probability("up") - 0.5, 0)
    return Decision.of(forecast.table, edge * 4, by="long_the_likely", why="p(up) above one half")


def cap(decision: Decision, book: Ledger) -> Decision:
    limit = 0.25 * (1 - book.drawdown)
    return decision.revised(np.minimum(decision.weights, limit), by="cap", why="25 % less drawdown")


class AtTheMark:
    """Fills yesterday's orders at today's close, free of charge."""

    def settle(self, book: Ledger, market: Market, at: datetime) -> Ledger:
        last = market.panel.as_of(at).table.group_by("symbol", maintain_order=True).last()
        mark, marked_at = book.account.mark.copy(), book.account.marked_at
        mark[last["symbol"].to_physical().to_numpy()] = last["close"].to_numpy()
        orders = book.open_orders
        price = pl.Series(mark[orders["symbol"].to_physical().to_numpy()])
        fills = orders.select(
            pl.lit(at, dtype=pl.Datetime("us", "UTC")).alias("at"),
            "symbol",
            pl.col("at").alias("ordered_at"),
            "quantity",
            price.alias("price"),
            cost=pl.lit(0.0),
        )
        return book.settled(at, fills, mark, marked_at)

    def place(self, book: Ledger, decision: Decision) -> Ledger:
        codes = decision.table["symbol"].to_physical().to_numpy()
        wanted = decision.weights * book.value / book.account.mark[codes]
        amount = pl.Series(wanted - book.account.quantity[codes])
        return book.placed(
            decision, decision.table.select("at", "symbol", amount.alias("quantity"))
        )


STRATEGY = Strategy(momentum, squash, long_the_likely, guards=(cap,))


@pytest.mark.parametrize(
    "strategy", [STRATEGY, Schedule(((START, STRATEGY), (START + 30 * DAY, STRATEGY)))]
)
def test_what_is_decided_online_is_what_the_replay_decided(strategy: Strategy | Schedule) -> None:
    market = revised_market()
    assert market.panel.revised == 12
    times = [START + DAY * i for i in range(8, 55)]
    ledger = replay(strategy, market, times, AtTheMark())
    for at in stream(7, "moments").choice(np.array(times), 20, replace=False):
        online = strategy.decide(market, at, ledger.book_at(at)).table
        assert online.equals(ledger.decisions.filter(pl.col("at") == at))
    assert ledger.fills.height > 100
    assert ledger.findings() == ()


def test_a_decision_does_not_change_when_the_future_does() -> None:
    market = revised_market()
    at = START + 30 * DAY
    book = Ledger.opening(1e6, at, market.panel.names)
    cut = Market({"bars": market.panel.until(at)})
    assert STRATEGY.decide(cut, at, book) == STRATEGY.decide(market, at, book)


def test_a_revision_changes_decisions_only_from_the_day_it_is_known() -> None:
    market = revised_market(revised=0.0)
    bar = market.panel.table.row(20, named=True)
    told = bar["known_at"] + 5 * DAY
    correction = market.panel.table[20].with_columns(pl.col("close") * 1.1, known_at=told)
    rows = pl.concat([market.panel.table, correction.select(market.panel.table.columns)])
    revised = Market({"bars": Panel(rows.sort("symbol", "timestamp", "known_at"))})
    assert momentum(revised, [told - DAY]) == momentum(market, [told - DAY])
    assert momentum(revised, [told]) != momentum(market, [told])


def test_a_schedule_refuses_to_speak_before_its_first_strategy() -> None:
    schedule = Schedule(((START + 9 * DAY, STRATEGY),))
    book = Ledger.opening(1.0, START, pl.Enum(["S0"]))
    with pytest.raises(BadStamp, match="is before the first strategy: ask from 2024-01-10"):
        schedule.decide(revised_market(), START + 8 * DAY, book)


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ([], "no moments were given"),
        ([START + DAY, START], "moments are not ascending"),
        ([datetime(2024, 1, 1)], "has no time zone"),
    ],
)
def test_moments_that_cannot_be_walked_are_refused(times: list[datetime], message: str) -> None:
    with pytest.raises(Misuse, match=message):
        STRATEGY.forecast(revised_market(), times)


def test_a_moment_before_any_data_is_walked_past() -> None:
    market = revised_market()
    schedule = Schedule(((START - 9 * DAY, STRATEGY),))
    times = [START + DAY * i for i in range(-3, 20)]
    assert replay(schedule, market, times, AtTheMark()).equity["equity"][0] == 1e6
