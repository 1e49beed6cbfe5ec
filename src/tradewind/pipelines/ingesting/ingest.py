"""Ingest: from a source through the quality gate into the market store, and what became of each row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tradewind.core import Finding, Panel, find_calendar
from tradewind.core.errors import BadTable
from tradewind.core.panel import RESERVED
from tradewind.core.stamps import Stamps
from tradewind.data.declared_calendars import remember
from tradewind.data.quality.gate import require_no_errors
from tradewind.data.quality.quarantine import FolderQuarantine
from tradewind.data.quality.unreadable import Unread
from tradewind.data.sources.declared import Source
from tradewind.data.sources.files import FileSource
from tradewind.data.sources.sifting import Aside, repeats
from tradewind.data.sources.sqlite import SqliteSource
from tradewind.data.sources.stamping import Stamping
from tradewind.data.store import MarketStore
from tradewind.pipelines.gathering import ACTIONS
from tradewind.pipelines.ingesting.judging import Judging, Tally
from tradewind.pipelines.ingesting.sources import Kind, Request, file_sources, plans
from tradewind.pipelines.ingesting.spool import Spool, spooled
from tradewind.pipelines.ingesting.turns import in_turn
from tradewind.pipelines.tell import Tell
from tradewind.storage.workspace import Workspace

MOST_UNREAD = 0.5  # share of rows above which the reading is wrong, and not the rows
MANY = 100
BYTES_A_ROW = 60  # of bars as CSV, about: how far reading is, where only reading tells


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
    columns: Mapping[str, str] = field(default_factory=dict)
    table: str = "bars"

    def sources(self, workspace: Workspace) -> tuple[Source, ...]:  # noqa: ARG002 (of the role)
        """The tables of the file."""
        stamping = Stamping(self.stamps, self.calendar, self.bar, self.tz)
        return file_sources(self.kind, self.path, stamping, self.symbol, self.columns, self.table)


@dataclass(frozen=True)
class IngestResult:
    """Table by table what was read, set aside and added; nothing else became of a row.

    `read` = `clean` + `quarantined` + `aside`: what passed, what the gate set aside, and what no panel
    can hold. `withdrawn` counts rows that were stored before and are found out now. `added` are versions
    in the store, so it counts a row that passed and was withdrawn later twice, and one that was there
    already not at all.
    """

    tables: tuple[Mapping[str, Any], ...]
    findings: tuple[Finding, ...] = ()
    plans: tuple[str, ...] = field(default=())

    @property
    def summary(self) -> str:
        """A line a table, and the findings."""
        if self.plans:
            return "\n".join(self.plans)
        return "\n".join([*map(_line, self.tables), *(f"  {found}" for found in self.findings)])

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        return {
            "tables": [dict(row) for row in self.tables],
            "findings": [found.to_dict() for found in self.findings],
            "plans": list(self.plans),
        }


def _line(row: Mapping[str, Any]) -> str:
    withdrawn = f", {row['withdrawn']:,} stored before withdrawn" if row["withdrawn"] else ""
    return (
        f"{row['table']}: {row['read']:,} rows read: {row['clean']:,} clean, "
        f"{row['quarantined']:,} set aside, {row['aside']:,} unreadable{withdrawn}; "
        f"{row['added']:,} added"
        + ("" if row["version"] is None else f"; version {row['version']}")
    )


def run(request: Request, workspace: Workspace, tell: Tell) -> IngestResult:
    """Read each table of the source, pass bars through the gate, and append what is new. Actions come
    first, so that they are on record when the gate sees the bars that they moved.

    The same file again, shuffled or in pieces, adds nothing. Pieces in the order in which their rows were
    known leave what one pass over all of them leaves. In another order the values that are believed now
    are the same, but not all that was believed in between, and a finding says so. A strict gate refuses
    before anything of its table is appended. One ingest judges at a time, and the others wait.
    """
    sources = sorted(request.sources(workspace), key=lambda one: one.table != ACTIONS)
    if request.dry_run:
        return IngestResult((), plans=plans(sources, request.since))
    tables, findings = [], []
    for source in sources:
        row, found = _ingested(source, request, workspace, tell)
        tables.append(row)
        findings += found
    return IngestResult(tuple(tables), tuple(findings))


def _ingested(
    source: Source, request: Request, workspace: Workspace, tell: Tell
) -> tuple[Mapping[str, Any], list[Finding]]:
    """One table, and what is to be said of it."""
    unread = Unread()
    aside = None if request.strict else unread
    source = _setting_aside(source, aside)
    store, quarantine = MarketStore(workspace.path), quarantine_of(workspace)
    with spooled(workspace) as spool:
        with tell.stage(f"read {source.table}"):
            told = _read(source, request.since, spool, tell)
            _require_some(source, spool, unread)
            unjudged = [*_unjudged(source, spool), *_without_lag(source, spool)]
        keeper = find_calendar(source.stamping.calendar)
        with in_turn(workspace, tell.stage), tell.stage(f"judge {source.table}"):
            before = store.count(source.table)
            judging = Judging(spool, store, source.table, quarantine.list(), keeper, aside)
            if request.strict:
                _rehearse(replace(judging, tally=Tally()), tell)
            kept = _decided(judging, quarantine, unread, tell)
            version = store.append_parts(kept, source.table) if spool.rows else None
            remember(store, source.table, spool.counts["symbol"], source.stamping.calendar)
            added = store.count(source.table) - before
    tally = judging.tally
    row = {
        "table": source.table,
        "read": tally.came + unread.count,
        "clean": tally.came - tally.refused,
        "quarantined": tally.refused,
        "aside": unread.count,
        "withdrawn": tally.found_out,
        "added": added,
        "version": version,
    }
    again = [repeats(source.name, tally.repeated)] if tally.repeated else []
    return row, [*told, *unjudged, *again, *unread.findings(source.name), *tally.findings]


def _read(source: Source, since: datetime | None, spool: Spool, tell: Tell) -> list[Finding]:
    """All parts into the spool; what they say of their stamps, each thing once."""
    told: dict[Finding, None] = {}
    expected = sum(
        part.rows or (part.size_bytes or 0) // BYTES_A_ROW for part in source.parts(since)
    )
    for panel in source.read(since):
        spool.add(panel)
        told |= dict.fromkeys(one for one in panel.findings if one.check != "source.aside")
        tell.progress(spool.rows, max(expected, spool.rows))
    return list(told)


def _rehearse(judging: Judging, tell: Tell) -> None:
    """Judge all of it, and refuse where a row is in error, before anything is kept."""
    for _ in judging.kept(tell.progress):
        pass
    require_no_errors(judging.tally.findings, judging.tally.in_error)


def _decided(
    judging: Judging, quarantine: FolderQuarantine, unread: Unread, tell: Tell
) -> Iterator[Panel]:
    """What is to be kept, group by group; after the last, and before any of it counts as stored, what
    is set aside is in quarantine."""
    yield from judging.kept(tell.progress)
    for rows in (*judging.tally.set_aside, *unread.rows):
        quarantine.add(rows)


def quarantine_of(workspace: Workspace) -> FolderQuarantine:
    """Where the rows of a workspace lie that may not pass."""
    return FolderQuarantine(workspace.path / "quarantine.parquet")


def _setting_aside(source: Source, aside: Aside | None) -> Source:
    """The source with somebody to hand rows to that no panel can hold; a provider has none."""
    if isinstance(source, FileSource | SqliteSource):
        return replace(source, aside=aside)
    return source


def _require_some(source: Source, spool: Spool, unread: Unread) -> None:
    """Refuse a source of which nothing can be read, or less than half of many rows: that is no row in
    error, it is the wrong reading."""
    rows = unread.count + spool.rows
    most = MOST_UNREAD * rows if rows >= MANY else rows - 1
    if unread.count > max(most, 0):
        first = unread.rows[0].row(0, named=True)
        raise BadTable(
            f"{unread.count:,} of {rows:,} rows of {source.name} cannot be read, first: {first['reason']}",
            "see whether its columns are what they are called, and whether one that tells rows apart "
            f"belongs in the symbol; it says {first['written']}",
        )


def _unjudged(source: Source, spool: Spool) -> list[Finding]:
    """Bars of which no column is a price pass the gate unseen, and whoever brings them should know."""
    columns = spool.take(()).columns if spool.rows else ["close"]
    if source.table != "bars" or "close" in columns:
        return []
    others = ", ".join(name for name in columns if name not in RESERVED)
    return [
        Finding(
            "source.unjudged",
            "warning",
            source.name,
            f"no column is a close, so nothing was judged; it has {others}",
            "say which column is the price: --column value=close; or whose table it is: --table",
        )
    ]


def _without_lag(source: Source, spool: Spool) -> list[Finding]:
    """Months and quarters are published some time after their end, and these do not say when."""
    keeper = find_calendar(source.stamping.calendar)
    if keeper.daily or keeper.publication_lag or not spool.rows:
        return []
    rows = spool.take(spool.counts["symbol"].to_list())
    if (rows["known_at"] > rows["timestamp"]).any():
        return []
    return [
        Finding(
            "source.no_lag",
            "warning",
            source.name,
            f"dates are of {keeper.name}: each value counts as known when its period ends",
            "declare how much later it is published: --calendar month+45d; or give a known_at",
        )
    ]
