"""What regimes are told apart by: each value by its definition, and nothing where there is none."""

import math
from datetime import date

import numpy as np
import polars as pl
import pytest

from tradewind.core import Panel
from tradewind.data.synthetic import Revisions, make_market
from tradewind.features import compute
from tradewind.features.bars import BarFeatures
from tradewind.features.observed import NAMES
from tradewind.features.registry import OBSERVED


def read_of(**columns: list[float | None]) -> pl.DataFrame:
    """The family on bars of one symbol that have these columns."""
    days = pl.date_range(date(2024, 1, 1), date(2024, 3, 1), eager=True)
    size = len(columns["close"])
    frame = pl.DataFrame({"date": days[:size], "symbol": "A", **columns})
    return compute(Panel.from_frame(frame, calendar="24/7"), "observed").select(NAMES)


def test_each_value_is_what_its_formula_says() -> None:
    rng = np.random.default_rng(3)
    close = np.exp(np.cumsum(rng.normal(0, 0.02, 40)))
    high, low = close * 1.01, close * 0.98
    volume, spread = rng.uniform(1, 9, 40), rng.uniform(1, 9, 40)
    said = read_of(close=close, high=high, low=low, volume=volume, spread_bps=spread)  # type: ignore[arg-type]
    r = np.diff(np.log(close))
    alike = 2 * r[1:] * r[:-1] / (r[1:] ** 2 + r[:-1] ** 2)
    means = np.convolve(alike, np.ones(3) / 3, "valid")
    assert np.allclose(said["observed_range"], math.log(math.log(1.01 / 0.98)))
    assert np.allclose(said["observed_volume"], np.log(volume))
    assert np.allclose(said["observed_spread"], np.log(spread))
    assert said["observed_autocorrelation"].null_count() == 4
    assert np.allclose(said["observed_autocorrelation"][4:], means)


def test_a_bar_that_shows_nothing_says_nothing() -> None:
    said = read_of(
        close=[1.0, 1.0, 1.0, 1.0, 1.0, None, 2.0, -1.0],
        high=[1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
        low=[1.0, 1.0, 2.0, 0.0, -1.0, 1.0, 1.0, 1.0],
        volume=[0.0, 1.0, -1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
    )
    assert said["observed_range"].is_not_null().to_list() == [False, True, *[False] * 6]
    assert said["observed_volume"].is_not_null().to_list() == [False, True, False, *[True] * 5]
    assert said["observed_spread"].null_count() == 8
    assert said["observed_autocorrelation"].to_list() == [None] * 4 + [0.0] + [None] * 3


def test_closes_alone_tell_whether_moves_go_on() -> None:
    said = read_of(close=[1.0, 1.1, 1.21, 1.331, 1.4641])
    assert said.row(-1) == (None, None, None, pytest.approx(1.0))


def test_a_market_cut_at_a_moment_answers_as_the_whole_does() -> None:
    market = make_market("equity", 4, 120, plants=[Revisions(0.05)])
    reader = BarFeatures(families=(OBSERVED,), ranked=())
    times = market.panel.table["known_at"].unique().sort().to_list()[40::17]
    whole = reader(market, times).table
    for at in times:
        cut = reader(market.as_of(at), [at]).table
        assert whole.filter(pl.col("decided_at") == at).equals(cut)
