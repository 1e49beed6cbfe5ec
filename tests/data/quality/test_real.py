"""What is wrong with real data is found in it, and what really happened stays."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from tests.data.quality.conftest import passed
from tradewind.core import Panel
from tradewind.core.errors import BadStamp
from tradewind.data.quality.gate import GateResult
from tradewind.data.quality.labels import compare_labels
from tradewind.data.quality.two_clocks import split_by_clocks

Read = Callable[..., pl.DataFrame]


@pytest.fixture(scope="module")
def read(shared: Path) -> Read:
    """A file of the samples, daily stamps as the dates they are."""

    @cache
    def frame(name: str, *, dates: bool = True) -> pl.DataFrame:
        table = pl.read_parquet(shared / "data" / f"{name}.parquet")
        return table.with_columns(pl.col("timestamp").dt.date()) if dates else table

    return frame


@pytest.fixture(scope="module")
def unadjusted(read: Read) -> GateResult:
    return passed(Panel.from_frame(read("equities/etf_equity_daily_unadjusted")))


def on(verdicts: pl.DataFrame, check: str) -> set[tuple[str, str]]:
    found = verdicts.filter(check=check)
    return {
        (str(symbol), f"{when:%Y-%m-%d}")
        for symbol, when in found.select("symbol", "timestamp").rows()
    }


def test_seven_symbols_with_one_companys_rows_are_all_named(read: Read) -> None:
    result = passed(Panel.from_frame(read("faults/equity_daily_mislabelled")))
    twins = result.verdicts.filter(check="identity.twins")
    assert twins["symbol"].n_unique() == 7
    assert len(twins) > 0.95 * 7735
    assert {day for _, day in on(result.verdicts, "bars.jump")} == {"2013-05-02"}


def test_mislabelled_case_shiller_columns_are_named_with_whose_values_they_carry(
    read: Read,
) -> None:
    wrong = read("faults/case_shiller_mislabelled").rename({"value": "close"})
    right = read("property/house_price_index").filter(
        source_index="case_shiller", seasonally_adjusted=False
    )
    right = right.select("region", "timestamp", close="value")
    found = compare_labels(
        Panel.from_frame(wrong, calendar="month"), Panel.from_frame(right, calendar="month")
    )
    told = {finding.where: finding.detail for finding in found}
    assert len(told) >= 10
    assert "those of 'San Francisco, CA'" in told["CO-Denver"]
    assert "those of 'Tampa, FL'" in told["WA-Seattle"]


def test_the_right_case_shiller_columns_are_not_told(read: Read) -> None:
    right = read("property/house_price_index").filter(
        source_index="case_shiller", seasonally_adjusted=False
    )
    panel = Panel.from_frame(right.select("region", "timestamp", close="value"), calendar="month")
    assert compare_labels(panel, panel) == []


def test_reused_tickers_are_told_where_the_other_company_begins(unadjusted: GateResult) -> None:
    assert {
        ("WM", "2009-08-05"),
        ("USO", "2006-04-10"),
        ("FB", "2012-05-18"),
        ("BNO", "2010-06-02"),
    } <= on(unadjusted.verdicts, "identity.reuse")


def test_unadjusted_splits_are_told_by_their_ratio(unadjusted: GateResult) -> None:
    splits = on(unadjusted.verdicts, "bars.split")
    assert {
        ("AAPL", "2000-06-21"),
        ("AAPL", "2005-02-28"),
        ("AAPL", "2014-06-09"),
        ("IBM", "1999-05-27"),
        ("QQQ", "2000-03-20"),
        ("BAC", "2004-08-30"),
        ("GOOG", "2014-04-03"),
    } <= splits
    assert len(splits) <= 11


def test_of_the_unadjusted_histories_one_cancelled_close_is_set_aside(
    unadjusted: GateResult,
) -> None:
    assert on(unadjusted.quarantined, "bars.spike") == {("GOOG", "2008-09-30")}
    assert len(unadjusted.quarantined) == 1


def test_every_real_jump_of_four_years_survives(read: Read) -> None:
    result = passed(Panel.from_frame(read("equities/equity_daily_us")))
    assert set(result.quarantined["check"]) == {"bars.order"}
    assert len(result.quarantined) == 6
    assert ("DISCK", "2014-08-07") in on(result.verdicts, "bars.split")
    mixed = result.verdicts.filter(check="bars.reversal")["timestamp"].dt.date()
    assert (mixed == date(2014, 10, 30)).sum() >= 20  # a day on which many names carry another day
    assert result.verdicts.filter(check="missing.part").height == 6


def test_days_of_panic_and_of_earnings_survive(read: Read) -> None:
    result = passed(Panel.from_frame(read("equities/equity_daily_us_adjusted")))
    assert result.quarantined.is_empty()
    assert result.verdicts.filter(check="missing.close").height == 3


def test_hourly_fx_whose_clock_is_unstated_is_refused(read: Read) -> None:
    table = read("intraday/fx_1h", dates=False).rename({"timestamp_naive": "timestamp"})
    with pytest.raises(BadStamp, match="have no time zone"):
        Panel.from_frame(table, calendar="24/5", stamps="start", bar=timedelta(hours=1))


def test_hourly_fx_in_points_is_told_with_the_divisor_of_each_pair(read: Read) -> None:
    table = read("intraday/fx_1h", dates=False).rename({"timestamp_naive": "timestamp"})
    panel = Panel.from_frame(
        table.group_by("symbol").head(200),
        calendar="24/5",
        stamps="start",
        bar=timedelta(hours=1),
        tz="Europe/Athens",
    )
    found = passed(panel, "24/5").verdicts.filter(check="units.points").sort("symbol")
    by = [reason.rpartition(" ")[2] for reason in found["reason"]]
    pairs = found["symbol"].cast(pl.String).to_list()
    assert dict(zip(pairs, by, strict=True)) == {
        "AUDUSD": "100000",
        "GBPUSD": "100000",
        "USDCAD": "100000",
        "USDJPY": "1000",
    }


def test_a_day_of_gas_at_three_times_its_price_stays(read: Read) -> None:
    gas = read("markets/commodities").filter(series="HENRY_HUB")
    table = gas.filter(pl.col("timestamp").dt.year() >= 2000)
    result = passed(Panel.from_frame(table.select("series", "timestamp", close="value")))
    assert result.quarantined.is_empty()
    assert ("HENRY_HUB", "2003-02-25") in on(result.verdicts, "bars.reversal")


def test_negative_oil_is_told_and_stays(read: Read) -> None:
    oil = (
        read("markets/commodities")
        .filter(series="WTI")
        .select("series", "timestamp", close="value")
    )
    day = pl.DataFrame({"series": "WTI", "timestamp": [date(2020, 4, 20)], "close": [-37.63]})
    table = pl.concat([oil.tail(500), day]).with_columns(pl.col("timestamp").cast(pl.Date))
    result = passed(Panel.from_frame(table))
    assert result.quarantined.is_empty()
    assert on(result.verdicts, "values.negative") == {("WTI", "2020-04-20")}


def test_zeros_that_mean_missing_are_set_aside(read: Read) -> None:
    shiller = read("macro/macro_monthly").filter(pl.col("series").str.starts_with("SHILLER"))
    table = shiller.select("series", "timestamp", close="value")
    result = passed(Panel.from_frame(table, calendar="month+45d"), "month+45d")
    zeros = result.quarantined.filter(check="missing.zero")
    pe10 = zeros.filter(pl.col("symbol") == "SHILLER_PE10")
    assert len(pe10) == table.filter(series="SHILLER_PE10", close=0.0).height == 120
    assert pe10["timestamp"].max().year == 1881
    assert len(zeros) == table.filter(close=0.0).height


def test_zero_prices_and_repeats_of_vintages_are_found(read: Read) -> None:
    vintages = read("equities/equity_daily_vintages")
    known = (pl.col("collected_at").dt.date() + timedelta(days=1)).alias("collected_at")
    some = vintages.filter(pl.col("symbol").is_in(["CUI", "AAPL", "AA", "XOM"])).with_columns(known)
    table = some.unique(["symbol", "timestamp", "collected_at"], keep="last", maintain_order=True)
    result = passed(Panel.from_frame(table))
    assert len(table) < len(some)
    assert set(result.quarantined.filter(check="bars.not_positive")["symbol"].cast(pl.String)) == {
        "CUI"
    }
    assert result.verdicts.filter(check="restatements.repeated").height > 100


@pytest.mark.slow  # a million minutes
def test_a_million_minutes_of_flash_moves_survive(read: Read) -> None:
    table = read("intraday/btcusd_1m", dates=False)
    panel = Panel.from_frame(table, calendar="24/7", stamps="start", bar=timedelta(minutes=1))
    result = passed(panel, "24/7")
    assert result.quarantined.is_empty()
    gaps = {day for _, day in on(result.verdicts, "gaps.missing")}
    assert {"2016-06-01", "2016-08-10"} <= gaps


def test_order_book_clocks_that_disagree_are_told_by_how_much(read: Read) -> None:
    trades = read("ticks/btcusdt_spot_20240808_trades", dates=False)
    right, wrong, found = split_by_clocks(trades, "timestamp", "receive_timestamp")
    assert [finding.check for finding in found] == ["clock.disagree"]
    assert "by 1." in found[0].detail
    assert len(right) + len(wrong) == len(trades)


def test_fundamentals_whose_period_ends_after_they_were_collected_are_set_apart(
    shared: Path,
) -> None:
    filings = pl.read_parquet(shared / "data" / "equities" / "fundamentals_vintages.parquet")
    right, wrong, found = split_by_clocks(filings, "period_end", "collected_at")
    assert [finding.check for finding in found] == ["clock.known_too_early"]
    assert 0 < len(wrong) < 0.02 * len(filings)
    assert len(right) + len(wrong) == len(filings)
    assert split_by_clocks(right, "period_end", "collected_at")[2] == []
