"""What was known at a moment: 2.4 million rows of which one in twenty-one is a correction."""

from copy import copy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from benchmarks.bars import SYMBOLS, revised_bars
from benchmarks.harness import Case, Demand

if TYPE_CHECKING:
    import polars as pl

DAYS = 2_286
WHEN = datetime(2019, 6, 3, 12, tzinfo=UTC)  # in the last fifth of the bars


def revised_panel(symbols: int) -> Any:
    """A panel with corrections that has not been asked anything yet."""
    from tradewind.core import Panel

    return Panel(revised_bars(symbols, DAYS))


def first_question(panel: Any) -> "pl.DataFrame":
    """`as_of` on a panel that kept nothing from an earlier question."""
    table: pl.DataFrame = copy(panel).as_of(WHEN).table
    return table


def unique(panel: Any) -> "pl.DataFrame":
    """The same with polars, as it is usually written."""
    import polars as pl

    known: pl.DataFrame = panel.table.filter(pl.col("known_at") <= WHEN)
    return known.unique(["symbol", "timestamp"], keep="last", maintain_order=True)


CASES = (
    Case(
        name="as_of",
        what="panel.as_of(when), the first question asked of a panel",
        prepare=revised_panel,
        run=first_question,
        reference=unique,
        reference_is="polars filter and unique",
        dial="symbols of 2,400 rows",
        sizes=SYMBOLS,
        demand=Demand("wall_s", 0.06),
    ),
)
