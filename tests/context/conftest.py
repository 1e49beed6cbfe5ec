"""Made rows to label: three measures, as a market of two sectors would have them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from tradewind.core import Dataset, stream

START = datetime(2024, 1, 1, 21, tzinfo=UTC)


def measured(symbols: int = 6, moments: int = 120, seed: int = 1) -> Dataset:
    """Rows with holes in them: some measures are missing, and some symbols at some moments."""
    rng = stream(seed, "measures")
    names = [f"S{i}" for i in range(symbols)]
    size = symbols * moments
    drawn = {
        name: np.where(rng.random(size) < 0.02, np.nan, rng.standard_normal(size).round(2))
        for name in ("volatility_20", "liquidity_20", "return_60")
    }
    table = pl.DataFrame(
        {
            "decided_at": np.repeat(np.arange(moments), symbols),
            "symbol": pl.Series(names * moments, dtype=pl.Enum(names)),
            "sector": ["metals", "banks", None][:2] * (size // 2),
            **drawn,
        }
    ).with_columns(
        pl.col(pl.Float64).fill_nan(None),
        decided_at=pl.lit(START).cast(pl.Datetime("us", "UTC")) + pl.duration(days="decided_at"),
    )
    return Dataset(table.filter(pl.Series(rng.random(size) > 0.03)), ())


def alone(values: list[float | None], **others: list[float]) -> Dataset:
    """One symbol whose volatility took these values."""
    table = pl.DataFrame(
        {
            "decided_at": [START + timedelta(days=i) for i in range(len(values))],
            "symbol": ["ACME"] * len(values),
            "volatility_20": values,
            "liquidity_20": others.get("liquidity", [None] * len(values)),
            "return_60": [0.0] * len(values),
        },
        schema_overrides={
            "decided_at": pl.Datetime("us", "UTC"),
            "symbol": pl.Enum(["ACME"]),
            "volatility_20": pl.Float64,
            "liquidity_20": pl.Float64,
        },
    )
    return Dataset(table, ())
