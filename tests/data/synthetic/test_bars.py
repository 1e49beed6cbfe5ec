"""Bars that behave: their order, their gaps, their day, the bounce in them, and their halts."""

from datetime import time, timedelta

import numpy as np
import polars as pl
import pytest

from tradewind.data.synthetic import make_market

TRADED = [(kind, freq) for kind in ("equity", "etf", "crypto", "fx") for freq in ("1d", "1h", "1m")]


@pytest.mark.parametrize(("kind", "freq"), TRADED)
def test_open_and_close_lie_between_low_and_high(kind: str, freq: str) -> None:
    bars = make_market(kind, 20, 1000, freq, seed=2).panel.table
    inside = pl.min_horizontal("open", "close") >= pl.col("low")
    assert bars.select(
        (inside & (pl.max_horizontal("open", "close") <= pl.col("high"))).all()
    ).item()
    moved = bars.filter(pl.col("volume") > 0)
    assert (moved["high"] > moved["low"]).mean() > 0.999


def gap_share(kind: str, freq: str) -> float:
    """The variance of the open over the last close, as a share of that of the close over it."""
    table = make_market(kind, 30, 2000, freq, seed=3).panel.table
    last = pl.col("close").shift(1).over("symbol")
    gap, whole = (pl.col("open") / last).log(), (pl.col("close") / last).log()
    return float(table.select(gap.var() / whole.var()).item())


def test_a_share_opens_away_from_its_last_close_and_a_coin_where_it_was() -> None:
    assert 0.2 < gap_share("equity", "1d") < 0.3
    assert gap_share("crypto", "1d") < 1e-20
    assert 0.15 < gap_share("equity", "1h") < 0.35


def test_currencies_open_away_from_their_last_close_after_a_weekend_alone() -> None:
    table = make_market("fx", 20, 1000, seed=3).panel.table
    gap = (pl.col("open") / pl.col("close").shift(1).over("symbol")).log().abs()
    table = table.with_columns(gap=gap, monday=pl.col("session").dt.weekday() == 1).drop_nulls()
    jump = dict(table.group_by("monday").agg(pl.col("gap").mean()).rows())
    assert jump[True] > 1e-4
    assert jump[False] < 1e-12


def test_the_range_of_a_bar_is_that_of_a_random_walk() -> None:
    table = make_market("crypto", 50, 2000, seed=4).panel.table
    back = (pl.col("close") / pl.col("open")).log()
    reach = (pl.col("high") / pl.col("low")).log()
    ratio = table.select((reach**2).mean() / (back**2).mean()).item()
    assert abs(ratio / (4 * np.log(2)) - 1) < 0.06  # Parkinson (1980): 4 log 2


def by_time(kind: str, column: str) -> pl.DataFrame:
    """The mean of a column at each minute of the day, whole sessions only."""
    table = make_market(kind, 40, 390 * 20, "1m", seed=5).panel.table
    local = pl.col("timestamp").dt.convert_time_zone("America/New_York").dt.time()
    return table.group_by(minute=local).agg(pl.col(column).mean()).sort("minute")


@pytest.mark.parametrize(("column", "times"), [("volume", 3.0), ("spread_bps", 1.5)])
def test_a_session_is_busier_and_wider_at_its_edges(column: str, times: float) -> None:
    day = by_time("equity", column)
    value = day[column]
    noon = day.filter(pl.col("minute").is_between(time(12, 15), time(13, 15)))[column].mean()
    assert value.head(20).mean() > times * noon
    assert value.tail(20).mean() > times * noon


def test_volume_rises_with_the_size_of_the_move() -> None:
    table = make_market("etf", 30, 2000, seed=6).panel.table
    move = pl.col("close").log().diff().abs().over("symbol")
    table = table.with_columns(move=move, size=pl.col("volume").log1p()).drop_nulls("move")
    table = table.filter(pl.col("volume") > 0)
    assert all(
        own.select(pl.corr("move", "size", method="spearman")).item() > 0.2
        for _, own in table.group_by("symbol")
    )


