"""What the disk said, as a rule and a remedy that a person can act on."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tradewind.core.errors import WorkspaceError

ELSEWHERE = "or choose another folder"

REASONS = {
    errno.ENOSPC: ("there is no space left", f"free some space, {ELSEWHERE}"),
    errno.EDQUOT: ("your quota is used up", f"free some space, {ELSEWHERE}"),
    errno.EACCES: ("it may not be used by you", f"give yourself permission, {ELSEWHERE}"),
    errno.EPERM: ("it may not be used by you", f"give yourself permission, {ELSEWHERE}"),
    errno.EROFS: ("its disk is read-only", f"mount it writable, {ELSEWHERE}"),
    errno.ENOTDIR: ("a file stands where a folder should be", f"move that file, {ELSEWHERE}"),
    errno.EEXIST: ("a file stands where a folder should be", f"move that file, {ELSEWHERE}"),
    errno.EISDIR: ("it is a folder, not a file", "give the path of a file"),
    errno.ENOENT: ("it is not there", "check the path"),
    errno.ENAMETOOLONG: ("its name is too long", "give it a shorter one"),
    errno.EIO: ("the disk failed", "check the disk, and keep a copy of what is on it"),
}


def workspace_error(error: OSError, path: Path | str | None = None) -> WorkspaceError:
    """The error of our tree for one of the operating system's.

    >>> print(workspace_error(OSError(errno.ENOSPC, "No space left on device"), "page.html"))
    page.html: there is no space left: free some space, or choose another folder
    """
    where = path or error.filename or "a file"
    said = (error.strerror or str(error), f"look at that path, {ELSEWHERE}")
    rule, remedy = REASONS.get(error.errno or 0, said)
    return WorkspaceError(f"{where}: {rule}", remedy)


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Whatever the operating system refuses inside is told of this path.

    >>> with named(Path("prices.csv")):
    ...     raise PermissionError(errno.EACCES, "Permission denied")
    Traceback (most recent call last):
    tradewind.core.errors.WorkspaceError: prices.csv: it may not be used by you: give yourself ...
    """
    try:
        yield
    except OSError as error:
        raise workspace_error(error, path) from error
