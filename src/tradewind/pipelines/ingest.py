"""Ingest: from a source through the quality gate into the market store, and what became of each row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import polars as pl

from tradewind.core import Finding, Panel
from tradewind.core.panel import KEYS
from tradewind.core.stamps import Stamps
from tradewind.data.factors import require_actions
from tradewind.data.quality.gate import Gate, GateResult
from tradewind.data.quality.quarantine import FolderQuarantine
from tradewind.data.sources.declared import Source, plan
from tradewind.data.sources.files import FileSource
from tradewind.data.sources.sqlite import SqliteDatabase
from tradewind.data.sources.stamping import Stamping
from tradewind.data.store import MarketStore
from tradewind.pipelines.gathering import ACTIONS
from tradewind.pipelines.up import Tell
from tradewind.storage.workspace import Workspace

Kind = Literal["csv", "parquet", "sqlite"]


@dataclass(frozen=True)
class IngestRequest:
    """What to read, how its stamps were made complete, and what to do with rows in error."""

    kind: Kind
    path: Path
    stamps: Stamps | None = None
    calendar: str = "XNYS"
    bar: timedelta | None = None
    tz: str | None = None
    symbol: str | None = None
    table: str = "bars"
    since: datetime | None = None
    strict: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class IngestResult:
    """Table by table what was read, set aside and added; nothing else became of a row."""

    tables: tuple[Mapping[str, Any], ...]
    findings: tuple[Finding, ...] = ()
    plans: tuple[str, ...] = field(default=())

    @property
    def summary(self) -> str:
        """A line a table, and the findings."""
        if self.plans:
            return "\n".join(self.plans)
        lines = [
            f"{row['table']}: {row['read']:,} rows read, {row['quarantined']:,} set aside, "
            f"{row['added']:,} added; version {row['version']}"
            for row in self.tables
        ]
        return "\n".join([*lines, *(f"  {found}" for found in self.findings)])

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        return {
            "tables": [dict(row) for row in self.tables],
            "findings": [found.to_dict() for found in self.findings],
            "plans": list(self.plans),
        }


def run(request: IngestRequest, workspace: Workspace, tell: Tell) -> IngestResult:
    """Read each table of the source, pass bars through the gate, and append what is new.

    Actions come first, so that the gate has them on record when it sees the bars that they moved.

    The same file again, shuffled or in pieces, adds nothing. A strict gate refuses before anything of
    its table is appended.
    """
    sources = _sources(request)
    if request.dry_run:
        return IngestResult((), plans=tuple(str(plan(one, request.since)) for one in sources))
    store, quarantine = MarketStore(workspace.path), quarantine_of(workspace)
    tables, findings = [], []
    for done, source in enumerate(sources, start=1):
        with tell.stage(f"read {source.table}"):
            panel = _whole(source, request.since)
        with tell.stage(f"judge {source.table}"):
            result = _judged(source, panel, request.strict, store)
        with tell.stage(f"keep {source.table}"):
            quarantine.add(result.quarantined)
            before = store.count(source.table)
            version = store.append(result.clean, source.table)
        tables.append(
            {
                "table": source.table,
                "read": len(panel),
                "quarantined": len(result.quarantined),
                "added": store.count(source.table) - before,
                "version": version,
            }
        )
        findings += [*panel.findings, *result.findings]
        tell.progress(done, len(sources))
    return IngestResult(tuple(tables), tuple(findings))


def quarantine_of(workspace: Workspace) -> FolderQuarantine:
    """Where the rows of a workspace lie that may not pass."""
    return FolderQuarantine(workspace.path / "quarantine.parquet")


def _sources(request: IngestRequest) -> tuple[Source, ...]:
    stamping = Stamping(request.stamps, request.calendar, request.bar, request.tz)
    if request.kind == "sqlite":
        tables = SqliteDatabase(request.path).sources(stamping)
        return tuple(sorted(tables, key=lambda source: source.table != ACTIONS))
    return (FileSource(request.path, stamping, request.table, request.symbol),)


def _whole(source: Source, since: datetime | None) -> Panel:
    """All parts of a source as one panel: the gate judges a row by those before it."""
    parts = list(source.read(since))
    if len(parts) == 1:
        return parts[0]
    names = pl.Enum(sorted({name for part in parts for name in part.symbols}))
    tables = [part.table.with_columns(pl.col("symbol").cast(names)) for part in parts]
    table = pl.concat(tables, how="diagonal_relaxed").sort(KEYS)
    return Panel(table, parts[0].findings if parts else ())


def _judged(source: Source, panel: Panel, strict: bool, store: MarketStore) -> GateResult:
    """Bars through the gate, with the actions on record; other tables have no checks yet, and pass."""
    if source.table != "bars":
        if source.table == ACTIONS:
            require_actions(panel)
        nothing = panel.table.clear()
        return GateResult(panel, nothing, nothing, ())
    return Gate(strict, source.stamping.calendar, on_record(store))(panel)


def on_record(store: MarketStore) -> Panel | None:
    """The splits and dividends that a store knows of."""
    return store.read(ACTIONS) if ACTIONS in store.tables else None
