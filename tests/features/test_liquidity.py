"""Liquidity is Amihud's measure on the bars believed at each moment."""

import numpy as np
import polars as pl
import pytest

from tests.features.test_bars import DAY, START, revised_panel
from tradewind.core import Dataset, Market, Panel
from tradewind.core.tables import floats
from tradewind.features.bars import BarFeatures
from tradewind.features.liquidity import with_liquidity

MOMENTS = [START + DAY * i for i in range(25, 150)]


def test_it_is_the_measure_on_the_snapshot_of_each_moment() -> None:
    market = Market({"bars": revised_panel()})
    rows = with_liquidity(BarFeatures()(market, MOMENTS), market).table
    compared = 0
    for at in MOMENTS[::17]:
        for name, bars in market.panel.as_of(at).by_symbol():
            wanted = rows.filter(decided_at=at, symbol=name)["liquidity_20"]
            if len(wanted) and len(bars) > 20:
                close, volume = floats(bars["close"]), floats(bars["volume"])
                moved = np.abs(np.diff(np.log(close)))[-20:] / (close * volume)[-20:]
                assert wanted[0] == pytest.approx(-np.log(moved.mean()))
                compared += 1
    assert compared > 25


def test_one_moment_reads_the_same_bits_as_a_history() -> None:
    market = Market({"bars": revised_panel()})
    history = with_liquidity(BarFeatures()(market, MOMENTS), market).table
    for at in MOMENTS[::13]:
        known = market.as_of(at)
        online = with_liquidity(BarFeatures()(known, [at]), known).table
        assert online.equals(history.filter(pl.col("decided_at") == at))


def test_bars_without_a_trade_do_not_count_and_too_few_say_nothing() -> None:
    table = revised_panel(1, 60, 0).table
    days = pl.int_range(pl.len())
    halves = [days % 2 == 0, days % 3 == 0]
    for traded, known in zip(halves, (True, False), strict=True):
        volume = pl.when(traded).then("volume").otherwise(0.0)
        market = Market({"bars": Panel(table.with_columns(volume=volume))})
        rows = with_liquidity(BarFeatures()(market, MOMENTS[20:30]), market)
        assert rows.table["liquidity_20"].is_not_null().all() is known


def test_without_volume_or_without_a_move_it_is_missing() -> None:
    table = revised_panel(1, 60, 0).table
    for panel in (Panel(table.drop("volume")), Panel(table.with_columns(close=pl.lit(5.0)))):
        market = Market({"bars": panel})
        rows = with_liquidity(BarFeatures()(market, MOMENTS[:20]), market)
        assert rows.table["liquidity_20"].null_count() == len(rows)


def test_it_is_added_to_the_features_and_leaves_the_rows_as_they_are() -> None:
    market = Market({"bars": revised_panel()})
    rows = BarFeatures()(market, MOMENTS)
    more = with_liquidity(rows, market)
    assert more.features == (*rows.features, "liquidity_20")
    assert Dataset(more.table.drop("liquidity_20"), rows.features) == rows
