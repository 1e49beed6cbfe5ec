"""`Found`: what a kernel found in a walk: which kind, from which bar to which, and how surely."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tradewind.core.arrays import Floats, Ints

KINDS = (
    "double_top",
    "double_bottom",
    "head_and_shoulders",
    "inverse_head_and_shoulders",
    "ascending_triangle",
    "descending_triangle",
    "symmetrical_triangle",
    "rising_channel",
    "falling_channel",
    "sideways_channel",
    "bull_flag",
    "bear_flag",
    "breakout",
    "change_point",
    "volatility_burst",
    "gap",
    "swing",
    "window",
)


class Found(NamedTuple):
    """Arrays of (episodes,): kind is a place in `KINDS`, first and last are bars of the walk.

    An episode is known with its last bar.
    """

    kind: Ints
    first: Ints
    last: Ints
    direction: Ints
    confidence: Floats

    @classmethod
    def together(cls, parts: "list[Found]") -> "Found":
        """All of them, by their last bar.

        >>> one = Found(*(np.array([x]) for x in (0, 2, 9, -1, 0.5)))
        >>> Found.together([one, one._replace(last=np.array([4]))]).last.tolist()
        [4, 9]
        """
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        order = np.argsort(columns[2], kind="stable")
        return cls(*columns).take(order)

    def take(self, rows: npt.NDArray[np.intp]) -> "Found":
        """These, in this order."""
        return Found(
            self.kind[rows],
            self.first[rows],
            self.last[rows],
            self.direction[rows],
            self.confidence[rows],
        )
