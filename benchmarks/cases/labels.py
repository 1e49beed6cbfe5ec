"""Regime labels of up to 1,000 symbols at 2,500 moments: each among all that came before it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.bars import DAYS, SYMBOLS
from benchmarks.harness import Case

if TYPE_CHECKING:
    import pandas as pd

MEASURES = ("volatility_20", "liquidity_20", "return_60")
SECTORS = 10


@dataclass
class Given:
    """The measures as rows, and as the wide frames that pandas would be handed."""

    rows: Any
    frames: "list[pd.DataFrame]"


def measured_rows(symbols: int) -> Given:
    """Every measure of every symbol at every moment."""
    from datetime import UTC, datetime

    import numpy as np
    import pandas as pd
    import polars as pl

    from tradewind.core import Dataset, stream

    rng = stream(7, "measures")
    names = [f"S{number:04}" for number in range(symbols)]
    values = {name: rng.normal(size=(DAYS, symbols)).cumsum(axis=0) for name in MEASURES}
    first = pl.lit(datetime(2014, 1, 1, 21, tzinfo=UTC)).cast(pl.Datetime("us", "UTC"))
    keys = {
        "day": np.repeat(np.arange(DAYS), symbols),
        "symbol": pl.Series(names * DAYS).cast(pl.Enum(names)),
        "sector": pl.Series([f"sector {place % SECTORS}" for place in range(symbols)] * DAYS),
    }
    table = pl.DataFrame({**keys, **{name: drawn.ravel() for name, drawn in values.items()}})
    table = table.with_columns(decided_at=first + pl.duration(days="day")).drop("day")
    wide = [pd.DataFrame(values[name]) for name in MEASURES[:2]]
    return Given(Dataset(table, MEASURES), wide)


def labelled(given: Given) -> object:
    """Six labels of each row."""
    from tradewind.context.rule_labels import generate_regime_labels

    return generate_regime_labels(given.rows)


def banded(given: Given) -> object:
    """With pandas: the expanding quantiles of two measures, shifted by a row so as not to see itself."""
    return [
        frame.gt(frame.expanding(60).quantile(share).shift(1))
        for frame in given.frames
        for share in (1 / 3, 2 / 3)
    ]


CASES = (
    Case(
        name="labels",
        what="generate_regime_labels(rows): six labels at each of 2,500 moments",
        prepare=measured_rows,
        run=labelled,
        reference=banded,
        reference_is="pandas expanding quantiles of two of the measures",
        dial="symbols of 2,500 days",
        sizes=SYMBOLS,
    ),
)
