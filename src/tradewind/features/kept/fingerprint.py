"""What a family computes, as one short text: values of two definitions never lie in one table."""

import inspect
import json
import sys
from collections.abc import Iterator
from hashlib import sha256
from types import ModuleType
from typing import Any

from tradewind.features.families import KeptFamily, StepFamily, WindowFamily
from tradewind.features.spec import FeatureSpec

HOME = FeatureSpec.__module__.rpartition(".")[0]


def fingerprint(family: KeptFamily) -> str:
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


def _texts(family: KeptFamily) -> Iterator[str]:
    """What computes the family: the files that its functions stand in, and a text of those that have one
    of their own."""
    for arithmetic in _arithmetic(family):
        home = arithmetic if inspect.isroutine(arithmetic) else type(arithmetic)
        yield from (inspect.getsource(module) for module in _modules(home.__module__))
        if not inspect.isroutine(arithmetic):
            yield repr(arithmetic)


def _arithmetic(family: KeptFamily) -> tuple[Any, ...]:
    if isinstance(family, WindowFamily):
        return (family.kernel,)
    if isinstance(family, StepFamily):
        return (family.steps,)
    return (family.among,)


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
