"""Files that nobody ever sees half-written, and a way into a folder that does not lead out of it.

What is new is written beside what is old, synced, and put in its place in one step; then the folder
is synced too, because a rename alone is lost when the power is. Whatever happens before that step,
the old stays and the new is swept away.
"""

import ctypes
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from threading import get_ident
from typing import BinaryIO

from tradewind.core.errors import Misuse, Refusal, WorkspaceError
from tradewind.storage.disk_errors import named

AT_THE_WORKING_FOLDER = -100  # AT_FDCWD in fcntl.h
EXCHANGE = 2  # RENAME_EXCHANGE in linux/fs.h


def publish(path: Path, data: bytes | str) -> None:
    """Write a file so that it is whole and on the disk, or as it was before.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     page = Path(folder, "page.html")
    ...     publish(page, "old")
    ...     publish(page, "new")
    ...     page.read_text(), os.listdir(folder)
    ('new', ['page.html'])
    """
    with named(path), _beside(path) as new:
        _write(new, data)
        new.replace(path)
        sync_folder(path.parent)


@contextmanager
def publishing(path: Path) -> Iterator[Path]:
    """A name beside `path` to write a file under that is too large to hold: it takes the place of
    `path` in the end, whole and on the disk, or is swept away.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with publishing(Path(folder, "rows.csv")) as new:
    ...         _ = new.write_text("1\\n2\\n")
    ...     os.listdir(folder)
    ['rows.csv']
    """
    with named(path), _beside(path) as new:
        new.touch()
        yield new
        with new.open("rb") as file:
            os.fsync(file.fileno())
        new.replace(path)
        sync_folder(path.parent)


def publish_folder(path: Path, files: Mapping[str, bytes | str]) -> None:
    """Put a folder with exactly these files in place of the one that is there.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     publish_folder(Path(folder, "up"), {"index.html": "old", "extra.json": "{}"})
    ...     publish_folder(Path(folder, "up"), {"index.html": "new"})
    ...     os.listdir(folder), os.listdir(Path(folder, "up"))
    (['up'], ['index.html'])
    """
    for name in files:
        if name in ("", ".", "..") or PurePosixPath(name).name != name:
            raise Misuse(f"{name!r} is not a plain file name", "publish one folder at a time")
    with named(path), _beside(path) as new:
        new.mkdir()
        for name, data in files.items():
            _write(new / name, data)
        sync_folder(new)
        _put_in_place(new, path)
        sync_folder(path.parent)


def open_inside(root: Path, name: str) -> BinaryIO:
    """Open a file below a folder for reading; whatever would lead out of the folder is refused.

    Each step of the name is opened from the folder before it and follows no link, so there is no
    moment between the check and the use.

    >>> open_inside(Path("/srv/reports"), "up/../../secret")
    Traceback (most recent call last):
    tradewind.core.errors.Refusal: 'up/../../secret' leads out of its folder: name a file ...
    """
    *folders, last = name.split("/")
    if {"", ".", ".."} & {*folders, last} or "\0" in name or "\\" in name:
        raise _leads_out(name)
    with named(root / name):
        place = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for step in folders:
                place = _step(place, step, os.O_DIRECTORY, name)
            place = _step(place, last, os.O_NONBLOCK, name)
            if not stat.S_ISREG(os.fstat(place).st_mode):
                raise WorkspaceError(f"{name!r} is not a file", "name a file below the folder")
            return os.fdopen(os.dup(place), "rb")
        finally:
            os.close(place)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder outlast a power cut; syncing the files does not do that."""
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(place)
    finally:
        os.close(place)


def _write(path: Path, data: bytes | str) -> None:
    with path.open("xb") as file:
        file.write(data.encode() if isinstance(data, str) else data)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A name beside `path` to prepare it under; whatever is there in the end is swept away."""
    new = path.with_name(f".{path.name}.{os.getpid()}-{get_ident()}.new")
    _sweep(new)
    try:
        yield new
    finally:
        _sweep(new)


def _sweep(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _put_in_place(new: Path, path: Path) -> None:
    """Let `path` name the new folder, and `new` the old one, if there is one."""
    if not path.exists():
        new.rename(path)
    elif not path.is_dir() or path.is_symlink():
        raise WorkspaceError(f"{path} is not a folder of ours", "move it away and run again")
    elif not _exchange(new, path):
        old = new.with_suffix(".old")
        _sweep(old)
        path.rename(old)
        try:
            new.rename(path)
        except BaseException:
            old.rename(path)
            raise
        old.rename(new)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two names in one step, where the system can: no reader then ever finds nothing."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    if rename is None:
        return False
    here = AT_THE_WORKING_FOLDER
    return bool(rename(here, os.fsencode(one), here, os.fsencode(other), EXCHANGE) == 0)


def _step(place: int, name: str, flag: int, whole: str) -> int:
    """From one open folder to what is in it, closing the folder behind us."""
    try:
        further = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | flag, dir_fd=place)
    except OSError:
        if stat.S_ISLNK(os.lstat(name, dir_fd=place).st_mode):
            raise _leads_out(whole) from None
        raise
    os.close(place)
    return further


def _leads_out(name: str) -> Refusal:
    return Refusal(f"{name!r} leads out of its folder", "name a file below it, without links")
