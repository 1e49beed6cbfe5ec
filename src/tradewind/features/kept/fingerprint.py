"""What a family computes, as one short text: values of two definitions never lie in one table."""

import inspect
import json
import sys
from collections.abc import Iterator
from hashlib import sha256
from types import ModuleType
from typing import Any

from tradewind.features.families import CarriedFamily, WindowFamily
from tradewind.features.spec import FeatureSpec

HOME = FeatureSpec.__module__.rpartition(".")[0]


def fingerprint(family: CarriedFamily) -> str:
    """A digest of the names, inputs, lookbacks and formulas, and of the text of the arithmetic.

    >>> from dataclasses import replace
    >>> from tradewind.features.registry import BARS
    >>> fingerprint(BARS) == fingerprint(replace(BARS, doc="said otherwise"))
    True
    >>> fingerprint(BARS) == fingerprint(replace(BARS, specs=BARS.specs[:3]))
    False
    """
    specs = [(spec.name, spec.inputs, spec.lookback, spec.formula) for spec in family.specs]
    told = json.dumps([family.name, family.inputs, specs, [*_texts(family)]])
    return sha256(told.encode()).hexdigest()


def _texts(family: CarriedFamily) -> Iterator[str]:
    """What computes the family: a text of its own, or the files that its functions stand in."""
    arithmetic: Any = family.kernel if isinstance(family, WindowFamily) else family.steps
    if inspect.isfunction(arithmetic):
        yield from (inspect.getsource(module) for module in _modules(arithmetic.__module__))
    else:
        yield repr(arithmetic)


def _modules(name: str) -> list[ModuleType]:
    """A module, and those of this room from which it takes functions, in the order of their names."""
    found: dict[str, ModuleType] = {}
    ahead = [name]
    while ahead:
        here = ahead.pop()
        if here not in found:
            found[here] = sys.modules[here]
            homes = (getattr(value, "__module__", None) for value in vars(found[here]).values())
            ahead += {home for home in homes if home and home.startswith(f"{HOME}.")}
    return [found[here] for here in sorted(found)]
