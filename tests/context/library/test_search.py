"""A search finds what is nearest among what was known then, and nothing else."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.context.library.made import (
    HORIZONS,
    as_told,
    at,
    beside,
    episode,
    episodes,
    keys,
    library_of,
    nearest_by_definition,
    seen_at,
    unit,
)
from tradewind.context.library import PatternStorageEngine
from tradewind.context.library import engine as engine_file
from tradewind.core import Patterns
from tradewind.core.errors import MissingExtra, Misuse

LATE = at(100_000)


@pytest.fixture(scope="module")
def many() -> Patterns:
    return episodes(600)


@pytest.fixture(scope="module")
def library(many: Patterns, tmp_path_factory: pytest.TempPathFactory) -> PatternStorageEngine:
    return library_of(tmp_path_factory.mktemp("library"), many)


def without_faiss(vectors: object, learnt: bytes) -> None:
    raise MissingExtra("faiss", extra="vectors")


@pytest.mark.parametrize("minute", [90, 200, 333.5, 100_000])
def test_similarity_search(library: PatternStorageEngine, many: Patterns, minute: float) -> None:
    seen = seen_at(many, at(minute))
    for seed in range(20):
        found = library.search(unit(seed), 16, as_of=at(minute))
        asked = nearest_by_definition(seen, unit(seed), 16)
        assert keys(found) == keys(asked)
        assert [near for _, near in found] == pytest.approx([near for _, near in asked])


def test_an_answer_does_not_change_when_the_future_does(
    library: PatternStorageEngine, many: Patterns, tmp_path: Path
) -> None:
    for minute in (91, 250, 480):
        known = Patterns.of(one.as_of(at(minute)) for one in many if one.known_at <= at(minute))
        cut = library_of(tmp_path / str(minute), known)
        for seed in range(5):
            then, now = (one.search(unit(seed), 20, at(minute)) for one in (cut, library))
            assert as_told(then) == as_told(now)


def test_no_outcome_is_told_before_it_resolved(library: PatternStorageEngine) -> None:
    for one, _ in library.search(unit(2), 500, as_of=at(300)):
        assert one.known_at <= at(300)
        assert one.followed
        assert all(outcome.resolved_at <= at(300) for outcome in one.followed.values())


def test_what_is_known_at_the_moment_counts_as_known(tmp_path: Path) -> None:
    library = library_of(tmp_path, [episode(60, followed=[(30, 0.01)])])
    assert library.search(unit(1), 1, as_of=at(90) - timedelta(microseconds=1)) == []
    assert len(library.search(unit(1), 1, as_of=at(90))) == 1


def test_numpy_and_faiss_find_the_same_to_the_bit(
    library: PatternStorageEngine, many: Patterns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_file, "by_faiss", without_faiss)
    twin = library_of(tmp_path, many)
    assert (twin.stats().index, library.stats().index) == ("exact (numpy)", "exact (faiss)")
    for seed in range(30):
        for regime in (None, "high_vol"):
            for k in (1, 16, 599):
                one, other = (a.search(unit(seed), k, at(400), regime) for a in (twin, library))
                assert as_told(one) == as_told(other)


def test_equals_come_in_one_order_in_numpy_and_in_faiss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    equals = [episode(60 + i, symbol=f"S{i}") for i in range(100)]
    by_faiss = library_of(tmp_path / "faiss", equals)
    monkeypatch.setattr(engine_file, "by_faiss", without_faiss)
    by_numpy = library_of(tmp_path / "numpy", equals[::-1])
    one, other = (each.search(unit(1), 7, LATE) for each in (by_faiss, by_numpy))
    assert len(one) == 7
    assert as_told(one) == as_told(other)


@pytest.mark.parametrize("numpy_alone", [False, True])
def test_filters_leave_out_nothing_that_they_allow(
    many: Patterns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, numpy_alone: bool
) -> None:
    if numpy_alone:
        monkeypatch.setattr(engine_file, "by_faiss", without_faiss)
    library = library_of(tmp_path, many)
    scale = timedelta(minutes=10)
    wanted = [
        one
        for one in seen_at(many, at(500))
        if (one.regime, one.scale) == ("low_vol", scale) and one.symbol != "S3"
    ]
    for seed in range(10):
        found = library.search(unit(seed), 9, at(500), "low_vol", scale=scale, without="S3")
        assert keys(found) == keys(nearest_by_definition(wanted, unit(seed), 9))


def test_a_regime_that_never_was_finds_nothing(library: PatternStorageEngine) -> None:
    assert library.search(unit(1), 5, LATE, regime="unheard_of") == []


def test_more_than_there_are_is_all_there_are(library: PatternStorageEngine) -> None:
    assert len(library.search(unit(1), 10_000, LATE)) == 600


def test_an_empty_library_finds_nothing(tmp_path: Path) -> None:
    assert PatternStorageEngine(tmp_path).search(unit(1), 5, LATE) == []


def test_before_its_first_episode_a_library_finds_nothing(library: PatternStorageEngine) -> None:
    assert library.search(unit(1), 5, at(0)) == []


def test_the_length_of_a_query_does_not_matter(library: PatternStorageEngine) -> None:
    one, other = (library.search(length * unit(1), 9, LATE) for length in (1.0, 4.0))
    assert as_told(one) == as_told(other)


@pytest.mark.parametrize(
    ("query", "k", "said"),
    [
        (np.full(128, np.nan), 5, "a query with NaN or infinity in it: leave the moment out"),
        (np.full(128, np.inf), 5, "a query with NaN or infinity in it"),
        (np.zeros(128), 5, "a query of zeros resembles nothing"),
        (np.ones(64), 5, r"a query of shape \(64,\): give \(128,\) numbers"),
        (np.ones(128), 0, "the 0 nearest episodes were asked for: ask for 1 or more"),
        (np.ones(128), -3, "the -3 nearest episodes were asked for"),
        (np.ones(128), 2.5, "the 2.5 nearest episodes were asked for"),
    ],
)
def test_a_query_that_means_nothing_is_refused(
    library: PatternStorageEngine, query: np.ndarray, k: int, said: str
) -> None:
    with pytest.raises(Misuse, match=said):
        library.search(query, k, LATE)


@pytest.mark.parametrize("length", [1e300, 1e-300])
def test_a_query_whose_square_is_no_number_finds_what_it_finds_at_length_one(
    library: PatternStorageEngine, length: float
) -> None:
    far, near = (library.search(scale * unit(1), 9, LATE) for scale in (length, 1.0))
    assert [one for one, _ in as_told(far)] == [one for one, _ in as_told(near)]


def test_a_similarity_is_the_cosine(tmp_path: Path) -> None:
    library = library_of(tmp_path, [episode(60, beside(unit(1), 0.6))])
    assert library.search(unit(1), 1, LATE)[0][1] == pytest.approx(0.6, abs=1e-6)


def test_both_horizons_are_told_once_they_are_known(library: PatternStorageEngine) -> None:
    assert {tuple(one.followed) for one, _ in library.search(unit(1), 9, LATE)} == {HORIZONS}
