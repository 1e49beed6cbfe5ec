"""On a panel that is corrected every moment sees what a walk over its snapshot gives, to the bit."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.features.test_bars import DAY, START, revised_panel
from tests.features.test_technical import runs
from tradewind.core import Market, Panel, stream
from tradewind.core.tables import floats
from tradewind.features.bars import BarFeatures
from tradewind.features.registry import BARS, TECHNICAL
from tradewind.features.seen import Seen
from tradewind.features.technical.kernel import INPUTS, NAMES, technical


def test_every_moment_sees_a_walk_over_its_snapshot_to_the_bit() -> None:
    panel = revised_panel()
    hours = sorted(stream(5, "m").choice(160 * 24, 150, False))
    seen = Seen(panel, [START + timedelta(hours=int(hour)) for hour in hours])
    values, names, compared = TECHNICAL.values(seen), panel.names.categories.to_list(), 0
    for k, at in enumerate(seen.times):
        for name, rows in panel.as_of(at).by_symbol():
            bars = np.vstack([floats(rows[column]) for column in INPUTS])
            (answer,) = np.flatnonzero((seen.moment == k) & (seen.symbol == names.index(name)))
            alone = technical(bars, runs(len(rows)))[:, -1]
            assert np.array_equal(values[:, answer], alone, equal_nan=True)
            compared += 1
    assert compared > 700


def test_one_moment_reads_the_same_bits_as_a_history() -> None:
    market = Market({"bars": revised_panel()})
    moments = [START + DAY * i for i in range(30, 160)]
    reader = BarFeatures(families=(BARS, TECHNICAL))
    history = reader(market, moments).table
    for at in moments[::13]:
        online = reader(market.as_of(at), [at]).table
        assert online.equals(history.filter(decided_at=at))


def test_which_other_moments_are_asked_changes_no_bit_of_a_million_values() -> None:
    """Asked for fewer moments, a walk is resumed at other bars, and from other states."""
    panel = revised_panel(symbols=30, days=700)
    assert panel.revised == 30 * 700 // 20
    every = Seen(panel, panel.moments)
    values, compared = TECHNICAL.values(every), 0
    for start in range(5):
        some = Seen(panel, panel.moments[start::5])
        chosen = values[:, every.moment % 5 == start]
        assert np.array_equal(TECHNICAL.values(some), chosen, equal_nan=True)
        compared += chosen.size
    assert compared == values.size > 1_000_000


def test_nothing_is_known_before_its_moment() -> None:
    panel = revised_panel()
    every = Seen(panel, panel.moments)
    values = TECHNICAL.values(every)
    for k in range(5, len(panel.moments), 9):
        at = panel.moments[k]
        cut = TECHNICAL.values(Seen(panel.until(at), [at]))
        assert np.array_equal(values[:, every.moment == k], cut, equal_nan=True)


def test_the_average_price_begins_anew_with_each_session(shared: Path) -> None:
    minutes = pl.read_parquet(shared / "data" / "intraday" / "spy_1m.parquet")
    panel = Panel.from_frame(minutes, stamps="end")
    noon = panel.moments[6_000]
    seen = Seen(panel, [noon])
    told = TECHNICAL.values(seen)[NAMES.index("vwap_session"), 0]
    rows = panel.as_of(noon).table
    day = rows.filter(session=rows["session"][-1])
    price = (day["high"] + day["low"] + day["close"]) / 3
    average = (price * day["volume"]).sum() / day["volume"].sum()
    close = rows["close"][-1]
    assert told == pytest.approx((close - average) / close, rel=1e-9)
