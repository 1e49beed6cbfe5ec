"""What is found is what somebody would have found who sat there, and nothing unsays it."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.context.patterns.charts import days, minutes
from tradewind.context.patterns import MultiScalePatternDetector
from tradewind.context.patterns.found import KINDS
from tradewind.core import Panel, Patterns, stream
from tradewind.core.errors import Misuse
from tradewind.data.synthetic import Revisions, make_market

MINUTES = MultiScalePatternDetector(("5m", "15m", "30m", "1h"), "24/7")
DAYS = MultiScalePatternDetector(("1d", "1w"))


def wandering(count: int, seed: int = 3) -> list[float | None]:
    """A path of so many closes that rises and falls by more than it wanders."""
    rng = stream(seed, "wandering")
    path = 200 + np.cumsum(rng.standard_normal(count)) + 15 * np.sin(np.arange(count) / 12)
    return list(map(float, path))


def test_minutes_that_are_cut_tell_what_the_whole_told_until_then() -> None:
    panel = minutes(3, 6000, seed=4)
    whole = MINUTES(panel).table
    assert whole["kind"].n_unique() >= 8
    assert whole["scale"].n_unique() >= 3
    for place in stream(1, "cuts").integers(500, 6000, 6):
        cut = panel.moments[int(place)] + timedelta(seconds=int(place) % 60)
        assert MINUTES(panel.until(cut)).table.equals(whole.filter(pl.col("known_at") <= cut))


def test_days_that_are_cut_tell_what_the_whole_told_until_then() -> None:
    panel = make_market("equity", 6, 700, seed=5, plants=[Revisions(0.05)]).panel
    assert panel.revised > 100
    whole = DAYS(panel).table
    assert len(whole) > 50
    for cut in stream(2, "cuts").choice(np.array(panel.moments), 6):
        assert DAYS(panel.until(cut)).table.equals(whole.filter(pl.col("known_at") <= cut))


def test_a_correction_unsays_nothing() -> None:
    panel = days(A=wandering(300))
    wrong = panel.table[100:120].with_columns(
        pl.col("close") * 3, pl.col("known_at") + timedelta(days=90)
    )
    corrected = Panel(pl.concat([panel.table, wrong]).sort("symbol", "timestamp", "known_at"))
    assert DAYS(corrected).table.equals(DAYS(panel).table)
    assert len(DAYS(panel)) > 0


def test_an_episode_is_known_with_the_bar_that_completes_it_and_no_sooner() -> None:
    late = timedelta(days=3)
    panel = days(A=wandering(300))
    later = Panel(panel.table.with_columns(pl.col("known_at") + late))
    moments = MultiScalePatternDetector(("1d",))(panel).table["known_at"]
    assert MultiScalePatternDetector(("1d",))(later).table["known_at"].equals(moments + late)
    assert len(moments) > 0


def test_what_is_told_of_a_symbol_has_nothing_to_do_with_the_others() -> None:
    both = MINUTES(minutes(2, 3000, seed=6)).table.filter(symbol="S1")
    panel = minutes(2, 3000, seed=6)
    alone = Panel(panel.table.filter(pl.col("symbol") == "S1"))
    assert MINUTES(alone).table.equals(both)
    assert len(both) > 0


def test_the_scale_of_a_price_does_not_matter() -> None:
    path = wandering(400)
    found = DAYS(days(A=path, B=[8 * one for one in path if one is not None])).table
    one, other = (found.filter(symbol=name).drop("symbol") for name in "AB")
    assert one.equals(other)
    assert len(one) > 0


def test_a_confidence_is_between_0_and_1_and_a_kind_is_one_of_ours() -> None:
    table = MINUTES(minutes(4, 5000, seed=7)).table
    assert table["confidence"].is_between(0, 1).all()
    assert set(table["kind"]) <= set(KINDS)


@pytest.mark.parametrize(
    "path",
    [[5.0] * 200, [5.0], [], [None] * 50, [1.0, 2.0] * 8],
    ids=["constant", "one bar", "none", "no closes", "too short"],
)
def test_where_nothing_happens_nothing_is_told(path: list[float | None]) -> None:
    assert len(MultiScalePatternDetector(("1d",))(days(A=path or [1.0]))) == 0
    assert MultiScalePatternDetector()(Panel(days(A=[1.0]).table.clear())) == Patterns.of([])


def test_one_print_of_fifty_sigma_hides_nothing_that_follows() -> None:
    path = wandering(500)
    wild = [*path[:150], 250.0 + 50 * 15, *path[151:]]
    clean, hit = (
        MultiScalePatternDetector(("1d",))(days(A=one)).table.drop("embedding")
        for one in (path, wild)
    )
    start = days(A=path).moments[300]
    later = pl.col("start") > start
    assert len(clean.filter(later)) > 0
    names = ["kind", "start", "end"]
    missed = clean.filter(later).join(hit, names, "anti")
    assert len(missed) <= len(clean.filter(later)) / 4


def test_prices_below_zero_are_prices_like_others() -> None:
    path = wandering(400)
    below = [one - 256 for one in path if one is not None]
    one, other = (DAYS(days(A=path)).table, DAYS(days(A=below)).table)
    names = ["kind", "start", "end", "known_at"]
    assert one.select(names).equals(other.select(names))


def test_missing_days_do_not_stop_a_walk() -> None:
    path = wandering(400)
    holes: list[float | None] = [
        None if 100 <= n < 130 or n % 17 == 0 else one for n, one in enumerate(path)
    ]
    assert len(DAYS(days(A=holes))) > 0


def test_real_minutes_have_episodes_at_every_scale(shared: Path) -> None:
    rows = pl.read_parquet(shared / "data/intraday/spy_1m.parquet")
    panel = Panel.from_frame(rows, stamps="end")
    found = MultiScalePatternDetector()(panel).table
    assert found["scale"].n_unique() == 4
    cut = panel.moments[8000]
    assert MultiScalePatternDetector()(panel.until(cut)).table.equals(
        found.filter(pl.col("known_at") <= cut)
    )


@pytest.mark.parametrize("given", [None, {"close": [1.0]}])
def test_what_is_no_panel_is_refused(given: object) -> None:
    with pytest.raises(
        Misuse, match=r"episodes are found in a Panel, not in a [Nd].*: read it first"
    ):
        MultiScalePatternDetector()(given)  # type: ignore[arg-type]
