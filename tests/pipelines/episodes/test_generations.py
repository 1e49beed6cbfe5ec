"""A library is of one making: what a build from nothing would make otherwise is begun anew, and says why."""

import inspect
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.pipelines.episodes.test_building import BARS, CONFIG, built, held
from tradewind.context import patterns
from tradewind.context.library import PatternStorageEngine
from tradewind.context.library.generations import Generations
from tradewind.core import Panel, Pattern
from tradewind.data.declared_calendars import remember
from tradewind.data.store import MarketStore
from tradewind.features.kept.fingerprint import modules
from tradewind.pipelines.episodes import builds
from tradewind.pipelines.episodes.bars import BarsAtHand
from tradewind.pipelines.episodes.config import EpisodesConfig
from tradewind.pipelines.episodes.found import found
from tradewind.storage.lake import Lake
from tradewind.storage.workspace import Workspace

OTHER = replace(CONFIG, horizons=(3,))
FEW = Panel(BARS.table.filter(pl.col("symbol") != BARS.symbols[-1]))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"horizons": (3, 10)}, r"horizons was (5, 10) and is (3, 10)"),
        ({"horizons": (5, 10, 20)}, r"horizons was (5, 10) and is (5, 10, 20)"),
        ({"every": 7}, "every was 10 and is 7"),
        ({"bars": 48, "capacity": 40}, "bars was 64 and is 48; capacity was None and is 40"),
        ({"lifespan": timedelta(days=90)}, "lifespan was None and is 90 days, 0:00:00"),
    ],
    ids=str,
)
def test_under_other_settings_it_is_what_a_build_from_nothing_makes_and_says_why(
    tmp_path: Path, changed: dict[str, object], why: str
) -> None:
    other: EpisodesConfig = replace(CONFIG, **changed)  # type: ignore[arg-type]
    built(tmp_path / "changed", FEW)
    before = held(tmp_path / "changed")
    told = built(tmp_path / "changed", FEW, other)
    fresh = built(tmp_path / "fresh", FEW, other)
    assert (told.generation, told.why) == (2, why)
    assert told.summary.startswith(f"begun anew, as generation 2: {why}\n")
    assert (told.added, told.followed, told.kept) == (fresh.added, fresh.followed, fresh.kept)
    assert held(tmp_path / "changed").equals(held(tmp_path / "fresh"))
    assert held(tmp_path / "changed", generation=1).equals(before)
    assert built(tmp_path / "changed", FEW, other).added == 0


def test_recognised_in_another_way_it_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(tmp_path, FEW)
    new = {**builds.made_of_settings(CONFIG), builds.RECOGNISED_BY: "another text"}
    monkeypatch.setattr(builds, "made_of_settings", lambda _: new)
    assert built(tmp_path, FEW).why == "episodes are recognised in another way"


