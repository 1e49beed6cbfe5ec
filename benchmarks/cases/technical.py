"""The 55 technical features of each bar, on one core, from bars that lie in order."""

from typing import Any

from benchmarks.bars import made_bars
from benchmarks.harness import Case

SYMBOLS = (16, 62, 250)  # 1x, 4x, 16x
DAYS = (625, 2_500, 10_000)


def of_symbols(symbols: int) -> Any:
    """The table, and what the kernel is given of it."""
    return prepared(made_bars(symbols))


def of_days(days: int) -> Any:
    return prepared(made_bars(62, days))


def prepared(table: Any) -> Any:
    from tradewind.core import Panel
    from tradewind.features.seen import Seen
    from tradewind.features.technical.kernel import INPUTS

    panel = Panel(table)
    seen = Seen(panel, panel.moments[-1:])
    return table, seen.bars(INPUTS, seen.runs.rows), seen.runs


def all_features(given: Any) -> object:
    """55 features of every bar."""
    from tradewind.features.technical.kernel import technical

    _, bars, runs = given
    return technical(bars, runs)


def three_of_them(given: Any) -> object:
    """Three of them with polars, as they are usually written."""
    import polars as pl

    close, table = pl.col("close"), given[0]
    change = close.diff()
    gain = change.clip(lower_bound=0.0).ewm_mean(alpha=1 / 14, adjust=False)
    loss = (-change).clip(lower_bound=0.0).ewm_mean(alpha=1 / 14, adjust=False)
    macd = close.ewm_mean(span=12, adjust=False) - close.ewm_mean(span=26, adjust=False)
    return table.select(
        rsi=(100 * gain / (gain + loss)).over("symbol"),
        macd=(macd / close).over("symbol"),
        place=((close - close.rolling_mean(20)) / close.rolling_std(20)).over("symbol"),
    )


CASES = (
    Case(
        name="technical",
        what="the technical family, every bar",
        prepare=of_symbols,
        run=all_features,
        reference=three_of_them,
        reference_is="polars: RSI, MACD and Bollinger's place alone, on all cores",
        dial="symbols of 2,500 days",
        sizes=SYMBOLS,
    ),
    Case(
        name="technical_long",
        what="the technical family, longer histories",
        prepare=of_days,
        run=all_features,
        reference=three_of_them,
        reference_is="polars: RSI, MACD and Bollinger's place alone, on all cores",
        dial="days of 62 symbols",
        sizes=DAYS,
    ),
)
