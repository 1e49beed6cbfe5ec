"""What resembles now is drawn, whatever is known of what followed."""

from datetime import UTC, datetime

import polars as pl
import pytest

from tradewind.core.errors import BadTable
from tradewind.core.tables import UTC_TIME
from tradewind.reporting.episodes import EpisodesPicture
from tradewind.reporting.episodes_page import WIDE, episodes_chart, render

PATH = {"episode": pl.Int64, "step": pl.Int64, "value": pl.Float64}


def picture(values: dict[int, list[float]], followed: list[float | None]) -> EpisodesPicture:
    paths = [
        {"episode": episode, "step": step - 2, "value": value}
        for episode, path in values.items()
        for step, value in enumerate(path)
    ]
    found = [
        {
            "episode": place,
            "symbol": "<b>A",
            "kind": "double_top",
            "end": datetime(2024, 1, 2, tzinfo=UTC),
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
        "end": UTC_TIME,
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
    drawn = episodes_chart(page, WIDE)
    assert drawn.count('class="model curve"') == 1
    assert drawn.count('class="past curve thin"') == drawn.count('class="after curve thin"') == 2
    html = render(page)
    assert "<b>A" not in html
    assert "100.0 % stood higher" in html


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
