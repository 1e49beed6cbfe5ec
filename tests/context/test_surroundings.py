"""What surrounds a moment is what a history says of it, and nothing of it comes from later."""

from datetime import timedelta

import polars as pl
import pytest

from tradewind.context.regimes import GaussianHMM, MarketWide
from tradewind.context.surroundings import Surroundings
from tradewind.core import Dataset, Market, Panel
from tradewind.core.errors import Misuse
from tradewind.data.synthetic import Revisions, make_market
from tradewind.features.bars import BarFeatures
from tradewind.pipelines.states import OBSERVED, Observing

READER = Observing(BarFeatures(ranked=()), OBSERVED)


@pytest.fixture(scope="module")
def market() -> Market:
    return make_market("equity", 4, 260, seed=5, plants=[Revisions(0.05)])


@pytest.fixture(scope="module")
def around(market: Market) -> Surroundings:
    rows = READER(market, market.panel.moments[:160])
    return Surroundings(READER, GaussianHMM(2, starts=1).fit(rows))


def closes(market: Market) -> list:  # type: ignore[type-arg]
    return market.panel.table["timestamp"].unique().sort().to_list()


def test_a_moment_alone_says_what_it_says_in_a_history(
    market: Market, around: Surroundings
) -> None:
    times = closes(market)[-40:]
    history = around(market, times).table
    for at in times[::13]:
        assert around(market, [at]).table.equals(history.filter(pl.col("at") == at))


def test_what_comes_later_changes_nothing_though_bars_are_corrected(
    market: Market, around: Surroundings
) -> None:
    times = closes(market)
    history = around(market, times).table
    for at in times[30::41]:
        cut = around(market.as_of(at), [when for when in times if when <= at]).table
        assert cut.equals(history.filter(pl.col("at") <= at))


def test_moments_between_two_bars_are_told_what_was_known_at_the_last(
    market: Market, around: Surroundings
) -> None:
    at = closes(market)[-1]
    later = around(market, [at + timedelta(hours=3)]).table.drop("at")
    assert later.equals(around(market, [at]).table.drop("at"))


def test_a_symbol_that_stops_keeps_its_state_and_says_from_when_it_is(
    market: Market, around: Surroundings
) -> None:
    gone, at = market.panel.symbols[0], closes(market)[-5]
    halted = (pl.col("symbol") == gone) & (pl.col("timestamp") > at)
    bars = Panel(market.panel.table.filter(~halted))
    rows = around(Market({"bars": bars}), [closes(market)[-1]]).table
    own, others = rows.filter(pl.col("symbol") == gone), rows.filter(pl.col("symbol") != gone)
    assert own["degraded"][0].to_list() == [f"regime: as of {at:%Y-%m-%dT%H:%M:%S.%f}+00:00"]
    assert others["degraded"].list.len().to_list() == [0, 0, 0]


def test_bars_that_are_known_late_are_no_step_before_they_are_known(
    market: Market, around: Surroundings
) -> None:
    nth = pl.col("timestamp").rank("dense")
    late = pl.when(nth % 7 == 0).then(pl.col("known_at") + timedelta(hours=5))
    bars = Panel(
        market.panel.table.with_columns(
            known_at=late.otherwise(pl.col("known_at") + timedelta(hours=1))
        )
    )
    slow, times = Market({"bars": bars}), closes(market)[-60:]
    history = around(slow, times).table
    for at in times[::5]:
        alone = around(slow, [at]).table
        assert alone.equals(history.filter(pl.col("at") == at))


def test_moments_out_of_order_are_refused(market: Market, around: Surroundings) -> None:
    for times in ([], closes(market)[:2][::-1]):
        with pytest.raises(Misuse):
            around(market, times)


def test_before_the_first_bar_nothing_is_said(market: Market, around: Surroundings) -> None:
    early = market.panel.moments[0] - timedelta(days=9)
    assert len(around(market, [early]).table) == 0


def test_who_does_not_answer_is_named_and_the_rest_is_there(
    market: Market, around: Surroundings
) -> None:
    def resembling(_: Market, rows: pl.DataFrame) -> pl.DataFrame:
        first = pl.col("symbol") == market.panel.symbols[0]
        return rows.with_columns(
            similar=pl.when(first)
            .then(pl.lit(["ACME 2020"]))
            .otherwise(pl.lit([], pl.List(pl.String))),
            missing=pl.when(~first).then(pl.lit("pattern_library: timeout")),
        )

    whole = Surroundings(READER, around.detector, resembling=resembling)
    rows = whole(market, closes(market)[-1:]).table
    assert rows["similar"].to_list() == [["ACME 2020"], [], [], []]
    assert rows["degraded"].to_list() == [[], *[["pattern_library: timeout"]] * 3]
    assert rows.select(around.detector.names).null_count().sum_horizontal()[0] == 0


def test_the_market_as_a_whole_is_one_sequence(market: Market) -> None:
    rows = READER(market, market.panel.moments[:160])
    detector = MarketWide(GaussianHMM(2, starts=1)).fit(rows)
    told = Surroundings(READER, detector)(market, closes(market)[-3:]).table
    assert told["symbol"].to_list() == ["MARKET"] * 3
    assert isinstance(rows, Dataset)
