"""How many decisions the main job could learn from: bars with a warm-up behind them and an outcome ahead."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from tradewind.core import Dataset, Market, Panel
from tradewind.core.errors import Misuse
from tradewind.features.bars import BarFeatures
from tradewind.features.kernels import LOOKBACK
from tradewind.features.labels import with_outcome
from tradewind.pipelines.gathering import moments_of
from tradewind.reporting.coverage import Trainable

WHY = ("warm up", "have no price", "came too late", "are not resolved")


def trainable(panel: Panel, horizon: int) -> tuple[Trainable, pl.DataFrame]:
    """The count, and (symbol, decisions, usable) of each symbol.

    A decision is a bar at a moment of the main job. It is usable once as many bars of its symbol are
    known as the longest feature reads, if the features of the main job speak of it, which they do not
    where the bar came later or has no close above zero, and if its outcome is known.

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
    market = Market({"bars": panel})
    asked = Dataset(_decisions(market, times), ())
    told = with_outcome(asked, market, horizon, "itself").table.with_columns(why=_why())
    by_symbol = told.group_by("symbol", maintain_order=True).agg(
        decisions=pl.len().cast(pl.Int64), usable=pl.col("why").is_null().sum().cast(pl.Int64)
    )
    counts = dict(told["why"].value_counts().rows())
    lost = {why: int(counts.get(why, 0)) for why in WHY}
    return Trainable(len(told), int(counts.get(None, 0)), lost), by_symbol


def _decisions(market: Market, times: Sequence[datetime]) -> pl.DataFrame:
    """(decided_at, symbol, close, speaks, bars): the bars that the job decides on once they are usually
    known, whether its features then speak of them, and how many bars of the symbol are known."""
    first = market.panel.table.filter(~pl.Series(market.panel.corrections))
    lag = (pl.col("known_at") - pl.col("timestamp")).median()
    there = first.select("symbol", "close", decided_at=pl.col("timestamp") + lag)
    there = there.filter(pl.col("decided_at").is_in(pl.Series(times).implode()))
    spoken = BarFeatures(families=(), ranked=())(market, times).table.with_columns(speaks=True)
    both = there.join(spoken, on=["decided_at", "symbol"], how="full", coalesce=True)
    arrived = first.select("symbol", "known_at").sort("known_at")
    counted = arrived.with_columns(bars=pl.int_range(1, pl.len() + 1).over("symbol"))
    return both.sort("decided_at", "symbol").join_asof(
        counted, left_on="decided_at", right_on="known_at", by="symbol", check_sortedness=False
    )


def _why() -> pl.Expr:
    """Why a decision cannot be used, the first reason; null where it can."""
    warm_up, no_price, too_late, open_end = WHY
    return (
        pl.when((pl.col("bars") < LOOKBACK).fill_null(True)).then(pl.lit(warm_up))
        .when((pl.col("close") <= 0).fill_null(pl.col("speaks").is_null())).then(pl.lit(no_price))
        .when(pl.col("speaks").is_null()).then(pl.lit(too_late))
        .when(pl.col("resolved_at").is_null()).then(pl.lit(open_end))
    )  # fmt: skip
