"""On twelve unadjusted histories, splits and gaps among them, what leaks is told and nothing else."""

from pathlib import Path

import polars as pl
import pytest

from tradewind.core import stream
from tradewind.evaluation.causality.audit import audit
from tradewind.evaluation.causality.catalogue import HONEST, LEAKY, Entry
from tradewind.evaluation.causality.frames import FrameSubject

FILE = "equities/etf_equity_daily_unadjusted.parquet"


def tried(entries: dict[str, Entry], shared: Path, cuts: int) -> dict[str, str]:
    """The verdict on each function that reads bars."""
    bars = pl.read_parquet(shared / "data" / FILE).filter(pl.col("timestamp").dt.year() >= 2013)
    on_bars = {name: entry for name, entry in entries.items() if entry.reads == "bars"}
    return {
        name: audit(
            FrameSubject(name, entry.make, bars.to_pandas() if entry.package == "pandas" else bars),
            stream(3),
            cuts,
        ).verdict
        for name, entry in on_bars.items()
    }


def test_no_honest_function_is_accused_on_real_bars(shared: Path) -> None:
    verdicts = tried(HONEST, shared, cuts=6)
    assert len(verdicts) == 19
    assert set(verdicts.values()) == {"causal"}


@pytest.mark.slow  # twenty cuts; the catalogue is judged on made markets beside this
def test_leaks_are_found_on_real_bars(shared: Path) -> None:
    often = {name: entry for name, entry in LEAKY.items() if name != "hundredth"}
    verdicts = tried(often, shared, cuts=20)
    assert {name for name, one in verdicts.items() if one != "leaking"} == {"hindsight"}


@pytest.mark.slow  # six hundred cuts, which docs/causality.md says that it takes
def test_a_leak_of_one_bar_in_a_hundred_is_found_on_real_bars(shared: Path) -> None:
    rare = {"hundredth": LEAKY["hundredth"]}
    assert tried(rare, shared, cuts=600) == {"hundredth": "leaking"}
