"""Episodes come, are learnt about, give way to others, and go; the past stays what it was."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.context.library.made import (
    as_told,
    at,
    beside,
    episode,
    episodes,
    keys,
    library_of,
    unit,
)
from tradewind.context.library import Lifecycle, PatternStorageEngine
from tradewind.core import Outcome, Pattern, Patterns
from tradewind.core.errors import BadConfig, BadTable, Misuse

LATE = at(100_000)


def known(library: PatternStorageEngine, when: float, k: int = 99) -> list[float]:
    """The minutes at which those found at a moment were known."""
    found = library.search(unit(1), k, at(when))
    return sorted((one.known_at - at(0)) / timedelta(minutes=1) for one, _ in found)


def apart(minute: float, seed: int, **more: object) -> Pattern:
    """An episode that is like no other."""
    return episode(minute, unit(seed), **more)  # type: ignore[arg-type]


def test_pattern_lifecycle_management(tmp_path: Path) -> None:
    library = PatternStorageEngine(tmp_path, Lifecycle(lifespan=timedelta(days=1), capacity=3))
    first, again = episode(60), episode(80, beside(unit(1), 0.99))
    assert library.add([first]) == 1
    assert library.add([first]) == 0, "one that is there is not added again"
    assert library.add([again]) == 1
    assert known(library, 200) == [80], "the later of two that are one stands for both"
    assert library.add([apart(minute, int(minute)) for minute in (300, 400, 500)]) == 3
    assert known(library, 540) == [300, 400, 500], "the oldest of equals goes first"
    assert library.expire(at(300) + timedelta(days=1)) == 1
    assert known(library, 1_750) == [400, 500]
    assert library.stats().episodes == 2
    assert library.stats().past == 3
    assert known(library, 200) == [80], "and the past is what it was"


def test_the_later_of_two_that_are_one_supersedes_once_something_followed_it(
    tmp_path: Path,
) -> None:
    library = library_of(tmp_path, [episode(60), episode(80, beside(unit(1), 0.99))])
    assert [known(library, when) for when in (89, 90, 109, 110)] == [[], [60], [60], [80]]
    told = library.episodes()
    assert told["superseded_by"].to_list() == [told["episode"][1], None]
    assert told["superseded_at"].to_list() == [at(110), None]


def test_episodes_told_as_they_happen_supersede_each_other_as_all_at_once(tmp_path: Path) -> None:
    chain = [episode(60 + 10 * i, beside(unit(1), 0.99, seed=10 + i)) for i in range(4)]
    whole = library_of(tmp_path / "whole", chain)
    told = PatternStorageEngine(tmp_path / "told")
    for when in range(60, 140, 5):
        told.add([one.as_of(at(when)) for one in chain if one.known_at <= at(when)])
        assert known(told, when) == known(whole, when)
    assert [known(told, when) for when in range(60, 140, 5)] == [
        known(whole, when) for when in range(60, 140, 5)
    ]


@pytest.mark.parametrize(
    "other",
    [
        episode(80, beside(unit(1), 0.9)),
        episode(80, symbol="OTHER"),
        episode(80, kind="burst"),
        episode(90.5),
    ],
    ids=["another look", "another symbol", "another kind", "another time"],
)
def test_only_overlapping_episodes_of_one_kind_and_look_are_one(
    tmp_path: Path, other: Pattern
) -> None:
    assert len(known(library_of(tmp_path, [episode(60), other]), 200)) == 2


def test_an_outcome_that_comes_later_is_learnt(tmp_path: Path) -> None:
    library = library_of(tmp_path, [episode(60, followed=[])])
    assert known(library, 300) == []
    assert library.add([episode(60, followed=[(30, 0.01)])]) == 0
    assert library.add([episode(60, followed=[(60, 0.02)])]) == 0
    [(found, _)] = library.search(unit(1), 1, at(300))
    assert [one.value for one in found.followed.values()] == [0.01, 0.02]


def test_a_corrected_outcome_counts_from_when_it_was_known(tmp_path: Path) -> None:
    library = library_of(tmp_path, [episode(60, followed=[(30, 0.01)])])
    corrected = {timedelta(minutes=30): Outcome(0.05, at(200))}
    library.add([Pattern(**{**vars(episode(60)), "followed": corrected})])
    told = [library.search(unit(1), 1, at(when))[0][0].followed for when in (199, 200)]
    assert [[one.value for one in each.values()] for each in told] == [[0.01], [0.05]]


def test_another_value_for_a_known_outcome_is_refused(tmp_path: Path) -> None:
    library = library_of(tmp_path, [episode(60, followed=[(30, 0.01)])])
    with pytest.raises(BadTable, match=r"1 outcomes are known with other values, first 0\.01"):
        library.add([episode(60, followed=[(30, 0.02)])])


def test_another_content_for_a_known_episode_is_refused(tmp_path: Path) -> None:
    library = library_of(tmp_path, [episode(60)])
    with pytest.raises(BadTable, match="1 episodes are in the library with other content"):
        library.add([episode(60, unit(2))])


def test_an_episode_that_comes_again_with_another_regime_keeps_the_one_it_came_with(
    tmp_path: Path,
) -> None:
    library = library_of(tmp_path, [episode(60)])
    assert library.add([episode(60, regime="high_vol")]) == 0
    assert library.episodes()["regime"].to_list() == ["low_vol"]


def test_an_episode_is_not_found_after_its_lifespan(tmp_path: Path) -> None:
    library = PatternStorageEngine(tmp_path, Lifecycle(lifespan=timedelta(minutes=100)))
    library.add([episode(60)])
    before = [known(library, when) for when in (159, 160)]
    assert before == [[60], []]
    assert (library.expire(at(159)), library.expire(at(160)), library.expire(at(160))) == (0, 1, 0)
    assert [known(library, when) for when in (159, 160)] == before


def test_the_least_useful_goes_when_there_is_no_room(tmp_path: Path) -> None:
    library = PatternStorageEngine(tmp_path, Lifecycle(capacity=3))
    three = [apart(60 + i, i) for i in range(3)]
    library.add(three)
    for one, gain in zip(three, (0.2, -0.1, 0.3), strict=True):
        library.used([one], gain, at(190))
    library.add([apart(200, 9)])
    assert known(library, 300) == [60, 62, 200]


def test_one_that_nothing_has_followed_yet_is_not_let_go_for_one_that_was_of_no_use(
    tmp_path: Path,
) -> None:
    library = PatternStorageEngine(tmp_path, Lifecycle(capacity=2))
    useful, recent = apart(60, 1), apart(100, 2, followed=[])
    library.add([useful, recent])
    library.used([useful], 5.0, at(190))
    library.add([apart(110, 3, followed=[])])
    let_go = pl.col("let_go_at")
    assert library.episodes().filter(let_go.is_null())["known_at"].to_list() == [at(100), at(110)]


def test_one_that_is_let_go_is_still_there_at_the_newest_moment_that_was_told_of(
    tmp_path: Path,
) -> None:
    library = PatternStorageEngine(tmp_path, Lifecycle(capacity=2))
    library.add([apart(60, 1), apart(61, 2)])
    assert known(library, 91) == [60, 61], "the newest is what followed the second"
    library.add([apart(61, 3, symbol="OTHER")])
    assert [known(library, when) for when in (91, 91.001)] == [[60, 61, 61], [61, 61]]


def test_few_uses_prove_little(tmp_path: Path) -> None:
    library = library_of(tmp_path, [apart(60, 1), apart(70, 2)])
    library.used([apart(60, 1)], 1.0, at(190))
    for _ in range(9):
        library.used([apart(70, 2)], 0.5, at(190))
    once, often = library.episodes()["quality"]
    assert (once, often) == (pytest.approx(6.5 / 11), pytest.approx(10 / 19))


def test_a_gain_that_is_no_number_or_of_nobody_is_refused(tmp_path: Path) -> None:
    library = library_of(tmp_path, [episode(60)])
    with pytest.raises(Misuse, match="a gain of nan: give a finite number"):
        library.used([episode(60)], float("nan"), at(190))
    with pytest.raises(Misuse, match="1 of 2 episodes are not in the library: add them first"):
        library.used([episode(60), episode(61)], 0.1, at(190))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"alike": 0.0}, "above a similarity of 0: give a number above 0, and at most 1"),
        ({"alike": 1.5}, "above a similarity of 1.5"),
        ({"lifespan": timedelta(0)}, "episodes that live for 0:00:00: give a time"),
        ({"capacity": 0}, "a library of at most 0 episodes: keep 1 or more"),
    ],
)
def test_a_life_that_nothing_can_have_is_refused(wrong: dict[str, float], said: str) -> None:
    with pytest.raises(BadConfig, match=said):
        Lifecycle(**wrong)  # type: ignore[arg-type]


def test_in_pieces_or_at_once_a_library_is_the_same(tmp_path: Path) -> None:
    many = episodes(300)
    rng = np.random.default_rng(3)
    pieces = PatternStorageEngine(tmp_path / "pieces")
    table = many.table.with_columns(piece=rng.integers(5, size=len(many)))
    for _, piece in table.group_by("piece"):
        pieces.add(Patterns(piece.drop("piece").sort("known_at", "symbol", "scale")))
    whole = library_of(tmp_path / "whole", many)
    for seed in range(10):
        one, other = (each.search(unit(seed), 20, at(250)) for each in (pieces, whole))
        assert as_told(one) == as_told(other)
    assert keys(pieces.search(unit(1), 999, LATE)) == keys(whole.search(unit(1), 999, LATE))
