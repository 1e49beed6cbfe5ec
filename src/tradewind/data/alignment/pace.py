"""`Pace`: the moments by which bars age."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from tradewind.core import find_calendar
from tradewind.core.arrays import Ints
from tradewind.core.clock import EPOCH, MICROSECOND, micros_of
from tradewind.core.errors import BadStamp
from tradewind.data.alignment.publications import publications


@dataclass(frozen=True, eq=False)
class Pace:
    """The moments of a grid, after those `before` it that a calendar knows of.

    `due[k]` is how many of the moments up to k were ones at which a fresh bar could have come.
    """

    moments: Ints  # (before + grid,) microseconds since 1970
    due: Ints  # (before + grid,)
    before: int = 0

    @property
    def grid(self) -> Ints:
        """The moments of the grid alone."""
        return self.moments[self.before :]


def grid_of(times: Sequence[datetime]) -> Ints:
    """Moments in microseconds since 1970; any that do not ascend are refused.

    >>> from datetime import UTC
    >>> grid_of([datetime(2024, 1, 3, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)])
    Traceback (most recent call last):
    tradewind.core.errors.BadStamp: moments do not ascend: 2024-01-02 00:00:00+00:00 comes after ...
    """
    grid = np.array([micros_of(when) for when in times], dtype=np.int64)
    back = np.flatnonzero(np.diff(grid) <= 0)
    if len(back):
        row = int(back[0]) + 1
        raise BadStamp(
            f"moments do not ascend: {times[row]} comes after {times[row - 1]}",
            "sort them, and give each once",
        )
    return grid


def pace_of(grid: Ints, calendar: str | None, earliest: int) -> Pace:
    """The pace of bars that are known from `earliest` on, by the calendar that they keep, if it is known.

    A fresh bar could have come at a moment of the grid at which a session is newly published. Here
    the grid is each midnight of a week, and New York publishes on its days:

    >>> midnights = np.arange(19_722, 19_729) * 86_400_000_000  # from Sunday, 31 December 2023
    >>> np.diff(pace_of(midnights, "XNYS", earliest=midnights[0]).due).tolist()
    [0, 0, 1, 1, 1, 1]
    """
    if calendar is None or not len(grid):
        return Pace(grid, np.arange(len(grid)))
    start, end = (
        EPOCH + int(moment) * MICROSECOND for moment in (min(earliest, grid[0]), grid[-1])
    )
    published = publications(find_calendar(calendar), start, end)
    earlier = published[published < grid[0]]
    moments = np.concatenate([earlier, grid])
    so_far = np.searchsorted(published, moments, "right")
    return Pace(moments, np.cumsum(np.diff(so_far, prepend=0) > 0), len(earlier))
