"""`Tensor`: a view as numbers and a mask, for models that eat arrays."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from tradewind.core.arrays import Flags, Floats
from tradewind.core.errors import BadTable
from tradewind.core.tables import by_value


@dataclass(frozen=True, eq=False)
class Tensor:
    """Values (T, N, F) in float64, and a mask that is True where a value is real.

    What is masked is NaN and nothing else is, so whoever forgets the mask meets a NaN and not a zero:

    >>> values, mask = np.array([[[1.0], [0.0]]]), np.array([[[True], [False]]])
    >>> Tensor(values, mask, (datetime(2024, 1, 2),), ("ACME", "BOLT"), ("close",))
    Traceback (most recent call last):
    tradewind.core.errors.BadTable: the mask of a Tensor and its values disagree in 1 places: ...
    """

    values: Floats  # (T, N, F)
    mask: Flags  # (T, N, F)
    times: tuple[datetime, ...]
    symbols: tuple[str, ...]
    columns: tuple[str, ...]

    __eq__ = by_value

    def __post_init__(self) -> None:
        shape = (len(self.times), len(self.symbols), len(self.columns))
        for array in (self.values, self.mask):
            if array.shape != shape:
                raise BadTable(
                    f"an array of a Tensor is {array.shape}, and its names are {shape}",
                    "order it by (times, symbols, columns)",
                )
        if differ := int((self.mask != np.isfinite(self.values)).sum()):
            raise BadTable(
                f"the mask of a Tensor and its values disagree in {differ} places",
                "a value is NaN where it is masked, and finite elsewhere",
            )

    @property
    def shape(self) -> tuple[int, int, int]:
        """(T, N, F)."""
        return len(self.times), len(self.symbols), len(self.columns)
