"""Of bad bars every registered feature has a defined value or none: never infinity, never a warning,
never another symbol's rows, and online the same as in batch."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tradewind.core import Panel
from tradewind.core.errors import BadTable
from tradewind.data.synthetic import make_market
from tradewind.features import compute
from tradewind.features.families import CarriedFamily
from tradewind.features.kept.online import Online
from tradewind.features.registry import FAMILIES

BARS = make_market("equity", 3, 110, seed=3).panel.table.with_columns(
    vwap=(pl.col("high") + pl.col("low") + pl.col("close")) / 3
)
PRICE, VOLUME = pl.col("open", "high", "low", "close", "vwap"), pl.col("volume")
NTH, BAD = pl.int_range(pl.len()).over("symbol"), pl.col("symbol") == BARS["symbol"][0]
NONE = pl.lit(None, pl.Float64)
CARRIED = tuple(one for one in FAMILIES.values() if isinstance(one, CarriedFamily))
OWN = [spec.name for family in CARRIED for spec in family.specs]
IN_GAP, IN_HALT = NTH.is_between(30, 99), NTH.is_between(50, 80)
LAST = pl.col("close").slice(50, 1).first().over("symbol")
STOPPED = pl.when(~IN_HALT).then(PRICE).otherwise(LAST)


def bad(*values: pl.Expr) -> pl.DataFrame:
    """The bars, of which the first symbol's are made bad."""
    return pl.concat([BARS.with_columns(values).filter(BAD), BARS.filter(~BAD)])


CASES = {
    "constant": bad(PRICE * 0 + 50.0),
    "null": bad(PRICE * NONE),
    "nothing": bad(PRICE * NONE, VOLUME * NONE),
    "one_bar": BARS.filter(~BAD | (NTH == 0)),
    "bars_missing": BARS.filter(~BAD | ~IN_GAP),
    "prices_missing": bad(pl.when(~IN_GAP).then(PRICE)),
    "no_trade": bad(VOLUME * 0),
    "volume_missing": bad(VOLUME * NONE),
    "negative_volume": bad(-VOLUME),
    "huge_volume": bad(VOLUME * 1e300),
    "zero": bad(PRICE * 0),
    "zero_once": bad(pl.when(NTH != 60).then(PRICE).otherwise(0.0)),
    "negative": bad(-PRICE),
    "negative_at_times": bad(PRICE - PRICE.mean().over("symbol")),
    "huge": bad(PRICE * 1e12),
    "hugest": bad(PRICE * 1e300),
    "tiny": bad(PRICE * 1e-12),
    "tiniest": bad(PRICE * 1e-300),
    "huge_and_tiny": bad(PRICE * pl.when(NTH % 2 == 0).then(1e12).otherwise(1e-12)),
    "halted": bad(STOPPED, pl.when(IN_HALT).then(0.0).otherwise(VOLUME).alias("volume")),
    "high_below_low": bad(pl.col("low").alias("high"), pl.col("high").alias("low")),
    **{f"without_{name}": BARS.drop(name) for name in ("open", "high", "low", "volume", "vwap")},
}


@pytest.mark.parametrize("case", CASES)
def test_no_value_is_infinite_and_what_is_not_defined_is_null(case: str) -> None:
    table = compute(Panel(CASES[case]), [*FAMILIES])
    values = table.drop("symbol", "timestamp")
    assert values.width == sum(len(family.specs) for family in FAMILIES.values())
    assert values.select(pl.all().is_finite().all()).row(0) == (True,) * values.width


@pytest.mark.parametrize("case", CASES)
def test_no_symbol_reads_the_rows_of_another(case: str) -> None:
    together = compute(Panel(CASES[case]), OWN)
    alone = [compute(Panel(CASES[case].filter(of)), OWN) for of in (BAD, ~BAD)]
    assert_frame_equal(together, pl.concat(alone), check_exact=True)


@pytest.mark.parametrize("case", CASES)
def test_online_says_the_same_of_a_bad_bar(case: str) -> None:
    rows = CASES[case].filter(BAD)
    batch = compute(Panel(rows), OWN).select(pl.col(OWN).fill_null(float("nan"))).to_numpy()
    online = Online(CARRIED)
    for row, values in zip(rows.iter_rows(named=True), batch, strict=True):
        told = online.push(row["symbol"], row["timestamp"], row)
        assert np.array_equal(told, values, equal_nan=True)


@pytest.mark.parametrize("case", ["zero", "negative"])
def test_a_price_that_is_none_means_the_same_however_it_is_written(case: str) -> None:
    one, other = (compute(Panel(CASES[name]), [*FAMILIES]) for name in (case, "null"))
    assert_frame_equal(one, other, check_exact=True)


def test_online_nan_is_no_value_either() -> None:
    nan, null = Online(CARRIED), Online(CARRIED)
    for row in CASES["nothing"].filter(BAD).head(70).iter_rows(named=True):
        bar = {**row, **dict.fromkeys(("open", "high", "low", "close", "vwap"), float("nan"))}
        told = nan.push("A", row["timestamp"], bar)
        assert np.array_equal(told, null.push("A", row["timestamp"], row), equal_nan=True)


@pytest.mark.parametrize("scale", ["huge", "tiny"])
def test_what_compares_prices_does_not_know_in_which_unit_they_are(scale: str) -> None:
    free = [name for name in OWN if not name.startswith(("amihud", "regime_amihud"))]
    usual, other = (compute(Panel(table), free).filter(BAD) for table in (BARS, CASES[scale]))
    for name in free:
        assert other[name].is_null().equals(usual[name].is_null()), name


def test_bars_without_a_close_are_refused_by_every_family() -> None:
    for name in FAMILIES:
        with pytest.raises(BadTable, match="the bars have no column 'close'"):
            compute(Panel(BARS.drop("close")), name)
