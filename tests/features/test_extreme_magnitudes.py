"""Of prices and volumes as small or as large as numbers are, every feature has a number or none: no
infinity, no warning."""

import numpy as np
import polars as pl
import pytest

from tradewind.core import Market, Panel, stream
from tradewind.data.synthetic import make_market
from tradewind.features import compute
from tradewind.features.bars import BarFeatures
from tradewind.features.coarser import Coarser
from tradewind.features.families import Family
from tradewind.features.liquidity import with_liquidity
from tradewind.features.registry import BARS, FAMILIES, REALISED, TECHNICAL

COLUMNS = ("open", "high", "low", "close", "vwap", "volume", "spread_bps")
MADE = {freq: make_market("equity", 3, 130, freq, seed=3).panel.table for freq in ("1d", "1h")}
BETWEEN = {  # powers of ten
    "anything": (-307.0, 307.0),
    "subnormal": (-323.0, -308.0),
    "tiniest": (-301.0, -299.0),
    "largest": (299.0, 308.0),
    "whose products are none": (-170.0, 170.0),
}
LONGER = (Coarser(BARS, "1w"), Coarser(TECHNICAL, "1w"), Coarser(REALISED, "1d"))


def extreme(between: str, freq: str, some: float = 1.0) -> Panel:
    """Bars of which a share has each number anywhere between two powers of ten, on its own."""
    table, rng = MADE[freq], stream(5, between)
    bars = table.with_columns(vwap=pl.col("close"), spread_bps=pl.lit(5.0))
    far = {name: 10 ** rng.uniform(*BETWEEN[between], len(bars)) for name in COLUMNS}
    high, low = np.maximum(far["high"], far["low"]), np.minimum(far["high"], far["low"])
    far |= {"high": high, "low": low}
    there = pl.Series(rng.random(len(bars)) < some)
    changed = [
        pl.when(there).then(pl.Series(far[name])).otherwise(name).alias(name) for name in COLUMNS
    ]
    return Panel(bars.with_columns(changed))


@pytest.mark.parametrize("some", [1.0, 0.1], ids=["all", "some"])
@pytest.mark.parametrize("freq", MADE)
@pytest.mark.parametrize("between", BETWEEN)
def test_every_feature_of_every_family_is_a_number_or_null(
    between: str, freq: str, some: float
) -> None:
    families: tuple[Family, ...] = (*FAMILIES.values(), *LONGER)
    table = compute(extreme(between, freq, some), [one.name for one in families], families)
    values = table.drop("symbol", "timestamp")
    assert values.width == sum(len(family.specs) for family in families)
    assert values.select(pl.all().is_finite().all()).row(0) == (True,) * values.width


@pytest.mark.parametrize("between", BETWEEN)
def test_liquidity_is_a_number_or_null(between: str) -> None:
    market = Market({"bars": extreme(between, "1d", 0.5)})
    rows = with_liquidity(BarFeatures()(market, market.panel.moments[-9:]), market)
    assert rows.table.select(pl.col(rows.features).is_finite().all()).row(0) == (True,) * len(
        rows.features
    )


def test_a_move_whose_ratio_is_no_number_is_measured_all_the_same() -> None:
    closes = [1e300, 1e-300, 1e300]
    frame = pl.DataFrame(
        {"date": [f"2024-01-0{day}" for day in (2, 3, 4)], "symbol": "A", "close": closes}
    )
    moves = compute(Panel.from_frame(frame), ["return_1"])["return_1"]
    assert moves.to_list() == [
        None,
        pytest.approx(-600 * np.log(10)),
        pytest.approx(600 * np.log(10)),
    ]
