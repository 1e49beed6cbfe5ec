"""What is published is whole and on the disk, or it is not there; and no name leads out of a folder."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from tradewind.core.errors import Misuse, Refusal, WorkspaceError
from tradewind.storage import files
from tradewind.storage.files import open_inside, publish, publish_folder

FIRST = {"index.html": "first", "scorecard.json": "{}"}


def failing(number: int) -> Any:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


def content(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_what_is_published_is_synced_before_it_has_its_name_and_the_name_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    sync, replace = os.fsync, Path.replace

    def watched_sync(place: int) -> None:
        calls.append(f"sync {Path(f'/proc/self/fd/{place}').readlink().suffix or 'folder'}")
        sync(place)

    def watched_replace(new: Path, path: Path) -> Path:
        calls.append("rename")
        return replace(new, path)

    monkeypatch.setattr(os, "fsync", watched_sync)
    monkeypatch.setattr(Path, "replace", watched_replace)
    publish(tmp_path / "page.html", "page")
    assert calls == ["sync .new", "rename", "sync folder"]


def test_every_file_of_a_folder_and_both_folders_are_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    sync = os.fsync

    def watched(place: int) -> None:
        synced.append(Path(f"/proc/self/fd/{place}").readlink().name)
        sync(place)

    monkeypatch.setattr(os, "fsync", watched)
    publish_folder(tmp_path / "up", FIRST)
    assert synced[:2] == ["index.html", "scorecard.json"]
    assert synced[2].endswith(".new")
    assert synced[3:] == [tmp_path.name]


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.ENOSPC, "there is no space left: free some space, or choose another folder"),
        (errno.EDQUOT, "your quota is used up: free some space"),
        (errno.EACCES, "it may not be used by you: give yourself permission"),
        (errno.EROFS, "its disk is read-only: mount it writable"),
        (errno.EIO, "the disk failed: check the disk, and keep a copy"),
        (errno.ETXTBSY, "Text file busy: look at that path, or choose another folder"),
    ],
)
def test_when_the_disk_fails_the_old_stays_and_nothing_new_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, message: str
) -> None:
    publish(tmp_path / "page.html", "old")
    publish_folder(tmp_path / "up", FIRST)
    monkeypatch.setattr(os, "fsync", failing(number))
    with pytest.raises(WorkspaceError, match=f"page.html: {message}"):
        publish(tmp_path / "page.html", "new")
    with pytest.raises(WorkspaceError, match=f"up: {message}"):
        publish_folder(tmp_path / "up", {"index.html": "new"})
    monkeypatch.undo()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html", "up"]
    assert (tmp_path / "page.html").read_text() == "old"
    assert content(tmp_path / "up") == FIRST


def test_an_interrupt_leaves_the_old_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    publish_folder(tmp_path / "up", FIRST)
    monkeypatch.setattr(files, "_put_in_place", interrupted)
    with pytest.raises(KeyboardInterrupt):
        publish_folder(tmp_path / "up", {"index.html": "new"})
    assert [path.name for path in tmp_path.iterdir()] == ["up"]
    assert content(tmp_path / "up") == FIRST


@pytest.mark.parametrize("exchange", [True, False])
def test_a_folder_is_replaced_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange: bool
) -> None:
    if not exchange:
        monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    publish_folder(tmp_path / "up", FIRST)
    publish_folder(tmp_path / "up", {"index.html": b"second"})
    assert content(tmp_path / "up") == {"index.html": "second"}
    assert [path.name for path in tmp_path.iterdir()] == ["up"]


def test_where_names_cannot_be_swapped_a_failed_move_puts_the_old_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def second_fails(old: Path, new: Path) -> Path:
        if old.suffix == ".new":
            raise OSError(errno.EIO, "Input/output error")
        return rename(old, new)

    publish_folder(tmp_path / "up", FIRST)
    monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    monkeypatch.setattr(Path, "rename", second_fails)
    with pytest.raises(WorkspaceError, match="the disk failed"):
        publish_folder(tmp_path / "up", {"index.html": "second"})
    assert content(tmp_path / "up") == FIRST


def test_a_file_in_the_place_of_a_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "up").write_text("mine")
    with pytest.raises(WorkspaceError, match="up is not a folder of ours: move it away"):
        publish_folder(tmp_path / "up", FIRST)
    assert content(tmp_path) == {"up": "mine"}


@pytest.mark.parametrize("name", ["", "..", "a/b", "../page.html"])
def test_only_plain_names_are_published(tmp_path: Path, name: str) -> None:
    with pytest.raises(Misuse, match="is not a plain file name: publish one folder at a time"):
        publish_folder(tmp_path / "up", {name: ""})
    assert not list(tmp_path.iterdir())


OUTSIDE = ["../secret", "up/../../secret", "/etc/passwd", "up//../../secret", "up/./x", "up\\..\\x"]


@pytest.mark.parametrize("name", [*OUTSIDE, "..", ".", "", "up/", "up/\0", "link", "linked/secret"])
def test_no_name_leads_out_of_its_folder(tmp_path: Path, name: str) -> None:
    root = tmp_path / "reports"
    publish_folder_with_parents(root / "up")
    (tmp_path / "secret").write_text("secret")
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "linked").symlink_to(tmp_path)
    with pytest.raises(
        Refusal, match="leads out of its folder: name a file below it, without link"
    ):
        open_inside(root, name)


def publish_folder_with_parents(folder: Path) -> None:
    folder.parent.mkdir()
    publish_folder(folder, FIRST)


def test_what_is_inside_is_opened(tmp_path: Path) -> None:
    publish_folder_with_parents(tmp_path / "reports" / "up")
    with open_inside(tmp_path / "reports", "up/index.html") as file:
        assert file.read() == b"first"


def still_open_below(folder: Path) -> list[str]:
    """What this process holds open below a folder: elsewhere a collector may close or open."""
    held = (os.path.realpath(place) for place in Path("/proc/self/fd").iterdir())
    return [path for path in held if Path(path).is_relative_to(folder)]


def test_what_is_open_below_a_folder_is_seen(tmp_path: Path) -> None:
    (tmp_path / "held").write_bytes(b"first")
    with (tmp_path / "held").open():
        assert still_open_below(tmp_path) == [str(tmp_path / "held")]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("up/no.html", "no.html: it is not there: check the path"),
        ("up/index.html/more", "a file stands where a folder should be"),
        ("up", "'up' is not a file: name a file below the folder"),
        ("pipe", "'pipe' is not a file"),
    ],
)
def test_what_cannot_be_opened_is_told(tmp_path: Path, name: str, message: str) -> None:
    publish_folder_with_parents(tmp_path / "reports" / "up")
    os.mkfifo(tmp_path / "reports" / "pipe")
    with pytest.raises(WorkspaceError, match=message):
        open_inside(tmp_path / "reports", name)
    assert not still_open_below(tmp_path)
