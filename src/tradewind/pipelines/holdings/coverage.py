"""What a workspace holds: its tables by symbols, span, gaps, and what the main job could learn from."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from tradewind.core import Finding, Panel
from tradewind.core.errors import TradewindError
from tradewind.core.panel import NEVER
from tradewind.data.store import MarketStore
from tradewind.pipelines.holdings.presence import gaps, placed, sessions_of, strip
from tradewind.pipelines.holdings.rhythm import EVENTS, calendars_of
from tradewind.pipelines.holdings.trainable import trainable
from tradewind.reporting.coverage import Coverage, TableCoverage
from tradewind.reporting.coverage_page import render
from tradewind.reporting.coverage_text import summary
from tradewind.storage.files import publish_folder
from tradewind.storage.json_text import to_json
from tradewind.storage.workspace import Workspace


@dataclass(frozen=True)
class CoverageRequest:
    """Whose sessions daily rows keep (as their dates say, unless told), and how far decisions look."""

    calendar: str | None = None
    horizon: int = 5
    page: bool = True


@dataclass(frozen=True)
class CoverageResult:
    """What is there, and the page that shows it, if one was asked for."""

    coverage: Coverage
    page: Path | None

    @property
    def summary(self) -> str:
        """The tables in plain lines, and where the page is."""
        where = [] if self.page is None else [str(self.page)]
        return "\n".join([summary(self.coverage), *where])

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        page = None if self.page is None else str(self.page)
        return {**self.coverage.to_dict(), "page": page}


def run(request: CoverageRequest, workspace: Workspace) -> CoverageResult:
    """Look at every table, and publish the page unless none is asked for."""
    coverage = cover(workspace, request.calendar, request.horizon)
    if not request.page:
        return CoverageResult(coverage, None)
    folder = workspace.reports / "coverage"
    files: dict[str, bytes | str] = {
        "index.html": render(coverage),
        "coverage.json": to_json(coverage.to_dict()),
    }
    publish_folder(folder, files)
    return CoverageResult(coverage, folder / "index.html")


def cover(workspace: Workspace, calendar: str | None = None, horizon: int = 5) -> Coverage:
    """Every panel of the store; one that cannot be read is a finding, and the others are told."""
    store = MarketStore(workspace.path)
    tables, findings = [], [*store.findings]
    for name in store.tables:
        try:
            if not store.is_panel(name):
                continue
            version = store.version_of(name)
            panel = store.read(name, version=version)
            if len(panel):
                tables.append(table_coverage(name, panel, version, calendar, horizon))
        except TradewindError as error:
            findings.append(Finding("store.unreadable", "error", name, error.rule, error.remedy))
    return Coverage(workspace.path.name, tuple(tables), tuple(findings))


def table_coverage(
    name: str, panel: Panel, version: int, calendar: str | None = None, horizon: int = 5
) -> TableCoverage:
    """One table, which has rows.

    >>> from tradewind.data.synthetic import make_market
    >>> table = table_coverage("bars", make_market("equity", 5, 200, faults=["gaps"]).panel, 1)
    >>> table.calendars, table.gaps > 0, table.trainable.usable < 700
    (('XNYS',), True, True)
    """
    days = _days(panel)
    days = days.join(_calendars(name, days, calendar), on="symbol", maintain_order="left")
    first, last = days.select(pl.col("session").min(), last=pl.col("session").max()).row(0)
    kept = days["calendar"].drop_nulls().unique(maintain_order=True)
    sessions = sessions_of(kept.to_list(), first, last)
    days = placed(days, sessions)
    missed = gaps(days, sessions)
    symbols = _symbols(panel, days).join(missed, on="symbol", how="left", maintain_order="left")
    coverage = TableCoverage(
        name,
        version,
        len(panel),
        panel.revised,
        first,
        last,
        _missing(panel),
        symbols.with_columns(pl.col("symbol").cast(pl.String)),
        strip(days, sessions, first, last),
    )
    return _with_trainable(coverage, panel, horizon) if name == "bars" else coverage


def _with_trainable(coverage: TableCoverage, panel: Panel, horizon: int) -> TableCoverage:
    told, by_symbol = trainable(panel, horizon)
    by_symbol = by_symbol.with_columns(pl.col("symbol").cast(pl.String))
    symbols = coverage.symbols.join(by_symbol, on="symbol", how="left", maintain_order="left")
    counts = pl.col("decisions", "usable").fill_null(0)
    return replace(coverage, trainable=told, symbols=symbols.with_columns(counts))


def _days(panel: Panel) -> pl.DataFrame:
    """(symbol, session, rows) of first versions."""
    first = panel.table.filter(~pl.Series(panel.corrections))
    rows = first.group_by("symbol", "session", maintain_order=True).agg(rows=pl.len())
    return rows.sort("symbol", "session", maintain_order=True)


def _calendars(name: str, days: pl.DataFrame, asked: str | None) -> pl.DataFrame:
    if name in EVENTS:
        nothing = pl.lit(None, dtype=pl.String).alias("calendar")
        return days.select(pl.col("symbol").unique(maintain_order=True), nothing)
    return calendars_of(days.select("symbol", "session"), asked)


def _symbols(panel: Panel, days: pl.DataFrame) -> pl.DataFrame:
    """One row a symbol: rows, versions, span, and what is missing."""
    observed = pl.col(panel.columns).is_null() if panel.columns else pl.lit(False)
    sizes = (
        panel.table.with_columns(correction=pl.Series(panel.corrections))
        .group_by("symbol")
        .agg(
            rows=pl.len(),
            corrections=pl.col("correction").sum(),
            missing=pl.mean_horizontal(observed).mean(),
        )
    )
    usual = pl.col("rows").median()
    spans = days.group_by("symbol", maintain_order=True).agg(
        pl.col("calendar").first(),
        pl.col("session").min().alias("first"),
        pl.col("session").max().alias("last"),
        sessions=pl.len().cast(pl.Int64),
        thin=(pl.col("rows") < usual / 2).sum(),
    )
    return spans.join(sizes, on="symbol", maintain_order="left")


def _missing(panel: Panel) -> dict[str, float]:
    """Of each column the share that is null, of the versions believed now."""
    latest = panel.table.filter(pl.Series(panel.life[1] == NEVER))
    shares = latest.select(pl.col(panel.columns).is_null().mean()) if panel.columns else None
    return {} if shares is None else {name: float(shares[name][0]) for name in shares.columns}
