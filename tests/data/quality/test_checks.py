"""Each check finds its fault, says why, and leaves what only looks like it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tests.data.quality.conftest import at, bars, days, told, walk
from tradewind.core import Panel
from tradewind.data.quality.checks import CHECKS, inspectors


def test_a_bar_out_of_order_says_which_swap_would_mend_it() -> None:
    table = bars(walk(30))
    high, low = table["high"][20], table["low"][20]
    found = told(table.with_columns(at(20, "high", low), at(20, "low", high)), check="bars.order")
    assert found["severity"].to_list() == ["error"]
    assert found["reason"][0].endswith("; high and low look swapped")


def test_a_rounding_error_is_not_out_of_order() -> None:
    table = bars(walk(30)).with_columns(high=pl.max_horizontal("open", "close") * (1 - 1e-12))
    assert told(table, check="bars.order").is_empty()


def test_a_price_of_zero_is_an_error_and_one_below_zero_is_told_and_kept() -> None:
    zero = bars(walk(30), "ZERO").with_columns(at(20, "low", 0.0))
    assert told(zero, check="bars.not_positive")["severity"].to_list() == ["error"]
    oil = bars(np.append(walk(30), [-37.63])).with_columns(high=pl.max_horizontal("open", "close"))
    oil = oil.with_columns(low=pl.min_horizontal("open", "close"))
    assert told(oil, check="bars.negative")["severity"].to_list() == ["warning"]
    assert told(oil, check="bars.order").is_empty()


def test_movement_on_no_volume_is_told_and_a_halt_is_not() -> None:
    moved = bars(walk(30)).with_columns(at(20, "volume", 0.0))
    assert told(moved, check="bars.no_volume")["reason"][0].startswith("volume 0, close")
    still = bars(np.full(30, 9.0), volume=0.0).with_columns(high="close", low="close")
    assert told(still, check="bars.no_volume").is_empty()


def test_close_and_volume_that_changed_places_are_seen_without_a_range() -> None:
    table = bars(walk(40)).select("date", "symbol", "close", "volume")
    close, volume = table["close"][30], table["volume"][30]
    found = told(
        table.with_columns(at(30, "close", volume), at(30, "volume", close)), check="bars.swapped"
    )
    assert found["reason"].to_list() == [f"close 1000 and volume {close:g} look swapped"]


def spiked(row: int = 40, by: float = 1.4) -> pl.DataFrame:
    """A close far off for one bar; the next opens where the one before it closed."""
    table = bars(walk(80))
    close = table["close"][row] * by
    return table.with_columns(
        at(row, "close", close), at(row, "high", close), at(row + 1, "open", close / by)
    )


def test_a_spike_is_condemned_when_the_bar_after_it_is_known() -> None:
    found = told(spiked(), check="bars.spike")
    assert found.select("severity", "reason").rows() == [("error", found["reason"][0])]
    assert found["reason"][0].endswith("in log and back")
    assert found["verdict_known_at"][0] - found["known_at"][0] == timedelta(days=1)


def test_a_flash_crash_that_was_traded_is_no_spike() -> None:
    closes = walk(80)
    closes[40] *= 0.6  # the next bar opens there, and trades its way back
    assert told(bars(closes), check="bars.spike").is_empty()


def test_a_leap_of_a_value_for_a_day_is_told_and_kept() -> None:
    closes = walk(80)
    closes[40] *= 2.2
    values = bars(closes).select("date", "symbol", "close")
    assert told(values, check="bars.spike").is_empty()
    assert told(values, check="bars.reversal")["severity"].to_list() == ["warning"]


def test_a_month_may_be_named_by_its_last_day() -> None:
    ends = pl.date_range(pl.date(2010, 1, 31), pl.date(2015, 12, 31), "1mo", eager=True)
    table = pl.DataFrame({"date": ends, "symbol": "A", "close": walk(72)})
    assert told(table, calendar="month", check="clock.no_session").is_empty()
    hole = table.filter(pl.int_range(pl.len()) != 60)
    assert len(told(hole, calendar="month", check="gaps.missing")) == 1


def test_a_crash_and_a_leap_that_stay_are_kept() -> None:
    closes = walk(80)
    closes[30:] *= 0.55
    closes[50:] *= 1.7
    panel = Panel.from_frame(bars(closes))
    assert told(bars(closes), check="bars.jump")["severity"].to_list() == ["warning"] * 2
    errors = [one for look in inspectors("XNYS") for one in look(panel) if one.severity == "error"]
    assert errors == []


def test_a_smaller_reversal_is_told_and_kept() -> None:
    found = told(spiked(by=1.1), check="bars.reversal")
    assert found["severity"].to_list() == ["warning"]


def test_a_split_is_told_by_its_ratio_and_its_volume_and_a_crash_of_no_ratio_is_not() -> None:
    closes = walk(80)
    closes[40:] /= 7
    volume = pl.Series(np.where(np.arange(80) < 40, 1000.0, 7000.0))
    split = bars(closes).with_columns(volume=volume).with_columns(at(40, "open", closes[40]))
    assert told(split, check="bars.split")["reason"].to_list() == ["looks like 7 for 1"]
    crash = walk(80)
    crash[40:] *= 0.28
    crashed = bars(crash).with_columns(at(40, "open", crash[40]), at(40, "volume", 2000.0))
    assert told(crashed, check="bars.split").is_empty()


@pytest.mark.parametrize("power", [1e2, 1e3, 1e5, 1e-2, 1e-5])
def test_a_power_of_ten_is_another_unit_and_not_a_price(power: float) -> None:
    closes = walk(80)
    closes[40:42] *= power
    table = bars(closes).with_columns(open="close", high="close", low="close")
    found = told(table, check="units.change")
    assert found["severity"].to_list() == ["error"] * 2
    assert "times its usual level" in found["reason"][0]


def test_a_pair_of_currencies_in_points_is_told_with_its_divisor() -> None:
    tables = [
        bars(walk(40, start=level), name)
        for name, level in [("EURUSD", 131_000.0), ("USDJPY", 81_000.0), ("GBPUSD", 1.5)]
    ]
    found = told(*tables, check="units.points").sort("symbol")
    assert found["symbol"].to_list() == ["EURUSD", "USDJPY"]
    assert [reason.rpartition(" ")[2] for reason in found["reason"]] == ["100000", "1000"]


def test_a_feed_that_stands_still_is_told_from_the_tenth_bar() -> None:
    closes = walk(60)
    closes[30:45] = closes[30]
    table = bars(closes).with_columns(open="close", high="close", low="close")
    assert told(table, check="bars.stale")["reason"].to_list() == [
        f"close {closes[30]:g} for {count} bars in a row" for count in range(10, 16)
    ]


def test_missing_bars_are_told_at_the_bar_after_them() -> None:
    table = bars(walk(80)).filter(~pl.int_range(pl.len()).is_in([50, 51, 60]))
    assert told(table, check="gaps.missing")["reason"].str.extract(r"^(\d+)").to_list() == [
        "2",
        "1",
    ]


def minutes(count: int, keep: float = 1.0) -> pl.DataFrame:
    start = datetime(2024, 3, 4, tzinfo=UTC)
    moments = [start + timedelta(minutes=n + 1) for n in range(count)]
    close = walk(count, step=1e-4)
    table = pl.DataFrame({"time": moments, "symbol": "BTC", "close": close, "open": close})
    table = table.with_columns(high=pl.col("close") * 1.001, low=pl.col("close") * 0.999)
    kept = np.random.Generator(np.random.PCG64(1)).random(count) < keep
    return table.filter(pl.Series(kept))


def test_quiet_minutes_without_bars_are_no_gap_and_an_hour_without_is_one() -> None:
    table = minutes(3000, keep=0.7)
    assert told(table, calendar="24/7", check="gaps.missing", stamps="end").is_empty()
    hole = table.filter(~pl.col("time").is_between(table["time"][1000], table["time"][1070]))
    assert len(told(hole, calendar="24/7", check="gaps.missing", stamps="end")) == 1


def moved(table: pl.DataFrame, row: int, hours: int) -> pl.DataFrame:
    """The rows of a panel as a frame, one of them stamped some hours late."""
    rows = Panel.from_frame(table).table
    late = (
        pl.when(pl.int_range(pl.len()) == row).then(timedelta(hours=hours)).otherwise(timedelta())
    )
    return rows.with_columns(pl.col("timestamp") + late, pl.col("known_at") + late)


@pytest.mark.parametrize("hours", [-6, -1, 2, 9])
def test_a_daily_bar_stamped_hours_off_is_an_error(hours: int) -> None:
    found = told(moved(bars(walk(80)), 50, hours), check="clock.off_session")
    assert found["reason"].to_list() == [f"stamped {hours:+d} h from where its bars usually are"]


def session(hour: int, count: int, symbol: str = "SPY") -> pl.DataFrame:
    """Five days of minutes from an hour UTC in January, when New York opens at 14:30."""
    moments = [
        datetime(2024, 1, day, hour, tzinfo=UTC) + timedelta(minutes=n)
        for day in (8, 9, 10, 11, 12)
        for n in range(count)
    ]
    return pl.DataFrame({"time": moments, "symbol": symbol, "close": walk(len(moments), step=1e-4)})


def test_bars_outside_the_session_are_errors_but_not_where_that_is_the_habit() -> None:
    regular = session(15, 100)
    stray = pl.DataFrame(
        {"time": [datetime(2024, 1, 10, 3, tzinfo=UTC)], "symbol": "SPY", "close": 100.0}
    )
    stray = pl.concat([regular, stray]).sort("time")
    found = told(stray, check="clock.off_session", stamps="end")
    assert found["reason"].to_list() == ["stamped outside the session of 2024-01-09"]
    extended = session(9, 500)
    assert told(extended, check="clock.off_session", stamps="end").is_empty()


def test_a_bar_told_twice_is_found() -> None:
    table = bars(walk(40))
    table = table.with_columns(
        pl.when(pl.int_range(pl.len()) == 20)
        .then(pl.col(name).shift(1))
        .otherwise(name)
        .alias(name)
        for name in ("open", "high", "low", "close")
    )
    found = told(table, check="clock.told_twice")
    assert found["reason"].to_list() == ["the bar of a day before, again"]


def test_a_row_on_a_day_without_a_session_is_told() -> None:
    table = bars(walk(30)).with_columns(
        date=pl.when(pl.int_range(pl.len()) == 10).then(pl.date(2022, 1, 17)).otherwise("date")
    )
    table = table.unique("date", maintain_order=True).sort("date")
    assert told(table, check="clock.no_session")["reason"].to_list() == ["2022-01-17 is no session"]


def test_one_company_under_two_names_is_an_error_from_the_twentieth_bar() -> None:
    closes = walk(60)
    tables = [bars(closes, "AAPL"), bars(closes, "MSFT"), bars(walk(60, seed=2), "IBM")]
    found = told(*tables, check="identity.twins")
    assert set(found["symbol"].cast(pl.String)) == {"AAPL", "MSFT"}
    assert 70 <= len(found) <= 82


def test_one_series_under_two_names_is_told_and_kept() -> None:
    closes = walk(60)
    tables = [bars(closes, name).select("date", "symbol", "close") for name in ("Austria", "Italy")]
    assert set(told(*tables, check="identity.same_values")["severity"]) == {"warning"}


def test_two_names_that_stand_still_together_are_no_twins() -> None:
    tables = [bars(np.full(60, 7.8), name) for name in ("HKD", "USD")]
    assert told(*tables, check="identity.twins").is_empty()


def test_a_ticker_that_comes_back_as_another_company_is_told() -> None:
    table = bars(walk(400)).filter(~pl.int_range(pl.len()).is_between(40, 250))
    after = pl.int_range(pl.len()) >= 40
    prices = ["open", "high", "low", "close"]
    table = table.with_columns(pl.when(after).then(pl.col(prices) * 6).otherwise(pl.col(prices)))
    found = told(table, check="identity.reuse")
    assert found["severity"].to_list() == ["warning"]
    assert found["reason"][0].startswith("nothing since 2022-03-01, close")


def test_zeros_at_the_head_of_a_series_are_missing_once_the_values_after_tell_so() -> None:
    months = pl.date_range(pl.date(1871, 1, 1), pl.date(1880, 12, 1), "1mo", eager=True)
    values = np.where(np.arange(120) < 30, 0.0, walk(120, start=15))
    table = pl.DataFrame({"date": months, "series": "PE10", "close": values})
    found = told(table, calendar="month", check="missing.zero")
    assert len(found) == 30
    assert found["verdict_known_at"].n_unique() == 1
    assert found["verdict_known_at"][0].year == 1875


def test_a_zero_among_values_far_from_zero_is_missing_and_a_rate_of_zero_is_a_rate() -> None:
    index = bars(walk(60)).select("date", "symbol", "close")
    assert len(told(index.with_columns(at(50, "close", 0.0)), check="missing.zero")) == 1
    rate = index.with_columns(close=pl.Series(np.sin(np.arange(60.0) / 5).clip(0)))
    assert told(rate, check="missing.zero").is_empty()


def test_nulls_are_told_by_what_is_missing() -> None:
    table = bars(walk(30)).with_columns(
        open=pl.when(pl.int_range(pl.len()) == 5).then(None).otherwise("open"),
        close=pl.when(pl.int_range(pl.len()) == 9).then(None).otherwise("close"),
    )
    assert told(table, check="missing.part")["reason"].to_list() == ["no open"]
    assert told(table, check="missing.close")["reason"][0].startswith("no close at 2022-01-")


def test_the_first_value_below_zero_is_told_once() -> None:
    closes = walk(90)
    closes[70:75] = -1.0
    found = told(bars(closes).select("date", "symbol", "close"), check="values.negative")
    assert found["reason"].to_list() == ["value -1 after none below zero"]


def test_corrections_and_repeats_are_told_apart() -> None:
    table = bars(walk(5)).select("date", "symbol", "close").with_columns(known_at=pl.col("date"))
    later = table.with_columns(known_at=pl.col("date") + timedelta(days=3))
    corrected = later[[1]].with_columns(close=pl.col("close") * 1.1)
    both = pl.concat([table, corrected, later[[3]]])
    found = told(both, check="restatements.corrected")
    assert found["severity"].to_list() == ["info"]
    assert found["reason"][0].endswith("days later")
    assert len(told(both, check="restatements.repeated")) == 1


def test_every_check_has_a_name_of_its_own_and_a_remedy() -> None:
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names) == 25
    assert all(check.remedy and check.what for check in CHECKS)


def test_no_inspector_raises_on_a_panel_of_one_row_or_none_or_without_a_close() -> None:
    one = Panel.from_frame(bars([9.0]))
    none = Panel(one.table.clear())
    lone = Panel.from_frame(pl.DataFrame({"date": days(3), "symbol": "A", "mood": [1, 2, 3]}))
    for panel in (one, none, lone):
        for look in inspectors("XNYS"):
            assert list(look(panel)) == []
