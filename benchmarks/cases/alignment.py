"""A view of up to 1,000 symbols at 2,500 moments, one bar in twenty corrected: five columns as known then."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.bars import DAYS, SYMBOLS, revised_bars
from benchmarks.harness import Case, Demand

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("open", "high", "low", "close", "volume")
LIMIT = 5


@dataclass
class Given:
    """The bars as a panel, and as the frame that pandas would be handed."""

    panel: Any
    times: Any
    frame: "pd.DataFrame"


def revised_panel(symbols: int) -> Given:
    """Bars with corrections, and a grid of every moment at which one is complete."""
    from tradewind.core import Panel

    panel = Panel(revised_bars(symbols, DAYS))
    return Given(panel, panel.moments, panel.to_pandas())


def aligned(given: Given) -> object:
    """Five columns of every symbol as known at each moment."""
    from tradewind.data.alignment import align

    return align(given.panel, given.times, COLUMNS, fill_limit=LIMIT)


def pivoted(given: Given) -> object:
    """With pandas, as it is usually written: the last version of each bar, which looks ahead."""
    last = given.frame.drop_duplicates(["symbol", "timestamp"], keep="last")
    wide = last.pivot(index="timestamp", columns="symbol", values=list(COLUMNS))
    return wide.ffill(limit=LIMIT).stack("symbol", future_stack=True)


CASES = (
    Case(
        name="align",
        what="align(panel, times, five columns): as known at each of 2,500 moments",
        prepare=revised_panel,
        run=aligned,
        reference=pivoted,
        reference_is="pandas pivot and ffill of the last versions, which looks ahead",
        dial="symbols of 2,500 days",
        sizes=SYMBOLS,
        demand=Demand("wall_s", 2.0),
    ),
)
