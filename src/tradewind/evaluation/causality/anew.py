"""`Anew`: a function that is loaded for each question, so that it remembers none."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Anew:
    """What `load` brings, loaded again each time it is called.

    A function that keeps what it was shown (a scaler fitted once, a memo of rows) answers alike whatever
    future it is shown later, and would pass for causal.

    >>> def load():
    ...     kept = []
    ...     def highest(rows):
    ...         kept.append(max(rows))
    ...         return kept[0]
    ...     return highest
    >>> once, anew = load(), Anew(load)
    >>> [once([1, 2]), once([1])], [anew([1, 2]), anew([1])]
    ([2, 2], [2, 1])
    """

    load: Callable[[], Callable[[Any], Any]]

    def __call__(self, frame: Any) -> Any:
        return self.load()(frame)
