"""`FeatureSpec`: what a feature is, in words and in numbers."""

from dataclasses import dataclass
from typing import Literal, get_args

from tradewind.core.errors import BadTable
from tradewind.core.panel import RESERVED

Units = Literal["log", "ratio", "share", "percent", "sd", "bars", "price", "variance", "value"]
UNITS: tuple[Units, ...] = get_args(Units)


@dataclass(frozen=True)
class FeatureSpec:
    """One feature, so that it can be listed, explained and held to what it declares.

    A value reads `lookback` bars, its own included; one that carries a state on reads all of them, and
    has forgotten to nine digits what lies further back. Computed in two ways it agrees to `tolerance`,
    relative; for our own kernels that is to the bit.

    >>> FeatureSpec("return_1", "bars", ("close",), 2, "log", "the last bar's return", "log(c / c[-1])")
    FeatureSpec(name='return_1', ...)
    >>> FeatureSpec("return_1", "bars", ("close",), 0, "log", "", "")
    Traceback (most recent call last):
    tradewind.core.errors.BadTable: feature 'return_1' reads 0 bars: it reads its own at least
    """

    name: str
    family: str
    inputs: tuple[str, ...]
    lookback: int
    units: Units
    doc: str
    formula: str
    tolerance: float = 0.0

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise BadTable(f"{self.name!r} is no name for a feature", "use letters, digits and _")
        if self.name in RESERVED:
            raise BadTable(
                f"the feature {self.name!r} has the name of a key of every table", "rename it"
            )
        if self.lookback < 1:
            raise BadTable(
                f"feature {self.name!r} reads {self.lookback} bars", "it reads its own at least"
            )
        if self.units not in UNITS:
            raise BadTable(
                f"the units of feature {self.name!r} are {self.units!r}",
                f"choose from {', '.join(UNITS)}",
            )
