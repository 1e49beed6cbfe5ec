"""Flags and breakouts are told at the break, of what is steep and what is narrow, and of nothing else."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from docs.planted import charts
from tests.context.patterns.charts import days
from tradewind.context.patterns import MultiScalePatternDetector, classical, sudden
from tradewind.context.patterns.found import KINDS
from tradewind.core import Panel, stream
from tradewind.core.arrays import Floats
from tradewind.evaluation.detector_contracts import check_pattern_detector

NEW = ("bull_flag", "bear_flag", "breakout")
CHANNELS = ("rising_channel", "falling_channel", "sideways_channel")
FLAG = ([0, 60, 74, 104, 118], [0.0, 0.0, 20.0, 15.0, 35.0])
RANGE = ([0, 20, 150, 165], [10.0, 0.0, 0.0, 20.0])


def drawn(corners: tuple[list[int], list[float]], wiggle: float = 0.4) -> Floats:
    """Straight legs from corner to corner, with a step up and down on the way."""
    bars = np.arange(corners[0][-1])
    return np.interp(bars, *corners) + wiggle * (-1.0) ** bars


def told(path: Floats, kinds: tuple[str, ...] = NEW) -> list[tuple[str, int, int, int]]:
    """(kind, direction, first bar, last bar) of every episode of these kinds."""
    panel = days(A=[float(one) for one in path])
    table = MultiScalePatternDetector(("1d",), "24/7")(panel).table
    table = table.filter(pl.col("kind").is_in(list(kinds)))
    moments = panel.moments
    return [
        (kind, direction, moments.index(start), moments.index(end))
        for kind, direction, start, end in table.select(
            "kind", "direction", "start", "end"
        ).iter_rows()
    ]


def test_a_bull_flag_spans_its_pole_and_is_told_while_it_is_left() -> None:
    ((kind, direction, first, last),) = told(100 + drawn(FLAG))
    assert (kind, direction) == ("bull_flag", 1)
    assert 58 <= first <= 62
    assert 105 <= last <= 110


def test_upside_down_a_bull_flag_is_a_bear_flag() -> None:
    path = drawn(FLAG)
    ((_, _, first, last),) = told(100 + path)
    assert told(100 - path) == [("bear_flag", -1, first, last)]


def test_a_pause_that_gives_half_of_the_move_back_is_no_flag() -> None:
    assert told(100 + drawn(([0, 60, 74, 104, 118], [0.0, 0.0, 20.0, 9.0, 29.0]))) == []


def test_a_jump_is_no_pole() -> None:
    assert told(100 + drawn(([0, 60, 61, 91, 105], [0.0, 0.0, 20.0, 15.0, 35.0]))) == []


def test_a_pause_that_is_left_slowly_is_no_flag() -> None:
    assert told(100 + drawn(([0, 60, 74, 104, 160], [0.0, 0.0, 20.0, 15.0, 22.0]))) == []


@pytest.mark.parametrize("side", [1, -1])
def test_a_range_that_is_left_is_a_breakout_of_the_side_it_is_left_by(side: int) -> None:
    ((kind, direction, first, last),) = told(100 + side * drawn(RANGE))
    assert (kind, direction) == ("breakout", side)
    assert first <= 50
    assert 152 <= last <= 157


def test_a_range_is_told_once() -> None:
    path = 100 + drawn(([0, 20, 150, 160, 170, 180], [10.0, 0.0, 0.0, 12.0, 0.0, 15.0]))
    assert [kind for kind, *_ in told(path, ("breakout",))] == ["breakout"]


def test_one_bad_print_leaves_neither_a_range_nor_a_flag() -> None:
    for corners, spoilt in ((RANGE, 140), (FLAG, 100)):
        path = 100 + drawn(corners)[: spoilt + 10]
        path[spoilt] += 40
        assert told(path) == []


@pytest.mark.parametrize(("rise", "kind"), [*zip((0.25, -0.25, 0.0), CHANNELS, strict=True)])
def test_a_channel_is_named_by_where_it_goes(rise: float, kind: str) -> None:
    places = [0, 20, 40, 60, 80, 100, 120]
    heights = [0.0, 0.0, 20.0, 0.0, 20.0, 0.0, 35.0]
    path = np.interp(np.arange(120), places, heights) + 0.4 * (-1.0) ** np.arange(120)
    path[20:] += rise * np.arange(100)
    assert [one for one, *_ in told(1000 + path, CHANNELS)] == [kind]


@pytest.mark.parametrize(
    "path",
    [
        np.full(300, 7.0),
        np.repeat([5.0, 50.0], 150),
        np.tile([1e300, -1e300], 150),
        np.where(np.arange(300) == 200, 1e308, 1.0),
    ],
    ids=["constant", "one step", "huge", "one huge print"],
)
def test_where_there_is_nothing_to_see_neither_is_told(path: Floats) -> None:
    assert told(path, (*NEW, *CHANNELS)) == []


def test_what_is_told_does_not_change_with_the_level_or_the_unit_of_a_price() -> None:
    up, flat = drawn(FLAG, 0.5), drawn(RANGE, 0.5)
    path = np.concatenate([up, 35 - up, flat, 20 - up])
    path = np.round(64 * (path + 0.2 * stream(5, "wander").standard_normal(len(path)))) / 64
    found = told(path)
    assert {kind for kind, *_ in found} == set(NEW)
    assert told(path - 4096) == told(path * 4) == found


def test_planted_ones_pass_the_battery_on_a_panel_of_which_every_twentieth_bar_is_corrected() -> (
    None
):
    whole, _ = charts("1d", "quiet", 2, seed=3)
    table = whole.table.filter(pl.col("symbol").cast(pl.String).str.contains("flag|channel|break"))
    rng = stream(3, "corrections")
    wrong = table.filter(pl.Series(rng.random(len(table)) < 0.05))
    wrong = wrong.with_columns(pl.col("close") * 1.02, pl.col("known_at") + timedelta(days=3))
    panel = Panel(pl.concat([table, wrong]).sort("symbol", "timestamp", "known_at"))
    detector = MultiScalePatternDetector(("1d",), "24/7")
    assert set(detector(panel).table["kind"]) >= {*NEW, *CHANNELS}
    assert check_pattern_detector(detector, panel, stream(4, "battery")) == ()


def test_the_kinds_of_the_kernels_are_those_of_their_names() -> None:
    places = (classical.RISING, classical.FALLING, classical.SIDEWAYS)
    assert tuple(KINDS[place] for place in places) == CHANNELS
    places = (sudden.CHANGE, sudden.BURST, sudden.GAP)
    assert tuple(KINDS[place] for place in places) == ("change_point", "volatility_burst", "gap")
