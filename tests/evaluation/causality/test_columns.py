"""Columns that know too much are told by their signs, and columns that know the past are not."""

import polars as pl
import pytest

from tradewind.core import Finding
from tradewind.core.panel import Panel
from tradewind.data.synthetic import make_market
from tradewind.data.synthetic.leaks import CATALOGUE
from tradewind.evaluation.causality.columns import foreknowing

PANEL = make_market("equity", 30, 500, seed=11, plants=["signal"], leaks=[*CATALOGUE]).panel
PRICE = pl.col("close").log()


def told(**columns: pl.Expr) -> tuple[Finding, ...]:
    """What is found of these columns, each computed symbol by symbol."""
    values = {name: value.over("symbol").fill_nan(None) for name, value in columns.items()}
    return foreknowing(Panel(PANEL.table.with_columns(**values)), [*columns])


@pytest.mark.parametrize(
    ("leak", "sign"),
    [
        ("future_return", "foretells"),
        ("centred_window", "foretells"),
        ("back_fill", "foretells"),
        ("rare_event_flag", "flags"),
        ("full_sample_scaling", "whole_sample"),
    ],
)
def test_a_leak_of_default_strength_is_told_by_its_sign(leak: str, sign: str) -> None:
    [found] = foreknowing(PANEL, [f"leak_{leak}"])
    assert (found.severity, found.check) == ("error", f"columns.{sign}")


def test_a_restated_figure_is_told_once_it_was_published_often_enough() -> None:
    panel = make_market("equity", 40, 900, seed=2, leaks=["restated_value"]).panel
    [found] = foreknowing(panel, ["leak_restated_value"])
    assert "with the return of the next 21 bars" in found.detail


@pytest.mark.parametrize("leak", ["identity_fingerprint", "smoothed_regime"])
def test_these_leaks_give_no_sign(leak: str) -> None:
    assert foreknowing(PANEL, [f"leak_{leak}"]) == ()


def test_an_honest_signal_of_usual_strength_is_not_told() -> None:
    assert foreknowing(PANEL, ["signal"]) == ()


def test_a_level_that_drifts_with_the_price_is_not_told() -> None:
    assert (
        told(level=PRICE, mean=PRICE.ewm_mean(half_life=50), against=PRICE - PRICE.cum_max()) == ()
    )


def test_a_flag_raised_after_large_moves_is_not_told() -> None:
    size = PRICE.diff().abs() / PRICE.diff().rolling_std(20)
    assert told(raised=(size > 2.5).cast(pl.Int8)) == ()


def test_the_bounce_of_stale_prices_is_not_held_against_a_column() -> None:
    stale = pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.col("close")).forward_fill()
    table = PANEL.table.with_columns(close=stale.over("symbol"))
    smooth = table.with_columns(close=pl.col("close").rolling_mean(4, min_samples=1).over("symbol"))
    moved = smooth.with_columns(x=PRICE.diff().over("symbol"))
    assert foreknowing(Panel(moved), ["x"]) == ()


def test_text_and_columns_of_one_value_have_nothing_to_tell() -> None:
    table = PANEL.table.with_columns(
        name=pl.lit("x"), one=pl.lit(1.0), none=pl.lit(None, pl.Float64)
    )
    assert foreknowing(Panel(table), ["name", "one", "none"]) == ()


def test_a_column_that_is_published_after_the_next_bars_may_know_them() -> None:
    leak = "leak_future_return"
    assert [one.where for one in foreknowing(PANEL, [leak])] == [leak]
    late = pl.col("known_at") + pl.duration(days=40)
    assert foreknowing(Panel(PANEL.table.with_columns(known_at=late)), [leak]) == ()
