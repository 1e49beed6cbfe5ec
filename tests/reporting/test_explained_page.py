"""A feature is drawn under its price, whatever its values are."""

from datetime import UTC, datetime

import polars as pl
import pytest

from tradewind.core.errors import BadTable
from tradewind.core.tables import UTC_TIME
from tradewind.reporting.explained import Explained
from tradewind.reporting.explained_page import WIDE, feature_chart, render


def explained(close: list[float | None], value: list[float | None]) -> Explained:
    days = [datetime(2024, 1, 2 + day, tzinfo=UTC) for day in range(len(close))]
    columns = {"timestamp": days, "close": close, "value": value}
    kinds = {"timestamp": UTC_TIME, "close": pl.Float64, "value": pl.Float64}
    facts = {"Formula": "a < b & c"}
    return Explained("mine", "it", facts, "<b>X", "made", pl.DataFrame(columns, schema=kinds))


def test_the_page_tells_the_facts_and_nothing_in_it_is_markup() -> None:
    page = render(explained([1.0, 2.0, 3.0], [None, 0.1, 0.2]))
    assert "<dt>Formula</dt><dd>a &lt; b &amp; c</dd>" in page
    assert "<b>X" not in page
    assert "66.7 % have a value; it lies between 0.100 and 0.200." in page


@pytest.mark.parametrize(
    ("close", "value", "curves"),
    [
        ([1.0, 2.0, 9.0], [0.0, 0.0, 0.0], 2),
        ([-37.0, 2.0, 9.0], [1e300, None, -1e300], 2),
        ([1.0, None, 1.0], [None, None, None], 1),
        ([None, None, None], [1.0, 2.0, 3.0], 0),
        ([5.0], [1.0], 0),
        ([], [], 0),
    ],
)
def test_what_is_flat_steep_negative_or_missing_is_drawn_or_left_out(
    close: list[float | None], value: list[float | None], curves: int
) -> None:
    drawn = feature_chart(explained(close, value), WIDE)
    assert drawn.count('class="model curve thin"') == curves
    assert "nan" not in drawn
    render(explained(close, value))


def test_rows_without_a_moment_are_refused() -> None:
    with pytest.raises(BadTable, match="Explained has no column 'timestamp'"):
        Explained("mine", "it", {}, "X", "made", pl.DataFrame({"close": [1.0]}))
