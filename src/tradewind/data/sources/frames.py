"""`FrameSource`: a pandas, polars or arrow frame in memory as a source."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradewind.core import Panel
from tradewind.core.reading import as_polars
from tradewind.data.sources.declared import Part, known_after
from tradewind.data.sources.sifting import Aside
from tradewind.data.sources.stamping import Stamping


@dataclass(frozen=True, eq=False)
class FrameSource:
    """A frame whose maker declares its stamps; unlike `Panel.from_frame`, nobody is taken at his word.

    >>> import pandas as pd
    >>> bars = pd.DataFrame({"date": ["2024-01-02", "2024-01-03"], "symbol": "A", "close": [1.0, 2.0]})
    >>> source = FrameSource(bars, Stamping(stamps="session"))
    >>> [first] = source.read()
    >>> [later] = source.read(since=first.moments[0])
    >>> len(first), len(later)
    (2, 1)
    """

    frame: Any
    stamping: Stamping
    name: str = "frame"
    table: str = "bars"
    symbol: str | None = None
    aside: Aside | None = None

    def parts(self, since: datetime | None = None) -> tuple[Part, ...]:  # noqa: ARG002 (of the role)
        """The frame."""
        return (Part(self.name, rows=len(as_polars(self.frame))),)

    def read(self, since: datetime | None = None) -> Iterator[Panel]:
        """The panel of the frame, if anything in it became known after `since`."""
        panel = self.stamping.read(self.frame, name=self.name, symbol=self.symbol, aside=self.aside)
        yield from known_after(panel, since)
