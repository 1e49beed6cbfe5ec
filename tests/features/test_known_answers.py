"""Figures that anybody can find by hand, through the same door as everybody's: `compute` on bars."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tradewind.core import Panel, find_calendar
from tradewind.features.computing import compute

BEGIN = datetime(2024, 1, 2, 15, tzinfo=UTC)


def bars_of(logs: list[float], volume: list[float], step: timedelta) -> Panel:
    """Bars that do not move within, at exp of these."""
    close = np.exp(logs)
    prices = dict.fromkeys(("open", "high", "low", "close"), close)
    stamps = [BEGIN + k * step for k in range(len(logs))]
    frame = pl.DataFrame({"timestamp": stamps, "symbol": "A", **prices, "volume": volume})
    return Panel.from_frame(frame, calendar=find_calendar("24/7"), stamps="end")


def last(panel: Panel) -> dict[str, float]:
    return compute(panel, "realised").row(-1, named=True)


def test_a_session_of_eight_equal_steps() -> None:
    """RV = 8 x 1e-4, BPV = pi / 2 RV; on 5 grids 4 spans of .05 and m = 4 / 5, a tenth of the 8 returns."""
    said = last(bars_of([0.01 * k for k in range(9)], [1.0] * 9, timedelta(minutes=1)))
    assert said["rv_session"] == pytest.approx(0.0008)
    assert said["bpv_session"] == pytest.approx(math.pi / 2 * 0.0008)
    assert said["tsrv_session"] == pytest.approx((4 * 0.05**2 / 5 - 0.1 * 0.0008) / 0.9)
    assert (said["tsrv_floored_session"], said["jump_session"], said["down_session"]) == (0, 0, 0)


def test_a_price_that_bounces_is_floored_and_flagged() -> None:
    """Ten of 11 steps move, and six of the 7 spans of five: 6e-4 / 5 less 7 / 55 of 10e-4 is below nought."""
    path = [0.01 * (k % 2) for k in range(11)] + [0.0]
    said = last(bars_of(path, [1.0] * len(path), timedelta(minutes=1)))
    assert said["rv_session"] == pytest.approx(10e-4)
    assert (said["tsrv_session"], said["tsrv_floored_session"]) == (0, 1)


def test_a_million_that_moves_a_price_by_a_hundredth_is_an_illiquidity_of_a_hundredth() -> None:
    """Each bar moves by .01 and trades for a million: 1e6 x .01 / 1e6; bars that do not trade are left out."""
    logs = [0.01 * k for k in range(30)]
    traded = [1e6 / math.exp(one) for one in logs]
    idle = [0.0 if k % 3 == 0 else volume for k, volume in enumerate(traded)]
    for volume in (traded, idle):
        assert last(bars_of(logs, volume, timedelta(days=1)))["amihud_20"] == pytest.approx(0.01)
