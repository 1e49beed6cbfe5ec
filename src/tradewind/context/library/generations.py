"""`Generations`: which tables are the library, and which were before them.

A library holds what one definition recognised in one past. Where either is another now, a new pair of
tables is begun beside the old one, which stays as it was; searches see it once it is whole.
"""

from collections.abc import Mapping
from typing import Any

from tradewind.storage.documents import Documents
from tradewind.storage.lake import Lake

LIBRARIES = "episode_libraries"
EPISODES, EVENTS = "pattern_episodes", "pattern_events"


class Generations:
    """Those of a workspace. The first is there before anybody has told of it.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     generations = Generations(Lake(Path(folder)))
    ...     generations.tell(2, {"why": "other horizons"}, whole=False)
    ...     begun = generations.current, generations.free
    ...     generations.tell(2, {"why": "other horizons"}, whole=True)
    ...     begun, generations.current
    ((1, 3), 2)
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._documents = Documents(lake.control)

    @property
    def current(self) -> int:
        """The one that searches see: the newest that is whole."""
        return self.whole["generation"] if self.whole else 1

    @property
    def whole(self) -> Mapping[str, Any] | None:
        """What was told of the newest that is whole."""
        return next((one for one in self.told if one["whole"]), None)

    @property
    def told(self) -> tuple[Mapping[str, Any], ...]:
        """What was told of each, the last that was begun before the others."""
        found = self._documents.find(LIBRARIES)
        return tuple(sorted(found, key=lambda one: -one["generation"]))

    @property
    def open(self) -> tuple[Mapping[str, Any], ...]:
        """What was told of those that a build may go on with: all that were begun since the one that
        searches see, and that one as the last."""
        return tuple(one for one in self.told if one["generation"] >= self.current)

    def of(self, number: int) -> Mapping[str, Any] | None:
        """What was told of one."""
        return self._documents.get(LIBRARIES, str(number))

    @property
    def free(self) -> int:
        """The first above those that were told of, of whose tables nothing is there."""
        number = max((one["generation"] for one in self.told), default=0) + 1
        while {*tables_of(number)} & {*self._lake.names}:
            number += 1
        return number

    def tell(self, number: int, told: Mapping[str, Any], *, whole: bool) -> None:
        """Keep on record what one is made of, and whether it is whole."""
        document = {**told, "generation": number, "whole": whole}
        self._documents.put(LIBRARIES, str(number), document)


def tables_of(generation: int) -> tuple[str, str]:
    """The names of its episodes and of what became known of them.

    >>> tables_of(1), tables_of(2)
    (('pattern_episodes', 'pattern_events'), ('pattern_episodes_2', 'pattern_events_2'))
    """
    number = f"_{generation}" if generation > 1 else ""
    return f"{EPISODES}{number}", f"{EVENTS}{number}"
