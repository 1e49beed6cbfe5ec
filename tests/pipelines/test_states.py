"""A schedule is told regimes that were learnt before each of its parts speaks."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tradewind.core import Market, Schedule
from tradewind.core.forecast import Forecast
from tradewind.core.strategy import Strategy
from tradewind.data.synthetic import make_market
from tradewind.features.bars import BarFeatures
from tradewind.pipelines.states import said_along, states_along, surrounded


@pytest.fixture(scope="module")
def market() -> Market:
    return make_market("equity", 5, 500, seed=2)


def coin(rows, state) -> Forecast:  # type: ignore[no-untyped-def]
    table = rows.table.select(
        "symbol", at="decided_at", horizon=1, probabilities=pl.lit([0.5, 0.5])
    )
    return Forecast.of(table, model="coin", target="up", unit="", classes=("down", "up"))


def parts_at(market: Market, *places: int) -> Schedule:
    strategy = Strategy(BarFeatures(), coin, allocator=lambda *_: None)  # type: ignore[arg-type, return-value]
    return Schedule(tuple((market.panel.moments[i], replace(strategy)) for i in places))


def test_each_part_has_learnt_only_from_before_it(market: Market) -> None:
    schedule = parts_at(market, 200, 350)
    whole, found = surrounded(schedule, market)
    cut, _ = surrounded(schedule, market.as_of(market.panel.moments[349]))
    times = market.panel.moments[200:350]
    assert found == ()
    one, other = (states_along(one, market, times)[0].table for one in (whole, cut))
    assert one.equals(other)


def test_names_stay_from_part_to_part_and_make_one_history(market: Market) -> None:
    whole, _ = surrounded(parts_at(market, 200, 300, 400), market)
    states = states_along(whole, market, market.panel.moments[200:])
    assert len({state.regimes for state in states}) == 1
    said = said_along(states)
    assert said is not None
    assert len(said.table) == 300
    assert np.isclose(sum(said.occupancy.values()), 1)


def test_a_part_before_which_too_little_was_known_is_told_nothing_and_that_is_found(
    market: Market,
) -> None:
    whole, found = surrounded(parts_at(market, 30, 200), market)
    assert [strategy.state is None for _, strategy in whole.parts] == [True, False]
    assert [one.check for one in found] == ["regimes.too_short"]
    assert said_along(states_along(whole, market, market.panel.moments[30:100])) is None
