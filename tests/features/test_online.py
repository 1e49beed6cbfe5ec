"""Bar after bar, the features are to the bit what one run over the history says at each moment."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tests.features.toys import SMOOTH, corrected
from tradewind.core import Panel
from tradewind.core.errors import BadTable, Misuse
from tradewind.features.across.breadth import MARKET_WIDE
from tradewind.features.families import CarriedFamily
from tradewind.features.kept.online import Online
from tradewind.features.registry import ALPHA158, BARS, FAMILIES, REALISED, REGIME20, TECHNICAL
from tradewind.features.seen import Seen

AT = datetime(2024, 1, 2, 21, tzinfo=UTC)


def test_online_and_batch_agree_on_a_million_values_of_corrected_bars() -> None:
    panel = corrected()
    families = (*(one for one in FAMILIES.values() if isinstance(one, CarriedFamily)), SMOOTH)
    moments = panel.table["known_at"].unique().sort()
    seen = Seen(panel, moments.to_list())
    batch = np.concatenate([family.values(seen) for family in families])
    place = {key: i for i, key in enumerate(zip(seen.moment, seen.symbol, strict=True))}
    rows = panel.table.with_columns(
        moment=pl.col("known_at").rank("dense") - 1, number=pl.col("symbol").to_physical()
    ).sort("known_at", "symbol", "timestamp")
    whole = pl.struct("known_at", "symbol").is_last_distinct()  # all that came at once is told
    online, compared = Online(families), 0
    for row in rows.with_columns(whole=whole).iter_rows(named=True):
        values = online.push(row["symbol"], row["timestamp"], row)
        if row["whole"]:
            expected = batch[:, place[row["moment"], row["number"]]]
            assert np.array_equal(values, expected, equal_nan=True)
            compared += len(values)
    assert compared > 1_000_000


def test_it_goes_on_from_a_panel_as_if_it_had_been_told_each_of_its_rows() -> None:
    panel = corrected(3, 150)
    cut = panel.moments[100]
    families = (BARS, SMOOTH)
    told, begun = Online(families), Online.after(families, panel.until(cut))
    rows = panel.table.sort("known_at", "symbol", "timestamp")
    compared = 0
    for row in rows.iter_rows(named=True):
        values = told.push(row["symbol"], row["timestamp"], row)
        if row["known_at"] > cut:
            later = begun.push(row["symbol"], row["timestamp"], row)
            assert np.array_equal(values, later, equal_nan=True)
            compared += 1
    assert compared > 150


def test_bars_from_before_1970_are_bars_as_any_other() -> None:
    panel = corrected(2, 150)
    ago = timedelta(days=365 * 70)
    back = pl.col("timestamp", "known_at") - ago
    long_ago = Panel(panel.table.with_columns(back, pl.col("session") - ago))
    families = (BARS, TECHNICAL, SMOOTH)
    online, seen = Online(families), Seen(long_ago, [max(long_ago.table["known_at"])])
    told = {}
    for row in long_ago.table.sort("known_at", "symbol", "timestamp").iter_rows(named=True):
        told[row["symbol"]] = online.push(row["symbol"], row["timestamp"], row)
    batch = np.concatenate([family.values(seen) for family in families])
    assert np.array_equal(np.column_stack([told["EQ1"], told["EQ2"]]), batch, equal_nan=True)


def test_what_steps_over_another_family_says_the_same_before_behind_and_without_it() -> None:
    panel = corrected(1, 150)
    orders = ((REALISED, REGIME20), (REGIME20, REALISED), (REGIME20,))
    several, compared = [Online(order) for order in orders], 0
    for row in panel.table.sort("known_at", "timestamp").iter_rows(named=True):
        both, turned, alone = (one.push("EQ1", row["timestamp"], row) for one in several)
        assert np.array_equal(both[-20:], alone, equal_nan=True)
        assert np.array_equal(turned, [*alone, *both[:-20]], equal_nan=True)
        compared += np.isfinite(alone).sum()
    assert compared > 500


def test_symbols_do_not_know_of_each_other() -> None:
    both, alone = Online([SMOOTH]), Online([SMOOTH])
    for day in range(5):
        both.push("B", AT + timedelta(days=day), {"close": 7.0})
        one = both.push("A", AT + timedelta(days=day), {"close": 1.0 + day})
        assert np.array_equal(one, alone.push("A", AT + timedelta(days=day), {"close": 1.0 + day}))


def test_a_missing_value_may_be_left_out_or_null_and_its_close_a_bar_has() -> None:
    online, other = Online([ALPHA158]), Online([ALPHA158])
    bar = {"open": 1.0, "high": 2.0, "low": 1.0, "close": 1.5}
    one = online.push("A", AT, bar)
    assert np.array_equal(one, other.push("A", AT, {**bar, "volume": None}), equal_nan=True)
    with pytest.raises(BadTable, match="the bar has no 'close': did you mean 'Close'"):
        online.push("A", AT, {"Close": 1.0})


def test_an_infinite_value_is_refused_and_leaves_no_trace() -> None:
    online = Online([SMOOTH])
    with pytest.raises(BadTable, match="'close' of the bar is inf: leave a missing value out"):
        online.push("A", AT, {"close": float("inf")})
    assert online.push("A", AT, {"close": 1.0})[1] == 1.0


def test_a_family_of_a_whole_market_is_told_elsewhere() -> None:
    with pytest.raises(
        Misuse, match=r"'market_wide' reads all symbols at once: .* with OnlineMarket"
    ):
        Online([MARKET_WIDE])  # type: ignore[list-item]


def test_a_panel_without_rows_is_a_beginning() -> None:
    empty = Panel(corrected(2, 40).table.clear())
    assert Online.after([SMOOTH], empty).push("A", AT, {"close": 1.0})[1] == 1.0
