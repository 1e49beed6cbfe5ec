"""What is said of a moment stays said, whatever happens after it; and no order of telling changes it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.context.library.made import as_told, at, beside, episode, library_of, unit
from tradewind.context.library import Lifecycle, PatternStorageEngine
from tradewind.core import Pattern, Rng, stream

LATE = at(100_000)
Step = Callable[[PatternStorageEngine, float], object]


def alike_ones(rng: Rng, count: int = 14) -> list[Pattern]:
    """Overlapping episodes of which many are one, followed by nothing, one or two outcomes, soon or late."""
    looks = [unit(1), unit(2)]
    made = []
    for number in range(count):
        look = beside(looks[rng.integers(2)], rng.choice([0.99, 0.98, 0.9]), seed=int(number) + 20)
        delays = sorted(
            rng.choice([10, 20, 40, 90, 200], size=rng.choice([0, 1, 2, 2]), replace=False)
        )
        followed = [(float(delay), float(rng.normal(0, 0.01))) for delay in delays]
        minute = 60.0 + 5 * number
        made.append(episode(minute, look, span=float(rng.choice([20, 40])), followed=followed))
    return made


def in_pieces(rng: Rng, made: list[Pattern]) -> list[Pattern]:
    """The same, some of them without their outcomes first, in any order."""
    bare = [Pattern(**{**vars(one), "followed": {}}) for one in made if rng.random() < 0.5]
    told = [*made, *bare]
    return [told[place] for place in rng.permutation(len(told))]


def everything(library: PatternStorageEngine) -> pl.DataFrame:
    by_horizon = pl.col("followed").list.eval(pl.element().sort())
    return library.episodes().with_columns(by_horizon)


@pytest.mark.parametrize("seed", range(3))
def test_who_supersedes_whom_depends_on_the_episodes_and_not_on_the_order_of_telling(
    tmp_path: Path, seed: int
) -> None:
    rng = stream(seed, "orders")
    made = alike_ones(rng)
    whole = library_of(tmp_path / "whole", made)
    pieces = PatternStorageEngine(tmp_path / "pieces")
    told = in_pieces(rng, made)
    for cut in np.array_split(np.arange(len(told)), 6):
        piece = {
            (one.known_at, one.start): one for one in sorted((told[i] for i in cut), key=_told)
        }
        pieces.add(piece.values())
        if rng.random() < 0.3:
            pieces = PatternStorageEngine(tmp_path / "pieces")
    assert everything(whole)["superseded_at"].drop_nulls().len() > 1
    assert everything(pieces).equals(everything(whole))
    assert everything(PatternStorageEngine(tmp_path / "pieces")).equals(everything(whole))


def _told(one: Pattern) -> int:
    return len(one.followed)


def test_of_two_that_supersede_one_at_a_moment_the_same_is_named_in_either_order(
    tmp_path: Path,
) -> None:
    first = episode(60)
    both = [
        episode(70, beside(unit(1), 0.99, seed=seed), span=span, followed=[(30, 0.01)])
        for seed, span in ((7, 35.0), (8, 36.0))
    ]
    said = set()
    for name, order in (("one", both), ("other", both[::-1])):
        library = library_of(tmp_path / name, [first])
        for one in order:
            library.add([one])
        said.add(library.episodes()["superseded_by"][0])
    assert len(said) == 1


def test_one_that_was_let_go_before_anybody_saw_it_supersedes_nobody(tmp_path: Path) -> None:
    library = PatternStorageEngine(tmp_path, Lifecycle(capacity=1))
    library.add(
        [episode(60), episode(80, beside(unit(1), 0.99), followed=[(500, 0.01)]).as_of(at(80))]
    )
    library.add([episode(80, beside(unit(1), 0.99), followed=[(500, 0.01)])])
    gone = library.episodes().filter(pl.col("let_go_at").is_not_null())
    assert gone["known_at"].to_list() == [at(60)]
    assert library.episodes()["superseded_at"].to_list() == [at(580), None]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_said_of_a_moment_stays_said_whatever_happens_after_it(
    tmp_path: Path, seed: int
) -> None:
    rng, minute = stream(seed, "lives"), 55.0
    made = [replace(one, symbol=f"S{rng.integers(3)}") for one in alike_ones(rng, count=40)]
    lives = [Lifecycle(lifespan=timedelta(minutes=120), capacity=room) for room in (6, 4, 9)]
    library = PatternStorageEngine(tmp_path, lives[0])
    said: dict[datetime, list[object]] = {}
    while minute < 330:
        before, minute = minute, minute + float(rng.choice([4, 15, 40]))
        _live(library, rng, made, minute)
        if rng.random() < 0.3:
            library = PatternStorageEngine(tmp_path, lives[rng.integers(3)])
        for when in (at(before), at((before + minute) / 2), at(minute)):
            said.setdefault(when, _answers(library, when))
    states = library.episodes()
    assert min(states[name].drop_nulls().len() for name in ("let_go_at", "superseded_at")) > 0
    assert sum(map(len, said.values())) > 30
    assert {when: _answers(library, when) for when in said} == said
    assert {when: _answers(PatternStorageEngine(tmp_path), when) for when in said} == said


def _live(library: PatternStorageEngine, rng: Rng, made: list[Pattern], minute: float) -> None:
    """What happens by a minute: what is known by then is told, and maybe used, or put away."""
    known = [one.as_of(at(minute)) for one in made if one.known_at <= at(minute)]
    library.add(known)
    what = rng.integers(4)
    if what == 0:
        library.expire(at(minute))
    elif what == 1 and (found := library.search(unit(1), 3, at(minute))):
        library.used([one for one, _ in found], float(rng.normal()), at(minute))


def _answers(library: PatternStorageEngine, when: datetime) -> list[object]:
    return [one for look in (1, 2) for one in as_told(library.search(unit(look), 50, when))]


def test_a_use_counts_from_its_moment_and_has_one(tmp_path: Path) -> None:
    library = library_of(tmp_path, [episode(60)])
    library.used([episode(60)], 0.5, at(95))
    events = library._tables.read()[2]
    assert events.filter(what="used")["at"].to_list() == [at(95)]
    assert library.episodes()["uses"].to_list() == [1]
