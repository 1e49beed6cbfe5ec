"""What a source is here: one table, a declared stamping, and parts that can be told before they are read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import polars as pl

from tradewind.core import Panel, roles
from tradewind.core.clock import utc
from tradewind.data.sources.stamping import Stamping


@dataclass(frozen=True)
class Part:
    """One thing that a source would read: a file, a table, a request.

    `rows` and `size_bytes` are None where only reading would tell; `kept` is true where the answer of
    a provider lies in the workspace already, so that nothing is asked. `apart_s` is how many seconds lie
    between two questions to a provider, and None where nobody is asked.
    """

    what: str
    rows: int | None = None
    size_bytes: int | None = None
    kept: bool = False
    apart_s: float | None = None


class Source(roles.Source, Protocol):
    """The role of core, and what a plan and the battery ask besides."""

    @property
    def table(self) -> str:
        """The kind of its rows, which is the name of the table they belong in."""
        ...

    @property
    def stamping(self) -> Stamping: ...

    def parts(self, since: datetime | None = None) -> Sequence[Part]:
        """What `read(since)` would read, without reading it."""
        ...

    def read(self, since: datetime | None = None) -> Iterator[Panel]:
        """The rows that became known after `since`, in panels of bounded size."""
        ...


@dataclass(frozen=True)
class Plan:
    """What would be read, before anything is."""

    source: str
    table: str
    declares: str
    parts: tuple[Part, ...]

    @property
    def to_ask(self) -> int:
        """How many parts are not kept already."""
        return sum(not part.kept for part in self.parts)

    def __str__(self) -> str:
        lines = [f"{self.source} -> {self.table}: {self.declares}"]
        return "\n".join(lines + [f"  {_told(part)}" for part in self.parts])


def plan(source: Source, since: datetime | None = None) -> Plan:
    """Say what `source.read(since)` would read; no row is read and nobody is asked.

    >>> from tradewind.data.sources.frames import FrameSource
    >>> bars = pl.DataFrame({"date": ["2024-01-02"], "symbol": ["A"], "close": [1.0]})
    >>> print(plan(FrameSource(bars, Stamping(stamps="session"))))
    frame -> bars: stamps are sessions, complete at the close; sessions of XNYS
      frame: 1 rows
    """
    return Plan(source.name, source.table, str(source.stamping), tuple(source.parts(since)))


def known_after(panel: Panel, since: datetime | None) -> Iterator[Panel]:
    """The panel without what was known at `since`, if anything is left of it."""
    rows = panel.table.filter(pl.col("known_at") > utc(since)) if since else panel.table
    if len(rows):
        yield Panel(rows, panel.findings) if since else panel


def _told(part: Part) -> str:
    facts = [
        *([f"{part.rows:,} rows"] if part.rows is not None else []),
        *([f"{part.size_bytes:,} bytes"] if part.size_bytes is not None else []),
        *(["kept, not asked again"] if part.kept else []),
    ]
    return f"{part.what}: {', '.join(facts)}" if facts else part.what
