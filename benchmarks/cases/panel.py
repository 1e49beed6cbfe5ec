"""A Panel of 2.5 million rows: validated where it lies, and read from rows in any order."""

from typing import Any

from benchmarks.bars import KEYS, SYMBOLS, made_bars
from benchmarks.harness import Case, Demand


def shuffled_bars(symbols: int) -> Any:
    """The bars in an order that nobody chose."""
    return made_bars(symbols).sample(fraction=1, shuffle=True, seed=7)


def validate(table: Any) -> object:
    """Construct and validate a Panel of a table that is in order."""
    from tradewind.core import Panel

    return Panel(table)


def read(table: Any) -> object:
    """Construct and validate one of a table that is not."""
    from tradewind.core import Panel

    return Panel.from_frame(table)


def find_duplicates(table: Any) -> object:
    """What polars offers for one of the promises."""
    return table.select(KEYS).is_duplicated().any()


def sort(table: Any) -> object:
    """What must be done at the least."""
    return table.sort(KEYS)


CASES = (
    Case(
        name="panel_sorted",
        what="Panel(table): construct and validate",
        prepare=made_bars,
        run=validate,
        reference=find_duplicates,
        reference_is="polars is_duplicated on the keys",
        dial="symbols of 2,500 days",
        sizes=SYMBOLS,
        demand=Demand("wall_s", 0.1),
    ),
    Case(
        name="panel_shuffled",
        what="Panel.from_frame(shuffled): sort, construct and validate",
        prepare=shuffled_bars,
        run=read,
        reference=sort,
        reference_is="polars sort by the keys",
        dial="symbols of 2,500 days",
        sizes=SYMBOLS,
        demand=Demand("wall_s", 1.0),
    ),
)
