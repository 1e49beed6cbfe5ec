"""The one door through which an optional package comes in.

Everything else is imported plainly, so that what a file needs is at its top for people and for the
import contracts. A package of an extra may be absent; then the answer is how to install it.
"""

import importlib
from types import ModuleType

from tradewind.core.errors import MissingExtra


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
