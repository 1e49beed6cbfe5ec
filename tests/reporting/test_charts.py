"""Pictures that do not mislead, whatever they are given."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import numpy as np
import polars as pl
import pytest

from tradewind.core import Score
from tradewind.core.tables import UTC_TIME
from tradewind.reporting.charts import reliability_chart, skill_chart
from tradewind.reporting.curves import equity_chart
from tradewind.reporting.gauges import Spread, gauge
from tradewind.reporting.readings import read

START = datetime(2019, 11, 20, 21, tzinfo=UTC)
SKILL = read(Score("log_loss_skill", 0.004, -0.02, 0.03, "share", 0.0))


def curve(span: timedelta, values: list[float | None] | None = None) -> pl.DataFrame:
    values = values or [1.0, 1.1, 0.9, 1.2]
    step = span / (len(values) - 1)
    at = [START + step * i for i in range(len(values))]
    rows = {"at": at, "model": values, "baseline": [1.0] * len(values)}
    return pl.DataFrame(rows, schema_overrides={"at": UTC_TIME})


def texts(drawing: str, kind: str) -> list[Element]:
    return [text for text in fromstring(drawing).iter("text") if text.get("class") == kind]


@pytest.mark.parametrize("width", [900.0, 358.0])
@pytest.mark.parametrize("days", [0.3, 2, 9, 40, 100, 400, 1500, 4000, 15_000, 40_000])
def test_dates_on_the_axis_are_there_and_never_overlap(width: float, days: float) -> None:
    ticks = texts(equity_chart(curve(timedelta(days=days)), width), "tick")
    lowest = max(float(tick.get("y", 0)) for tick in ticks)
    dates = [tick for tick in ticks if float(tick.get("y", 0)) == lowest]
    assert 1 <= len(dates) <= 15
    for one, other in pairwise(dates):
        room = float(other.get("x", 0)) - float(one.get("x", 0))
        assert room > 6.2 * (len(one.text or "") + len(other.text or "")) / 2


def test_years_are_marked_where_they_begin() -> None:
    ticks = texts(equity_chart(curve(timedelta(days=800)), 900.0), "tick")
    assert [tick.text for tick in ticks[:9]] == [
        "2020", "Apr", "Jul", "Oct", "2021", "Apr", "Jul", "Oct", "2022",
    ]  # fmt: skip


def test_curves_that_part_by_more_than_three_times_are_drawn_on_a_log_scale_that_says_so() -> None:
    assert "log scale" not in equity_chart(curve(timedelta(days=9), [1.0, 2.9]), 900.0)
    assert "log scale" in equity_chart(curve(timedelta(days=9), [1.0, 3.1]), 900.0)
    assert "log scale" not in equity_chart(curve(timedelta(days=9), [1.0, -3.1]), 900.0)


def test_a_gap_in_a_curve_stays_a_gap() -> None:
    drawing = equity_chart(curve(timedelta(days=9), [1.0, 1.1, None, 1.2, 1.3]), 900.0)
    (path,) = [p for p in fromstring(drawing).iter("path") if p.get("class") == "model curve"]
    assert path.get("d", "").count("M") == 2


def test_ten_thousand_days_make_a_small_picture_that_keeps_the_worst_of_them() -> None:
    values = np.ones(10_000)
    values[7_777] = 0.4
    drawing = equity_chart(curve(timedelta(days=10_000), values.tolist()), 900.0)
    assert len(drawing) < 90_000
    assert "falling 60.0 % at worst" in drawing


def test_labels_at_the_ends_of_two_curves_stay_apart() -> None:
    drawing = equity_chart(curve(timedelta(days=9), [1.0, 0.5, 1.0001]), 900.0)
    model, baseline = texts(drawing, "label model")[0], texts(drawing, "label baseline")[0]
    assert abs(float(model.get("y", 0)) - float(baseline.get("y", 0))) >= 15
    assert (model.text, baseline.text) == ("model 1.00", "baseline 1.00")


def test_a_pointer_is_told_the_figures_of_a_day() -> None:
    assert "23 Nov 2019: model 1.100, baseline 1.000" in equity_chart(
        curve(timedelta(days=9)), 900.0
    )


@pytest.mark.parametrize("values", [[1.0], [None, None], [float("nan")] * 3])
def test_a_curve_of_nothing_is_not_drawn(values: list[float | None]) -> None:
    rows = curve(timedelta(days=9), [1.0] * max(len(values), 2))[: len(values)]
    rows = rows.with_columns(model=pl.Series(values, dtype=pl.Float64))
    if len(values) > 1:
        rows = rows.with_columns(baseline=pl.lit(None, dtype=pl.Float64))
    assert equity_chart(rows, 900.0) == ""


def test_a_fold_is_filled_only_if_its_whole_interval_is_above_zero(tell: Any) -> None:
    folds = (
        tell()
        .skill[:3]
        .with_columns(
            skill=pl.Series([0.01, 0.01, 0.01]),
            low=pl.Series([0.001, 0.0, None]),
            high=pl.lit(0.02),
        )
    )
    drawing = fromstring(skill_chart(folds, SKILL, None, 900.0))
    kinds = [dot.get("class") for dot in drawing.iter("circle")]
    assert kinds == ["model dot", "model hollow", "model hollow"]


@pytest.mark.parametrize("ceiling", [None, 0.5, float("nan")])
def test_everything_that_skill_is_held_against_is_inside_the_picture(
    tell: Any, ceiling: float | None
) -> None:
    drawing = skill_chart(tell().skill, SKILL, ceiling, 900.0)
    root = fromstring(drawing)
    (band,) = [rect for rect in root.iter("rect") if rect.get("class") == "model band"]
    top = float(band.get("y", 0))
    assert top >= 22
    assert top + float(band.get("height", 0)) <= 232
    assert ("ceiling 50.00 %" in drawing) == (ceiling == 0.5)


def test_the_axes_of_reliability_share_one_scale(tell: Any) -> None:
    drawing = reliability_chart(tell().reliability, 0.52)
    labels = [tick.text for tick in texts(drawing, "tick")]
    assert labels[::2] == labels[1::2] == ["40", "45", "50", "55", "60", "65"]


def test_a_bin_that_is_narrower_stands_higher_for_as_many_rows(tell: Any) -> None:
    bins = (
        tell()
        .reliability[:3]
        .with_columns(predicted=pl.Series([0.50, 0.51, 0.55]), rows=pl.lit(100))
    )
    drawing = fromstring(reliability_chart(bins, 0.52))
    bars = [bar for bar in drawing.iter("rect") if bar.get("class") == "model"]
    heights = [float(bar.get("height", 0)) for bar in bars]
    assert heights == [26.0, 10.4, 6.5]  # bins 1, 2.5 and 4 points wide


@pytest.mark.parametrize("said", [0.0, 0.5, 1.0])
def test_reliability_can_be_drawn_for_a_single_bin(tell: Any, said: float) -> None:
    one = (
        tell()
        .reliability[:1]
        .with_columns(
            predicted=pl.lit(said), observed=pl.lit(said), low=pl.lit(-0.1), high=pl.lit(1.1)
        )
    )
    drawing = fromstring(reliability_chart(one, said))
    for line in drawing.iter("line"):
        assert 22 <= float(line.get("y1", 0)) <= 428
        assert 22 <= float(line.get("y2", 0)) <= 428


def test_a_bar_ends_where_its_probability_is() -> None:
    spread = Spread(base=0.5, reach=0.1)
    bars = [fromstring(spread.bar(p, width=200)) for p in (0.55, 0.45, 0.6)]
    spans = [bar.findall("rect")[1] for bar in bars]
    assert [(s.get("x"), s.get("width")) for s in spans] == [
        ("100", "50"), ("50", "50"), ("100", "100"),
    ]  # fmt: skip
    assert "probability 55.0 %, base rate 50.0 %" in spread.bar(0.55)


def test_the_bars_are_wide_enough_for_every_probability(tell: Any) -> None:
    for said in ([0.01, 0.99], [0.5], [], tell().forecast.probability("up").tolist()):
        spread = Spread.of(said, 0.52)
        assert all(abs(p - 0.52) <= spread.reach for p in said)


@pytest.mark.parametrize(
    "score",
    [
        Score("sharpe", 0.9, 0.1, 1.7, "", float("nan")),
        Score("sharpness", 0.02, 0.01, 0.03, "", 1e6),
        Score("unforeseen", 2.0, 2.0, 2.0, "", -1.0),
    ],
)
def test_a_gauge_can_be_drawn_for_any_score_with_an_interval(score: Score) -> None:
    drawing = gauge(read(score))
    assert fromstring(drawing).findtext("title", "").startswith(read(score).label)
    assert not re.search(r"nan|inf", re.sub(r"<title>.*?</title>|<desc>.*?</desc>", "", drawing))


@pytest.mark.parametrize(
    ("value", "low", "high"), [(0.1, None, None), (float("nan"), 0.0, 1.0), (0.1, 0.1, 0.1)]
)
def test_a_gauge_without_a_scale_is_not_drawn(
    value: float, low: float | None, high: float | None
) -> None:
    assert gauge(read(Score("sharpness", value, low, high, "", None))) == ""


def test_pictures_do_not_change_their_story(tell: Any) -> None:
    story = tell()
    before = replace(story)
    equity_chart(story.equity, 900.0)
    skill_chart(story.skill, SKILL, story.ceiling, 358.0)
    reliability_chart(story.reliability, story.base_rate)
    assert story == before
