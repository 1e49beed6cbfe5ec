"""Ingest: from a source through the quality gate into the market store, and what became of each row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from tradewind.core import Finding, Panel
from tradewind.core.panel import KEYS
from tradewind.core.stamps import Stamps
from tradewind.data.quality.gate import Gate, GateResult
from tradewind.data.quality.quarantine import FolderQuarantine
from tradewind.data.sources.declared import Source
from tradewind.data.sources.stamping import NOTHING, Stamping
from tradewind.data.store import MarketStore
from tradewind.pipelines.sources import Kind, Request, file_sources, plans
from tradewind.pipelines.tell import Tell
from tradewind.storage.workspace import Workspace


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
    since: datetime | None = None
    strict: bool = False
    dry_run: bool = False

    def sources(self, workspace: Workspace) -> tuple[Source, ...]:  # noqa: ARG002 (of the role)
        """The tables of the file."""
        stamping = Stamping(self.stamps, self.calendar, self.bar, self.tz)
        return file_sources(self.kind, self.path, stamping, self.symbol)


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
            f"{row['added']:,} added"
            + ("" if row["version"] is None else f"; version {row['version']}")
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


def run(request: Request, workspace: Workspace, tell: Tell) -> IngestResult:
    """Read each table of the source, pass bars through the gate, and append what is new.

    The same file again, shuffled or in pieces, adds nothing. A strict gate refuses before anything of
    its table is appended.
    """
    sources = request.sources(workspace)
    if request.dry_run:
        return IngestResult((), plans=plans(sources, request.since))
    store, quarantine = MarketStore(workspace.path), quarantine_of(workspace)
    tables, findings = [], []
    for done, source in enumerate(sources, start=1):
        with tell.stage(f"read {source.table}"):
            panel = _whole(source, request.since)
        with tell.stage(f"judge {source.table}"):
            result = _judged(source, panel, request.strict)
        with tell.stage(f"keep {source.table}"):
            quarantine.add(result.quarantined)
            before = store.count(source.table)
            version = store.append(result.clean, source.table) if len(result.clean) else None
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


def _whole(source: Source, since: datetime | None) -> Panel:
    """All parts of a source as one panel: the gate judges a row by those before it."""
    parts = list(source.read(since)) or [NOTHING]
    if len(parts) == 1:
        return parts[0]
    names = pl.Enum(sorted({name for part in parts for name in part.symbols}))
    tables = [part.table.with_columns(pl.col("symbol").cast(names)) for part in parts]
    table = pl.concat(tables, how="diagonal_relaxed").sort(KEYS)
    return Panel(table, parts[0].findings)


def _judged(source: Source, panel: Panel, strict: bool) -> GateResult:
    """Bars through the gate; other tables have no checks yet, and pass."""
    if source.table != "bars":
        nothing = panel.table.clear()
        return GateResult(panel, nothing, nothing, ())
    return Gate(strict, source.stamping.calendar)(panel)
