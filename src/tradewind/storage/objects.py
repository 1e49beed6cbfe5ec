"""Where files lie: a few verbs that a folder on a disk and a bucket in a cloud can both answer.

The one difference between them that matters is said by `sync`: on a disk nothing is there for good
until it and the folder that names it are synced; in a bucket it is when the call returns.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tradewind.storage.disk_errors import named
from tradewind.storage.files import publish, sync_folder


class Objects(Protocol):
    """Named bytes below one root; a name is a path with slashes."""

    @property
    def uri(self) -> str: ...

    def sizes(self, folder: str) -> Mapping[str, int]:
        """The files that lie in a folder, by their whole name, and their sizes."""
        ...

    def read(self, name: str) -> bytes | None:
        """The bytes, or None where there are none."""
        ...

    def digest(self, name: str) -> str | None:
        """The SHA-256 of the bytes, or None where there are none."""
        ...

    def add(self, name: str, data: bytes) -> None:
        """Write a file under a name that nobody knows yet; it is there for good after `sync`."""
        ...

    def put(self, name: str, data: bytes) -> None:
        """Put these bytes in the place of whatever is there, whole and for good."""
        ...

    def put_new(self, name: str, data: bytes) -> bool:
        """The same where nothing is there; False, and nothing done, where something is."""
        ...

    def remove(self, name: str) -> None:
        """Take a name away for good."""
        ...

    def sync(self, names: Iterable[str]) -> None:
        """Make these files, and the names of them, outlast a power cut."""
        ...


@dataclass(frozen=True)
class LocalObjects:
    """A folder on a disk.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     objects = LocalObjects(Path(folder))
    ...     objects.put_new("log/0.json", b"first"), objects.put_new("log/0.json", b"second")
    ...     objects.sizes("log"), objects.read("log/0.json"), objects.read("log/1.json")
    (True, False)
    ({'log/0.json': 5}, b'first', None)
    """

    root: Path

    @property
    def uri(self) -> str:
        return str(self.root)

    def sizes(self, folder: str) -> Mapping[str, int]:
        found = {}
        with named(self.root / folder), suppress(FileNotFoundError):
            for entry in os.scandir(self.root / folder):
                with suppress(FileNotFoundError):  # swept away by its writer as we looked
                    if entry.is_file():
                        found[f"{folder}/{entry.name}".lstrip("/")] = entry.stat().st_size
        return found

    def read(self, name: str) -> bytes | None:
        with named(self.root / name), suppress(FileNotFoundError):
            return (self.root / name).read_bytes()
        return None

    def digest(self, name: str) -> str | None:
        with (
            named(self.root / name),
            suppress(FileNotFoundError),
            (self.root / name).open("rb") as file,
        ):
            return hashlib.file_digest(file, "sha256").hexdigest()
        return None

    def add(self, name: str, data: bytes) -> None:
        path = self.root / name
        with named(path):
            try:
                path.write_bytes(data)
            except BaseException:
                path.unlink(missing_ok=True)  # a full disk needs every byte back
                raise

    def put(self, name: str, data: bytes) -> None:
        self._make_folder(name)
        publish(self.root / name, data)

    def put_new(self, name: str, data: bytes) -> bool:
        self._make_folder(name)
        path = self.root / name
        new = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.new")
        with named(path):
            try:
                publish(new, data)
                os.link(new, path)
            except FileExistsError:
                return False
            finally:
                new.unlink(missing_ok=True)
            sync_folder(path.parent)
        return True

    def remove(self, name: str) -> None:
        with named(self.root / name):
            (self.root / name).unlink(missing_ok=True)
            sync_folder((self.root / name).parent)

    def sync(self, names: Iterable[str]) -> None:
        folders = {self.root}
        for name in names:
            path = self.root / name
            with named(path), path.open("rb") as file:
                os.fsync(file.fileno())
            folders |= {*path.parents} - {*self.root.parents}
        for folder in sorted(folders, reverse=True):
            with named(folder):
                sync_folder(folder)

    def _make_folder(self, name: str) -> None:
        with named(self.root / name):
            make_folder((self.root / name).parent)


def make_folder(folder: Path) -> None:
    """Make a folder and whatever is missing above it, so that it outlasts a power cut."""
    if folder.is_dir():
        return
    if folder.parent != folder:
        make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def digest(data: bytes) -> str:
    """The SHA-256 of some bytes, as it is promised and recorded.

    >>> digest(b"")[:12]
    'e3b0c44298fc'
    """
    return hashlib.sha256(data).hexdigest()
