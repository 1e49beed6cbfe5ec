"""When the bars of a made market are complete."""

from datetime import date, time, timedelta

import polars as pl

from tradewind.core import find_calendar
from tradewind.data.synthetic import make_market
from tradewind.data.synthetic.grid import make_grid
from tradewind.data.synthetic.kinds import find_kind

NEW_YORK = "America/New_York"


def stamps(kind: str, freq: str, periods: int) -> pl.DataFrame:
    table = make_market(kind, 1, periods, freq).panel.table
    return table.with_columns(local=pl.col("timestamp").dt.convert_time_zone(NEW_YORK))


def test_daily_bars_are_complete_at_the_close_of_their_session() -> None:
    table = stamps("equity", "1d", 600)
    closes = find_calendar("XNYS").closes(table["session"])
    assert table["timestamp"].equals(closes.alias("timestamp"))
    assert table.filter(pl.col("local").dt.hour() == 13)["session"].to_list()[-1] == date(
        2024, 12, 24
    )


def test_minutes_of_an_exchange_lie_in_its_hours_and_half_days_have_fewer() -> None:
    table = stamps("equity", "1m", 390 * 8)
    hours = table["local"].dt.time()
    assert hours.min() == time(9, 31)
    assert hours.max() == time(16)
    bars = table.group_by("session").len()
    assert bars.filter(pl.col("session") == date(2024, 12, 24))["len"].item() == 210


def test_the_last_hour_of_a_session_is_the_shorter_for_it() -> None:
    bars = make_grid(find_kind("equity"), "1h", 13).bars
    assert bars["share"].tail(7).sum() == 1.0
    assert abs(bars["share"][-1] * 13 - 1) < 1e-12


def test_round_the_clock_means_every_minute_of_every_day() -> None:
    steps = stamps("crypto", "1m", 1440 * 4)["timestamp"].diff().drop_nulls()
    assert steps.unique().to_list() == [timedelta(minutes=1)]


def test_currencies_rest_from_friday_to_sunday_evening_in_new_york() -> None:
    table = stamps("fx", "1h", 24 * 300)
    pauses = table.filter(pl.col("timestamp").diff() > timedelta(hours=1))
    assert len(pauses) == 60
    assert set(pauses["local"].dt.weekday()) == {7}
    assert set(pauses["local"].dt.hour()) == {18}


def test_the_month_is_known_forty_five_days_after_it_is_complete() -> None:
    table = make_market("property", 2, 24).panel.table
    assert (table["known_at"] - table["timestamp"]).unique().to_list() == [timedelta(days=45)]
    assert table["timestamp"].dt.day().unique().to_list() == [1]


def test_opens_of_every_calendar_precede_its_closes() -> None:
    for name in ("XNYS", "24/7", "24/5", "month+45d"):
        calendar = find_calendar(name)
        days = calendar.sessions(date(2024, 3, 1), date(2024, 4, 1))
        lengths = calendar.closes(days) - calendar.opens(days)  # type: ignore[attr-defined]
        assert (lengths > timedelta(hours=6)).all()
    spring = pl.Series([date(2024, 3, 11)])
    sunday = find_calendar("24/5").opens(spring)  # type: ignore[attr-defined]
    assert sunday.dt.convert_time_zone(NEW_YORK)[0].isoformat() == "2024-03-10T17:00:00-04:00"
