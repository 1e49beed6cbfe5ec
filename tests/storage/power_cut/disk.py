"""A disk that keeps what was synced and nothing else: bytes by fsync of the file, names by fsync of the
folder. What was written and not synced is lost when the power is, or, as disks do, kept in part.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tests.storage.power_cut.trace import Call

Change = Callable[[bytearray], None]


@dataclass(eq=False)
class File:
    """The bytes that would outlast a power cut, and the changes that might."""

    kept: bytes = b""
    pending: list[Change] = field(default_factory=list)
    is_folder: bool = False

    def content(self, changes: Sequence[Change]) -> bytes:
        """The kept bytes with some of the changes."""
        data = bytearray(self.kept)
        for change in changes:
            change(data)
        return bytes(data)

    def remains(self, rng: random.Random) -> bytes:
        """The kept bytes with some of the changes, what was added perhaps cut short or zeros."""
        data = self.content([change for change in self.pending if rng.random() < 0.7])
        end = rng.randint(len(self.kept), max(len(self.kept), len(data)))
        return (
            data
            if rng.random() < 0.5
            else data[:end] + bytes(max(0, rng.choice([0, len(data) - end])))
        )

    def sync(self) -> None:
        """All changes are kept."""
        self.kept, self.pending = self.content(self.pending), []


@dataclass
class Disk:
    """The files below one folder, as they are seen (`names`) and as they are kept (`kept`)."""

    root: str
    names: dict[str, File] = field(default_factory=dict)
    kept: dict[str, File] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    opened: dict[int, tuple[str, File | None, int]] = field(default_factory=dict)

    def do(self, call: Call) -> None:
        """What one call changes. A call that this disk does not know about must not be here."""
        getattr(self, f"_{call.name}")(call)

    def rebuilt(self, folder: Path, rng: random.Random | None = None) -> None:
        """Write what a power cut leaves: what was synced, or with `rng` some of the rest as well."""
        names = dict(self.kept)
        if rng:
            for name in {*self.kept, *self.names}:
                if self.kept.get(name) is not self.names.get(name) and rng.random() < 0.5:
                    _put(names, name, self.names.get(name))
        for name in sorted(names):
            path, file = folder / name, names[name]
            if not path.parent.is_dir():
                continue  # the folder's own name was never kept
            if file.is_folder:
                path.mkdir()
            else:
                path.write_bytes(file.remains(rng) if rng else file.kept)

    def _inside(self, path: str) -> str | None:
        if not path.startswith(f"{self.root}/"):
            return "" if path == self.root else None
        return path[len(self.root) + 1 :]

    def _openat(self, call: Call) -> None:
        name = self._inside(call.paths[0])
        self.opened.pop(call.result, None)
        if name is None:
            return
        file = self.names.get(name)
        if file is None and "O_CREAT" in call.arguments:
            file = self.names[name] = File()
        if file and "O_TRUNC" in call.arguments:
            file.pending.append(_cut(0))
        at = len(file.content(file.pending)) if file and "O_APPEND" in call.arguments else 0
        self.opened[call.result] = (name, file, at)

    def _write(self, call: Call) -> None:
        if call.number == 1:
            self.said += call.strings[0].decode().split("\n")[:-1]
        name, file, at = self.opened.get(call.number, ("", None, 0))
        if file:
            file.pending.append(_written(at, call.strings[0][: call.result]))
            self.opened[call.number] = (name, file, at + call.result)

    def _pwrite64(self, call: Call) -> None:
        file = self.opened.get(call.number, ("", None, 0))[1]
        if file:
            at = int(call.arguments.rpartition(", ")[2])
            file.pending.append(_written(at, call.strings[0][: call.result]))

    def _ftruncate(self, call: Call) -> None:
        file = self.opened.get(call.number, ("", None, 0))[1]
        if file:
            file.pending.append(_cut(int(call.arguments.rpartition(", ")[2])))

    def _fsync(self, call: Call) -> None:
        name, file, _ = self.opened.get(call.number, (None, None, 0))
        if file and not file.is_folder:
            file.sync()
        elif name is not None:
            for child in {*self.names, *self.kept}:
                if str(PurePosixPath(child).parent) == (name or "."):
                    _put(self.kept, child, self.names.get(child))

    _fdatasync = _fsync

    def _rename(self, call: Call) -> None:
        old, new = (self._inside(path) for path in call.paths)
        if old is not None and new is not None:
            assert not self.names[old].is_folder, "folders are not renamed here"
            self.names[new] = self.names.pop(old)

    _renameat = _renameat2 = _rename

    def _link(self, call: Call) -> None:
        old, new = (self._inside(path) for path in call.paths)
        if old is not None and new is not None:
            self.names[new] = self.names[old]

    _linkat = _link

    def _unlink(self, call: Call) -> None:
        name = self._inside(call.paths[0])
        if name is not None:
            self.names.pop(name, None)

    _unlinkat = _rmdir = _unlink

    def _mkdir(self, call: Call) -> None:
        name = self._inside(call.paths[0])
        if name:
            self.names[name] = File(is_folder=True)

    _mkdirat = _mkdir


def _put(names: dict[str, File], name: str, file: File | None) -> None:
    names.pop(name, None)
    if file:
        names[name] = file


def _written(at: int, data: bytes) -> Change:
    def change(content: bytearray) -> None:
        content.extend(bytes(max(0, at - len(content))))
        content[at : at + len(data)] = data

    return change


def _cut(size: int) -> Change:
    def change(content: bytearray) -> None:
        content.extend(bytes(max(0, size - len(content))))
        del content[size:]

    return change


def acknowledged(said: Sequence[str]) -> list[int]:
    """The numbers that were acknowledged.

    >>> acknowledged(["begun", "ack 0", "ack 1"])
    [0, 1]
    """
    return [int(re.sub(r"\D", "", line)) for line in said if line.startswith("ack ")]
