"""The spine is what each moment's knowledge begins with."""

import gc
import weakref

import numpy as np
import polars as pl

from tests.data.quality.conftest import bars, walk
from tests.data.quality.test_causality import faulty
from tradewind.core import Panel, find_calendar
from tradewind.data.quality.bars import Bars
from tradewind.data.quality.checks import CHECKS
from tradewind.data.quality.hours import MINUTE, Hours
from tradewind.data.quality.verdicts import KEYS

XNYS = find_calendar("XNYS")


def test_the_spine_of_what_was_known_is_the_beginning_of_the_spine() -> None:
    panel = faulty("equity", "1d", seed=8)
    whole = Bars(panel, XNYS)
    rows = panel.table.select(KEYS)[whole.spine]
    for when in panel.table["known_at"].unique().sort().gather_every(50):
        then = Bars(panel.until(when), XNYS)
        known = then.panel.table.select(KEYS)[then.spine]
        assert known.equals(rows.filter(pl.col("known_at") <= when))


def test_the_bars_of_the_spine_are_known_in_the_order_of_their_stamps() -> None:
    whole = Bars(faulty("crypto", "1d", seed=8), find_calendar("24/7"))
    same = np.diff(whole.symbol[whole.spine]) == 0
    assert (np.diff(whole.known[whole.spine])[same] >= 0).all()
    assert len(whole.spine) < 0.99 * len(whole)


def test_neighbours_never_belong_to_another_symbol() -> None:
    panel = Panel.from_frame(pl.concat([bars(walk(5), "A"), bars(walk(5), "B")]))
    table = Bars(panel, XNYS)
    assert table.before(1).tolist() == [-1, 0, 1, 2, 3, -1, 5, 6, 7, 8]
    assert table.after(2).tolist() == [2, 3, 4, -1, -1, 7, 8, 9, -1, -1]
    assert table.nth.tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]


def test_a_median_before_a_row_does_not_see_the_row() -> None:
    table = Bars(Panel.from_frame(bars([1.0, 2.0, 3.0, 4.0, 100.0])), XNYS)
    assert table.rolled(table.close, 3, 1).tolist()[1:] == [1.0, 1.5, 2.0, 3.0]


def test_habits_are_told_with_the_fortieth_bar_and_not_before() -> None:
    panel = Panel.from_frame(bars(walk(60)))
    hours = Hours(Bars(panel, XNYS))
    assert hours.daily.all()
    assert hours.told_at[0] == Bars(panel, XNYS).known[39]
    short = Hours(Bars(Panel.from_frame(bars(walk(39))), XNYS))
    assert (short.told_at > hours.told_at[0] * 2).all()
    assert (short.step == 1).all()
    assert MINUTE == 60_000_000


def test_what_was_judged_is_let_go_at_once() -> None:
    """Else groups of a large file would be in memory together."""
    bars_ = Bars(faulty("crypto", "1d", seed=8), find_calendar("24/7"))
    gc.collect()
    gc.disable()
    try:
        assert sum(len(check.verdicts(bars_)) for check in CHECKS) > 100
        watched = weakref.ref(bars_)
        del bars_
        assert watched() is None
    finally:
        gc.enable()
