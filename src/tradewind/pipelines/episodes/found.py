"""`found`: every episode of some bars at every scale that fits, as it was known, with its regime."""

from dataclasses import replace

import polars as pl

from tradewind.context.patterns import MultiScalePatternDetector, windows
from tradewind.context.patterns.scales import Scale
from tradewind.context.regimes.market_wide import MARKET
from tradewind.core import Panel, Patterns
from tradewind.core.pattern import KEYS, SCHEMA
from tradewind.pipelines.episodes.config import EpisodesConfig


def found(
    panel: Panel, scales: tuple[Scale, ...], calendar: str, config: EpisodesConfig
) -> Patterns:
    """What was recognised, and the windows of every so many bars, in the order in which it was known."""
    named = MultiScalePatternDetector(scales, calendar)(panel).table
    plain = [windows(panel, one, config.bars, config.every, calendar).table for one in scales]
    return Patterns(pl.concat([named, *plain]).sort(KEYS))


def with_regimes(patterns: Patterns, said: Panel | None) -> Patterns:
    """Each with the regime that was said of its symbol when it was known, else of the market.

    >>> from tradewind.data.synthetic import make_market
    >>> bars = make_market("equity", 1, 90, seed=1).panel
    >>> days = bars.table.select("symbol", "timestamp", "known_at", "session", regime=pl.lit("calm"))
    >>> market = days.with_columns(symbol=pl.lit("MARKET", pl.Enum(["MARKET"])))[70:]
    >>> told = with_regimes(windows(bars, "1d"), Panel(market)).table
    >>> told["regime"].to_list()
    [None, 'calm', 'calm']
    """
    if said is None:
        return patterns
    told = _newest_known(said)
    rows = patterns.table.drop("regime").sort("known_at")
    own = rows.join_asof(told, on="known_at", by="symbol", check_sortedness=False)
    whole = told.filter(pl.col("symbol") == MARKET).drop("symbol")
    both = own.join_asof(whole, on="known_at", suffix="_of_market")
    regime = pl.coalesce("regime", "regime_of_market")
    return replace(patterns, table=both.with_columns(regime=regime).select(*SCHEMA).sort(KEYS))


def _newest_known(said: Panel) -> pl.DataFrame:
    """(known_at, symbol, regime) of the rows that were the newest of their symbol when they were known;
    a correction of one that others have followed changes nothing that was said since."""
    rows = said.table.select(
        "known_at", "timestamp", pl.col("symbol").cast(pl.String), pl.col("regime").cast(pl.String)
    ).sort("known_at", "timestamp")
    leads = pl.col("timestamp") == pl.col("timestamp").cum_max().over("symbol")
    return rows.filter(leads).drop("timestamp")
