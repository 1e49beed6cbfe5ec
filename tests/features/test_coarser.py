"""A longer bar is there once it is complete, never before, and is corrected when one of its bars is."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tests.features.test_bars import DAY, START, revised_panel
from tests.features.test_realised import intraday_panel
from tradewind.core import Market, Panel
from tradewind.core.coarser import Every, coarser
from tradewind.core.errors import Misuse
from tradewind.data.synthetic import Revisions, make_market
from tradewind.features.bars import BarFeatures
from tradewind.features.calendars import Calendars
from tradewind.features.coarser import Coarser
from tradewind.features.computing import compute
from tradewind.features.families import Family
from tradewind.features.registry import ALPHA158, BARS, REALISED
from tradewind.features.seen import Seen


def days(dates: list[str], **columns: object) -> Panel:
    """Days of one symbol."""
    return Panel.from_frame(pl.DataFrame({"date": dates, "symbol": "ACME", **columns}))


COINS = Calendars("24/7")
FORTNIGHT = [f"2024-01-{day:02}" for day in (2, 3, 4, 5, 8, 9, 10, 11, 12)]


def known(panel: Panel) -> list[tuple[date, int]]:
    """(day, hour) at which each version became known."""
    return [(at.date(), at.hour) for at in panel.table["known_at"]]


def test_a_week_is_its_extremes_its_sum_its_first_and_its_last() -> None:
    bars = {"open": range(9), "high": [5, 9, 5, 5, *range(5)], "low": [3, 2, 1, 3, *range(5)]}
    week = coarser(days(FORTNIGHT, **bars, close=range(9), volume=range(9)), "1w")
    assert week.table.select("open", "high", "low", "close", "volume").rows() == [
        (0, 9, 1, 3, 6),
        (4, 4, 0, 8, 30),
    ]
    assert known(week) == [(date(2024, 1, 5), 21), (date(2024, 1, 12), 21)]


def test_a_week_without_its_last_day_is_known_with_the_first_of_the_next() -> None:
    panel = days([day for day in FORTNIGHT if day != "2024-01-05"], close=range(8))
    assert known(coarser(panel, "1w")) == [(date(2024, 1, 8), 21), (date(2024, 1, 12), 21)]


def test_a_week_ends_early_where_its_last_session_does() -> None:
    """Good Friday 2024 was the 29th of March, so the week ended on Thursday."""
    week = coarser(days(["2024-03-27", "2024-03-28"], close=[1, 2]), "1w")
    assert known(week) == [(date(2024, 3, 28), 20)]


def test_a_last_day_that_is_published_late_keeps_its_week_back() -> None:
    arrivals = [f"{day}T22:00Z" for day in FORTNIGHT]
    arrivals[3] = "2024-01-07T12:00Z"
    week = coarser(days(FORTNIGHT, close=range(9), known_at=arrivals), "1w")
    assert known(week)[0] == (date(2024, 1, 7), 12)
    assert week.table["close"].to_list() == [3, 8]


def test_a_correction_of_a_day_is_a_new_version_of_its_week_and_of_no_other() -> None:
    panel = days(
        [*FORTNIGHT, "2024-01-04", "2024-01-10"],
        high=[0, 1, 2, 3, 4, 5, 6, 7, 8, 7, 5],
        close=[0, 1, 2, 3, 4, 5, 6, 7, 8, 7, 5],
        known_at=[
            *(f"{day}T22:00Z" for day in FORTNIGHT),
            "2024-01-09T12:00Z",  # of a week that is over
            "2024-01-11T12:00Z",  # of one that is not
        ],
    )
    week = coarser(panel, "1w")
    assert known(week) == [(date(2024, 1, 5), 22), (date(2024, 1, 9), 12), (date(2024, 1, 12), 22)]
    assert week.table["high"].to_list() == [3, 7, 8]


def test_what_one_bar_lacks_the_longer_one_lacks() -> None:
    volume = [1.0, None, *[1.0] * 7]
    week = coarser(days(FORTNIGHT, close=range(9), volume=volume), "1w").table
    assert week["volume"].to_list() == [None, 5]


def test_an_hour_is_of_the_minutes_that_ended_in_it() -> None:
    minutes = pl.datetime_range(
        datetime(2024, 1, 2, 15, 1), datetime(2024, 1, 2, 17, 30), "1m", eager=True
    )
    frame = pl.DataFrame({"timestamp": minutes, "symbol": "ACME"}).with_row_index("close")
    hour = coarser(Panel.from_frame(frame, stamps="end", tz="UTC"), "1h").table
    assert hour["close"].to_list() == [59, 119]
    assert [at.hour for at in hour["known_at"]] == [16, 17]


def test_what_trades_after_the_close_belongs_to_the_next_day() -> None:
    stamps = [datetime(2024, 1, day, hour, tzinfo=UTC) for day in (2, 3) for hour in (20, 21, 23)]
    frame = pl.DataFrame({"timestamp": stamps, "symbol": "ACME", "close": range(6)})
    day = coarser(Panel.from_frame(frame, stamps="end"), "1d").table
    assert day["close"].to_list() == [1, 4]


@pytest.mark.parametrize(
    ("every", "panel"),
    [("1w", revised_panel(3)), ("1mo", revised_panel(3)), ("15m", intraday_panel())],
)
def test_longer_bars_of_what_was_known_are_the_longer_bars_known(
    every: Every, panel: Panel
) -> None:
    whole = coarser(panel, every, "24/7")
    assert whole.revised > 0
    for at in panel.table["known_at"].unique().sort().gather_every(41):
        assert coarser(panel.until(at), every, "24/7") == whole.until(at)
    snapshot = coarser(Panel(panel.as_of(at).table), every, "24/7")
    assert snapshot.as_of(at) == whole.as_of(at)


@pytest.mark.parametrize("family", [BARS, ALPHA158, REALISED])
def test_a_family_on_weeks_reads_the_same_bits_live_as_in_a_history(family: Family) -> None:
    weekly, panel = Coarser(family, "1w", COINS), revised_panel(3, 300)
    moments = [START + timedelta(hours=12) + DAY * day for day in range(3, 298, 3)]
    seen = Seen(panel, moments)
    values, compared = weekly.values(seen), 0
    for k in range(0, len(moments), 12):
        alone = weekly.values(Seen(panel.until(moments[k]), [moments[k]]))
        assert np.array_equal(alone, values[:, seen.moment == k], equal_nan=True)
        compared += int(np.isfinite(alone).sum())
    assert compared > 50


def test_weeks_and_days_stand_side_by_side() -> None:
    market = Market({"bars": revised_panel(3)})
    families = (BARS, Coarser(BARS, "1w", COINS))
    rows = BarFeatures(families=families)(market, market.panel.moments[-5:])
    assert {"return_1", "return_1_1w"} <= {*rows.features}
    week = rows.table.group_by("symbol").agg(pl.col("return_1_1w").n_unique())
    assert week["return_1_1w"].max() <= 2


def test_before_anything_is_complete_there_is_nothing() -> None:
    panel = days(FORTNIGHT[:3], close=range(3))
    assert len(coarser(panel, "1w")) == 0
    assert np.isnan(Coarser(BARS, "1w").values(Seen(panel, panel.moments))).all()
    assert len(coarser(coarser(panel, "1w"), "1mo")) == 0


def test_a_length_that_nobody_knows_is_refused() -> None:
    with pytest.raises(Misuse, match="bars of '2w': choose from 15m, 1d"):
        coarser(days(FORTNIGHT, close=range(9)), "2w")  # type: ignore[arg-type]


def stamped(*stamps: datetime, symbol: str = "ACME", late: timedelta = timedelta()) -> Panel:
    """Bars that end then; those of the first half are known so much later."""
    known = [at + late * (place < len(stamps) // 2) for place, at in enumerate(stamps)]
    frame = pl.DataFrame({"timestamp": stamps, "symbol": symbol, "known_at": known})
    return Panel.from_frame(frame.with_columns(close=1.0), calendar="24/7", stamps="end")


NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)
TEN_DAYS = [NOON + DAY * day for day in range(10)]
HOURS = [NOON + DAY * 10 + timedelta(hours=hour) for hour in range(10)]


@pytest.mark.parametrize("every", ["5m", "1h", "4h"])
def test_days_are_no_hours(every: Every) -> None:
    family = Coarser(BARS, every)
    assert len(family.bars(stamped(*TEN_DAYS))) == 0
    assert np.isnan(family.values(Seen(stamped(*TEN_DAYS), TEN_DAYS))).all()
    with pytest.raises(Misuse, match=f"'bars@{every}' of bars that are longer than {every}, such"):
        compute(stamped(*TEN_DAYS), f"bars@{every}")
    assert len(Coarser(BARS, "1d", COINS).bars(stamped(*TEN_DAYS))) == 9


def test_beside_days_hours_are_told_of_those_whose_bars_are_as_short() -> None:
    hours, days = stamped(*HOURS), stamped(*TEN_DAYS, symbol="DAILY")
    both = Panel.from_frame(
        pl.concat([one.table.cast({"symbol": pl.String}) for one in (hours, days)])
    )
    told = compute(both, ["return_1@1h"]).group_by("symbol").agg(pl.col("return_1_1h").count())
    assert {*told.rows()} == {
        ("ACME", 8),
        ("DAILY", 0),
    }  # neither of the first hour nor of the second


def test_days_before_the_hours_begin_are_none_either_nor_a_first_hour_that_stands_alone() -> None:
    longer = Coarser(BARS, "1h").bars(stamped(*TEN_DAYS, *HOURS))
    assert longer.moments == tuple(HOURS[1:])


@pytest.mark.parametrize("late", [timedelta(), timedelta(hours=30)])
def test_that_bars_are_short_is_known_no_sooner_than_they_are(late: timedelta) -> None:
    minutes = [NOON + timedelta(minutes=37 * n) for n in range(12)]
    panel, family = stamped(*minutes, *HOURS, late=late), Coarser(BARS, "1h")
    whole = family.bars(panel)
    for at in panel.table["known_at"].unique():
        assert family.bars(panel.until(at)) == whole.until(at)
    assert len(whole) > 10


def test_the_first_fine_bars_of_a_revised_panel_are_what_was_known() -> None:
    panel = make_market("crypto", 2, 200, "1h", 3, plants=[Revisions(0.05)]).panel
    for family in (Coarser(BARS, "1h", COINS), Coarser(BARS, "4h", COINS)):
        whole = family.bars(panel)
        for at in panel.table["known_at"].unique().sort().gather_every(23):
            assert family.bars(panel.until(at)) == whole.until(at)
        assert whole.revised > 10
