"""The gate loses nothing, refuses what it is told to refuse, and never unsays what it let pass."""

import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.quality.conftest import at, bars, passed, walk
from tests.data.quality.test_causality import CALENDARS, faulty
from tests.data.quality.test_checks import spiked
from tradewind.core import Panel
from tradewind.core.errors import Refusal
from tradewind.data.quality.checks import inspect
from tradewind.data.quality.gate import Gate
from tradewind.data.quality.verdicts import KEYS
from tradewind.data.synthetic import make_market


@settings(max_examples=12)
@given(st.integers(0, 10_000), st.sampled_from(["equity", "crypto"]))
def test_every_row_is_in_clean_or_in_quarantine_as_it_was(seed: int, kind: str) -> None:
    panel = faulty(kind, "1d", seed, periods=120, symbols=4)
    result = passed(panel, CALENDARS[kind])
    later = result.quarantined.filter(pl.col("quarantined_at") > pl.col("known_at"))
    held = result.quarantined.select(panel.table.columns)
    came = result.clean.table.join(panel.table.select(KEYS), on=KEYS, how="semi")
    kept = came.join(later.select(KEYS), on=KEYS, how="anti")
    assert len(panel) == len(kept) + len(held)
    assert pl.concat([kept, held]).sort(KEYS).equals(panel.table)
    withdrawals = result.clean.table.join(panel.table.select(KEYS), on=KEYS, how="anti")
    assert len(result.clean) == len(came) + len(withdrawals)
    assert 0 <= len(withdrawals) <= len(later)


def test_a_row_that_is_found_out_later_is_withdrawn_and_not_removed() -> None:
    panel = Panel.from_frame(spiked(row=70))
    result = passed(panel)
    spike = panel.table.row(70, named=True)
    versions = result.clean.table.filter(timestamp=spike["timestamp"])
    assert versions["close"].to_list() == [spike["close"], None]
    assert versions["known_at"].to_list() == [spike["known_at"], panel.table["known_at"][71]]
    assert result.clean.as_of(spike["known_at"]).table["close"][-1] == spike["close"]
    assert result.clean.as_of(panel.table["known_at"][71]).table["close"][-2] is None


def test_a_bad_row_that_was_corrected_in_time_is_not_withdrawn() -> None:
    table = Panel.from_frame(spiked(row=70)).table
    mended = table[[70]].with_columns(
        pl.lit(table["close"][69]).alias("close"),
        pl.lit(table["close"][69]).alias("open"),
        pl.lit(table["close"][69]).alias("low"),
        known_at=pl.col("known_at") + pl.duration(hours=2),
    )
    result = passed(Panel(pl.concat([table, mended]).sort(KEYS)))
    assert result.quarantined["check"].to_list() == ["bars.spike"]
    last = result.clean.as_of(table["known_at"][79]).table
    assert last["close"][70] == table["close"][69]


def test_a_bad_correction_leaves_the_row_it_corrects() -> None:
    table = Panel.from_frame(bars(walk(40))).table
    bad = table[[20]].with_columns(
        pl.col("low") * 3, known_at=pl.col("known_at") + pl.duration(hours=2)
    )
    result = passed(Panel(pl.concat([table, bad]).sort(KEYS)))
    assert result.quarantined["check"].to_list() == ["bars.order"]
    assert result.clean.table.equals(table)


def test_a_clean_panel_passes_as_it_is() -> None:
    market = make_market("equity", 5, 200, plants=["revisions"])
    result = Gate(strict=True)(market.panel)
    assert result.clean is market.panel
    assert result.quarantined.is_empty()


def test_a_strict_gate_refuses_with_the_first_error_and_the_count() -> None:
    table = bars(walk(40)).with_columns(at(20, "low", 500.0)).with_columns(at(25, "low", 0.0))
    told = (
        "2 rows are in error by 2 checks, first bars.order in ACME: 1 of 40 rows have a price outside "
        "low..high, first ACME at "
    )
    remedy = "or pass the gate without --strict to set them aside"
    with pytest.raises(Refusal, match=f"^{re.escape(told)}.*{re.escape(remedy)}$"):
        Gate(strict=True)(Panel.from_frame(table))


def test_a_gate_that_is_not_strict_says_the_same_as_findings() -> None:
    table = bars(walk(40)).with_columns(at(20, "low", 500.0))
    findings = passed(Panel.from_frame(table)).findings
    assert [(finding.check, finding.severity) for finding in findings] == [("bars.order", "error")]
    assert findings[0].known_at == Panel.from_frame(table).table["known_at"][20]


def test_what_passed_the_gate_passes_it_again() -> None:
    panel = make_market("equity", 5, 250, seed=4, faults=["swapped_columns", "spikes"]).panel
    once = passed(panel)
    again = passed(once.clean)
    assert len(once.quarantined) == 4
    assert again.clean == once.clean


def test_the_summary_counts_symbols_and_rows_of_each_check() -> None:
    panel = make_market("equity", 6, 300, seed=2, faults=["zero_volume", "swapped_columns"]).panel
    summary = passed(panel).summary()
    assert summary.columns == ["check", "severity", "symbols", "rows", "first", "last"]
    assert summary["check"].to_list() == ["bars.order", "bars.no_volume"]
    assert summary["severity"].to_list() == ["error", "warning"]
    assert (summary["rows"] == 4).all()


def test_a_panel_without_a_close_or_without_rows_passes() -> None:
    moods = pl.DataFrame({"date": ["2024-01-02"], "symbol": "A", "mood": [1.0]})
    panel = Panel.from_frame(moods)
    assert passed(panel).clean is panel
    assert len(passed(Panel(panel.table.clear())).summary()) == 0


def test_a_job_that_only_looks_is_told_of_errors_as_warnings() -> None:
    panel = Panel.from_frame(bars(walk(40)).with_columns(at(20, "low", 500.0)))
    assert [(one.check, one.severity) for one in inspect(panel, "XNYS")] == [
        ("bars.order", "warning")
    ]
