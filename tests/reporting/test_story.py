"""A story that cannot be told is refused before it is drawn."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from tradewind.core import Finding
from tradewind.core.errors import BadTable
from tradewind.core.forecast import join_forecasts


def test_a_story_of_several_moments_is_refused(tell: Any) -> None:
    story = tell(symbols=2)
    sooner = replace(
        story.forecast,
        table=story.forecast.table.with_columns(pl.col("at") - timedelta(days=1)),
    )
    message = "a Story tells of one moment, and its forecast of 2: give the latest"
    with pytest.raises(BadTable, match=message):
        replace(story, forecast=join_forecasts([sooner, story.forecast]))
    rows = story.decision.table
    both = pl.concat([rows.with_columns(pl.col("at") - timedelta(days=1)), rows])
    with pytest.raises(BadTable, match="and its decision of 2"):
        replace(story, decision=replace(story.decision, table=both))


def test_a_forecast_of_something_else_is_refused(tell: Any) -> None:
    story = tell(symbols=2)
    with pytest.raises(BadTable, match="a Forecast has no class 'up': choose from flat, move"):
        replace(story, forecast=replace(story.forecast, classes=("flat", "move")))


@pytest.mark.parametrize("table", ["reliability", "equity", "skill"])
def test_a_table_that_cannot_be_drawn_is_refused(tell: Any, table: str) -> None:
    story = tell(symbols=2)
    rows: pl.DataFrame = getattr(story, table)
    figure, key = rows.columns[-1], rows.columns[0]
    for wrong, message in (
        (rows.rename({figure: figure + "s"}), f"a Story's {table} has no column '{figure}': did"),
        (rows.with_columns(pl.col(figure).cast(pl.String)), f"'{figure}' of a Story's {table} is"),
        (rows.drop(key), f"a Story's {table} has no column '{key}'"),
    ):
        with pytest.raises(BadTable, match=message):
            replace(story, **{table: wrong})


def test_reliability_is_of_the_calibrated_or_of_the_raw(tell: Any) -> None:
    story = tell(symbols=2)
    with pytest.raises(BadTable, match="reliability tells of 'platt': calibrated or raw"):
        replace(story, reliability=story.reliability.with_columns(which=pl.lit("platt")))


def test_the_base_rate_counts_rows_and_not_bins(tell: Any) -> None:
    bins = (
        tell(symbols=2)
        .reliability[:2]
        .with_columns(observed=pl.Series([0.2, 0.6]), rows=pl.Series([300, 100]))
    )
    story = replace(tell(symbols=2), reliability=bins)
    assert story.base_rate == pytest.approx(0.3)
    assert replace(story, reliability=bins.clear()).base_rate is None


def test_only_a_better_story_without_errors_is_trusted(tell: Any) -> None:
    story = tell(symbols=2)
    leak = Finding("leak.shift", "error", "x", "sees tomorrow", "drop it")
    assert story.trusted
    assert not replace(story, better=False).trusted
    assert not replace(story, card=replace(story.card, findings=(leak,))).trusted
