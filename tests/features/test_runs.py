"""A walk that is resumed at each correction gives what a walk over each moment's snapshot gives."""

from datetime import timedelta

import numpy as np

from tests.features.test_bars import START, revised_panel
from tradewind.core import Panel, stream
from tradewind.core.tables import floats
from tradewind.features.runs import Runs, runs_of


def walked(panel: Panel, runs: Runs) -> np.ndarray:
    """A recursion whose value depends on every bar before it, and on their order."""
    close = floats(panel.table["close"])[runs.rows]
    values, kept = np.empty(len(close)), np.full(runs.kept, np.nan)
    for run in range(len(runs.resume)):
        state = kept[runs.resume[run]] if runs.resume[run] >= 0 else 0.0
        for place in range(runs.offsets[run], runs.offsets[run + 1]):
            values[place] = state = 0.9 * state + close[place]
            if runs.keep[place] >= 0:
                kept[runs.keep[place]] = state
    return values


def test_every_moment_sees_a_walk_over_its_snapshot_to_the_bit() -> None:
    panel = revised_panel()
    hours = sorted(stream(2, "m").choice(160 * 24, 150, False))
    moments = [START + timedelta(hours=int(hour)) for hour in hours]
    runs, names = runs_of(panel, moments), panel.names.categories.to_list()
    values, compared = walked(panel, runs), 0
    for k, at in enumerate(moments):
        snapshot = panel.as_of(at)
        for name, rows in snapshot.by_symbol():
            state = 0.0
            for close in rows["close"]:
                state = 0.9 * state + close
            assert values[runs.last[k, names.index(name)]] == state
            compared += 1
        assert (runs.last[k] >= 0).sum() == len(snapshot.symbols)
    assert compared > 700


def test_a_correction_costs_the_bars_since_the_one_it_corrects() -> None:
    panel = revised_panel(symbols=3, days=150)
    runs = runs_of(panel, sorted(panel.table["known_at"].unique()))
    assert len(runs.rows) < 3 * len(panel)
    assert runs.kept > 5
