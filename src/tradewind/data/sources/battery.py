"""`check_source`: what every source promises, checked on ours and on yours.

It returns findings and never raises: an empty tuple is a pass. It reads the source three times, so give
it a small one.
"""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from tradewind.core import Finding, Panel
from tradewind.core.errors import TradewindError
from tradewind.core.panel import KEYS
from tradewind.data.sources.declared import Source, plan
from tradewind.data.sources.stamping import Stamping

REMEDY = "read the same rows in the same order, each once, by the declared stamps"


def check_source(source: Source) -> tuple[Finding, ...]:
    """Declared stamps, a plan that reads nothing, the same rows twice, and `since` as a cut by known_at.

    >>> from tradewind.data.sources.frames import FrameSource
    >>> bars = pl.DataFrame({"date": ["2024-01-02", "2024-01-03"], "symbol": "A", "close": [1.0, 2.0]})
    >>> check_source(FrameSource(bars, Stamping(stamps="session")))
    ()
    """
    try:
        first = list(source.read())
        if not first or any(not len(panel) for panel in first):
            return (_error(source.name, "it gave nothing, or an empty panel"),)
        if len({tuple(_columns(panel).items()) for panel in first}) > 1:
            return (_error(source.name, "its panels differ in their columns or types"),)
        return (
            *_declared(source),
            *_planned(source),
            *_unique(source.name, first),
            *_repeated(source, first),
            *_cut_by_since(source, first),
        )
    except TradewindError as error:
        return (_error(source.name, f"it refuses to be read: {error}"),)


def _declared(source: Source) -> list[Finding]:
    declared: object = source.stamping
    if not isinstance(declared, Stamping):
        return [_error(source.name, "it does not declare how its stamps were made complete")]
    return [] if source.name and source.table else [_error(source.name, "it has no name or table")]


def _planned(source: Source) -> list[Finding]:
    if plan(source).parts:
        return []
    return [_error(source.name, "its plan is empty although it has rows")]


def _unique(name: str, panels: Sequence[Panel]) -> list[Finding]:
    repeated = int(_all(panels).select(KEYS).is_duplicated().sum())
    return [_error(name, f"{repeated} rows share a key across its panels")] if repeated else []


def _repeated(source: Source, first: Sequence[Panel]) -> list[Finding]:
    if _all(list(source.read())).equals(_all(first)):
        return []
    return [_error(source.name, "read twice, it gave different rows")]


def _cut_by_since(source: Source, first: Sequence[Panel]) -> list[Finding]:
    """Reading since a moment gives exactly what became known after it."""
    whole = _all(first)
    found = []
    for since in _cuts(whole):
        want = whole.filter(pl.col("known_at") > since)
        if not _later(source, since, want.clear()).equals(want):
            found.append(
                _error(source.name, f"read since {since}, it gave other rows than are new")
            )
    return found


def _cuts(rows: pl.DataFrame) -> list[datetime]:
    """The middle, the end, and the moment before the last correction of an earlier row."""
    known = rows["known_at"].unique().sort()
    corrected = rows.filter(~pl.struct("symbol", "timestamp").is_first_distinct())["known_at"]
    before = known.filter(known < corrected.max()) if len(corrected) else known
    return [known[len(known) // 2], known[-1], before[-1]]


def _later(source: Source, since: datetime, nothing: pl.DataFrame) -> pl.DataFrame:
    panels = list(source.read(since))
    return _all(panels) if panels else nothing


def _columns(panel: Panel) -> dict[str, pl.DataType]:
    return {name: dtype for name, dtype in panel.table.schema.items() if name != "symbol"}


def _plain(panel: Panel) -> pl.DataFrame:
    """The rows with their symbols as text, since each panel names only its own."""
    return panel.table.with_columns(pl.col("symbol").cast(pl.String))


def _all(panels: Sequence[Panel]) -> pl.DataFrame:
    return pl.concat([_plain(panel) for panel in panels], how="vertical_relaxed").sort(KEYS)


def _error(where: str, detail: str) -> Finding:
    return Finding("contract.source", "error", where, detail, REMEDY)
