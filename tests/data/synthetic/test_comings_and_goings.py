"""Splits, dividends and a universe that turns over: planted as facts, and nothing else is changed."""

import numpy as np
import polars as pl
import pytest

from tradewind.core.errors import Misuse
from tradewind.data.actions import adjusted
from tradewind.data.synthetic import Actions, Revisions, Signal, Turnover, make_market

QUOTED = ["open", "high", "low", "close", "volume"]


def test_the_facts_give_back_the_bars_of_a_holding() -> None:
    plain = make_market("equity", 8, 300, seed=5, plants=["signal"])
    market = make_market("equity", 8, 300, seed=5, plants=["signal", Actions(2, 6)])
    worth = adjusted(market.panel, market.panels["actions"]).table
    for name in QUOTED:
        wrong = np.abs(worth[name].to_numpy() - plain.panel.table[name].to_numpy())
        assert (wrong <= 1e-12 * plain.panel.table[name].to_numpy()).all()
    assert worth.drop(QUOTED).equals(plain.panel.table.drop(QUOTED))
    assert market.truth == plain.truth


def test_each_name_has_as_many_as_asked_each_on_a_day_of_its_own() -> None:
    facts = make_market("etf", 10, 200, plants=[Actions(2, 3)]).panels["actions"].table
    counts = facts.group_by("symbol").agg(
        (pl.col("split") != 1).sum().alias("splits"), (pl.col("dividend") > 0).sum()
    )
    assert set(counts.select("splits", "dividend").rows()) == {(2, 3)}
    assert facts.select("symbol", "session").is_unique().all()


def test_quoted_prices_fall_by_the_split() -> None:
    market = make_market("equity", 20, 300, seed=1, plants=[Actions(1, 0)])
    close = market.panel.table.with_columns(before=pl.col("close").shift(1).over("symbol"))
    at = market.panels["actions"].table.join(close, on=["symbol", "timestamp"])
    assert len(at) == 20
    assert (at["close"] * at["split"] / at["before"]).log().abs().max() < 0.25


def test_within_days_a_fact_takes_effect_with_the_first_bar_of_its_day() -> None:
    plain = make_market("equity", 3, 140, "1h", seed=2)
    market = make_market("equity", 3, 140, "1h", seed=2, plants=[Actions(1, 2)])
    worth = adjusted(market.panel, market.panels["actions"])
    assert worth.revised == 0
    assert (worth.table["close"] / plain.panel.table["close"] - 1).abs().max() < 1e-12


def test_a_wrong_first_print_before_a_dividend_is_all_that_is_lost() -> None:
    plants = [Revisions(0.2), Actions(0, 8)]
    market = make_market("equity", 10, 300, seed=3, plants=plants)
    plain = make_market("equity", 10, 300, seed=3, plants=plants[:1])
    worth = adjusted(market.panel, market.panels["actions"]).table
    off = (worth["close"] / plain.panel.table["close"] - 1).abs()
    assert 0 < off.max() < 8 * 0.02 * 0.05


def test_names_join_and_leave_as_asked() -> None:
    market = make_market("equity", 20, 200, seed=4, plants=[Turnover(0.2, 0.3)])
    universe = market.universe
    assert universe is not None
    first, last = market.panel.moments[0], market.panel.moments[-1]
    late = universe.filter(pl.col("start") > first)
    left = universe.drop_nulls("end")
    assert (late["symbol"].n_unique(), len(left)) == (4, 6)
    ends = market.panel.table.group_by("symbol").agg(pl.col("timestamp").max().alias("end"))
    gone = ends.filter(pl.col("end") < last).sort("symbol")
    assert gone.equals(left.select("symbol", "end").sort("symbol"))


def test_the_future_of_a_universe_is_not_in_it() -> None:
    market = make_market("equity", 20, 200, seed=4, plants=["turnover"])
    at = market.panel.moments[60]
    then = market.as_of(at).universe
    assert then is not None
    assert then.select(pl.max_horizontal("start", "end").max()).item() <= at


def test_what_stays_is_to_the_bit_what_it_was() -> None:
    plain = make_market("equity", 10, 200, seed=7, plants=[Signal(), "revisions"])
    market = make_market("equity", 10, 200, seed=7, plants=[Signal(), "revisions", "turnover"])
    same = plain.panel.table.join(
        market.panel.table, on=plain.panel.table.columns, how="semi", nulls_equal=True
    )
    assert len(same) == len(market.panel) < len(plain.panel)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Actions(0, 0), "0 splits and 0 dividends of each name: give whole numbers"),
        (lambda: Actions(-1, 3), "-1 splits and 3 dividends of each name"),
        (lambda: Turnover(0.6, 0.6), r"a share of 0\.6 names that join and of 0\.6 that leave"),
        (lambda: Turnover(-0.1, 0.6), r"a share of -0\.1 names that join"),
        (
            lambda: make_market("fx", 2, 50, plants=["actions"]),
            "splits and dividends of fx: ask for a market of equity or etf",
        ),
        (
            lambda: make_market("equity", 2, 5, plants=["actions"]),
            "5 actions of each name in 5 sessions: ask for more periods",
        ),
        (
            lambda: make_market("equity", 2, 50, plants=["actions", Actions(2)]),
            "2 plans of actions in one market: plant one",
        ),
    ],
)
def test_what_cannot_be_planted_is_refused(make: type, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        make()
