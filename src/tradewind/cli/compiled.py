"""Where what numba has compiled is kept; without a place for it, numba stops at the first kernel."""

import os
from contextlib import suppress
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def keep_compiled() -> None:
    """Beside the code or with its user, as numba does by itself; where neither can be written, in a
    folder for this run alone, which then takes the time to compile."""
    if any(map(writable, places())):
        return
    import atexit
    import shutil
    import tempfile

    with suppress(OSError):  # no place at all: who needs a kernel is told so by numba
        folder = tempfile.mkdtemp(prefix="tradewind-compiled-")
        os.environ["NUMBA_CACHE_DIR"] = folder
        atexit.register(shutil.rmtree, folder, ignore_errors=True)


def places() -> tuple[Path, ...]:
    """Where numba looks, in its order."""
    asked = os.environ.get("NUMBA_CACHE_DIR")
    home = os.path.expanduser("~/.cache")  # noqa: PTH111 (Path's fails where a user has no home)
    of_user = os.environ.get("XDG_CACHE_HOME") or home
    given = (Path(asked),) if asked else ()
    return (*given, PACKAGE / "features" / "__pycache__", Path(of_user, "numba"))


def writable(folder: Path) -> bool:
    """Could a file be written there, in a folder that is made if need be?

    >>> writable(Path("/dev/null/numba"))
    False
    """
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)
