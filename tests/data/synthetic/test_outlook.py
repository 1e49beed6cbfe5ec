"""The outlook is the law of the next return: its probability integral transform is uniform.

A return's z under its outlook is a standard Gaussian whatever was known before. Names share a market, so
each is tested on its own; seeds are fixed, and a limit is one that chance passes once in thousands.
"""

from collections.abc import Sequence
from math import erf, sqrt

import numpy as np
import polars as pl
import pytest

from tradewind.core import Market
from tradewind.core.arrays import Floats
from tradewind.data.synthetic import Episodes, LeadLag, Signal, make_market

LIMIT = 2.2  # of a Kolmogorov-Smirnov distance x sqrt(n): 1.3e-4 by chance


def surprises(market: Market) -> pl.DataFrame:
    """Every row with an outlook and a return that followed, and the z of that return."""
    price = pl.col("close").log()
    table = market.panel.table.with_columns(
        ahead=(price.shift(-1) - price).over("symbol"), back=price.diff().over("symbol")
    )
    known = table.join(market.truth.outlook, on=["symbol", "timestamp"], maintain_order="left")
    known = known.join(market.truth.regimes, on="timestamp", maintain_order="left")
    return known.with_columns(z=(pl.col("ahead") - pl.col("mean")) / pl.col("sd")).drop_nulls("z")


def distance_from_uniform(z: Floats) -> float:
    """Kolmogorov-Smirnov distance of the transform, times sqrt(n)."""
    level = np.sort([0.5 * (1 + erf(one / sqrt(2))) for one in z.tolist()])
    steps = np.arange(len(z) + 1) / len(z)
    return float(max((steps[1:] - level).max(), (level - steps[:-1]).max()) * sqrt(len(z)))


CASES = [
    ("equity", "1d", ()),
    ("equity", "1d", (Signal(0.4, 5), LeadLag("A", "B", 2, 0.6), LeadLag("C", "B", 1, 0.3))),
    ("equity", "1d", ("episodes", LeadLag("A", "B", 1, 0.5))),
    ("equity", "1m", (Signal(0.2, 30),)),
    ("crypto", "1m", (Episodes(every=20, drift=0.5),)),
    ("etf", "1h", ()),
    ("crypto", "1m", (LeadLag("A", "B", 1, 0.5),)),
    ("fx", "1h", (Signal(-0.3, 3),)),
    ("fx", "1m", ()),
    ("property", "1mo", ("signal", "lead_lag")),
]


@pytest.mark.parametrize(("kind", "freq", "plants"), CASES)
def test_returns_are_drawn_from_their_outlook(
    kind: str, freq: str, plants: Sequence[Signal | LeadLag | Episodes | str]
) -> None:
    periods = 1200 if kind == "property" else 3000
    market = make_market(kind, ["A", "B", "C"], periods, freq, 5, plants)
    rows = surprises(market)
    for _, name in rows.group_by("symbol"):
        assert len(name) > periods * 0.97
        assert distance_from_uniform(name["z"].to_numpy()) < LIMIT
        assert abs((name["z"] ** 2).mean() - 1) < 4 * sqrt(2 / len(name))


@pytest.mark.parametrize(("kind", "freq", "plants"), CASES)
def test_nothing_known_before_tells_how_a_return_departs_from_its_outlook(
    kind: str, freq: str, plants: Sequence[Signal | LeadLag | Episodes | str]
) -> None:
    periods = 1200 if kind == "property" else 3000
    rows = surprises(make_market(kind, ["A", "B", "C"], periods, freq, 6, plants))
    rows = rows.filter(pl.col("symbol") == "B").drop_nulls("back")
    z = rows["z"].to_numpy()
    noise = 4 / sqrt(len(z))
    known = ["back", "mean", "volume", *({"signal", "spread_bps"} & set(rows.columns))]
    for name in known:
        values = rows[name].to_numpy()
        assert abs(np.corrcoef(z, values)[0, 1]) < noise, name
        assert abs(np.corrcoef(z**2, values)[0, 1]) < noise, name
    assert abs(np.corrcoef(z[1:], z[:-1])[0, 1]) < noise


def test_the_outlook_is_as_wide_as_it_says_in_every_regime() -> None:
    rows = surprises(make_market("equity", 20, 4000, seed=9))
    by_regime = rows.group_by("regime").agg(pl.col("z").std(), pl.len())
    assert len(by_regime) == 5
    for _, spread, count in by_regime.rows():
        assert abs(spread - 1) < 4 / sqrt(
            count / 5
        )  # names move together: a fifth of the rows count


def test_the_outlook_at_a_moment_is_as_wide_as_the_regime_at_that_moment_makes_it() -> None:
    market = make_market("crypto", 3, 2000, seed=9)
    known = market.truth.outlook.join(market.truth.regimes, on="timestamp")
    spread = known.group_by("symbol", "regime").agg(pl.col("sd").max() / pl.col("sd").min())
    assert spread["sd"].max() - 1 < 1e-12


def test_no_outlook_speaks_of_a_bar_that_is_halted_and_every_other_does() -> None:
    market = make_market("equity", 40, 2000, seed=8)
    halted = market.panel.table.with_columns(next=pl.col("status").shift(-1).over("symbol")).filter(
        pl.col("next") == "halt"
    )
    assert len(halted) > 5
    assert halted.join(market.truth.outlook, on=["symbol", "timestamp"]).is_empty()
    spoken = len(market.truth.outlook) + len(halted)
    assert 0 <= len(market.panel) - spoken <= 2  # a halt may begin with the bar to come


def test_the_best_forecaster_beats_climatology_by_what_was_planted() -> None:
    rows = surprises(make_market("equity", 50, 2000, seed=3, plants=[Signal(0.3, 5)]))
    skill = 1 - ((rows["ahead"] - rows["mean"]) ** 2).mean() / (rows["ahead"] ** 2).mean()
    assert 0.03 < skill < 0.09
