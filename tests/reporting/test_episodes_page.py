"""What resembles now is drawn, whatever is known of what followed."""

from dataclasses import replace

import polars as pl
import pytest

from tradewind.core.errors import BadTable
from tradewind.reporting.episodes import EpisodesPicture
from tradewind.reporting.episodes_page import (
    AFTER,
    WIDE,
    after_chart,
    render,
    shapes_chart,
    standard,
)

PATH = {"episode": pl.Int64, "step": pl.Float64, "value": pl.Float64}


def picture(values: dict[int, list[float]], followed: list[float | None]) -> EpisodesPicture:
    paths = [
        {"episode": episode, "step": float(step - 2), "value": value}
        for episode, path in values.items()
        for step, value in enumerate(path)
    ]
    found = [
        {
            "episode": place,
            "symbol": "<b>A",
            "kind": "double_top",
            "when": "2 Jan 2024",
            "similarity": 0.9,
            "regime": None,
            "followed": outcome,
        }
        for place, outcome in enumerate(followed, start=1)
    ]
    schema = {
        "episode": pl.Int64,
        "symbol": pl.String,
        "kind": pl.String,
        "when": pl.String,
        "similarity": pl.Float64,
        "regime": pl.String,
        "followed": pl.Float64,
    }
    outcomes = {"these": (-0.01, 0.0, 0.02), "anything": (-0.02, float("nan"), 0.02)}
    tables = pl.DataFrame(paths, schema=PATH), pl.DataFrame(found, schema=schema)
    return EpisodesPicture("ACME", "2 Jan", "5 bars", {"k": "a < b"}, *tables, outcomes)


def test_now_and_each_episode_are_drawn_once_and_nothing_is_markup() -> None:
    now, past = [0.1, 0.05, 0.0], [0.2, 0.1, 0.0, -0.1, 0.1]
    page = picture({0: now, 1: past, 2: past}, [0.1, None])
    looked, after = shapes_chart(page, WIDE), after_chart(page, AFTER)
    assert looked.count('class="model curve"') == 1
    assert looked.count('class="past curve thin"') == after.count('class="after curve thin"') == 2
    html = render(page)
    assert "<b>A" not in html
    assert "1 of 1 stood higher" in html


@pytest.mark.parametrize("values", [{}, {0: [0.0]}, {0: [float("nan")] * 3, 1: [1e300, -1e300]}])
def test_what_is_short_or_unknown_is_drawn_or_left_out(values: dict[int, list[float]]) -> None:
    html = render(picture(values, [None]))
    assert "nan" not in html


def test_nothing_found_is_said() -> None:
    assert "Nothing in the library resembles it" in render(picture({0: [0.1, 0.0]}, []))


def test_paths_without_steps_are_refused() -> None:
    whole = picture({0: [0.1, 0.0]}, [])
    with pytest.raises(BadTable, match="EpisodesPicture has no column 'step'"):
        EpisodesPicture("A", "", "", {}, whole.paths.drop("step"), whole.found, {})


def test_paths_of_one_shape_lie_together_whatever_their_height() -> None:
    one, twice = [0.1, 0.3, 0.0, 0.2], [0.2, 0.6, 0.0, 0.4]
    paths = standard(picture({0: one, 1: twice}, [0.1]).paths)
    assert paths.filter(episode=0)["value"].to_list() == pytest.approx(
        paths.filter(episode=1)["value"].to_list()
    )


def test_what_followed_is_drawn_as_it_was_and_not_in_spreads() -> None:
    page = picture({0: [0.1, 0.0, 0.0], 1: [0.4, 0.0, 0.0, 0.0625]}, [0.0625])
    assert ">0.06</text>" in after_chart(page, AFTER)


def test_where_the_middle_ended_lies_within_the_axis() -> None:
    page = picture({0: [0.1, 0.0, 0.0], 1: [0.4, 0.0, 0.0, 0.001]}, [0.001])
    wider = replace(page, outcomes={"these": (-0.08, 0.0, 0.04)})
    assert ">−0.08</text>" in after_chart(wider, AFTER)
