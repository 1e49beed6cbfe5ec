"""The one door through which an optional package comes in, and a person's own file.

Everything else is imported plainly, so that what a file needs is at its top for people and for the
import contracts. A package of an extra may be absent; then the answer is how to install it.
"""

import importlib
import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from tradewind.core.errors import MissingExtra, Misuse


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


def load_file(path: Path) -> Mapping[str, Any]:
    """The names that a file defines. It is run, once, as any program is; what it imports it finds.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "mine.py")
    ...     _ = file.write_text("def twice(x): return 2 * x")
    ...     load_file(file)["twice"](3)
    6
    >>> load_file(Path("mine.py"))
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: there is no file mine.py: check the path
    """
    if not path.is_file():
        raise Misuse(f"there is no file {path}", "check the path")
    spec = importlib.util.spec_from_file_location(f"yours.{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        rule = f"{path} cannot be run ({type(error).__name__}: {error})"
        raise Misuse(rule, "make it run by itself first") from error
    return vars(module)
