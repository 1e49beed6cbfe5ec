"""What a family computes, as one short text: values of two definitions never lie in one table."""

import inspect
import json
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from hashlib import sha256
from types import ModuleType
from typing import Any

from tradewind.core.coarser import coarser
from tradewind.features.families import CarriedFamily, Family, WindowFamily
from tradewind.features.imports import imported
from tradewind.features.spec import FeatureSpec

HOME = FeatureSpec.__module__.rpartition(".")[0]
COMPUTES = (f"{HOME}.", coarser.__module__)  # where that stands which makes values
WORDS = ("name", "doc", "inputs", "specs")  # what a family says of itself


def fingerprint(family: Family) -> str:
    """A digest of the names, inputs, lookbacks and formulas, and of the text of the arithmetic. Which
    symbol keeps which calendar is no part of it, for symbols come and go: it is kept beside the values.

    >>> from dataclasses import replace
    >>> from tradewind.features.registry import BARS
    >>> fingerprint(BARS) == fingerprint(replace(BARS, doc="said otherwise"))
    True
    >>> fingerprint(BARS) == fingerprint(replace(BARS, specs=BARS.specs[:3]))
    False
    """
    specs = [(spec.name, spec.inputs, spec.lookback, spec.formula) for spec in family.specs]
    inputs = family.inputs if isinstance(family, CarriedFamily) else ()
    told = json.dumps([family.name, inputs, specs, [*_texts(family)]])
    return sha256(told.encode()).hexdigest()


def _texts(family: Family) -> Iterator[str]:
    """What computes the family: the files that its functions stand in, and a text of those that have one
    of their own."""
    if not isinstance(family, CarriedFamily):
        yield from _made_of(family)
        return
    arithmetic: Any = family.kernel if isinstance(family, WindowFamily) else family.steps
    home = arithmetic if inspect.isroutine(arithmetic) else type(arithmetic)
    yield from (inspect.getsource(module) for module in modules(home.__module__, COMPUTES))
    if not inspect.isroutine(arithmetic):
        yield repr(arithmetic)


def _made_of(part: Any) -> Iterator[str]:
    """The files of a value and of what is in it, and the figures beside them, one within the other."""
    if isinstance(part, CarriedFamily):
        yield from _texts(part)
    elif is_dataclass(part):
        yield from (
            inspect.getsource(module) for module in modules(type(part).__module__, COMPUTES)
        )
        held = (
            getattr(part, one.name) for one in fields(part) if one.name not in WORDS and one.repr
        )
        yield from (text for value in held for text in _made_of(value))
    elif callable(part):
        yield from (inspect.getsource(module) for module in modules(part.__module__, COMPUTES))
        closure = part.__closure__ or () if inspect.isfunction(part) else ()
        held = (cell.cell_contents for cell in closure)
        yield from (text for value in held if is_dataclass(value) for text in _made_of(value))
    else:
        yield repr(part)


def modules(name: str, within: tuple[str, ...]) -> list[ModuleType]:
    """A module, and those it imports whose names begin with one of these, and these in turn, in the order of
    their names: a function that is taken, a module, or a constant, any of them can change what is computed.

    >>> [one.__name__ for one in modules("tradewind.core.coarser", ("tradewind.core.calendar",))]
    ['tradewind.core.calendar', 'tradewind.core.coarser']
    """
    found: dict[str, ModuleType] = {}
    ahead = [name]
    while ahead:
        here = ahead.pop()
        if here not in found:
            found[here] = sys.modules[here]
            names = imported(inspect.getsource(found[here])) & sys.modules.keys()
            ahead += [name for name in names if name.startswith(within)]
    return [found[here] for here in sorted(found)]