def test_minutes_bounce_between_bid_and_ask() -> None:
    market = make_market("fx", 40, 1440 * 4, "1m", seed=7)
    table = market.panel.table.join(market.truth.regimes, on="timestamp", maintain_order="left")
    table = table.with_columns(r=pl.col("close").log().diff().over("symbol"))
    table = table.with_columns(next=pl.col("r").shift(-1).over("symbol")).drop_nulls()
    calm = table.filter(pl.col("regime").is_in(["calm", "volatile", "illiquid"]))
    half = calm["spread_bps"] / 2e4
    bounce = (half**2).mean() / np.exp(2 * 0.2**2)  # without the spread's own noise
    found = -(calm["r"] * calm["next"]).mean()
    assert abs(found / bounce - 1) < 0.12  # Roll (1984): minus the half spread squared


def test_days_do_not_bounce() -> None:
    table = make_market("crypto", 60, 3000, seed=8).panel.table
    back = pl.col("close").log().diff().over("symbol")
    pair = table.with_columns(r=back).with_columns(next=pl.col("r").shift(-1).over("symbol"))
    assert abs(pair.drop_nulls().select(pl.corr("r", "next")).item()) < 0.05


@pytest.mark.parametrize("freq", ["1d", "1h", "1m"])
def test_a_halted_bar_is_flat_and_without_volume_and_no_other_is(freq: str) -> None:
    table = make_market("equity", 100, 2500, freq, seed=9).panel.table
    table = table.with_columns(last=pl.col("close").shift(1).over("symbol"))
    halted = table.filter(pl.col("status") == "halt")
    assert len(halted) > 10
    assert (halted["volume"] == 0).all()
    for price in ("open", "high", "low", "close"):
        assert (halted[price] / halted["last"] - 1).abs().max() < 1e-9
    assert (table.filter(pl.col("status") != "halt")["volume"] > 0).all()


def test_no_history_begins_with_a_halt() -> None:
    status = make_market("equity", 20_000, 2, seed=1).panel.table["status"]
    assert "halt" not in status.gather_every(2)
    assert "halt" in status.gather_every(2, offset=1)


def test_a_jump_within_a_day_is_a_limit_state_and_pauses_five_minutes() -> None:
    table = make_market("equity", 100, 2000, "1m", seed=10).panel.table
    limited = np.flatnonzero((table["status"] == "luld").to_numpy())
    inside = limited[limited % 2000 < 1990]
    assert len(inside) > 5
    status = table["status"].to_list()
    assert all(status[row + 1 : row + 6] == ["halt"] * 5 for row in inside)


def test_a_fall_of_a_tenth_restricts_short_sales_for_that_day_and_the_next() -> None:
    table = make_market("equity", 200, 2000, seed=11).panel.table
    back = pl.col("close") / pl.col("close").shift(1).over("symbol") - 1
    fell = (back <= -0.1).fill_null(False)
    table = table.with_columns(due=fell | fell.shift(1, fill_value=False).over("symbol"))
    shown = table.filter(~pl.col("status").is_in(["halt", "luld"]))
    assert shown["due"].sum() > 50
    assert (shown["due"] == (shown["status"] == "ssr")).all()


def test_a_restriction_within_a_day_lasts_to_the_end_of_the_next() -> None:
    market = make_market("equity", 400, 7 * 120, "1h", seed=12)
    table = market.panel.table.filter(pl.col("status") == "ssr")
    assert len(table) > 0
    for _, own in table.group_by("symbol"):
        days = own["session"].unique().sort()
        assert len(days) >= 2
        assert (days.diff().drop_nulls() <= timedelta(days=90)).all()
    closes = market.panel.table.group_by("symbol", "session").agg(
        pl.col("status").last(), pl.col("close").last(), pl.col("timestamp").max()
    )
    closes = closes.sort("symbol", "timestamp").with_columns(
        back=pl.col("close") / pl.col("close").shift(1).over("symbol") - 1
    )
    fallen = closes.filter(pl.col("back") <= -0.1)
    assert len(fallen) > 0
    assert fallen["status"].is_in(["ssr", "halt", "luld"]).all()


def test_only_what_an_exchange_lists_has_a_status() -> None:
    assert "status" in make_market("etf", 2, 5).panel.columns
    assert "status" not in make_market("crypto", 2, 5).panel.columns
    assert make_market("property", 2, 5).panel.columns == ("close", "volume")
