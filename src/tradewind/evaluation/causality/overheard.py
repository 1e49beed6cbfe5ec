"""`Overheard`: a function whose warnings are counted, and told once."""

import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tradewind.core import Finding


@dataclass(eq=False)
class Overheard:
    """A function that is asked over and over, of each kind of whose warnings the first is kept.

    >>> import numpy as np
    >>> def inverse(rows):
    ...     return 1 / np.array(rows)
    >>> asked = Overheard("inverse", inverse)
    >>> _ = [asked([0.0]) for _ in range(3)]
    >>> [found.detail for found in asked.findings]
    ['warns in 3 calls: RuntimeWarning: divide by zero encountered in divide']
    """

    name: str
    function: Callable[[Any], Any]
    _first: dict[str, str] = field(default_factory=dict)
    _calls: Counter[str] = field(default_factory=Counter)

    def __call__(self, frame: Any) -> Any:
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            result = self.function(frame)
        said = {one.category.__name__: str(one.message) for one in reversed(heard)}
        self._first = {**said, **self._first}
        self._calls.update(said.keys())
        return result

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One a kind."""
        remedy = "none needed, if it is meant: what it answers is what was audited"
        details = [
            f"warns in {calls} call{'s' if calls > 1 else ''}: {kind}: {_line(self._first[kind])}"
            for kind, calls in self._calls.items()
        ]
        return tuple(
            Finding("causality.warned", "info", self.name, detail, remedy) for detail in details
        )


def _line(text: str) -> str:
    return (text.splitlines() or [""])[0]
