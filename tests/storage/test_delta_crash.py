"""Whatever stops a writer, what it acknowledged is there, whole, and the workspace opens again."""

import random
import shutil
import subprocess
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.storage.power_cut.disk import Disk, acknowledged
from tests.storage.power_cut.rows import day, days, document
from tests.storage.power_cut.trace import Call, trace
from tests.storage.power_cut.writer import DROPS, append_to
from tradewind.core.errors import TradewindError, WorkspaceError
from tradewind.data.store import MarketStore
from tradewind.storage.control import Control
from tradewind.storage.documents import Documents

WRITER = "tests.storage.power_cut.writer"
needs_strace = pytest.mark.skipif(
    not shutil.which("strace"), reason="needs strace to see the system calls: apt install strace"
)


def lost_or_torn(workspace: Path, promised: list[int]) -> list[int]:
    """The acknowledged days that are not there; raises if any is torn or nothing opens."""
    store = MarketStore(workspace)
    there = days(store)
    documents = Documents(Control(workspace / "control.db"))
    kept = [one for one in promised if documents.get("days", str(one)) == document(one)]
    before = store.version
    assert store.append(day(1_000)) > before
    mended = [one.detail for one in store.findings if "put back from the record" in one.detail]
    assert mended == [], "the record made good what a missing sync had lost"
    return sorted({*promised} - ({*there} & {*kept}))


def traced(folder: Path, *arguments: str) -> tuple[list[Call], str]:
    workspace = folder / "workspace"
    workspace.mkdir(parents=True)
    return trace(WRITER, str(workspace), "0", *arguments, log=folder / "calls"), str(workspace)


def cuts(
    calls: list[Call], root: str, number: int, seed: int, folder: Path
) -> Iterator[tuple[Path, list[int]]]:
    """The workspace after the power was cut at random moments, strictly and with remains in turn."""
    rng = random.Random(seed)
    first = next(at for at, call in enumerate(calls) if root in "".join(map(repr, call.strings)))
    moments = sorted(rng.choices(range(first, len(calls)), k=number))
    disk, done = Disk(root), 0
    for turn, moment in enumerate(moments):
        for call in calls[done:moment]:
            disk.do(call)
        done, place = moment, folder / f"cut-{turn}"
        place.mkdir()
        disk.rebuilt(place, rng if turn % 2 else None)
        yield place, acknowledged(disk.said)


def failures(calls: list[Call], root: str, number: int, seed: int, folder: Path) -> Iterator[str]:
    """What was wrong after each cut, if anything was."""
    for place, promised in cuts(calls, root, number, seed, folder):
        try:
            lost = lost_or_torn(place, promised)
        except (TradewindError, AssertionError) as error:
            yield f"{place.name}: {error}"
        else:
            if lost:
                yield f"{place.name}: lost {lost} of {len(promised)}"


@needs_strace
def test_a_power_cut_at_any_moment_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    calls, root = traced(tmp_path / "run", "8")
    assert list(failures(calls, root, 40, 7, tmp_path)) == []


@needs_strace
@pytest.mark.slow  # the same as the fast one, at 200 moments of a longer run
def test_two_hundred_power_cuts_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    calls, root = traced(tmp_path / "run", "30")
    assert list(failures(calls, root, 200, 8, tmp_path)) == []


@needs_strace
@pytest.mark.parametrize("dropped", [*DROPS, "database"])
def test_a_writer_that_leaves_one_sync_out_is_found(tmp_path: Path, dropped: str) -> None:
    calls, root = traced(tmp_path / "run", "6", dropped)
    assert any(failures(calls, root, 40, 9, tmp_path))


def killed(workspace: Path, first: int, rng: random.Random) -> list[int]:
    """Two writers at once, killed at a random moment; what they acknowledged."""
    nursery = get_context("forkserver")
    nursery.set_forkserver_preload([WRITER])
    said = [workspace.with_name(f"said-{first}-{one}") for one in (1, 2)]
    writers = [
        nursery.Process(target=append_to, args=(str(file), str(workspace), first + 1_000 * one))
        for one, file in enumerate(said)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(rng.uniform(0.05, 0.4))
        writer.kill()
        writer.join()
    lines = [line for file in said if file.exists() for line in file.read_text().splitlines()]
    return acknowledged(lines)


def kills_lose_nothing(workspace: Path, pairs: int) -> None:
    rng, promised = random.Random(5), list[int]()
    for turn in range(pairs):
        promised += killed(workspace, 10_000 * turn, rng)
        there = days(MarketStore(workspace))
        assert sorted({*promised} - {*there}) == []
    assert len(promised) >= pairs
    assert MarketStore(workspace).damage() == ()


def test_twenty_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    kills_lose_nothing(tmp_path / "workspace", pairs=10)


@pytest.mark.slow  # the same as the fast one, ten times as often
def test_two_hundred_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    kills_lose_nothing(tmp_path / "workspace", pairs=100)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("needs to be root to mount a small disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_told_reads_go_on_and_work_resumes(small_disk: Path) -> None:
    store = MarketStore(small_disk)
    store.append(day(0))
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space left"):
        fill(ballast)
    written = [0]
    with pytest.raises(WorkspaceError, match="free some space"):
        append_for_ever(store, written)
    assert days(store) == written
    ballast.unlink()
    store.append(day(600))
    assert days(MarketStore(small_disk)) == [*written, 600]


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4_096))


def append_for_ever(store: MarketStore, written: list[int]) -> None:
    for number in range(1, 500):
        store.append(day(number))
        written.append(number)
