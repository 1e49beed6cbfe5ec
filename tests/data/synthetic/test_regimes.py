"""Five regimes, each for its share of the time, and each with its mark on what can be seen."""

import numpy as np
import polars as pl
import pytest

from tradewind.core import stream
from tradewind.data.synthetic import make_market
from tradewind.data.synthetic.kinds import Freq
from tradewind.data.synthetic.regimes import (
    NAMES,
    REGIMES,
    occupancy,
    regime_path,
    transition_matrix,
)


@pytest.mark.parametrize("freq", ["1d", "1h", "1m", "1mo"])
def test_the_long_run_shares_are_those_that_the_chain_keeps(freq: Freq) -> None:
    share = occupancy()
    kept = (share[:, None] * transition_matrix(freq)).sum(axis=0)
    assert np.allclose(kept, share)
    assert share.min() > 0.05


def test_each_regime_governs_its_share_of_the_bars() -> None:
    path = regime_path(400_000, "1d", stream(1, "regimes"))
    found = np.bincount(path, minlength=5) / len(path)
    assert np.allclose(found, occupancy(), atol=0.02)


def test_each_regime_lasts_as_long_as_it_says() -> None:
    path = regime_path(400_000, "1d", stream(2, "regimes"))
    starts = np.flatnonzero(np.diff(path, prepend=-1))
    lengths = np.diff(np.append(starts, len(path)))
    for code, regime in enumerate(REGIMES):
        own = lengths[path[starts] == code]
        assert abs(own.mean() / regime.dwell - 1) < 4 / np.sqrt(len(own))


def test_fewer_than_one_bar_in_twenty_changes_the_regime() -> None:
    for kind, freq in (("equity", "1d"), ("equity", "1m"), ("crypto", "1h")):
        regimes = make_market(kind, 1, 5000, freq).truth.regimes["regime"].to_physical()
        assert 0 < (regimes.diff() != 0).mean() < 0.05


def test_the_truth_tells_the_regime_of_every_moment_by_its_name() -> None:
    market = make_market("crypto", 2, 800)
    assert market.truth.regimes.schema["regime"] == NAMES
    assert tuple(market.truth.regimes["timestamp"]) == market.panel.moments


def test_the_regime_at_a_moment_governs_the_bar_that_follows() -> None:
    market = make_market("equity", 60, 6000, seed=4)
    table = market.panel.table.with_columns(r=pl.col("close").log().diff().over("symbol"))
    bars = table.group_by("timestamp").agg(
        pl.col("r").mean().alias("market"),
        pl.col("volume", "spread_bps").log1p().mean(),
    )
    regimes = market.truth.regimes.with_columns(pl.col("regime").shift(1))
    bars = bars.join(regimes, on="timestamp").sort("timestamp").drop_nulls()
    bars = bars.with_columns(last=pl.col("market").shift(1)).drop_nulls()
    marks = bars.group_by("regime").agg(
        pl.col("market").std().alias("volatility"),
        pl.corr("market", "last").alias("pull"),
        pl.col("volume", "spread_bps").mean(),
    )
    mark = {row["regime"]: row for row in marks.to_dicts()}
    assert mark["volatile"]["volatility"] > 2.5 * mark["calm"]["volatility"]
    assert mark["trending"]["pull"] > 0.25
    assert mark["mean_reverting"]["pull"] < -0.25
    assert abs(mark["calm"]["pull"]) < 0.15
    assert max(mark, key=lambda name: mark[name]["volume"]) == "volatile"
    assert min(mark, key=lambda name: mark[name]["volume"]) == "illiquid"
    assert max(mark, key=lambda name: mark[name]["spread_bps"]) == "illiquid"
