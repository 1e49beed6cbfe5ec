"""The worst of what each check has flagged, each with the bars around it, to be looked at."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from tradewind.core.panel import KEYS
from tradewind.data.quality.bars import PRICES
from tradewind.pipelines.holdings.examining import Examined
from tradewind.reporting.quality import Example

AROUND = 16  # bars shown on each side
EACH = 3  # examples of a check
WINDOW = 21  # bars that tell what is usual


def worst_of(examined: Examined) -> Mapping[str, tuple[Example, ...]]:
    """For each check up to three rows, those furthest from the bars around them, of three symbols where
    there are as many. Rows that were set aside are shown among the bars they would have stood in."""
    cases = _cases(examined)
    if not len(cases):
        return {}
    bars = _bars(examined, cases["symbol"].unique())
    numbered = bars.with_row_index("row")
    found = cases.join(numbered.select("row", "off", "step", *KEYS[:2]), on=KEYS[:2])
    worst = pl.when(pl.col("check").str.starts_with("gaps.")).then("step").otherwise("off")
    ranked = found.sort(worst, "timestamp", descending=[True, False], nulls_last=True)
    second = pl.int_range(pl.len()).over("check", "symbol")  # no symbol again while others are left
    chosen = ranked.with_columns(second=second).sort("second", maintain_order=True)
    chosen = chosen.group_by("check", maintain_order=True).head(EACH)
    return {
        str(check): tuple(_example(row, bars) for row in rows.iter_rows(named=True))
        for (check,), rows in chosen.group_by("check", maintain_order=True)
    }


def _cases(examined: Examined) -> pl.DataFrame:
    """(symbol, timestamp, check, reason) of every verdict, and of every row that was set aside."""
    columns = ("symbol", "timestamp", "check", "reason")
    both = (
        frame.select(columns).cast({"symbol": pl.String})
        for frame in (examined.verdicts, examined.aside)
    )
    return pl.concat(both).unique(
        ["symbol", "timestamp", "check"], keep="first", maintain_order=True
    )


def _bars(examined: Examined, symbols: pl.Series) -> pl.DataFrame:
    """The first version of each bar of these symbols, rows set aside among them: prices, how far it is
    from the bars around it, and how long after the bar before."""
    parts = [
        frame.select(*KEYS, *[name for name in PRICES if name in frame.columns]).cast(
            {"symbol": pl.String}
        )
        for frame in (examined.bars.table, examined.aside)
    ]
    rows = pl.concat(parts, how="diagonal_relaxed").filter(
        pl.col("symbol").is_in(symbols.implode())
    )
    rows = rows.sort(KEYS).unique(KEYS[:2], keep="first", maintain_order=True)
    prices = [name for name in PRICES if name in rows.columns]
    usual = pl.col("close").rolling_median(WINDOW, center=True, min_samples=5).over("symbol")
    away = [(pl.col(name) / usual).log().abs().fill_nan(None) for name in prices]
    return rows.with_columns(
        off=pl.max_horizontal(away),
        step=pl.col("timestamp").diff().over("symbol"),
    )


def _example(row: Mapping[str, Any], bars: pl.DataFrame) -> Example:
    near = bars.slice(max(row["row"] - AROUND, 0), 2 * AROUND + 1).filter(symbol=row["symbol"])
    prices = [name for name in PRICES if name in bars.columns]
    return Example(
        row["symbol"],
        row["timestamp"],
        row["reason"],
        near.select(
            "timestamp",
            "close",
            low=pl.min_horizontal(prices),
            high=pl.max_horizontal(prices),
            flagged=pl.col("timestamp") == row["timestamp"],
        ),
    )
