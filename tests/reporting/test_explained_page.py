"""A feature is drawn under its price, whatever its values are, and a family all on one page."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tests.reporting.conftest import Read
from tradewind.core import stream
from tradewind.core.errors import BadTable
from tradewind.core.tables import UTC_TIME
from tradewind.reporting.explained import Explained, ExplainedFamily, Line
from tradewind.reporting.explained_chart import feature_chart
from tradewind.reporting.explained_family import render as render_family
from tradewind.reporting.explained_page import NARROW, WIDE, render

NEW_YEAR = datetime(2024, 1, 2, tzinfo=UTC)
KINDS = {"timestamp": UTC_TIME, "close": pl.Float64, "value": pl.Float64, "why": pl.String}


def explained(
    close: list[float | None],
    value: list[float | None],
    lookback: int = 2,
    step: timedelta = timedelta(days=1),
) -> Explained:
    columns = {
        "timestamp": [NEW_YEAR + step * bar for bar in range(len(close))],
        "close": close,
        "value": value,
        "why": [None if one is not None else "too young" for one in value],
    }
    rows = pl.DataFrame(columns, schema=KINDS)
    facts = {"Formula": "a < b & c"}
    return Explained("mine", "it", "a ratio", lookback, False, facts, "<b>X", "made", rows)


def family(bars: int, features: int) -> ExplainedFamily:
    """Features that walk, over so many minutes."""
    values = stream(5, "walk").normal(size=(features, bars)).cumsum(axis=1)
    times = pl.Series("timestamp", [NEW_YEAR + timedelta(minutes=m) for m in range(bars)], UTC_TIME)
    columns = {f"f_{k}": row for k, row in enumerate(values)}
    rows = pl.DataFrame({"timestamp": times, "close": np.exp(values[0] / 50), **columns})
    lines = tuple(Line(name, "walks <far>", "a < b", "a ratio") for name in columns)
    return ExplainedFamily("walks", "a family", "<b>X", "made", lines, rows)


def test_the_page_tells_the_facts_and_nothing_in_it_is_markup() -> None:
    page = render(explained([1.0, 2.0, 3.0], [None, 0.1, 0.2]))
    assert "<dt>Formula</dt><dd>a &lt; b &amp; c</dd>" in page
    assert "<b>X" not in page
    assert "66.7 % have a value; it lies between 0.100 and 0.200." in page
    assert "1 bar without a value: too young" in page


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
    rows = pl.DataFrame({"close": [1.0]})
    with pytest.raises(BadTable, match="Explained has no column 'timestamp'"):
        Explained("mine", "it", "a ratio", 1, False, {}, "X", "made", rows)
    with pytest.raises(BadTable, match="ExplainedFamily has no column 'timestamp'"):
        ExplainedFamily("walks", "it", "X", "made", (), rows)


def test_the_chart_names_its_units_and_what_the_last_value_reads() -> None:
    bars = [1.0, 2.0, 3.0, 2.0, 1.0]
    for lookback, told, bands in (
        (1, "it reads its own bar alone", 0),
        (3, "shaded: the 3 bars it reads", 1),
        (60, "it reads 60 bars, more than these", 0),
    ):
        drawn = feature_chart(explained(bars, [0.1] * 5, lookback), NARROW)
        assert told in drawn
        assert drawn.count('class="model band"') == bands
        assert ">mine, a ratio</text>" in drawn


def test_a_run_without_a_value_is_one_mark_and_says_why() -> None:
    drawn = feature_chart(explained([1.0] * 6, [None, None, 0.1, None, 0.3, 0.2]), WIDE)
    assert drawn.count('class="absent"') == 2
    assert "<title>2 bars without a value: too young</title>" in drawn
    assert drawn.count('class="model dot"') == 1  # the value that stands alone


def test_beside_the_line_every_value_is_counted_once(outline: Read) -> None:
    values = stream(1, "values").normal(size=300).tolist()
    page = outline(feature_chart(explained([1.0] * 300, values), WIDE))
    told = [bar.text for bar in page.all("rect", "range")]
    assert sum(int(text.split()[0]) for text in told) == 300


def test_nights_take_no_room_and_no_line_crosses_them(outline: Read) -> None:
    days = explained([1.0, 2.0] * 50, [1.0, 2.0] * 50)
    night = pl.when(pl.int_range(100) >= 50).then(pl.duration(days=300)).otherwise(pl.duration())
    rows = days.rows.with_columns(pl.col("timestamp") + night)
    apart = Explained("mine", "it", "", 2, False, {}, "X", "", rows)
    curves = [
        [curve.attributes["d"] for curve in outline(feature_chart(one, WIDE)).all("path", "curve")]
        for one in (days, apart)
    ]
    assert [[path.count("M") for path in paths] for paths in curves] == [[1, 1], [2, 2]]
    assert [path.replace("M", "L") for path in curves[0]] == [
        path.replace("M", "L") for path in curves[1]
    ]


def test_a_family_has_a_chart_a_line_of_doc_and_a_formula_for_each_feature(outline: Read) -> None:
    page = outline(render_family(family(400, 5)))
    cells = [element for element in page.all("li") if "ul" in element.inside]
    assert len(cells) == 5
    assert all("walks <far>" in cell.text and "a < b" in cell.text for cell in cells)
    assert len(page.all("path", "curve")) == 6  # the price is beside them
    assert not page.all("a")


def test_the_page_of_158_features_over_8000_bars_is_below_a_megabyte_and_a_half() -> None:
    assert len(render_family(family(8_000, 158)).encode()) < 1_500_000


def test_a_family_without_bars_or_values_is_told_so() -> None:
    made = family(3, 2)
    empty = ExplainedFamily("walks", "it", "X", "made", made.lines, made.rows[:0])
    assert "0 bars of X" in render_family(empty)
    nulls = made.rows.with_columns(f_1=pl.lit(None, pl.Float64))
    page = render_family(ExplainedFamily("walks", "it", "X", "made", made.lines, nulls))
    assert "null throughout" in page
