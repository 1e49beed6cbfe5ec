"""What a process did to the disk, call by call, as strace saw it."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CALLS = (
    "openat,creat,write,pwrite64,writev,pwritev,ftruncate,fallocate,fsync,fdatasync,rename,renameat,"
    "renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir,copy_file_range,sendfile"
)
LINE = re.compile(r"^(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)$", re.DOTALL)
RESULT = re.compile(r"\) += (-?\d+)")
ITEM = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


@dataclass(frozen=True)
class Call:
    """One call that succeeded: its name, its arguments as text, the strings among them, its result."""

    name: str
    arguments: str
    strings: tuple[bytes, ...]
    result: int

    @property
    def number(self) -> int:
        """The first argument, where it is an open file."""
        return int(re.match(r"\d+", self.arguments)[0])  # type: ignore[index]

    @property
    def paths(self) -> tuple[str, ...]:
        """The strings as paths."""
        return tuple(one.decode() for one in self.strings)


def trace(module: str, *arguments: str, log: Path) -> list[Call]:
    """Run a module to its end under strace, and read what it did."""
    strace = ["strace", "-f", "--seccomp-bpf", "-xx", "-s", "4000000", "-e", f"trace={CALLS}"]
    command = [*strace, "-o", str(log), sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(read_calls(log))


def read_calls(log: Path) -> Iterator[Call]:
    """The calls in the order in which they ended; one that was interrupted is put together."""
    begun: dict[str, str] = {}
    for line in log.read_text().splitlines():
        found = LINE.match(line)
        if not found:
            continue
        thread, resumed, name, rest = found.groups()
        if rest.endswith("<unfinished ...>"):
            begun[thread] = rest.removesuffix("<unfinished ...>")
            continue
        text = (begun.pop(thread) + rest) if resumed else rest
        result = RESULT.search(text)
        if result and int(result[1]) >= 0:
            arguments = text[: result.start()]
            items = ITEM.findall(arguments)
            assert not any(cut for _, cut in items), "a string is longer than strace was told"
            strings = tuple(bytes.fromhex(item.replace("\\x", "")) for item, _ in items)
            yield Call(resumed or name, arguments, strings, int(result[1]))