@pytest.mark.parametrize(
    "name",
    [
        "context.patterns.sudden",
        "core.coarser",
        "core.calendar",
        "pipelines.episodes.found",
    ],
)
def test_the_text_of_all_that_gathers_recognises_and_joins_says_how_it_is_made(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert builds.made_of_settings(CONFIG) != _made_with_another(f"tradewind.{name}", monkeypatch)


def test_no_file_of_the_patterns_is_left_out_of_it() -> None:
    read = {one.__name__ for one in modules(found.__module__, builds.RECOGNISES)}
    files = {one.stem for one in Path(patterns.__file__).parent.glob("*.py")} - {"__init__"}
    assert {f"{patterns.__name__}.{name}" for name in files} < read


def test_the_text_of_what_only_complains_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert builds.made_of_settings(CONFIG) == _made_with_another(
        "tradewind.core.errors", monkeypatch
    )


def _made_with_another(name: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    source = inspect.getsource
    with monkeypatch.context() as changed:
        changed.setattr(
            inspect, "getsource", lambda one: source(one) + "#" * (one.__name__ == name)
        )
        return builds.made_of_settings(CONFIG)


def test_a_past_that_comes_to_light_is_what_a_build_from_nothing_makes_of_it(
    tmp_path: Path,
) -> None:
    name = BARS.symbols[0]
    early = (pl.col("symbol") == name) & (pl.col("timestamp") < BARS.moments[60])
    later = (pl.col("symbol") == name) & (pl.col("timestamp") > BARS.moments[200])
    built(tmp_path / "late", Panel(BARS.table.filter(~early & ~later)))
    before = held(tmp_path / "late")
    told = built(tmp_path / "late", BARS)
    built(tmp_path / "once", BARS)
    assert told.generation == 2
    assert told.why is not None
    assert told.why.startswith(f"of {name!r} ")
    assert "more bars are known by" in told.why
    assert held(tmp_path / "late").equals(held(tmp_path / "once"))
    assert held(tmp_path / "late", generation=1).equals(before), "the old one stays as it was"


def test_a_symbol_that_comes_later_is_no_other_past(tmp_path: Path) -> None:
    built(tmp_path / "one by one", FEW)
    told = built(tmp_path / "one by one", BARS)
    built(tmp_path / "once", BARS)
    assert (told.generation, told.symbols) == (1, 1)
    assert held(tmp_path / "one by one").equals(held(tmp_path / "once"))


def test_what_a_build_that_was_cut_short_has_kept_is_seen_once_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(tmp_path, FEW)
    before = held(tmp_path)
    with monkeypatch.context() as cut:
        cut.setattr(builds.Builds, "finish", _cut_short)
        with pytest.raises(KeyboardInterrupt):
            built(tmp_path, FEW, OTHER)
    assert held(tmp_path).equals(before)
    again = built(tmp_path, FEW, OTHER)
    assert (again.generation, again.why) == (2, "horizons was (5, 10) and is (3,)")
    built(tmp_path / "fresh", FEW, OTHER)
    assert held(tmp_path).equals(held(tmp_path / "fresh"))


def test_one_that_was_cut_short_is_not_gone_on_with_under_yet_other_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as cut:
        cut.setattr(builds.Builds, "finish", _cut_short)
        with pytest.raises(KeyboardInterrupt):
            built(tmp_path, FEW, OTHER)
    assert built(tmp_path, FEW).generation == 2
    built(tmp_path / "fresh", FEW)
    assert held(tmp_path).equals(held(tmp_path / "fresh"))


def _cut_short(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.fixture
def tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library of the usual settings, and beside it one of others that was cut short."""
    built(tmp_path, FEW)
    with monkeypatch.context() as cut:
        cut.setattr(builds.Builds, "finish", _cut_short)
        with pytest.raises(KeyboardInterrupt):
            built(tmp_path, FEW, OTHER)
    return tmp_path


def test_who_returns_to_the_settings_that_searches_see_goes_on_with_them(tried: Path) -> None:
    assert why_not(tried, FEW) is None
    told = built(tried, BARS)
    assert (told.generation, told.why, told.symbols) == (1, None, 1)
    built(tried / "fresh", BARS)
    assert held(tried).equals(held(tried / "fresh"))


def test_what_was_begun_is_gone_on_with_even_after_a_return(tried: Path) -> None:
    built(tried, BARS)
    assert built(tried, BARS, OTHER).generation == 2
    built(tried / "fresh", BARS, OTHER)
    assert held(tried).equals(held(tried / "fresh"))
    assert Generations(Lake(tried)).current == 2


def test_while_another_is_begun_it_is_told_how_the_one_that_searches_see_was_made(
    tried: Path,
) -> None:
    assert why_not(tried, FEW, OTHER) == "horizons was (5, 10) and is (3,)"


def test_a_calendar_that_is_declared_anew_begins_another(tmp_path: Path) -> None:
    built(tmp_path, FEW)
    remember(MarketStore(tmp_path), "bars", FEW.symbols, "24/7")
    name = FEW.symbols[0]
    assert built(tmp_path, FEW).why == (
        f"the episodes of {name!r} were those of XNYS at 1d, 1w, and are those of 24/7 at 1d, 1w"
    )


def test_a_symbol_that_is_gone_begins_another(tmp_path: Path) -> None:
    built(tmp_path, BARS)
    assert why_not(tmp_path, FEW) == f"the bars of {BARS.symbols[-1]!r} are gone"


def test_as_many_bars_that_say_something_else_begin_another(tmp_path: Path) -> None:
    built(tmp_path, BARS)
    doubled = Panel(BARS.table.with_columns(pl.col("close") * 2))
    assert why_not(tmp_path, doubled) == (
        f"of {BARS.symbols[0]!r} other bars are known by {BARS.moments[-1]:%Y-%m-%d %H:%M} UTC "
        "than were read"
    )


def why_not(folder: Path, panel: Panel, config: EpisodesConfig = CONFIG) -> str | None:
    bars = BarsAtHand({"XNYS": panel}, "made")
    return builds.Builds(Workspace(folder)).why_not(bars, config)


def test_a_library_of_which_nobody_told_how_it_was_made_is_left_as_it_is(tmp_path: Path) -> None:
    built(tmp_path / "made", FEW)
    library = PatternStorageEngine(tmp_path)
    library.add([_one_of(tmp_path / "made")])
    told = built(tmp_path, FEW)
    assert told.why == "nobody told of which bars and settings the last was made"
    assert held(tmp_path).equals(held(tmp_path / "made"))
    assert len(held(tmp_path, generation=1)) == 1


def test_who_has_a_library_open_goes_over_to_the_new_one_when_it_looks(tmp_path: Path) -> None:
    built(tmp_path, FEW)
    library = PatternStorageEngine(tmp_path)
    first = len(library.episodes())
    built(tmp_path, FEW, replace(CONFIG, every=5))
    assert len(library.episodes()) == first
    library.refresh()
    assert len(library.episodes()) == len(held(tmp_path)) > first
    assert Generations(Lake(tmp_path)).current == 2


def _one_of(folder: Path) -> Pattern:
    library = PatternStorageEngine(folder)
    return library.search(np.ones(128), 1, BARS.moments[-1])[0][0]
