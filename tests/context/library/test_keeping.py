"""The tables are the truth: whatever happens to the index or to who writes, nothing is lost."""

import json
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.context.library.adder import SMALL, add_to, twins
from tests.context.library.made import as_told, at, episode, episodes, library_of, unit
from tradewind.context.library import PatternStorageEngine, faiss_nearest
from tradewind.core import Patterns
from tradewind.core.errors import MissingExtra

LATE = at(1_000_000)
ADDER = "tests.context.library.adder"
Damage = Callable[[Path], object]


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def change_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def put_another(path: Path) -> None:
    other = path.parent / "other"
    library_of(other, episodes(50, seed=8))
    path.write_bytes((other / "library" / path.name).read_bytes())


def claim_more(path: Path) -> None:
    head, _, content = path.read_bytes().partition(b"\n")
    told = {**json.loads(head), "episodes": 10**6}
    path.write_bytes(json.dumps(told).encode() + b"\n" + content)


DAMAGE: list[Damage] = [
    claim_more,
    cut_in_half,
    change_a_byte,
    put_another,
    Path.unlink,
    lambda path: path.write_bytes(b""),
    lambda path: path.write_bytes(b'{"format": 1}\n'),
    lambda path: path.write_bytes(b'{"format": 99, "episodes": 0}\n'),
]


def without_faiss(package: str, extra: str) -> None:
    raise MissingExtra(package, extra)


def index_of(library_folder: Path) -> Path:
    return library_folder / "library" / "patterns.index"


def answers(library: PatternStorageEngine) -> list[object]:
    """What a library says to some questions, to the bit."""
    asked = [(unit(seed), when) for seed in range(4) for when in (at(120), at(200), LATE)]
    return [as_told(library.search(query, 12, when)) for query, when in asked]


def test_pattern_storage_retrieval(tmp_path: Path) -> None:
    before = library_of(tmp_path, episodes(200))
    after = PatternStorageEngine(tmp_path)
    assert answers(after) == answers(before)
    assert after.stats().episodes == before.stats().episodes == 200
    [(found, near)] = after.search(episodes(200).vectors[7].astype(float), 1, LATE)
    assert near == pytest.approx(1)
    assert found.followed == list(episodes(200))[7].followed


@pytest.mark.parametrize("damage", DAMAGE, ids=range(len(DAMAGE)))
def test_a_damaged_index_is_made_anew_and_nothing_is_lost(tmp_path: Path, damage: Damage) -> None:
    said, whole = answers(library_of(tmp_path, episodes(200))), index_of(tmp_path).read_bytes()
    damage(index_of(tmp_path))
    assert answers(PatternStorageEngine(tmp_path)) == said
    assert index_of(tmp_path).read_bytes() == whole


def test_an_index_of_an_older_version_is_used_and_what_came_since_is_found(tmp_path: Path) -> None:
    library = library_of(tmp_path, [*episodes(200), episode(900, unit(5), followed=[])])
    older = index_of(tmp_path).read_bytes()
    library.add([episode(900, unit(5)), episode(950, unit(6)), episode(915, unit(5))])
    assert index_of(tmp_path).read_bytes() == older
    assert answers(PatternStorageEngine(tmp_path)) == answers(library)


def test_cells_are_learnt_once_and_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faiss_nearest, "CELLS_ABOVE", 1_000)
    monkeypatch.setattr(faiss_nearest, "SCANNED", 100)
    library = library_of(tmp_path, episodes(3_000, archetypes=20))
    assert library.stats().index == "cells (faiss, float16)"
    monkeypatch.setattr("faiss.IndexIVFScalarQuantizer", None)  # nothing can be learnt anew
    assert answers(PatternStorageEngine(tmp_path)) == answers(library)


def test_cells_that_numpy_could_not_learn_are_learnt_once_faiss_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faiss_nearest, "CELLS_ABOVE", 1_000)
    with monkeypatch.context() as absent:
        absent.setattr(faiss_nearest, "load", without_faiss)
        library_of(tmp_path, episodes(1_200, archetypes=20))
    small = index_of(tmp_path).stat().st_size
    PatternStorageEngine(tmp_path)
    assert index_of(tmp_path).stat().st_size > 10 * small


