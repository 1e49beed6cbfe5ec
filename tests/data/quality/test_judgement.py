"""What is planted is found, and nothing is made up."""

import polars as pl
import pytest

from tradewind.data.quality.judgement import FINDS, judge, judge_clean, page
from tradewind.data.synthetic.faults import CATALOGUE

KINDS = ["equity", "crypto", "fx"]


def test_every_fault_of_the_catalogue_is_judged() -> None:
    assert set(FINDS) == set(CATALOGUE)


@pytest.mark.parametrize("kind", KINDS)
def test_faults_of_daily_bars_are_found_and_none_is_made_up(kind: str) -> None:
    table = judge([kind], "1d", range(5))
    assert len(table) == len(CATALOGUE)
    floor = pl.when(fault="spikes").then(0.9).otherwise(0.99)
    assert table.filter(pl.col("recall") < floor).is_empty()
    assert table["planted"].min() >= 35
    assert table["made_up"].sum() == table["other_errors"].sum() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_faults_of_hourly_bars_are_found_but_for_clocks_that_nothing_gives_away(kind: str) -> None:
    table = judge([kind], "1h", range(5))
    floor = pl.when(fault="spikes").then(0.9).when(fault="bad_clock").then(0.3).otherwise(0.95)
    assert table.filter(pl.col("recall") < floor).is_empty()
    assert table["made_up"].sum() == table["other_errors"].sum() == 0


@pytest.mark.parametrize(
    ("kinds", "freq"),
    [
        (["equity", "etf", "crypto", "fx"], "1d"),
        (["equity", "etf", "crypto", "fx"], "1h"),
        (["equity", "etf", "crypto", "fx"], "1m"),
        (["property"], "1mo"),
    ],
)
def test_a_market_without_a_fault_has_no_error(kinds: list[str], freq: str) -> None:
    table = judge_clean(kinds, freq, range(5))
    assert table["rows"].sum() == 20_000 * len(kinds)
    assert table["errors"].sum() == 0
    assert table["warnings"].sum() <= 1e-4 * table["rows"].sum()


@pytest.mark.slow  # 400,000 bars; the test above keeps the same promise on 20,000 each
@pytest.mark.parametrize("freq", ["1d", "1m"])
def test_long_markets_without_a_fault_have_no_error(freq: str) -> None:
    table = judge_clean(["equity", "etf", "crypto", "fx"], freq, range(100, 110), 10, 1000)
    assert table["errors"].sum() == 0


@pytest.mark.slow  # makes the whole page; the tests above judge the same markets
def test_the_page_is_what_the_docs_hold(request: pytest.FixtureRequest) -> None:
    assert (request.config.rootpath / "docs" / "quality.md").read_text() == page()
