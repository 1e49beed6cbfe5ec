"""Homes that are sold now and then: attributes, repeat sales, and a register that is behind."""

from datetime import timedelta

import numpy as np
import polars as pl

from tradewind.data.synthetic import make_market

MARKET = make_market("property", 20, 120, seed=5)
SALES = MARKET.panels["sales"].table
INDEX = MARKET.panel.table


def test_a_sale_is_known_when_the_register_shows_it() -> None:
    wait = SALES["known_at"] - SALES["timestamp"]
    assert (wait.min(), wait.max()) == (timedelta(days=20), timedelta(days=75))


def test_every_home_keeps_its_region_and_what_it_is() -> None:
    lasting = ("region", "area_m2", "bedrooms", "built", "condition")
    homes = SALES.group_by("symbol").agg(pl.col(lasting).n_unique())
    assert homes.select(pl.max_horizontal(pl.col(lasting).max())).item() == 1
    assert SALES["symbol"].cast(pl.String).str.starts_with("RG").all()
    assert set(SALES["region"]) == set(MARKET.panel.symbols)


def test_homes_are_sold_once_in_five_years_and_many_twice() -> None:
    assert abs(len(SALES) / (20 * 50 * 120 / 60) - 1) < 0.1
    counts = SALES.group_by("symbol").len()["len"]
    assert (counts >= 2).mean() > 0.4


def test_sales_fall_in_the_months_of_the_index() -> None:
    assert SALES["session"].min() >= INDEX["session"].min()
    assert SALES["timestamp"].max() <= INDEX["timestamp"].max()
    assert (SALES["timestamp"].dt.date() - SALES["session"]).unique().to_list() == [
        timedelta(days=1)
    ]


def test_a_repeat_sale_moves_with_the_index_of_its_region() -> None:
    index = INDEX.select(
        region=pl.col("symbol").cast(pl.String), session="session", level=pl.col("close").log()
    )
    rows = SALES.with_columns(
        month=pl.col("session").dt.truncate("1mo"), region=pl.col("region").cast(pl.String)
    )
    rows = rows.join(index, left_on=["region", "month"], right_on=["region", "session"])
    pairs = rows.sort("symbol", "timestamp").select(
        paid=pl.col("price").log().diff().over("symbol"),
        index=pl.col("level").diff().over("symbol"),
    )
    gap = pairs.drop_nulls().select(pl.col("paid") - pl.col("index")).to_series()
    assert len(gap) == len(rows) - rows["symbol"].n_unique()
    assert abs(gap.mean()) < 4 * 0.113 / np.sqrt(len(gap))
    assert abs(gap.std() / (0.08 * np.sqrt(2)) - 1) < 0.1


def test_a_home_costs_more_by_its_area_with_elasticity_seven_tenths() -> None:
    logs = SALES.select(pl.col("price", "area_m2").log())
    slope = logs.select(pl.cov("price", "area_m2") / pl.col("area_m2").var()).item()
    noise = logs["price"].std() / logs["area_m2"].std() / np.sqrt(len(logs))
    assert abs(slope - 0.7) < 4 * noise < 0.2
