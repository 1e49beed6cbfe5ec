"""`RegimeInput`: the twenty numbers that a regime is read from, and which of them exist there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from tradewind.core import Dataset, Market
from tradewind.features.bars import BarFeatures
from tradewind.features.realised import regime20
from tradewind.features.realised.limits import STATES
from tradewind.features.registry import REGIME20

US_EXCHANGES = ("XNYS", "XNAS", "XASE", "ARCX", "BATS")
EXISTS = tuple(name.replace("regime_", "has_") for name in regime20.NAMES)


@dataclass(frozen=True)
class RegimeInput:
    """A FeatureReader of 20 features of the family `regime20`, and for each a mask.

    Where one does not exist `has_...` is 0 and the feature is 0, which is its mean: nothing is missing, so
    it can be handed to a network as it is. A market whose bars keep another calendar than a US exchange's
    has no restriction and no limits, whatever its prices do.

    >>> from datetime import UTC
    >>> from tradewind.core import Panel
    >>> hours = pl.datetime_range(datetime(2024, 1, 1), datetime(2024, 1, 9), "1h", eager=True)
    >>> bars = pl.DataFrame({"timestamp": hours, "symbol": "EURUSD"}).with_row_index("i").select(
    ...     "timestamp", "symbol", close=1.1 + (pl.col("i") * 0.7).sin() / 99 + pl.col("i") / 5000)
    >>> panel = Panel.from_frame(bars, calendar="24/7", stamps="end", tz="UTC")
    >>> market = Market({"bars": panel}, calendars={"bars": "24/7"})
    >>> row = RegimeInput()(market, panel.moments[-1:]).table
    >>> row["has_tsrv"][0], row["has_amihud"][0], row["has_ssr"][0], row["has_profile_1"][0]
    (1.0, 0.0, 0.0, 1.0)
    """

    def __call__(self, market: Market, times: Sequence[datetime]) -> Dataset:
        rows = BarFeatures(families=(REGIME20,), ranked=())(market, times)
        limited = market.calendars.get("bars", US_EXCHANGES[0]) in US_EXCHANGES
        unreal = () if limited else tuple(f"regime_{name}" for name in STATES)
        table = rows.table.with_columns(
            pl.lit(None, pl.Float64).alias(name) for name in unreal
        ).with_columns(
            pl.col(name).is_not_null().cast(pl.Float64).alias(mask)
            for name, mask in zip(regime20.NAMES, EXISTS, strict=True)
        )
        table = table.with_columns(pl.col(regime20.NAMES).fill_null(0.0))
        return Dataset(table, (*regime20.NAMES, *EXISTS))
