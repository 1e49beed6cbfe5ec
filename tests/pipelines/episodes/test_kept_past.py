"""A run over the bars of a workspace asks the library that was built of them, or says why not."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from tests.pipelines.episodes.test_searching import BARS, CONFIG, filled
from tradewind.core import Panel
from tradewind.data.store import MarketStore
from tradewind.pipelines.episodes.resembled import KeptPast, resembled
from tradewind.pipelines.up import UpRequest, _past, _said
from tradewind.storage.workspace import Workspace


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return filled(tmp_path_factory.mktemp("kept"), BARS)


def why_not(here: Workspace, **changed: object) -> str:
    config = replace(CONFIG, **changed)  # type: ignore[arg-type]
    told = KeptPast.of(here, config, 5, "XNYS")
    assert isinstance(told, str)
    return told


@pytest.mark.parametrize("place", [220, -1])
def test_the_library_says_what_the_windows_of_the_run_say(here: Workspace, place: int) -> None:
    at, asked = BARS.moments[place], ["EQ1", "EQ3"]
    past = KeptPast.of(here, CONFIG, 5, "XNYS")
    assert isinstance(past, KeptPast)
    told = past.resembled(at, asked, 5)
    assert len(told) == 2
    assert told.equals(resembled(BARS, at, asked, 5, CONFIG, "XNYS"))


def test_a_library_of_other_settings_is_not_asked(here: Workspace) -> None:
    assert why_not(here, every=3) == "every was 10 and is 3: run `tradewind patterns build`"
    assert why_not(here, horizons=(10,)).startswith("what followed within 5 bars is not kept")


def test_a_library_that_has_not_heard_of_the_newest_bars_is_not_asked(tmp_path: Path) -> None:
    late = filled(tmp_path, BARS.until(BARS.moments[250]))
    MarketStore(tmp_path).append(BARS)
    assert why_not(late).startswith("4 symbols have news that it has not heard of")


def test_where_none_was_built_it_says_so(tmp_path: Path) -> None:
    MarketStore(tmp_path).append(Panel(BARS.table.filter(pl.col("symbol") == "EQ1")))
    assert why_not(Workspace(tmp_path)) == "no library was built: run `tradewind patterns build`"


def test_a_run_tells_whom_it_asked(here: Workspace) -> None:
    assert _said(_past(UpRequest(stored=True), here)) == "the library of the workspace"
    assert "are not those of the workspace" in _said(_past(UpRequest(), here))
