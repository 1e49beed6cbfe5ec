"""`Bands`: is a value low, normal or high among those that were seen before it?"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from tradewind.core.errors import BadConfig

UNKNOWN, LOW, NORMAL, HIGH = range(4)
FINEST = 1_000_000  # a share is of so many parts at most


@dataclass(frozen=True)
class Bands:
    """Two shares of the past, and how many values make one; before that, everything is unknown.

    A value is low if no more than the share `low` of the past is at or below it, and high if at least the
    share `high` is below it: the bands are order statistics of the past, so that there is nothing to
    interpolate, and a series that never moves is normal. Shares count in whole values: 0.7 of 90 is 63,
    though in floating point it is less.

    >>> bands, past = Bands(1 / 3, 2 / 3, least=3), []
    >>> bands.follow(past, [1, 2, 3, 4, 5, 6], [5.0, 4.0, 6.0, 3.0, 5.0, 9.0])
    [0, 0, 0, 1, 2, 3]
    >>> past
    [3.0, 4.0, 5.0, 5.0, 6.0, 9.0]
    """

    low: float = 1 / 3
    high: float = 2 / 3
    least: int = 60

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.high < 1:
            raise BadConfig(
                f"regime bands of {self.low:g} and {self.high:g}",
                "give two shares between 0 and 1 in their order, such as 0.33,0.67",
            )
        if self.least < 1:
            raise BadConfig(
                f"bands fitted on {self.least} values", "ask for 1 or more before a label is said"
            )

    @cached_property
    def _shares(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """The two as fractions: of the decimals, or of the third, that their floats stand for."""
        low, high = (Fraction(one).limit_denominator(FINEST) for one in (self.low, self.high))
        return low.as_integer_ratio(), high.as_integer_ratio()

    def judge(self, past: Sequence[float], value: float) -> int:
        """UNKNOWN, LOW, NORMAL or HIGH among a sorted past; O(log n)."""
        if len(past) < self.least or value != value:
            return UNKNOWN
        (low, of), (high, of_all) = self._shares
        upto = bisect_right(past, value)
        if upto * of <= low * len(past):
            return LOW
        if bisect_left(past, value, 0, upto) * of_all >= high * len(past):
            return HIGH
        return NORMAL

    def follow(
        self, past: list[float], moments: Sequence[int], values: Sequence[float]
    ) -> list[int]:
        """Judge values in the order of their moments, and put each into the past once its moment is over.

        Values of one moment are judged by the same past; NaN is no value. `past` grows in place and
        stays sorted, so the next call goes on where this one ended.
        """
        said, waiting = [], list[float]()
        now = moments[0] if moments else 0
        for moment, value in zip(moments, values, strict=True):
            if moment != now:
                for seen in waiting:
                    insort(past, seen)
                waiting.clear()
                now = moment
            said.append(self.judge(past, value))
            if value == value:
                waiting.append(value)
        for seen in waiting:
            insort(past, seen)
        return said
