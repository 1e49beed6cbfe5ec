"""What is no moment, no episode, no query and no folder is refused by name, and nothing is written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.context.library.made import at, episode, library_of, unit
from tradewind.context.library import PatternStorageEngine
from tradewind.core.errors import BadStamp, Misuse

ONE = episode(60)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> PatternStorageEngine:
    return library_of(tmp_path_factory.mktemp("library"), [ONE])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda library: library.search(unit(1), 5, None), "None is no moment"),
        (lambda library: library.search(unit(1), 5, "2025-01-01"), "'2025-01-01' is no moment"),
        (
            lambda library: library.search(unit(1), 5, at(60).date()),
            "is no moment: give a datetime",
        ),
        (lambda library: library.expire(None), "None is no moment"),
        (lambda library: library.used([ONE], 0.1, None), "None is no moment"),
    ],
)
def test_what_is_no_moment_is_refused(
    library: PatternStorageEngine, asked: Callable[[Any], object], said: str
) -> None:
    with pytest.raises(BadStamp, match=said):
        asked(library)


@pytest.mark.parametrize(
    ("added", "said"),
    [
        (None, "as a list of Pattern, not as a NoneType: give"),
        (ONE, "as a list of Pattern, not as a Pattern: give"),
        (["x"], "a str is among the episodes: give"),
        ([ONE, None], "a NoneType is among the episodes: give"),
    ],
)
def test_what_is_no_episode_is_refused(
    library: PatternStorageEngine, added: Any, said: str
) -> None:
    for keep in (library.add, lambda these: library.used(these, 0.1, at(99))):
        with pytest.raises(Misuse, match=said):
            keep(added)
    assert len(library.episodes()) == 1


@pytest.mark.parametrize("query", ["abc", None, [object()], {}])
def test_what_is_no_query_is_refused(library: PatternStorageEngine, query: Any) -> None:
    with pytest.raises(Misuse, match=r"give \(128,\) numbers"):
        library.search(query, 5, at(99))


@pytest.mark.parametrize("path", [None, 3, np.array(["x"])])
def test_what_is_no_folder_is_refused(path: Any) -> None:
    with pytest.raises(Misuse, match=f"not in a {type(path).__name__}: give its path"):
        PatternStorageEngine(path)


def test_a_library_in_a_folder_by_name_is_the_same(tmp_path: Path) -> None:
    library_of(tmp_path, [ONE])
    assert len(PatternStorageEngine(str(tmp_path)).episodes()) == 1
