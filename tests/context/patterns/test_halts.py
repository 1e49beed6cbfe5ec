"""A halt is passed over: what comes after it is measured by what was usual before it."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from tests.context.patterns.charts import days
from tests.context.patterns.test_detector import wandering
from tradewind.context.patterns import MultiScalePatternDetector
from tradewind.context.patterns.pivots import WARM, usual_steps
from tradewind.core import Panel, stream

DAYS = MultiScalePatternDetector(("1d",))
TOLD = ["kind", "direction", "confidence"]


def halted(path: list[float | None], at: int, bars: int) -> list[float | None]:
    """The same path, in which a price stands still for so many bars."""
    return [*path[:at], *[path[at - 1]] * bars, *path[at:]]


@pytest.mark.parametrize("at", [1, 10, 150, 299])
def test_however_long_a_halt_lasts_the_same_is_told_around_it(at: int) -> None:
    path = wandering(300)
    short, long = (DAYS(days(A=halted(path, at, bars))).table for bars in (3, 203))
    assert len(long) > 10
    assert long.select(TOLD).equals(short.select(TOLD))


def test_a_walk_that_was_halted_brings_forth_no_figure_and_no_breakout() -> None:
    for seed in range(8):
        steps = stream(seed, "halted").standard_normal(200)
        path: list[float | None] = list(map(float, 200 + np.cumsum(steps)))
        free, held = (DAYS(days(A=one)).table for one in (path, halted(path, 100, 200)))
        assert len(held) <= len(free) + 1
        assert held.filter(kind="breakout", confidence=1.0).is_empty()


def test_a_market_that_is_cut_in_a_halt_tells_what_the_whole_told_until_then() -> None:
    panel = days(A=halted(wandering(300), 150, 60), B=halted(wandering(300, 4), 40, 60))
    whole = DAYS(panel).table
    for place in (151, 153, 154, 209, 211, 230):
        cut = panel.moments[place] + timedelta(seconds=1)
        assert DAYS(panel.until(cut)).table.equals(whole.filter(pl.col("known_at") <= cut))


def test_a_price_that_mostly_stands_still_has_a_usual_step_from_the_first() -> None:
    close = np.repeat(np.tile([100.0, 101.0], 20), 3)
    steps = usual_steps(close, np.array([0, len(close)]))
    assert steps[WARM:] == pytest.approx(1 / 3, rel=0.1)


def test_a_gap_after_a_halt_is_told_as_one_without_a_pause_since_its_bars_had_none() -> None:
    rng = stream(5, "gaps")
    moves = rng.standard_normal(200)
    moves[120:180], moves[180] = 0.0, 30.0
    close = 200 + np.cumsum(moves)
    opens = np.append(close[0], close[:-1]) + np.where(moves == 30, 30.0, 0.1 * moves)
    every_day = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 7, 18), eager=True)
    frame = pl.DataFrame({"date": every_day.cast(pl.String), "open": opens, "close": close})
    panel = Panel.from_frame(frame, calendar="24/7", symbol="A")
    gaps = MultiScalePatternDetector(("1d",), "24/7")(panel).table.filter(kind="gap")
    assert gaps["end"].to_list() == [panel.moments[180]]
