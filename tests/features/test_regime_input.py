"""Twenty numbers by each instrument's own past, each with a mask, wherever there are prices."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.features.test_bars import revised_panel
from tests.features.test_realised import made, one_run
from tradewind.core import Market, Panel
from tradewind.core.arrays import Floats
from tradewind.features.bars import BarFeatures
from tradewind.features.realised import kernel as measured
from tradewind.features.realised.regime20 import CLIP, LEAST, NAMES, SPECS
from tradewind.features.realised.regime_input import EXISTS, RegimeInput
from tradewind.features.registry import REGIME20
from tradewind.features.runs import Runs


def regime20(bars: Floats, runs: Runs) -> Floats:
    return REGIME20.resumed(bars, runs, np.empty((runs.kept, REGIME20.state)))


def test_there_are_exactly_twenty_and_a_mask_for_each() -> None:
    assert tuple(spec.name for spec in SPECS) == NAMES
    assert len(NAMES) == len(EXISTS) == 20
    market = Market({"bars": revised_panel(2)})
    rows = RegimeInput()(market, market.panel.moments[-1:])
    assert rows.features == (*NAMES, *EXISTS)


def test_a_value_is_told_by_the_mean_and_spread_of_those_before_it() -> None:
    bars = made(600)
    variances = measured.realised(bars, one_run(600))[measured.NAMES.index("tsrv_60")]
    values = regime20(bars, one_run(600))
    f, joined, compared = NAMES.index("regime_tsrv"), [], 0
    for row in np.flatnonzero(np.isfinite(variances)):
        away = np.sqrt(variances[row])
        if len(joined) >= LEAST:
            mean, sd = np.mean(joined), np.std(joined)
            place = (away - mean) / sd
            assert values[f, row] == pytest.approx(np.clip(place, -CLIP, CLIP), rel=1e-7, abs=1e-9)
            away = mean + np.clip(place, -3, 3) * sd
            compared += 1
        joined.append(away)
    assert compared == 600 - 61 - LEAST


def test_it_speaks_after_sixty_values_and_its_states_at_once() -> None:
    values = regime20(made(400), one_run(400))
    tsrv = values[NAMES.index("regime_tsrv")]
    assert np.isnan(tsrv[: 61 + LEAST]).all()
    assert np.isfinite(tsrv[61 + LEAST :]).all()
    assert np.isfinite(values[NAMES.index("regime_ssr"), 40:]).all()


def test_one_bad_bar_does_not_blunt_the_ones_after_it() -> None:
    bars = made(800)
    fine = regime20(bars, one_run(800))
    bars[4, 405] *= 1e-6  # an illiquidity a million times the usual
    spoiled = regime20(bars, one_run(800))
    f = NAMES.index("regime_amihud")
    assert spoiled[f, 405] == CLIP
    assert np.abs(spoiled[f, 470:] - fine[f, 470:]).max() < 2.5
    assert np.nanstd(spoiled[f, 470:]) > 0.3 * np.nanstd(fine[f, 470:])


def test_how_volatile_an_instrument_is_does_not_tell_which_it_is() -> None:
    bars, wild = made(600), made(600)
    wild[:4] = 50 * (wild[:4] / 50) ** 8
    calm, loud = (regime20(each, one_run(600))[:2] for each in (bars, wild))
    assert np.nanmax(np.abs(calm - loud)) < 0.2


def test_what_never_moves_has_no_place_among_its_past() -> None:
    bars = made(300)
    bars[:4] = 50.0
    values = regime20(bars, one_run(300))
    scaled = [f for f, spec in enumerate(SPECS) if spec.units == "sd"]
    assert np.isnan(values[scaled[:13]]).all()
    assert not np.isinf(values).any()


def test_a_moment_reads_the_same_bits_as_a_history() -> None:
    market = Market({"bars": revised_panel(3)})
    moments = market.panel.moments[125:]
    history = RegimeInput()(market, moments).table
    for at in moments[::7]:
        alone = RegimeInput()(market.as_of(at), [at]).table
        assert alone.equals(history.filter(pl.col("decided_at") == at))


def test_nothing_is_missing_and_what_does_not_exist_is_masked() -> None:
    panel = revised_panel(2)
    bare = Panel(panel.table.drop("open", "high", "low", "volume"))
    table = RegimeInput()(Market({"bars": bare}), panel.moments[-3:]).table
    assert table.null_count().select(*NAMES, *EXISTS).sum_horizontal().item() == 0
    there = {name for name in EXISTS if table[name].min() == 1}
    profile = {f"has_profile_{tenth}" for tenth in range(1, 11)}
    assert there == {"has_tsrv", "has_bpv", "has_ssr", *profile}
    assert table["regime_amihud"].max() == 0


@pytest.mark.parametrize("calendar", ["24/7", "24/5", "XLON", "month+45d"])
def test_only_us_shares_are_restricted(calendar: str) -> None:
    panel = revised_panel(2)
    table = RegimeInput()(
        Market({"bars": panel}, calendars={"bars": calendar}), panel.moments[-2:]
    ).table
    for name in ("ssr", "limit_up", "limit_down", "halted"):
        assert table[f"has_{name}"].max() == table[f"regime_{name}"].max() == 0


def test_it_is_a_family_too() -> None:
    market = Market({"bars": revised_panel(2)})
    rows = BarFeatures(families=(REGIME20,), ranked=())(market, market.panel.moments[-1:])
    assert rows.features == NAMES


REAL = [
    ("equities/equity_daily_us.parquet", {}, "XNYS", 18),
    ("intraday/eurusd_1m.parquet", {"stamps": "start"}, "24/5", 15),
    ("intraday/btcusd_1m.parquet", {"stamps": "start"}, "24/7", 16),
]


@pytest.mark.parametrize(("file", "stamps", "calendar", "exist"), REAL)
def test_of_real_bars_it_says_how_unusual_they_are(
    shared: Path, file: str, stamps: dict[str, str], calendar: str, exist: int
) -> None:
    rows = pl.scan_parquet(shared / "data" / file).filter(pl.col("symbol").is_in(["AAPL", "EURUSD", "BTCUSD"]))  # fmt: skip
    minute = {"bar": timedelta(minutes=1)} if stamps else {}
    panel = Panel.from_frame(rows.head(40_000).collect(), calendar=calendar, **stamps, **minute)
    market = Market({"bars": panel}, calendars={"bars": calendar})
    table = RegimeInput()(market, panel.moments[500::37]).table
    numbers = table.select(*NAMES).to_numpy()
    assert np.isfinite(numbers).all()
    assert np.abs(numbers).max() <= CLIP
    assert 0.3 < numbers[:, 0].std() < 2
    assert sum(table[name].mean() > 0.9 for name in EXISTS) == exist
