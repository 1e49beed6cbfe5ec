"""What followed an episode is filled once it is known, and never otherwise."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from tests.context.patterns.charts import days, minutes
from tests.context.patterns.test_detector import wandering
from tradewind.context.patterns import MultiScalePatternDetector, resolve
from tradewind.core import Panel
from tradewind.core.errors import Misuse

MINUTES = MultiScalePatternDetector(("5m", "1h"))


def test_a_return_is_that_from_the_close_of_the_known_moment() -> None:
    panel = days(A=wandering(300))
    closes = dict(panel.table.select("timestamp", "close").iter_rows())
    after = dict(zip(panel.moments, panel.moments[5:], strict=False))
    patterns = list(resolve(MultiScalePatternDetector(("1d",))(panel), panel, [5]))
    assert len(patterns) > 5
    for one in patterns:
        if one.end not in after:
            assert not one.followed
            continue
        then = one.followed[timedelta(days=5)]
        assert then.resolved_at == after[one.end]
        assert then.value == pytest.approx(np.log(closes[after[one.end]] / closes[one.end]))


def test_a_panel_that_is_cut_resolves_what_was_resolved_by_then() -> None:
    panel = minutes(2, 5000, seed=11)
    found = MINUTES(panel)
    whole = resolve(found, panel, [3, 12]).table.explode("followed").unnest("followed")
    for cut in (panel.moments[3000], panel.moments[4200]):
        told = (
            resolve(found, panel.until(cut), [3, 12]).table.explode("followed").unnest("followed")
        )
        known = whole.filter(pl.col("resolved_at") <= cut)
        assert told.filter(pl.col("value").is_not_null()).equals(known)
        assert len(known) > 20


def test_what_was_told_stays_and_the_rest_is_added() -> None:
    panel = minutes(2, 5000, seed=12)
    early = resolve(MINUTES(panel), panel.until(panel.moments[2500]), [3])
    assert resolve(resolve(early, panel, [3]), panel, [12]) == resolve(
        MINUTES(panel), panel, [12, 3]
    )


def test_bars_that_come_together_are_followed_by_what_comes_after_them() -> None:
    panel = days(A=wandering(300))
    known = pl.col("known_at").dt.truncate("1mo").dt.offset_by("1mo1d")
    monthly = Panel(panel.table.with_columns(known_at=known))
    patterns = resolve(MultiScalePatternDetector(("1d",))(monthly), monthly, [1])
    assert all(one.known_at < o.resolved_at for one in patterns for o in one.followed.values())
    assert patterns.table["followed"].list.len().sum() > 5


def test_no_return_is_told_of_a_price_that_is_not_above_zero() -> None:
    path = [one - 256 for one in wandering(300) if one is not None]
    panel = days(A=list(path))
    patterns = resolve(MultiScalePatternDetector(("1d",))(panel), panel, [1])
    assert len(patterns) > 0
    assert patterns.table["followed"].list.len().sum() == 0


def test_a_symbol_that_is_gone_is_followed_by_nothing() -> None:
    found = MultiScalePatternDetector(("1d",))(days(A=wandering(300)))
    assert resolve(found, days(B=wandering(300)), [1]) == found


def test_a_horizon_is_at_least_one_bar() -> None:
    panel = days(A=[1.0])
    with pytest.raises(Misuse, match="a horizon of 0 bars: give 1 or more"):
        resolve(MultiScalePatternDetector()(panel), panel, [5, 0])
