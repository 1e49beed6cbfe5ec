"""Who walks sees each bar as it stood when it was first known."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from tests.context.patterns.charts import days, minutes
from tradewind.context.patterns.scales import Scale, fitting
from tradewind.context.patterns.walk import COLUMNS, walked
from tradewind.core import Panel
from tradewind.core.coarser import coarser
from tradewind.core.errors import BadTable, Misuse
from tradewind.core.tables import floats, micros


@pytest.mark.parametrize("scale", ["5m", "15m", "1h", "1d"])
def test_a_walk_goes_over_the_first_versions_of_longer_bars(scale: Scale) -> None:
    panel = minutes(2, 4000, seed=1)
    walk, longer = walked(panel, scale), coarser(panel, scale)
    first = longer.table.filter(~longer.corrections)
    soonest = pl.col("known_at").cum_min(reverse=True).over("symbol")
    first = first.filter(pl.col("known_at") == soonest)  # none that came after a later one
    assert walk.stamp.tolist() == micros(first["timestamp"]).tolist()
    assert walk.known.tolist() == micros(first["known_at"]).tolist()
    for row, name in enumerate(COLUMNS):
        np.testing.assert_allclose(walk.bars[row], floats(first[name]), rtol=1e-12)


def test_a_walk_never_goes_back() -> None:
    walk = walked(minutes(3, 2000, seed=2), "5m")
    for span in walk.segments.values():
        assert (np.diff(walk.known[span]) >= 0).all()
        assert (np.diff(walk.stamp[span]) > 0).all()


def test_a_day_that_comes_after_the_next_is_left_out() -> None:
    table = days(A=[1.0, 2.0, 3.0]).table
    late = pl.when(pl.col("close") == 2).then(pl.col("known_at") + timedelta(days=2))
    panel = Panel(table.with_columns(known_at=late.otherwise("known_at")))
    assert walked(panel, "1d").close.tolist() == [1.0, 3.0]


def test_a_bar_without_a_close_is_none() -> None:
    assert walked(days(A=[1.0, None, 3.0], B=[None, None, 1.0]), "1d").close.tolist() == [1, 3, 1]


def test_an_empty_panel_has_no_bars() -> None:
    assert walked(Panel(days(A=[1.0]).table.clear()), "5m").bars.shape == (5, 0)


def test_bars_need_a_close() -> None:
    with pytest.raises(BadTable, match="the bars have no column 'close'"):
        walked(Panel(days(A=[1.0]).table.rename({"close": "price"})), "1d")


def test_scales_are_those_that_fit_the_bars() -> None:
    assert fitting(minutes(1, 50, seed=1)) == ("5m", "15m", "30m", "1h")
    assert fitting(days(A=[1.0, 2.0, 3.0])) == ("1d", "1w")
    assert fitting(days(A=[1.0])) == ()
    every = days(A=[float(n) for n in range(400)])
    months = Panel(every.table.filter(pl.col("session").dt.day() == 1))
    assert fitting(months) == ("1mo",)
    assert len(walked(months, "1mo").close) == len(months)  # as they are, whatever the calendar
    quarters = Panel(every.table.filter(pl.col("session").dt.ordinal_day() % 90 == 1))
    with pytest.raises(Misuse, match="bars that are 90 days apart: give bars of a month"):
        fitting(quarters)
