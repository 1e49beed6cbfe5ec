"""An episode has the scale of its name: bars that are longer than a scale have none at it."""

from typing import Any

import polars as pl
import pytest

from tests.context.patterns.charts import days, minutes
from tests.context.patterns.test_detector import wandering
from tradewind.context.patterns import MultiScalePatternDetector, windows
from tradewind.core import Panel
from tradewind.core.errors import Misuse

FINE = MultiScalePatternDetector(("5m",), "24/7")


def both() -> Panel:
    """Minutes of two symbols, of which some are corrected, beside the days of a third."""
    names = pl.Enum(["DAYS", "S0", "S1"])
    tables = [
        panel.table.select("symbol", "timestamp", "known_at", "session", "close")
        for panel in (days(DAYS=wandering(300)), minutes(2, 2000, seed=4))
    ]
    cast = [table.with_columns(pl.col("symbol").cast(pl.String).cast(names)) for table in tables]
    return Panel(pl.concat(cast).sort("symbol", "timestamp", "known_at"))


@pytest.mark.parametrize("scale", ["5m", "1h"])
def test_a_scale_finer_than_the_bars_is_refused(scale: Any) -> None:
    said = f"patterns at a scale of '{scale}' in bars that are 1 day, 0:00:00 apart: choose from 1d, 1w"
    for find in (MultiScalePatternDetector((scale,)), lambda panel: windows(panel, scale)):
        with pytest.raises(Misuse, match=said):
            find(days(A=wandering(100)))


def test_beside_minutes_those_that_have_days_have_no_episodes_of_minutes() -> None:
    panel = both()
    alone = Panel(panel.table.filter(pl.col("symbol") != "DAYS"))
    assert FINE(panel) == FINE(alone)
    assert windows(panel, "5m", calendar="24/7") == windows(alone, "5m", calendar="24/7")
    assert set(FINE(panel).table["symbol"]) == {"S0", "S1"}


def test_days_beside_minutes_have_episodes_of_days() -> None:
    found = MultiScalePatternDetector(("1d",), "24/7")(both()).table
    assert "DAYS" in set(found["symbol"])


@pytest.mark.parametrize(
    "given", [None, days(A=[1.0, 2.0]).table, days(A=[1.0, 2.0]).table.to_pandas()]
)
def test_what_is_no_panel_is_refused(given: Any) -> None:
    said = f"found in a Panel, not in a {type(given).__name__}: read it first: Panel.from_frame"
    for scales in (None, ("1d",)):
        with pytest.raises(Misuse, match=said):
            MultiScalePatternDetector(scales)(given)  # type: ignore[arg-type]
