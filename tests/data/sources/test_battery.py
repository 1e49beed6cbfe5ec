"""The battery passes what is sound and sees each way to be unsound."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest

from tradewind.core import Panel
from tradewind.data.sources.battery import check_source
from tradewind.data.sources.declared import Part, known_after
from tradewind.data.sources.frames import FrameSource
from tradewind.data.sources.stamping import Stamping
from tradewind.data.synthetic import make_market

PANEL = make_market("equity", 3, 40, "1d", 7, ["revisions"]).panel
DECLARED = Stamping()


@dataclass
class Wrong:
    """A source with one thing wrong."""

    fault: str
    name: str = "wrong"
    table: str = "bars"
    stamping: Any = DECLARED
    reads: int = 0

    def parts(self, since: datetime | None = None) -> tuple[Part, ...]:
        return () if self.fault == "no plan" else (Part("it"),)

    def read(self, since: datetime | None = None) -> Iterator[Panel]:
        self.reads += 1
        panel = PANEL
        if self.fault == "moody" and self.reads > 1:
            panel = Panel(PANEL.table.head(50))
        if self.fault == "deaf":
            since = None
        if self.fault == "forgets corrections" and since:
            yield Panel(PANEL.table.filter(pl.col("timestamp") > since))
            return
        if self.fault == "nothing":
            return
        yield from known_after(panel, since)
        if self.fault == "twice":
            yield from known_after(panel, since)
        if self.fault == "other columns":
            yield Panel(panel.table.drop("volume").with_columns(
                pl.col("timestamp", "known_at") + timedelta(days=9_000)))  # fmt: skip


def test_a_sound_source_passes() -> None:
    assert check_source(Wrong("none")) == ()
    assert check_source(FrameSource(PANEL.table, Stamping())) == ()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("no plan", "its plan is empty"),
        ("moody", "read twice, it gave different rows"),
        ("deaf", "it gave other rows than are new"),
        ("forgets corrections", "it gave other rows than are new"),
        ("nothing", "it gave nothing"),
        ("twice", "rows share a key"),
        ("other columns", "its panels differ in their columns"),
    ],
)
def test_each_way_to_be_unsound_is_found(fault: str, said: str) -> None:
    assert any(said in finding.detail for finding in check_source(Wrong(fault)))


def test_a_source_that_declares_nothing_is_found() -> None:
    found = check_source(Wrong("none", stamping=None))
    assert any("does not declare how its stamps" in finding.detail for finding in found)


def test_a_source_that_refuses_is_a_finding_and_no_exception() -> None:
    hours = pl.DataFrame({"time": ["2024-01-02T15:00Z"], "symbol": "A", "close": [1.0]})
    [finding] = check_source(FrameSource(hours, Stamping()))
    assert "it refuses to be read: frame does not say whether" in finding.detail
