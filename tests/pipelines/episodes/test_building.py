"""The library of a workspace holds what its bars showed, when they showed it, however often it is built."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from tests.pipelines.conftest import Notes
from tradewind.context.library import PatternStorageEngine
from tradewind.core import FixedClock, Panel
from tradewind.core.errors import Misuse
from tradewind.core.pattern import KEYS
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import Revisions, make_market
from tradewind.pipelines.episodes.building import BuildResult, build
from tradewind.pipelines.episodes.config import EpisodesConfig
from tradewind.pipelines.regimes.config import RegimesConfig
from tradewind.pipelines.regimes.fitting import fit
from tradewind.pipelines.regimes.labels import labels
from tradewind.pipelines.regimes.refreshing import refresh
from tradewind.storage.workspace import Workspace

CONFIG = EpisodesConfig(horizons=(5, 10))
BARS = make_market("equity", 3, 260, seed=5, plants=[Revisions(0.05)]).panel


def built(folder: Path, panel: Panel, config: EpisodesConfig = CONFIG) -> BuildResult:
    MarketStore(folder).append(panel)
    clock = FixedClock(BARS.moments[-1])
    return build(Workspace(folder), config, "XNYS", Notes(), clock)


def held(folder: Path, generation: int | None = None) -> pl.DataFrame:
    """What is kept, with what followed in the order of the horizons."""
    rows = PatternStorageEngine(folder, generation=generation).episodes()
    by_horizon = pl.col("followed").list.eval(pl.element().sort())
    return rows.select(*KEYS, "direction", "confidence", "regime", by_horizon).sort(KEYS)


def at(places: Sequence[int]) -> list[datetime]:
    return [BARS.moments[place] for place in places]


def test_built_bit_by_bit_it_is_what_one_build_makes(tmp_path: Path) -> None:
    for until in at([120, 121, 180, 230, -1]):
        built(tmp_path / "days", BARS.until(until))
    built(tmp_path / "once", BARS)
    assert held(tmp_path / "days").equals(held(tmp_path / "once"))


def test_a_second_build_adds_nothing(tmp_path: Path) -> None:
    first, second = built(tmp_path, BARS), built(tmp_path, BARS)
    assert first.added > 50
    assert (second.added, second.followed, second.symbols) == (0, 0, 0)


def test_what_has_followed_since_is_learnt(tmp_path: Path) -> None:
    built(tmp_path, BARS.until(BARS.moments[200]))
    before = held(tmp_path)
    again = built(tmp_path, BARS.until(BARS.moments[205]))
    after = held(tmp_path).join(before, KEYS, suffix="_before")
    more = pl.col("followed").list.len() > pl.col("followed_before").list.len()
    assert again.followed >= after.filter(more).height > 0


def test_each_has_the_regime_that_was_said_when_it_was_known(tmp_path: Path) -> None:
    MarketStore(tmp_path).append(BARS)
    here, clock = Workspace(tmp_path), FixedClock(BARS.moments[-1])
    learnt = RegimesConfig(detector="hmm", states=2)
    half = BARS.moments[150]
    fit(here, learnt, Notes(), clock, until=half)
    refresh(here, learnt, Notes(), clock)
    build(here, CONFIG, "XNYS", Notes(), clock)
    said = labels(here)
    assert said is not None
    rows = held(tmp_path)
    assert rows.filter(pl.col("known_at") < half)["regime"].null_count() == len(
        rows.filter(pl.col("known_at") < half)
    )
    later = rows.filter(pl.col("known_at") > half)
    assert later["regime"].null_count() == 0
    one = later.row(-1, named=True)
    own = said.table.filter(
        pl.col("symbol") == one["symbol"], pl.col("known_at") <= one["known_at"]
    )
    assert own.sort("known_at", "timestamp")["regime"][-1] == one["regime"]


def test_where_no_regime_was_told_none_is_held_against_an_episode(tmp_path: Path) -> None:
    built(tmp_path, BARS)
    assert labels(Workspace(tmp_path)) is None
    assert held(tmp_path)["regime"].null_count() == len(held(tmp_path))


def test_what_is_over_expires(tmp_path: Path) -> None:
    config = EpisodesConfig(lifespan=BARS.moments[-1] - BARS.moments[150])
    told = built(tmp_path, BARS, config)
    assert 0 < told.past < told.added == told.kept + told.past


def test_without_bars_it_says_how_to_come_by_some(workspace: Workspace) -> None:
    with pytest.raises(Misuse, match="holds no bars: bring some in with `tradewind ingest`"):
        build(workspace, CONFIG, "XNYS", Notes(), FixedClock(BARS.moments[-1]))
