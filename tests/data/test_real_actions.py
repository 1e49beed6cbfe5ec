"""Nineteen years of twelve real tickers: their splits become ordinary days, and only those."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tradewind.core import Panel, find_calendar
from tradewind.core.tables import physical
from tradewind.data.actions import adjusted, adjusted_as_of
from tradewind.data.quality.checks import verdicts_on
from tradewind.data.quality.gate import Gate
from tradewind.data.quality.recorded import unshown
from tradewind.data.sources.lean import actions_of, instruments_of

DAYS = {
    ("AAPL", date(2000, 6, 21)), ("AAPL", date(2005, 2, 28)), ("AAPL", date(2014, 6, 9)),
    ("BAC", date(2004, 8, 30)), ("BNO", date(2013, 8, 29)), ("GOOGL", date(2014, 4, 3)),
    ("IBM", date(1999, 5, 27)), ("QQQ", date(2000, 3, 20)),
}  # fmt: skip


@pytest.fixture(scope="module")
def bars(shared: Path) -> Panel:
    folder = shared / "data" / "equities"
    raw = pl.read_parquet(folder / "etf_equity_daily_unadjusted.parquet")
    names = instruments_of(pl.read_parquet(folder / "symbol_map.parquet"))
    return names.named(Panel.from_frame(raw, stamps="session"))


@pytest.fixture(scope="module")
def factors(shared: Path) -> pl.DataFrame:
    return pl.read_parquet(shared / "data" / "equities" / "adjustment_factors.parquet")


@pytest.fixture(scope="module")
def actions(factors: pl.DataFrame) -> Panel:
    return actions_of(factors)


def moves(panel: Panel) -> dict[tuple[str, date], float]:
    """Each day's log return."""
    moved = panel.table.select(
        pl.col("symbol").cast(pl.String), "session", pl.col("close").log().diff().over("symbol")
    ).drop_nulls()
    return {(name, day): move for name, day, move in moved.rows()}


def test_cumulative_factors_are_the_splits_that_there_were(actions: Panel) -> None:
    split = actions.table.filter(
        (pl.col("split") - 1).abs() > 0.01, pl.col("session").dt.year() < 2017
    )
    assert {(name, day) for name, day in split.select("symbol", "session").rows()} == DAYS
    seven = split.filter(pl.col("session") == date(2014, 6, 9))
    assert seven["split"].to_list() == [7.0]


def test_the_dividends_are_those_that_were_paid(actions: Panel) -> None:
    apple = actions.table.filter(pl.col("symbol") == "AAPL", pl.col("session").dt.year() == 2012)
    assert [
        (str(day), round(cash, 2)) for day, cash in apple.select("session", "dividend").rows()
    ] == [
        ("2012-08-09", 2.65),
        ("2012-11-07", 2.65),
    ]


def test_returns_over_split_days_become_ordinary_and_no_other_day_changes_much(
    bars: Panel, actions: Panel
) -> None:
    raw, worth = moves(bars), moves(adjusted(bars, actions))
    assert all(abs(raw[day]) > 0.5 for day in DAYS)
    assert all(abs(worth[day]) < 0.1 for day in DAYS)
    assert max(abs(worth[day] - raw[day]) for day in raw if day not in DAYS) < 0.05


def test_the_view_of_the_last_day_is_that_of_the_factors(
    bars: Panel, actions: Panel, factors: pl.DataFrame
) -> None:
    told = adjusted_as_of(bars, actions, bars.moments[-1])
    raw = bars.as_of(bars.moments[-1])
    compared = 0
    for name, span in raw.segments.items():
        mine = factors.filter(pl.col("symbol") == name).sort("timestamp")
        if len(mine) and name != "QQQ":  # six years of its bars, and the closes before, are missing
            until = physical(mine["timestamp"].cast(pl.Date))
            row = np.searchsorted(until, physical(raw.table["session"][span]))
            factor = (mine["price_factor"] * mine["split_factor"]).to_numpy()[row]
            expected = raw.numpy("close")[span] * factor / factor[-1]
            assert np.abs(told.numpy("close")[span] / expected - 1).max() < 1e-4
            compared += 1
    assert compared == 10


def test_no_split_on_record_is_told_as_one_that_is_not(bars: Panel, actions: Panel) -> None:
    assert unshown(bars, actions) == ()
    calendar = find_calendar("XNYS")
    before = verdicts_on(bars, calendar).filter(pl.col("check") == "bars.split")
    after = Gate(actions=actions)(bars).verdicts.filter(pl.col("check") == "bars.split")
    assert (len(before), len(after)) == (10, 2)
