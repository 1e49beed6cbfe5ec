"""Whatever befalls a build, what it leaves is whole, and the next one makes of it what an undisturbed one makes."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from time import sleep

import numpy as np
import pytest

from tests.pipelines.episodes.builder import CONFIG, Stages, add_in, bars, build_in, fill
from tests.pipelines.episodes.test_building import held
from tradewind.context.library import PatternStorageEngine
from tradewind.core import FixedClock, stream
from tradewind.core.errors import WorkspaceError
from tradewind.data.store import MarketStore
from tradewind.pipelines.episodes.building import build
from tradewind.pipelines.episodes.config import EpisodesConfig
from tradewind.storage.holding import held as turn_of_another
from tradewind.storage.workspace import Workspace

LONG_S = 0.3  # about as long as a build takes
NURSERY = get_context("forkserver")
# What sets no threads to work when it is loaded; a process that is forked beside some may hang.
NURSERY.set_forkserver_preload(
    ["tradewind.context.library", "tradewind.context.regimes", "tradewind.data.store"]
)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = fill(tmp_path_factory.mktemp("undisturbed"))
    build_in(str(folder), str(folder / "said"))
    return folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    with mounted("-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)):
        yield place


@contextmanager
def mounted(*how: str) -> Iterator[None]:
    if subprocess.run(["mount", *how], capture_output=True, check=False).returncode:
        pytest.skip("needs to be root to mount a disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", how[-1]], check=True)


@contextmanager
def read_only(folder: Path, place: Path) -> Iterator[Path]:
    """The same folder, at another place where nobody may write."""
    place.mkdir()
    with mounted("--bind", str(folder), str(place)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(place)], check=True)
        yield place


def fill_up(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4_096))


def begun(*arguments: object, target: object = build_in) -> ForkServerProcess:
    process = NURSERY.Process(target=target, args=arguments)  # type: ignore[arg-type]
    process.start()
    return process


def require_whole(folder: Path, like: Path) -> None:
    """Every episode once, with what the other library says of it, and no file that is not as it was written."""
    assert held(folder).equals(held(like))
    tables = PatternStorageEngine(folder)._tables
    rows = tables._lake.read(tables._episodes)
    assert rows["episode"].n_unique() == len(rows)
    assert MarketStore(folder).damage() == ()


@pytest.mark.slow  # the same as the next, as often as it takes to be sure
@pytest.mark.parametrize("before", [None, replace(CONFIG, every=7)], ids=["first", "begun anew"])
def test_after_ten_kills_a_build_leaves_what_an_undisturbed_one_leaves(
    tmp_path: Path, undisturbed: Path, before: EpisodesConfig | None
) -> None:
    kills_leave_nothing_behind(tmp_path, undisturbed, before, kills=10)


def test_after_two_kills_a_build_leaves_what_an_undisturbed_one_leaves(
    tmp_path: Path, undisturbed: Path
) -> None:
    kills_leave_nothing_behind(tmp_path, undisturbed, replace(CONFIG, every=7), kills=2)


def kills_leave_nothing_behind(
    tmp_path: Path, undisturbed: Path, before: EpisodesConfig | None, kills: int
) -> None:
    folder, rng = fill(tmp_path), stream(3, "kills")
    if before:
        build_in(str(folder), str(folder / "said"), before)
    first, killed = held(folder), 0
    for turn in range(kills):
        said = folder / f"said {turn}"
        builder = begun(str(folder), str(said))
        while builder.is_alive() and not said.exists():
            builder.join(0.005)
        builder.join(float(rng.uniform(0.0, LONG_S)))
        builder.kill()
        builder.join()
        killed += not said.read_text()
        seen = held(folder)
        assert before is None or seen.equals(first) or seen.equals(held(undisturbed))
    assert killed > kills / 3
    build_in(str(folder), str(folder / "said"))
    require_whole(folder, undisturbed)


def test_of_two_builds_at_once_one_waits_and_nothing_is_there_or_told_twice(
    tmp_path: Path, undisturbed: Path
) -> None:
    folder = fill(tmp_path)
    both = [begun(str(folder), str(folder / f"said {turn}")) for turn in range(2)]
    for one in both:
        one.join()
    told = [json.loads((folder / f"said {turn}").read_text()) for turn in range(2)]
    alone = json.loads((undisturbed / "said").read_text())
    for counted in ("added", "followed"):
        assert sorted(one[counted] for one in told) == [0, alone[counted]]
    require_whole(folder, undisturbed)


def test_a_build_that_has_to_wait_says_so(tmp_path: Path) -> None:
    folder, notes, clock = fill(tmp_path), Stages(), FixedClock(bars().moments[-1])
    turn = folder / "library" / "builds"
    turn.mkdir(parents=True)
    with ThreadPoolExecutor(1) as other:
        with turn_of_another(turn):
            job = other.submit(build, Workspace(folder), CONFIG, "XNYS", notes, clock)
            while not notes.stages:
                sleep(0.01)
            assert (notes.stages, job.done()) == (["wait for another build"], False)
        assert job.result().added > 0


def test_of_two_who_add_the_same_each_episode_is_new_to_one(
    tmp_path: Path, undisturbed: Path
) -> None:
    said = [tmp_path / f"said {turn}" for turn in range(2)]
    both = [begun(str(tmp_path), str(undisturbed), str(one), target=add_in) for one in said]
    for one in both:
        one.join()
    assert sum(int(one.read_text()) for one in said) == 30
    tables = PatternStorageEngine(tmp_path)._tables
    rows = tables._lake.read(tables._episodes)
    assert (len(rows), rows["episode"].n_unique()) == (30, 30)


def test_a_full_disk_is_told_and_the_next_build_makes_good(
    small_disk: Path, undisturbed: Path
) -> None:
    folder = fill(small_disk)
    ballast, refused = folder / "ballast", 0
    with pytest.raises(OSError, match="No space left"):
        fill_up(ballast)
    for room in (8, 56, 72, 88):
        with ballast.open("r+b") as file:
            file.truncate(max(0, small_disk_bytes(folder) - room * 1024))
        try:
            build_in(str(folder), str(folder / "said"))
        except WorkspaceError:
            refused += 1
    assert refused > 1
    ballast.unlink()
    build_in(str(folder), str(folder / "said"))
    require_whole(folder, undisturbed)


def small_disk_bytes(folder: Path) -> int:
    """How large the ballast is with which nothing is free."""
    free = shutil.disk_usage(folder).free
    return (folder / "ballast").stat().st_size + free


def test_in_a_folder_that_is_read_only_it_is_searched_without_its_index_and_not_built(
    tmp_path: Path, undisturbed: Path
) -> None:
    folder = shutil.copytree(undisturbed, tmp_path / "copy")
    beside = PatternStorageEngine(folder)
    (folder / "library" / "patterns.index").unlink()
    with read_only(folder, tmp_path / "seen") as seen:
        library = PatternStorageEngine(seen)
        assert len(library.search(np.ones(128), 500, bars().moments[-1])) > 20
        with pytest.raises(WorkspaceError, match=r"read-only: mount it writable|readonly database"):
            build_in(str(seen), str(tmp_path / "said"), replace(CONFIG, every=3))
        assert held(seen).equals(held(undisturbed))
    assert len(beside.episodes()) == len(held(undisturbed))
