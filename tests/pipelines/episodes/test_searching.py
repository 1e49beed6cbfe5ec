"""A search is of what was known when it asks, and what it draws is of no later bar."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.pipelines.conftest import Notes
from tradewind.context.library import PatternStorageEngine
from tradewind.context.patterns.windows import WINDOWS
from tradewind.core import FixedClock, Outcome, Panel
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import Revisions, make_market
from tradewind.pipelines.episodes.building import build
from tradewind.pipelines.episodes.config import EpisodesConfig
from tradewind.pipelines.episodes.resembled import resembled
from tradewind.pipelines.episodes.searching import Resembled, SearchRequest, published, search
from tradewind.storage.workspace import Workspace

BARS = make_market("equity", 4, 300, seed=5, plants=[Revisions(0.05)]).panel
CONFIG = EpisodesConfig()
NOW = FixedClock(BARS.moments[-1])


def filled(folder: Path, panel: Panel) -> Workspace:
    MarketStore(folder).append(panel)
    here = Workspace(folder)
    build(here, CONFIG, "XNYS", Notes(), NOW)
    return here


def asked(here: Workspace, at: datetime | None = None, symbol: str = "EQ1") -> Resembled:
    return search(here, CONFIG, SearchRequest(symbol, at), "XNYS", Notes(), NOW)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return filled(tmp_path_factory.mktemp("whole"), BARS)


@pytest.mark.parametrize("place", [180, 251])
def test_what_is_told_and_drawn_is_the_same_if_the_market_ends_there(
    whole: Workspace, tmp_path: Path, place: int
) -> None:
    at = BARS.moments[place]
    one, other = asked(whole, at), asked(filled(tmp_path, BARS.until(at)), at)
    assert len(one.found.neighbours) > 10
    assert one.picture.paths.equals(other.picture.paths)
    assert one.picture.found.equals(other.picture.found)
    assert one.picture.outcomes == other.picture.outcomes


def test_unless_said_otherwise_it_asks_of_now(whole: Workspace) -> None:
    assert asked(whole).to_dict() == asked(whole, NOW.now()).to_dict()


def test_each_path_ends_at_its_moment_and_goes_on_for_the_horizon(whole: Workspace) -> None:
    paths = asked(whole).picture.paths
    spans = paths.group_by("episode").agg(pl.col("step").min().alias("first"), pl.col("step").max())
    now, past = spans.filter(episode=0), spans.filter(pl.col("episode") > 0)
    assert now.select("first", "step").row(0) == (-63.0, 0.0)
    assert past["first"].unique().to_list() == [-63.0]
    assert past["step"].unique().to_list() == [5.0]
    assert paths.filter(step=0.0)["value"].unique().to_list() == [0.0]


def test_what_followed_is_where_its_path_ends(whole: Workspace) -> None:
    picture = asked(whole).picture
    ends = picture.paths.filter(step=5.0).select("episode", "value")
    both = picture.found.join(ends, "episode")
    assert both["value"].to_list() == pytest.approx(both["followed"].to_list())


def test_a_corrected_outcome_counts_once_among_anything_in_the_version_known_then(
    tmp_path: Path,
) -> None:
    here = filled(tmp_path, BARS)
    before = asked(here)
    library = PatternStorageEngine(tmp_path)
    horizon = CONFIG.horizons[0] * timedelta(days=1)
    [(one, _)] = library.search(np.ones(128), 1, NOW.now(), kinds=WINDOWS, scale=timedelta(days=1))
    later = max(each.resolved_at for each in one.followed.values()) + timedelta(hours=1)
    library.add([replace(one, followed={horizon: Outcome(9.0, later)})])
    then, now = asked(here, later - timedelta(hours=1)), asked(here)
    assert 9.0 not in then.asked.usual
    assert (9.0 in now.asked.usual, len(now.asked.usual)) == (True, len(before.asked.usual))


def test_a_page_lies_in_a_folder_of_its_own_whatever_the_symbol_is_called(tmp_path: Path) -> None:
    name = pl.lit("..", pl.Enum([".."]))
    here = filled(tmp_path, Panel(BARS.table.filter(symbol="EQ1").with_columns(symbol=name)))
    page = published(asked(here, symbol=".."), here)
    assert page.resolve().is_relative_to(here.reports.resolve() / "patterns")


def test_the_strongest_calls_resemble_what_they_did_if_the_market_ends_there() -> None:
    at = BARS.moments[220]
    told = [
        resembled(panel, at, ["EQ1", "EQ3", "NONE"], 5, CONFIG, "XNYS")
        for panel in (BARS, BARS.until(at))
    ]
    assert told[0].equals(told[1])
    assert told[0]["symbol"].to_list() == ["EQ1", "EQ3"]


def test_bars_that_are_too_far_apart_or_too_few_resemble_nothing() -> None:
    years = pl.DataFrame({"date": ["2001-01-02", "2002-01-02", "2003-01-02"], "A": [1.0, 2.0, 3.0]})
    for frame in (years, years.head(1)):
        panel = Panel.from_frame(frame)
        assert not len(resembled(panel, panel.moments[-1], ["A"], 5, CONFIG, "XNYS"))
