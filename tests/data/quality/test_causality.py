"""What the gate says of a part of history is what it said then, with corrections and late rows in it."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tradewind.core import Panel, stream
from tradewind.data.quality import checks, levels
from tradewind.data.quality.bars import Bars
from tradewind.data.quality.gate import Gate
from tradewind.data.quality.verdicts import Marks
from tradewind.data.synthetic import Revisions, make_market
from tradewind.data.synthetic.faults import CATALOGUE

CALENDARS = {"equity": "XNYS", "crypto": "24/7", "fx": "24/5"}


def faulty(kind: str, freq: str, seed: int, periods: int = 250, symbols: int = 5) -> Panel:
    """A panel with every fault, 5 % corrections, twins, a change of unit, zeros, and late rows."""
    market = make_market(
        kind, symbols, periods, freq, seed, plants=[Revisions(0.05)], faults=list(CATALOGUE)
    )
    table, rng = market.panel.table, stream(seed, "spoil")
    names = market.panel.symbols
    own = pl.col("symbol") == names[0]
    twin = table.filter(own).with_columns(
        pl.lit(names[1], dtype=market.panel.names).alias("symbol")
    )
    table = pl.concat([table.filter(pl.col("symbol") != names[1]), twin])
    prices = ["open", "high", "low", "close"]
    unit = (pl.col("symbol") == names[2]) & (pl.col("timestamp") > table["timestamp"].median())
    table = table.with_columns(pl.when(unit).then(pl.col(prices) * 1000).otherwise(pl.col(prices)))
    late = pl.Series(rng.random(len(table)) < 0.03)
    delay = pl.Series(rng.integers(1, 200, len(table))) * timedelta(hours=1)
    known = pl.when(late).then(pl.col("known_at") + delay).otherwise("known_at")
    table = table.with_columns(known.alias("known_at")).sort("symbol", "timestamp", "known_at")
    return Panel(table.unique(["symbol", "timestamp", "known_at"], maintain_order=True))


def require_causal(panel: Panel, gate: Gate, cuts: int, seed: int) -> int:
    """Compare the gate on what was known at random moments with the gate on everything."""
    whole = gate(panel)
    moments = whole.verdicts["verdict_known_at"].append(panel.table["known_at"]).unique().sort()
    chosen = stream(seed, "cuts").choice(len(moments), cuts)
    for when in (moments[int(nth)] for nth in chosen):
        then = gate(panel.until(when))
        assert_frame_equal(then.verdicts, whole.verdicts.filter(pl.col("verdict_known_at") <= when))
        assert_frame_equal(
            then.quarantined, whole.quarantined.filter(pl.col("quarantined_at") <= when)
        )
        assert then.clean == whole.clean.until(when)
    return len(whole.verdicts)


@pytest.mark.parametrize(
    ("kind", "freq"), [("equity", "1d"), ("crypto", "1d"), ("fx", "1h"), ("equity", "1m")]
)
def test_the_gate_says_of_a_part_of_history_what_it_said_then(kind: str, freq: str) -> None:
    panel = faulty(kind, freq, seed=3)
    assert panel.revised > 40
    seen = require_causal(panel, Gate(calendar=CALENDARS[kind]), cuts=25, seed=3)
    assert seen > 200


@settings(max_examples=12)
@given(st.integers(0, 10_000), st.sampled_from(["equity", "crypto"]))
def test_the_gate_is_causal_on_any_market(seed: int, kind: str) -> None:
    panel = faulty(kind, "1d", seed, periods=120, symbols=4)
    require_causal(panel, Gate(calendar=CALENDARS[kind]), cuts=4, seed=seed)


def test_the_gate_is_causal_on_values_that_are_no_bars() -> None:
    table = faulty("crypto", "1d", seed=6).table
    values = table.select("symbol", "timestamp", "known_at", "session", "close")
    nth = pl.int_range(pl.len()).over("symbol")
    values = values.with_columns(
        close=pl.when(nth < 30).then(0.0).when(nth == 180).then(-1.0).otherwise("close")
    )
    panel = Panel(values)
    require_causal(panel, Gate(calendar="24/7"), cuts=40, seed=6)
    found = set(Gate(calendar="24/7")(panel).verdicts["check"])
    assert {"missing.zero", "values.negative", "identity.same_values", "bars.reversal"} <= found


def test_the_truncation_test_sees_a_check_that_looks_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    def at_once(bars: Bars) -> Marks:
        marks = levels.spikes(bars)
        return replace(marks, known=bars.known[marks.rows])

    spike = next(check for check in checks.CHECKS if check.name == "bars.spike")
    monkeypatch.setattr(checks, "CHECKS", (replace(spike, look=at_once),))
    with pytest.raises(AssertionError):
        require_causal(faulty("crypto", "1d", seed=3), Gate(calendar="24/7"), cuts=250, seed=1)


def test_a_close_without_a_bar_after_it_is_not_condemned() -> None:
    market = make_market("crypto", 3, 100, seed=2, faults=["spikes"])
    told = market.truth.faults
    for symbol, stamp in told.select("symbol", "timestamp").rows():
        then = Gate(calendar="24/7")(market.panel.until(stamp))
        assert then.quarantined.filter(symbol=symbol, timestamp=stamp).is_empty()
    assert len(Gate(calendar="24/7")(market.panel).quarantined) == len(told)


def test_the_order_in_which_rows_are_known_does_not_need_to_be_that_of_their_stamps() -> None:
    panel = faulty("equity", "1d", seed=5)
    known, stamp = panel.table["known_at"].to_physical(), panel.table["timestamp"].to_physical()
    assert (np.diff(known.to_numpy()) < 0).sum() > 30
    assert (known > stamp).sum() > 30
