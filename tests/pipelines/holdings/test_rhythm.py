"""Whose sessions dates keep, told by the dates of every kind of market that can be made."""

from datetime import date

import polars as pl
import pytest

from tradewind.data.synthetic import make_market
from tradewind.pipelines.holdings.rhythm import calendars_of


@pytest.mark.parametrize(
    ("kind", "freq", "keeps"),
    [
        ("equity", "1d", "XNYS"),
        ("etf", "1h", "XNYS"),
        ("crypto", "1d", "24/7"),
        ("crypto", "1h", "24/7"),
        ("fx", "1d", "24/5"),
        ("property", "1mo", "month"),
    ],
)
def test_the_dates_of_a_made_market_keep_its_calendar(kind: str, freq: str, keeps: str) -> None:
    panel = make_market(kind, 3, 300, freq, seed=2).panel
    days = panel.table.select("symbol", "session").unique(maintain_order=True)
    assert set(calendars_of(days)["calendar"]) == {keeps}


def test_dates_with_many_gaps_still_keep_their_calendar() -> None:
    panel = make_market("equity", 3, 300, seed=2, faults=["gaps"]).panel
    days = panel.table.select("symbol", "session").unique(maintain_order=True)
    thinned = days.filter(pl.int_range(pl.len()) % 7 != 0)
    assert set(calendars_of(thinned)["calendar"]) == {"XNYS"}


def test_a_calendar_that_is_asked_for_is_that_of_daily_dates_alone() -> None:
    daily = pl.date_range(date(2024, 1, 1), date(2024, 3, 1), eager=True)
    quarters = pl.date_range(date(2010, 1, 1), date(2024, 1, 1), "3mo", eager=True)
    days = pl.concat(
        pl.DataFrame({"symbol": name, "session": dates})
        for name, dates in {"BTC": daily, "GDP": quarters}.items()
    )
    assert dict(calendars_of(days, "XLON").rows()) == {"BTC": "XLON", "GDP": "quarter"}


def test_of_dates_without_a_rhythm_nothing_is_expected() -> None:
    steps = [1, 40, 3, 200, 11, 90, 5, 61, 400, 2]
    dates = pl.Series([date(2015, 1, 1)]).append(pl.Series([date(2015, 1, 1)] * len(steps)))
    dates = dates.dt.offset_by(pl.Series([0, *steps]).cum_sum().cast(pl.String) + "d")
    days = pl.DataFrame({"symbol": "X", "session": dates})
    assert calendars_of(days)["calendar"].to_list() == [None]


def test_a_symbol_of_few_dates_keeps_what_most_others_keep() -> None:
    days = pl.date_range(date(2024, 1, 1), date(2024, 3, 1), eager=True)
    new = pl.DataFrame({"symbol": "NEW", "session": days[-3:]})
    table = pl.concat([pl.DataFrame({"symbol": "OLD", "session": days}), new])
    assert dict(calendars_of(table).rows()) == {"OLD": "24/7", "NEW": "24/7"}
