"""How many decisions the main job could learn from: bars with a warm-up behind them and an outcome ahead."""

import polars as pl

from tradewind.core import Dataset, Market, Panel
from tradewind.core.errors import Misuse
from tradewind.features.kernels import LOOKBACK
from tradewind.features.labels import with_outcome
from tradewind.pipelines.gathering import moments_of
from tradewind.reporting.coverage import Trainable

WHY = ("warm up", "have no price", "are not resolved")


def trainable(panel: Panel, horizon: int) -> tuple[Trainable, pl.DataFrame]:
    """The count, and (symbol, decisions, usable) of each symbol.

    A decision is a bar that was its symbol's newest at a moment of the main job. It is usable once its
    symbol has as many bars as the longest feature reads, if its close is above zero, and if its outcome
    is known: what counts as that, the main job's own labels say.

    >>> from tradewind.data.synthetic import make_market
    >>> print(trainable(make_market("equity", 4, 250).panel, horizon=5)[0])
    740 of 1,000 decisions (74.0 %); 240 warm up, 20 are not resolved
    """
    nobody = (
        panel.table.select("symbol").clear().with_columns(decisions=pl.lit(0), usable=pl.lit(0))
    )
    if "close" not in panel.columns:
        return Trainable(0, 0, {}, "the bars have no close"), nobody
    try:
        times, _ = moments_of(panel)
    except Misuse as error:
        return Trainable(0, 0, {}, error.rule), nobody
    rows = _decisions(panel).filter(pl.col("decided_at").is_in(pl.Series(times).implode()))
    asked = Dataset(rows.sort("decided_at", "symbol"), ())
    market = Market({"bars": panel})
    told = with_outcome(asked, market, horizon, "itself").table.with_columns(why=_why())
    by_symbol = told.group_by("symbol", maintain_order=True).agg(
        decisions=pl.len().cast(pl.Int64), usable=pl.col("why").is_null().sum().cast(pl.Int64)
    )
    counts = dict(told["why"].value_counts().rows())
    lost = {why: int(counts.get(why, 0)) for why in WHY}
    return Trainable(len(told), int(counts.get(None, 0)), lost), by_symbol


def _decisions(panel: Panel) -> pl.DataFrame:
    """(decided_at, symbol, bars, close) of first versions: the job decides when they are usually known."""
    first = panel.table.filter(~pl.Series(panel.corrections))
    lag = (pl.col("known_at") - pl.col("timestamp")).median()
    return first.select(
        "symbol",
        "close",
        decided_at=pl.col("timestamp") + lag,
        bars=pl.int_range(1, pl.len() + 1).over("symbol"),
    )


def _why() -> pl.Expr:
    """Why a decision cannot be used, the first reason; null where it can."""
    warm_up, no_price, open_end = WHY
    return (
        pl.when(pl.col("bars") < LOOKBACK).then(pl.lit(warm_up))
        .when((pl.col("close") > 0).fill_null(False).not_()).then(pl.lit(no_price))
        .when(pl.col("resolved_at").is_null()).then(pl.lit(open_end))
    )  # fmt: skip
