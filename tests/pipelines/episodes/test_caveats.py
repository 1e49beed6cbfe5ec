"""What is past says so: bars that ended long ago, and a library of which every episode is over."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.pipelines.conftest import Notes
from tradewind.core import FixedClock
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import make_market
from tradewind.pipelines.episodes.building import BuildResult, build
from tradewind.pipelines.episodes.config import EpisodesConfig
from tradewind.pipelines.episodes.searching import Resembled, SearchRequest, search
from tradewind.pipelines.episodes.standing import stats
from tradewind.reporting.episodes_page import render
from tradewind.storage.workspace import Workspace

BARS = make_market("equity", 2, 250, seed=5).panel
END = BARS.moments[-1]
YEARS = timedelta(days=1000)
SHORT_LIVED = EpisodesConfig(lifespan=timedelta(days=365), capacity=20)


def filled(folder: Path, config: EpisodesConfig, late: timedelta) -> tuple[Workspace, BuildResult]:
    MarketStore(folder).append(BARS)
    here = Workspace(folder)
    return here, build(here, config, "XNYS", Notes(), FixedClock(END + late))


def asked(here: Workspace, config: EpisodesConfig, late: timedelta) -> Resembled:
    return search(here, config, SearchRequest("EQ1"), "XNYS", Notes(), FixedClock(END + late))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return filled(tmp_path_factory.mktemp("plain"), EpisodesConfig(), timedelta(0))[0]


@pytest.fixture(scope="module")
def over(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, BuildResult]:
    return filled(tmp_path_factory.mktemp("over"), SHORT_LIVED, YEARS)


def test_a_search_says_to_which_bar_it_asks(plain: Workspace) -> None:
    told = asked(plain, EpisodesConfig(), timedelta(days=2))
    assert f"64 bars of 1d to {END:%Y-%m-%d %H:%M} UTC: " in told.summary
    assert told.to_dict()["last_bar"] == END.isoformat()
    assert told.to_dict()["caveats"] == []


def test_a_search_of_bars_that_ended_long_ago_says_so(plain: Workspace) -> None:
    told = asked(plain, EpisodesConfig(), YEARS)
    why = f"these bars end at {END:%Y-%m-%d %H:%M} UTC, 1,000 days before the moment asked about"
    assert why in told.summary
    assert told.to_dict()["caveats"][0].startswith(why)
    assert why in render(told.picture)


def test_a_library_whose_time_is_over_counts_every_episode(
    over: tuple[Workspace, BuildResult],
) -> None:
    here, told = over
    assert (told.kept, told.past) == (0, told.added)
    assert f"0 are kept, {told.past:,} are past" in told.summary
    figures = stats(here).to_dict()
    ended = [figures[how] for how in ("superseded", "expired", "let_go")]
    assert min(ended[1:]) > 0
    assert (figures["episodes"], sum(ended)) == (0, told.past)
    assert figures["mix"] == []


def test_the_mix_adds_up_to_the_episodes_that_live(tmp_path: Path) -> None:
    here, _ = filled(tmp_path, EpisodesConfig(capacity=20), timedelta(0))
    figures = stats(here).to_dict()
    assert sum(kind["episodes"] for kind in figures["mix"]) == figures["episodes"] == 20
    assert sum(kind["resolved"] for kind in figures["mix"]) == figures["resolved"]


def test_a_search_that_finds_nothing_since_all_are_past_says_so(
    over: tuple[Workspace, BuildResult],
) -> None:
    told = asked(over[0], SHORT_LIVED, YEARS)
    assert "episodes that it might resemble are past by then" in told.summary
    assert told.to_dict()["neighbours"] == []
