"""Where there is a universe, its members are spoken of, and what became of those who left is known."""

from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl
import pytest

from tradewind.core import Dataset, Market, Panel
from tradewind.data.synthetic import Revisions, Turnover, make_market
from tradewind.features.bars import BarFeatures
from tradewind.features.labels import with_outcome

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def market() -> Market:
    """Twelve names, of which four join late and four are gone before the end."""
    plants = [Revisions(0.05), Turnover(entries=1 / 3, exits=1 / 3)]
    return make_market("equity", 12, 160, seed=6, plants=plants)


@pytest.fixture(scope="module")
def rows(market: Market) -> Dataset:
    return BarFeatures()(market, times(market))


def times(market: Market) -> list[datetime]:
    return [at + HOUR for at in market.panel.moments]


def test_only_members_are_spoken_of(market: Market, rows: Dataset) -> None:
    membership = market.membership
    assert membership is not None
    spoken = dict(rows.table.group_by("decided_at").agg(pl.col("symbol").cast(pl.String)).rows())
    for at in times(market):
        assert set(spoken[at]) <= set(membership.members(at))
    counts = [len(spoken[at]) for at in times(market)]
    assert (min(counts), max(counts)) == (7, 8)


def test_a_name_that_joins_late_is_seen_with_its_bars_from_before(
    market: Market, rows: Dataset
) -> None:
    universe = market.universe
    assert universe is not None
    late = universe.filter(pl.col("start") > market.panel.moments[60])
    assert len(late)
    for name, start in late.select("symbol", "start").unique().rows():
        first = rows.table.filter(pl.col("symbol") == name).row(0, named=True)
        assert first["decided_at"] == start + HOUR
        assert first["from_high_60"] is not None


def test_ranks_are_among_members(rows: Dataset) -> None:
    ranks = rows.table.group_by("decided_at").agg(pl.col("rank_return_5").sort(), pl.len())
    for _, ranked, count in ranks.rows():
        assert ranked in (
            [None] * count,
            [pytest.approx((n + 1) / (count + 1)) for n in range(count)],
        )


def test_who_belongs_does_not_change_what_is_seen_of_a_symbol(
    market: Market, rows: Dataset
) -> None:
    all_of_them = BarFeatures()(replace(market, universe=None), times(market)).table
    own = ["decided_at", "symbol", *(name for name in rows.features if "rank" not in name)]
    both = rows.table.select(own).join(all_of_them.select(own), on=own[:2], suffix=" all")
    assert len(both) == len(rows) < len(all_of_them)
    assert all(both[name].equals(both[f"{name} all"]) for name in own[2:])


def test_rows_at_a_moment_are_the_same_when_the_future_is_cut_away(
    market: Market, rows: Dataset
) -> None:
    for at in times(market)[40::30]:
        then = BarFeatures()(market.as_of(at), [at]).table
        assert then.equals(rows.table.filter(pl.col("decided_at") == at))


def test_the_outcome_of_a_name_that_is_gone_is_its_last_price(
    market: Market, rows: Dataset
) -> None:
    labelled = with_outcome(rows, market, 5, "itself").table
    survivors = with_outcome(rows, replace(market, universe=None), 5, "itself").table
    left = left_names(market)
    assert len(left) == 4
    for name, end in left.items():
        mine = labelled.filter(pl.col("symbol") == name).tail(4)
        bars = first_bars(market, name)
        last = bars["close"][-1]
        expected = [float(last > bars["open"][-4 + n]) for n in range(4)]
        assert mine["rises"].to_list() == expected
        assert set(mine["resolved_at"]) == {after(market, row, 10) for row in mine["decided_at"]}
        assert mine["decided_at"][-1] < end + HOUR
        theirs = survivors.filter(pl.col("symbol") == name).tail(4)
        assert theirs["rises"].null_count() == 4


def test_no_outcome_changes_when_later_bars_come(market: Market, rows: Dataset) -> None:
    whole = with_outcome(rows, market, 5, "itself").table
    for at in times(market)[50::20]:
        seen = Dataset(rows.table.filter(pl.col("decided_at") <= at), rows.features)
        then = with_outcome(seen, market.as_of(at), 5, "itself").resolved.table
        known = whole.filter(pl.col("resolved_at") <= at)
        assert then.equals(known)


def left_names(market: Market) -> dict[str, datetime]:
    universe = market.universe
    assert universe is not None
    return dict(universe.drop_nulls("end").select(pl.col("symbol").cast(pl.String), "end").rows())


def first_bars(market: Market, name: str) -> pl.DataFrame:
    panel: Panel = market.panel
    return panel.table.filter(~pl.Series(panel.corrections), pl.col("symbol") == name)


def after(market: Market, decided_at: datetime, steps: int) -> datetime:
    moments = market.panel.moments
    return moments[moments.index(decided_at - HOUR) + steps]
