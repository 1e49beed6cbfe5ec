"""A made market of 1,000 symbols and 2,500 days, beside the drawing of its returns alone."""

from collections.abc import Callable

from benchmarks.bars import DAYS, SYMBOLS
from benchmarks.harness import Case, Demand


def with_maker(symbols: int) -> tuple[Callable[..., object], int]:
    """Importing the room counts as preparing."""
    from tradewind.data.synthetic import make_market

    return make_market, symbols


def make(given: tuple[Callable[..., object], int]) -> object:
    """The market, with its truth."""
    maker, symbols = given
    return maker("equity", symbols, DAYS, "1d", 7)


def walk(given: tuple[Callable[..., object], int]) -> object:
    """One normal draw a bar, summed up into prices."""
    import numpy as np

    from tradewind.core import stream

    return np.exp(stream(7, "walk").normal(0, 0.02, (given[1], DAYS)).cumsum(axis=1))


CASES = (
    Case(
        name="make_market",
        what='make_market("equity", symbols, 2500, "1d", 7)',
        prepare=with_maker,
        run=make,
        reference=walk,
        reference_is="numpy: one normal draw a bar, cumulated",
        dial="symbols of 2,500 days",
        sizes=SYMBOLS,
        demand=Demand("wall_s", 3.0),
    ),
)