def test_a_library_without_faiss_works_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = answers(library_of(tmp_path, episodes(100)))
    monkeypatch.setattr(faiss_nearest, "load", without_faiss)
    library = PatternStorageEngine(tmp_path)
    assert library.stats().index == "exact (numpy)"
    assert answers(library) == said


def test_what_another_process_adds_is_found_once_it_is_looked_for(tmp_path: Path) -> None:
    one, other = PatternStorageEngine(tmp_path), PatternStorageEngine(tmp_path)
    one.add([episode(60)])
    assert other.search(unit(1), 1, LATE) == []
    other.refresh()
    assert len(other.search(unit(1), 1, LATE)) == 1


def test_nobody_writes_on_top_of_what_he_has_not_seen(tmp_path: Path) -> None:
    one, other = PatternStorageEngine(tmp_path), PatternStorageEngine(tmp_path)
    one.add([episode(60)])
    assert other.add([episode(60)]) == 0
    assert other.add([episode(70)]) == 1
    assert one.add([episode(70)]) == 0
    assert answers(one) == answers(other) == answers(PatternStorageEngine(tmp_path))


def test_searches_see_the_library_before_or_after_an_addition_never_between(
    tmp_path: Path,
) -> None:
    library, total = PatternStorageEngine(tmp_path, SMALL), 6

    def look(_: int) -> list[int]:
        found = [one.symbol for one, _ in library.search(unit(1), 1_000, LATE)]
        return [found.count("S0"), found.count("S1")]

    with ThreadPoolExecutor(3) as threads:
        adding = threads.submit(lambda: [library.add(twins(number)) for number in range(total)])
        seen = []
        while not adding.done():
            seen += threads.map(look, range(4))
        assert sum(adding.result()) == 2 * total
    assert [pair for pair in seen if pair[0] != pair[1]] == []
    assert look(0) == [total, total]


def test_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    rng, nursery = random.Random(7), get_context("forkserver")
    nursery.set_forkserver_preload([ADDER])
    folder, said = tmp_path / "workspace", tmp_path / "said"
    said.touch()
    for turn in range(4):
        adder = nursery.Process(target=add_to, args=(str(said), str(folder), 1_000 * turn))
        adder.start()
        before = said.stat().st_size
        while adder.is_alive() and said.stat().st_size == before:
            adder.join(0.01)
        adder.join(rng.uniform(0.0, 0.15))
        adder.kill()
        adder.join()
    require_all_there(PatternStorageEngine(folder, SMALL), said.read_text().splitlines(), turns=4)


def require_all_there(library: PatternStorageEngine, said: list[str], turns: int) -> None:
    promised = {int(number): int(outcomes) for number, outcomes in map(str.split, said)}
    assert len(promised) >= turns
    held = {one.symbol + str(one.known_at): one for one, _ in library.search(unit(1), 9_999, LATE)}
    for number, outcomes in promised.items():
        for one in twins(number):
            found = held[one.symbol + str(one.known_at)]
            assert len(found.followed) >= outcomes
    assert len(held) % 2 == 0, "twins come together or not at all"


def test_pattern_library_scaling(tmp_path: Path) -> None:
    many = episodes(10_000)
    library = library_of(tmp_path, many)
    stats = library.stats()
    assert stats.episodes == 10_000
    assert stats.memory_mb < 50
    assert stats.disk_mb < 50
    assert stats.disk_mb == pytest.approx(on_disk(tmp_path), abs=0.5)
    small = library_of(tmp_path / "small", Patterns(many.table.head(1_000)))
    assert as_told(small.search(unit(3), 16, at(900))) == as_told(
        library.search(unit(3), 16, at(900))
    )


def on_disk(folder: Path) -> float:
    """MB of all files."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
