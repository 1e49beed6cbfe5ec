"""The calendar says of a bar what is known in advance, and the season what earlier years did, as known."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tests.features.test_bars import revised_panel
from tradewind.core import Panel, find_calendar, stream
from tradewind.core.arrays import Floats
from tradewind.core.tables import floats
from tradewind.data.synthetic import Revisions, make_market
from tradewind.evaluation.contracts import check_feature_reader
from tradewind.features.bars import BarFeatures
from tradewind.features.registry import BARS
from tradewind.features.seasons.days import days_of
from tradewind.features.seasons.seasonal import SPECS, seasonal
from tradewind.features.seen import Seen

START = datetime(2024, 1, 1, tzinfo=UTC)


def said(panel: Panel, calendar: str = "XNYS") -> dict[str, Floats]:
    """Each feature of each answer."""
    values = seasonal(calendar).values(Seen(panel, panel.moments))
    return dict(zip((spec.name for spec in SPECS), values, strict=True))


def daily(first: date, days: int, calendar: str, seed: int = 1) -> Panel:
    sessions = find_calendar(calendar).sessions(first, first + timedelta(days=days))
    close = np.exp(stream(seed, "close").normal(0, 0.02, len(sessions)).cumsum())
    frame = pl.DataFrame({"date": sessions, "symbol": "A", "close": close})
    return Panel.from_frame(frame, calendar=calendar)


def test_thanksgiving_is_a_holiday_and_the_day_after_is_short() -> None:
    days = days_of(find_calendar("XNYS"), date(2024, 11, 26), date(2024, 12, 5))
    assert days["session"].dt.day().to_list() == [26, 27, 29, 2, 3, 4, 5]
    assert days["holiday_after"].to_list() == [0, 1, 0, 0, 0, 0, 0]
    assert days["holiday_before"].to_list() == [0, 0, 1, 0, 0, 0, 0]
    assert days["session_hours"].to_list() == [6.5, 6.5, 3.5, 6.5, 6.5, 6.5, 6.5]
    assert days["next_session_hours"].to_list() == [6.5, 3.5, 6.5, 6.5, 6.5, 6.5, 6.5]
    assert days["turn_of_month"].to_list() == [0, 0, 1, 1, 1, 1, 0]
    assert days["days_from_session"].to_list() == [1, 1, 2, 3, 1, 1, 1]


@pytest.mark.parametrize("calendar", ["XNYS", "XLON", "24/7", "24/5"])
def test_what_is_said_of_a_session_is_what_the_calendar_shows(calendar: str) -> None:
    found = find_calendar(calendar)
    every = found.sessions(date(2022, 1, 1), date(2024, 12, 31)).to_list()
    days = days_of(found, date(2023, 1, 1), date(2023, 12, 31))
    for row in days.iter_rows(named=True):
        place = every.index(row["session"])
        session, after = row["session"], every[place + 1]
        month = [
            other for other in every if (other.year, other.month) == (session.year, session.month)
        ]
        quarter = [
            other
            for other in every
            if other.year == 2023 and (other.month - 1) // 3 == (session.month - 1) // 3
        ]
        assert row["sessions_to_month_end"] == len(month) - 1 - month.index(session)
        assert row["sessions_to_quarter_end"] == len(quarter) - 1 - quarter.index(session)
        assert row["days_to_session"] == (after - session).days
        skipped = [session + timedelta(days=n) for n in range(1, (after - session).days)]
        assert row["holiday_after"] == any(day.weekday() < 5 for day in skipped)
        assert row["month_ahead"] == after.year * 12 + after.month - 1
    assert len(days) >= 250


def test_one_session_alone_is_told_what_it_is_told_in_a_year() -> None:
    calendar = find_calendar("XNYS")
    year = days_of(calendar, date(2023, 1, 1), date(2023, 12, 31))
    for day in year["session"][::20]:
        assert days_of(calendar, day, day).equals(year.filter(pl.col("session") == day))


def test_months_have_no_holidays() -> None:
    days = days_of(find_calendar("month"), date(2023, 1, 1), date(2023, 12, 1))
    assert days["holiday_after"].null_count() == 12
    assert days["days_to_session"].to_list()[:3] == [31, 28, 31]


def test_a_minute_knows_how_much_of_its_session_is_over() -> None:
    market = make_market("equity", 1, 390 * 2, "1m", 3)
    whole = (market.panel.table.select(pl.len().over("session")).to_series() == 390).to_numpy()
    values = {name: row[whole] for name, row in said(market.panel).items()}
    assert values["session_share"][:390] == pytest.approx(np.arange(1, 391) / 390)
    assert values["session_cosine"][194] == pytest.approx(-1)
    assert values["session_sine"][[96, 97]] == pytest.approx([1, 1], abs=1e-3)
    assert values["days_since_bar"][1] == pytest.approx(1 / 1440)


def test_a_bar_on_a_day_without_a_session_has_no_place_in_the_calendar() -> None:
    values = said(daily(date(2024, 1, 5), 3, "24/7"), "XNYS")
    assert values["day_of_week"].tolist() == [5, 6, 7, 1]
    assert np.isnan(values["days_to_session"]).tolist() == [False, True, True, False]
    assert np.isnan(values["session_share"]).tolist() == [False, True, True, False]


def test_bars_that_lie_decades_apart_are_each_told_of_their_own_days() -> None:
    days = [date(1969, 12, 31), date(2024, 1, 12), date(2024, 11, 29)]
    frame = pl.DataFrame({"date": days, "symbol": "A", "close": 1.0})
    values = said(Panel.from_frame(frame, calendar="24/7"), "XNYS")
    assert values["day_of_week"].tolist() == [3, 5, 5]
    assert values["month"].tolist() == [12, 1, 11]
    assert values["days_to_session"].tolist() == [2, 4, 3]
    assert values["session_hours"].tolist() == [6.5, 6.5, 3.5]


def season_by_definition(panel: Panel, at: int) -> float:
    """Of the month of the next session, the mean return in up to five years before."""
    table = panel.table[: at + 1].with_columns(month=pl.col("session").dt.truncate("1mo"))
    ends = table.group_by("month").agg(pl.col("close").last().log()).sort("month")
    closes = dict(zip(ends["month"], ends["close"], strict=True))
    ahead = (table["session"][-1] + timedelta(days=1)).replace(day=1)
    returns = []
    for years in range(1, 6):
        month = ahead.replace(year=ahead.year - years)
        before = (month - timedelta(days=1)).replace(day=1)
        if month in closes and before in closes:
            returns.append(closes[month] - closes[before])
    return float(np.mean(returns)) if len(returns) >= 2 else np.nan


def test_the_season_is_what_its_definition_says() -> None:
    panel = daily(date(2015, 3, 10), 3300, "24/7")
    season = said(panel, "24/7")["season"]
    for at in range(0, 3300, 97):
        assert season[at] == pytest.approx(season_by_definition(panel, at), rel=1e-9, nan_ok=True)
    assert np.isfinite(season).sum() > 2000


def test_the_season_forgets_what_its_lookback_does_not_reach() -> None:
    panel, spec = daily(date(2015, 3, 10), 3300, "24/7"), SPECS[-1]
    shorter = Panel(panel.table.tail(spec.lookback))
    assert said(shorter, "24/7")["season"][-1] == said(panel, "24/7")["season"][-1]


def test_a_price_that_is_none_ends_no_month() -> None:
    table = daily(date(2019, 1, 1), 1500, "24/7").table
    last = pl.col("session") == date(2021, 1, 31)
    bad, earlier = (
        Panel(table.with_columns(close=pl.when(last).then(price).otherwise("close")))
        for price in (pl.lit(-37.0), pl.col("close").shift(1))
    )
    assert np.array_equal(
        said(bad, "24/7")["season"], said(earlier, "24/7")["season"], equal_nan=True
    )


def test_every_moment_sees_what_its_snapshot_would_show() -> None:
    long = revised_panel(2, 1100)
    hours = sorted(stream(1, "m").choice(np.arange(800 * 24, 1100 * 24), 25, False))
    moments = [START + timedelta(hours=int(hour)) for hour in hours]
    values, seen = seasonal("24/7").values(Seen(long, moments)), Seen(long, moments)
    assert long.revised > 50
    for k, at in enumerate(moments):
        shown = seasonal("24/7").values(Seen(Panel(long.as_of(at).table), [at]))
        assert np.array_equal(values[:, seen.moment == k], shown, equal_nan=True)
    assert np.isfinite(values[-1]).all()


def test_the_reader_passes_the_battery_on_a_market_that_is_corrected() -> None:
    made = make_market("equity", 4, 800, seed=5, plants=[Revisions(0.05)])
    reader = BarFeatures(families=(BARS, seasonal()))
    times = made.panel.moments[770:]
    assert floats(reader(made, times).table["season"]).all()
    assert check_feature_reader(reader, made, times, stream(1, "cuts"), 6) == ()


def test_no_bars_have_no_features() -> None:
    panel = daily(date(2024, 1, 5), 3, "24/7")
    assert seasonal("24/7").values(Seen(panel, [START - timedelta(days=9)])).shape == (
        len(SPECS),
        0,
    )
