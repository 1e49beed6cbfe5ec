"""What is kept of features answers about every moment as a run over its snapshot would."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from tests.features.test_bars import revised_panel
from tests.features.toys import SMOOTH, corrected
from tradewind.core import Panel
from tradewind.features.families import CarriedFamily
from tradewind.features.kept.arrivals import arrivals_of
from tradewind.features.kept.materialising import States, materialised, no_states
from tradewind.features.registry import ALPHA158, BARS, OBSERVED, REGIME20, TECHNICAL
from tradewind.features.runs import Runs
from tradewind.features.seen import bars_of

FAMILIES = [BARS, ALPHA158, TECHNICAL, REGIME20, OBSERVED, SMOOTH]


def of_snapshot(family: CarriedFamily, panel: Panel) -> np.ndarray:
    """(features, rows) of a panel without corrections, each symbol from its beginning."""
    values = []
    for _, rows in panel.as_of(max(panel.table["known_at"])).by_symbol():
        size = len(rows)
        bars = bars_of(Panel(rows), family.inputs, np.arange(size))
        one = [np.array(x) for x in (range(size), [0, size], [-1], [-1] * size, [[size - 1]])]
        values.append(family.resumed(bars, Runs(*one), np.empty((0, family.state))))
    return np.hstack(values)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
@pytest.mark.parametrize("panel", [corrected(4, 160), revised_panel(3, 130)], ids=["made", "late"])
def test_at_every_moment_the_kept_rows_are_what_its_snapshot_gives(
    family: CarriedFamily, panel: Panel
) -> None:
    kept = materialised(family, panel, no_states(family)).panel
    compared = 0
    for at in panel.table["known_at"].unique().sort()[40::23]:
        known = kept.as_of(at).table
        there = panel.as_of(at).table
        assert known.select("symbol", "timestamp").equals(there.select("symbol", "timestamp"))
        expected = of_snapshot(family, Panel(there))
        for spec, values in zip(family.specs, expected, strict=True):
            ours = known[spec.name].fill_null(np.nan).to_numpy()
            assert np.array_equal(ours, values, equal_nan=True)
            compared += len(values)
    assert compared > 2_000


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_day_by_day_it_is_to_the_bit_what_one_run_gives(family: CarriedFamily) -> None:
    panel = corrected(4, 90)
    first = Panel(panel.table.filter(~pl.Series(panel.corrections)))
    whole = materialised(family, first, no_states(family)).panel.table
    left, rows = no_states(family), []
    for at in first.table["known_at"].unique().sort():
        day = Panel(first.table.filter(known_at=at))
        done = materialised(family, day, left)
        left = left.renewed(done.states)
        rows.append(done.panel.table)
    assert pl.concat(rows).sort("symbol", "timestamp", "known_at").equals(whole)


def test_which_values_a_correction_changes_is_decided_by_the_lookback() -> None:
    panel = revised_panel(1, 100, revised=0.0)
    first = Panel(panel.table.filter(~pl.Series(panel.corrections)))
    late = max(first.table["known_at"]) + timedelta(days=1)
    again = first.table[10:11].with_columns(pl.col("close") * 2, known_at=pl.lit(late))
    rows = pl.concat([first.table, again.cast(dict(first.table.schema))])
    both = Panel(rows.sort("symbol", "timestamp", "known_at"))
    told = {
        family.name: materialised(family, both, no_states(family)).panel.table.filter(known_at=late)
        for family in FAMILIES
    }
    sizes = {name: len(rows) for name, rows in told.items()}
    followed = dict.fromkeys(("technical", "regime20", "smooth"), 90)
    assert sizes == {"bars": 61, "alpha158": 61, "observed": 5, **followed}


def test_a_panel_without_rows_changes_nothing() -> None:
    empty = Panel(corrected(2, 40).table.clear())
    done = materialised(BARS, empty, no_states(BARS))
    assert (len(done.panel), done.states.symbols) == (0, ())
    assert len(arrivals_of(empty).rows) == 0


def test_states_of_a_symbol_are_replaced_and_those_of_others_stay() -> None:
    def states(name: str, value: int) -> States:
        return States((name,), np.array([value]), np.array([value]), np.array([[float(value)]]))

    both = states("A", 1).renewed(states("B", 2)).renewed(states("A", 3))
    assert dict(zip(both.symbols, both.known.tolist(), strict=True)) == {"B": 2, "A": 3}
