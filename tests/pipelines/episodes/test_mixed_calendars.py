"""A neighbour that keeps another calendar is drawn like any other, and no later bar of it is."""

from datetime import datetime
from pathlib import Path

import pytest

from tests.pipelines.conftest import Notes
from tradewind.core import FixedClock
from tradewind.data.declared_calendars import remember
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import Revisions, make_market
from tradewind.pipelines.episodes.building import build
from tradewind.pipelines.episodes.config import EpisodesConfig
from tradewind.pipelines.episodes.searching import Resembled, SearchRequest, search
from tradewind.reporting.episodes_page import render
from tradewind.storage.workspace import Workspace

PARTS = {
    "XNYS": make_market("equity", 2, 220, seed=5, plants=[Revisions(0.05)]).panel,
    "24/7": make_market("crypto", 2, 220, seed=6, plants=[Revisions(0.05)]).panel,
}
NOW = FixedClock(max(panel.moments[-1] for panel in PARTS.values()))
CONFIG = EpisodesConfig()


def filled(folder: Path, until: datetime) -> Workspace:
    store = MarketStore(folder)
    for calendar, panel in PARTS.items():
        store.append(panel.until(until))
        remember(store, "bars", panel.symbols, calendar)
    here = Workspace(folder)
    build(here, CONFIG, "XNYS", Notes(), FixedClock(until))
    return here


def asked(here: Workspace, symbol: str, at: datetime) -> Resembled:
    return search(here, CONFIG, SearchRequest(symbol, at), "XNYS", Notes(), NOW)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return filled(tmp_path_factory.mktemp("mixed"), NOW.now())


@pytest.mark.parametrize("symbol", ["EQ1", "CR1"])
def test_every_neighbour_that_counts_is_drawn_whatever_calendar_it_keeps(
    whole: Workspace, symbol: str
) -> None:
    told = asked(whole, symbol, PARTS["XNYS"].moments[-1])
    assert {one.pattern.symbol[:2] for one in told.found.neighbours} == {"EQ", "CR"}
    drawn = told.picture.paths.filter(step=5.0).select("episode", "value")
    both = told.picture.found.join(drawn, "episode", "left", maintain_order="left")
    assert both["value"].to_list() == pytest.approx(both["followed"].to_list())
    assert render(told.picture).count("chart small") == min(20, len(both))


def test_what_is_drawn_of_both_calendars_is_the_same_if_the_market_ends_there(
    whole: Workspace, tmp_path: Path
) -> None:
    at = PARTS["24/7"].moments[170]
    one, other = (asked(here, "CR1", at) for here in (whole, filled(tmp_path, at)))
    assert one.picture.found["symbol"].str.starts_with("EQ").any()
    assert one.picture.paths.equals(other.picture.paths)
    assert one.picture.found.equals(other.picture.found)
