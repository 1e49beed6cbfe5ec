"""The one door through which an optional package comes in, and a person's own file.

Everything else is imported plainly, so that what a file needs is at its top for people and for the
import contracts. A package of an extra may be absent; then the answer is how to install it.
"""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from tradewind.core.errors import MissingExtra, Misuse, TradewindError, nearest


def load(package: str, extra: str) -> ModuleType:
    """The package, or a refusal that names the extra that brings it.

    >>> load("json", extra="none").dumps([1])
    '[1]'
    >>> load("no_such_engine.core", extra="vectors")
    Traceback (most recent call last):
    tradewind.core.errors.MissingExtra: this needs the package 'no_such_engine': pip install ...

    A package that is there and broken is not absent, and fails as it fails.
    """
    root = package.partition(".")[0]
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != root:
            raise
        raise MissingExtra(root, extra) from error


def load_function(place: str) -> Callable[..., Any]:
    """The function at FILE.py:NAME; the file is run, and finds what lies beside it.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "mine.py")
    ...     _ = file.write_text("def make(rows): return rows")
    ...     load_function(f"{file}:make")(3)
    3
    >>> load_function("mine.py")
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: 'mine.py' names no function: write it as FILE.py:FUNCTION
    """
    file, _, name = place.rpartition(":")
    if not file.endswith(".py") or not name.isidentifier():
        raise Misuse(f"{place!r} names no function", "write it as FILE.py:FUNCTION")
    own = load_file(Path(file))
    functions = [key for key, value in own.items() if callable(value) and not key.startswith("_")]
    if name not in functions:
        raise Misuse(f"{file} has no function {name!r}", nearest(name, functions))
    function: Callable[..., Any] = own[name]
    return function


def load_file(file: Path) -> Mapping[str, Any]:
    """The names that a file defines; it is run under a name of its own, so that it shadows no package.

    >>> load_file(Path("mine.py"))
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: there is no file mine.py: check the path
    """
    if not file.is_file():
        raise Misuse(f"there is no file {file}", "check the path")
    spec = importlib.util.spec_from_file_location(f"yours.{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(file.parent))
    try:
        spec.loader.exec_module(module)
    except TradewindError:  # it says by itself what to do
        raise
    except (Exception, SystemExit) as error:
        rule = f"{file} cannot be imported: {type(error).__name__}: {error}"
        raise Misuse(rule, "make it run by itself first") from error
    finally:
        sys.path.remove(str(file.parent))
    return vars(module)
