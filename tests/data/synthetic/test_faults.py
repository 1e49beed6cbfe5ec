"""Each planted fault is where the truth says, is nowhere else, and leaves the panel a valid one."""

from datetime import timedelta

import polars as pl
import pytest

from tradewind.core import Market
from tradewind.core.errors import Misuse
from tradewind.data.synthetic import Fault, make_market
from tradewind.data.synthetic.faults import CATALOGUE

KEYS = ["symbol", "timestamp"]
WHERE = [("equity", "1d"), ("crypto", "1h"), ("fx", "1m"), ("equity", "1m"), ("property", "1mo")]


def pair(name: str, kind: str = "equity", freq: str = "1d") -> tuple[Market, pl.DataFrame]:
    """A market with one fault, and its bars beside those of the market without it."""
    clean = make_market(kind, 12, 600, freq, seed=6)
    faulty = make_market(kind, 12, 600, freq, seed=6, faults=[Fault(name, 0.01)])
    both = faulty.panel.table.join(
        clean.panel.table, on=KEYS, suffix="_clean", how="left", maintain_order="left"
    )
    return faulty, both.join(faulty.truth.faults, on=KEYS, how="left", maintain_order="left")


def test_the_catalogue_is_the_one_that_was_promised() -> None:
    assert set(CATALOGUE) == {
        "duplicates", "gaps", "spikes", "zero_volume", "splits", "swapped_columns", "bad_clock",
    }  # fmt: skip


@pytest.mark.parametrize(("kind", "freq"), WHERE)
def test_all_faults_together_leave_a_valid_panel_and_a_truth_of_distinct_places(
    kind: str, freq: str
) -> None:
    market = make_market(kind, 12, 600, freq, 6, ["revisions"], list(CATALOGUE), ["back_fill"])
    told = market.truth.faults
    assert set(told["fault"]) == set(CATALOGUE)
    assert not told.select(KEYS).is_duplicated().any()
    here = told.join(market.panel.table, on=KEYS, how="semi")
    assert set(here["fault"]) == set(CATALOGUE) - {"gaps"}


@pytest.mark.parametrize(("kind", "freq"), WHERE)
@pytest.mark.parametrize("name", ["spikes", "zero_volume", "swapped_columns", "duplicates"])
def test_a_fault_of_one_row_is_where_the_truth_says_and_nowhere_else(
    name: str, kind: str, freq: str
) -> None:
    market, rows = pair(name, kind, freq)
    values = [column for column in market.panel.columns if rows.schema[column].is_numeric()]
    changed = pl.any_horizontal(pl.col(column) != pl.col(f"{column}_clean") for column in values)
    changed |= pl.col("known_at") != pl.col("known_at_clean")
    spoiled = rows.filter(changed)
    assert spoiled.select(KEYS).equals(market.truth.faults.select(KEYS))
    assert 0.008 * 7200 <= len(spoiled) <= 0.01 * 7200


def test_a_spike_is_gone_at_the_next_bar_and_keeps_the_order_of_its_own() -> None:
    _, rows = pair("spikes")
    after = pl.col("close").shift(-1).over("symbol")
    spikes = rows.with_columns(after=after).filter(pl.col("fault") == "spikes")
    off = (spikes["close"] / spikes["close_clean"]).log().abs()
    assert 0.3 <= off.min() <= off.max() <= 0.6
    assert ((spikes["after"] / spikes["close_clean"]).log().abs() < 0.2).all()
    assert (spikes["high"] >= spikes["close"]).all()
    assert (spikes["low"] <= spikes["close"]).all()


def test_lost_volume_is_lost_where_the_price_moved() -> None:
    _, rows = pair("zero_volume")
    lost = rows.filter(pl.col("volume") == 0, pl.col("status") != "halt")
    assert (lost["fault"] == "zero_volume").all()
    assert (lost["high"] > lost["low"]).all()
    assert (lost["volume_clean"] > 0).all()


