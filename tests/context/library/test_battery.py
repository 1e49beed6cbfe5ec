"""Each search of the library keeps what the role promises; one that does not is caught."""

from collections.abc import Callable
from pathlib import Path

import pytest

import tradewind.context.library.engine as engine_file
from tests.context.library.made import episodes, unit
from tests.context.retrieval.toy_search import ToySearch
from tradewind.context.library import Lifecycle, PatternStorageEngine
from tradewind.context.retrieval.limited import Limited
from tradewind.core import Patterns, stream
from tradewind.core.errors import MissingExtra
from tradewind.core.roles import PatternSearch
from tradewind.evaluation.pattern_contracts import check_pattern_search

EPISODES = episodes(150)
Keep = Callable[[Patterns], PatternSearch]


def without_faiss(*_: object) -> None:
    raise MissingExtra("faiss", extra="vectors")


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    """A new library of these episodes, in which none supersedes another."""
    made = iter(range(100))

    def library(patterns: Patterns) -> PatternSearch:
        folder = tmp_path / str(next(made))
        kept = PatternStorageEngine(folder, Lifecycle(alike=1.0))
        kept.add(patterns)
        return kept

    return library


@pytest.mark.parametrize("index", ["faiss", "numpy"])
def test_every_index_keeps_what_is_promised(
    keep: Keep, index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if index == "numpy":
        monkeypatch.setattr(engine_file, "by_faiss", without_faiss)
    assert check_pattern_search(keep, EPISODES, stream(1, "battery"), moments=4) == ()


def test_a_limited_search_that_limits_nothing_keeps_it_too(keep: Keep) -> None:
    def limited(patterns: Patterns) -> PatternSearch:
        return Limited(keep(patterns))  # type: ignore[arg-type]

    assert check_pattern_search(limited, EPISODES, stream(1, "battery"), moments=3) == ()


def test_one_that_tells_outcomes_before_their_time_is_caught() -> None:
    class Hasty(ToySearch):
        def search(self, query, k, as_of, regime=None):  # type: ignore[no-untyped-def]
            return [(one, 0.5) for one in self.patterns[:k]]

    found = check_pattern_search(Hasty.of, EPISODES, stream(1, "battery"), moments=3)
    assert {"as_of", "nearest", "regime", "bad queries"} <= {one.where for one in found}


def test_a_search_of_some_kinds_finds_no_others_and_all_of_these(tmp_path: Path) -> None:
    made = [*episodes(40)]
    named = [one for one in made if one.symbol in ("S1", "S2")]
    kinds = Patterns.of(
        type(one)(**{**vars(one), "kind": "gap" if one in named else "window"}) for one in made
    )
    library = PatternStorageEngine(tmp_path, Lifecycle(alike=1.0))
    library.add(kinds)
    late = max(o.resolved_at for one in made for o in one.followed.values())
    only = library.search(unit(3), 99, late, kinds=frozenset({"gap"}))
    assert len(only) == len(named) > 0
    assert len(library.search(unit(3), 99, late, kinds=frozenset({"gap", "window"}))) == 40
    assert library.search(unit(3), 99, late, kinds=frozenset({"swing"})) == []
    assert library.search(unit(3), 99, late, kinds=frozenset()) == []