@pytest.mark.parametrize("kind", ["equity", "property"])
def test_swapped_columns_hold_each_others_values(kind: str) -> None:
    _, rows = pair("swapped_columns", kind, "1mo" if kind == "property" else "1d")
    pairs = {detail.removesuffix(" swapped") for detail in rows["detail"].drop_nulls()}
    expected = {"close and volume"} if kind == "property" else {"high and low", "open and volume"}
    assert pairs == expected
    for names in pairs:
        one, other = names.split(" and ")
        swapped = rows.filter(pl.col("detail") == f"{names} swapped")
        assert swapped[one].equals(swapped[f"{other}_clean"].alias(one))
        assert swapped[other].equals(swapped[f"{one}_clean"].alias(other))


def test_a_duplicate_is_the_same_bar_known_again_an_hour_later() -> None:
    market, rows = pair("duplicates")
    assert market.panel.revised == len(market.truth.faults)
    twice = rows.filter(pl.col("known_at") != pl.col("known_at_clean"))
    assert (twice["known_at"] - twice["known_at_clean"]).unique().to_list() == [timedelta(hours=1)]
    latest = market.panel.as_of(rows["known_at"].max()).table
    assert latest["close"].equals(make_market("equity", 12, 600, seed=6).panel.table["close"])


def test_gaps_are_bars_that_are_missing_between_others() -> None:
    market, rows = pair("gaps")
    clean = make_market("equity", 12, 600, seed=6).panel.table
    missing = clean.join(rows, on=KEYS, how="anti").select(KEYS)
    assert missing.equals(market.truth.faults.select(KEYS))
    assert market.truth.faults["detail"].str.contains(r"^bar [1-5] of [1-5] missing$").all()
    ends = clean.group_by("symbol").agg(pl.col("timestamp").min(), last=pl.col("timestamp").max())
    assert missing.join(ends, on=KEYS).is_empty()


def test_a_split_divides_every_later_price_and_multiplies_the_volume() -> None:
    market, rows = pair("splits")
    told = market.truth.faults
    assert len(told) == 12
    ratio = told["detail"].str.extract(r"^(\d+) for 1").cast(pl.Float64)
    since = told.select("symbol", since="timestamp", ratio=ratio)
    rows = rows.join(since, on="symbol", maintain_order="left")
    by = pl.when(pl.col("timestamp") >= pl.col("since")).then("ratio").otherwise(1.0)
    for price in ("open", "high", "low", "close"):
        assert rows.select((pl.col(price) == pl.col(f"{price}_clean") / by).all()).item()
    assert rows.select((pl.col("volume") == pl.col("volume_clean") * by).all()).item()


@pytest.mark.parametrize(("kind", "freq"), WHERE)
def test_a_bad_clock_moves_stamps_and_known_at_by_the_hours_told_and_nothing_else(
    kind: str, freq: str
) -> None:
    market, _ = pair("bad_clock", kind, freq)
    clean = make_market(kind, 12, 600, freq, seed=6).panel.table
    table = market.panel.table.join(market.truth.faults, on=KEYS, how="left", maintain_order="left")
    hours = pl.col("detail").str.extract(r"stamped (\d) h").cast(pl.Int64).fill_null(0)
    sign = pl.when(pl.col("detail").str.ends_with("late")).then(1).otherwise(-1)
    shift = pl.duration(hours=hours * sign)
    mended = table.with_columns(pl.col("timestamp") - shift, pl.col("known_at") - shift)
    assert mended.select(clean.columns).equals(clean)
    assert market.truth.faults.height >= 3


def test_clocks_are_wrong_in_both_directions() -> None:
    details = pair("bad_clock")[0].truth.faults["detail"]
    assert details.str.contains("too late").any()
    assert details.str.contains("too early").any()


def test_a_clean_market_has_no_faults_to_tell() -> None:
    assert make_market("fx", 2, 50).truth.faults.is_empty()
    assert make_market("fx", 2, 50).truth.faults.columns == [*KEYS, "fault", "detail"]


def test_another_fault_moves_no_fault_that_chooses_before_it() -> None:
    alone = make_market("etf", 10, 400, seed=1, faults=["splits"]).truth.faults
    both = make_market("etf", 10, 400, seed=1, faults=["spikes", "splits"]).truth.faults
    assert both.filter(pl.col("fault") == "splits").equals(alone)


def test_a_share_out_of_reason_is_refused() -> None:
    with pytest.raises(Misuse, match=r"a fault at a share of 0\.5 rows: give a number up to 0\.1"):
        Fault("gaps", 0.5)
