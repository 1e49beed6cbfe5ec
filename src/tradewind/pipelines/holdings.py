"""What lies in a workspace: the checks run over it again, and what is done with rows set aside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import polars as pl

from tradewind.core import Finding, find_calendar
from tradewind.core.errors import Misuse, nearest
from tradewind.data.quality.checks import findings_of, verdicts_on
from tradewind.data.store import MarketStore
from tradewind.data.views import catalogue_of
from tradewind.data.views import listed as listed_tables
from tradewind.pipelines.ingest import quarantine_of
from tradewind.storage.files import publish
from tradewind.storage.json_text import to_json
from tradewind.storage.retention import Retained
from tradewind.storage.workspace import Workspace

Step = Literal["release", "drop"]
Layout = Literal["csv", "parquet"]


def check(workspace: Workspace, calendar: str = "XNYS") -> tuple[Finding, ...]:
    """Every byte of the store against what was acknowledged, and every bar against the checks."""
    store = MarketStore(workspace.path)
    damage = store.damage()
    if "bars" not in store.tables:
        return damage
    panel = store.read("bars")
    return (*damage, *findings_of(verdicts_on(panel, find_calendar(calendar)), panel))


def asked(workspace: Workspace, query: str, most: int | None = None) -> pl.DataFrame:
    """The answer to one SELECT over the tables of the store and their views, or its first rows."""
    return catalogue_of(MarketStore(workspace.path)).query(query, most)


def offered(workspace: Workspace) -> tuple[Mapping[str, Any], ...]:
    """What a query may name: each table and view, what is in it, and its columns with their types."""
    store = MarketStore(workspace.path)
    catalogue = catalogue_of(store)
    says = {view.called: view.says for view in catalogue.views} | {"tables": "this list, as rows"}
    says |= {row["name"]: _extent(row) for row in listed_tables(store).iter_rows(named=True)}
    columns = catalogue.columns().rows_by_key("name", named=True)
    return tuple(
        {
            "name": name,
            "says": says[name],
            "columns": {one["column"]: one["type"] for one in columns[name]},
        }
        for name in catalogue.names
    )


def compacted(
    workspace: Workspace, table: str, versions: int | None, since: datetime | None
) -> Retained:
    """A table written anew into few files, and what is then left of its past."""
    store = MarketStore(workspace.path)
    store.compact(table)
    return store.retain(table, versions, since)


def _extent(row: Mapping[str, Any]) -> str:
    span = f", {row['first']:%Y-%m-%d} to {row['last']:%Y-%m-%d}" if row["first"] else ""
    size = f"{row['bytes'] / 1e6:,.1f} MB"
    return f"a table of {row['rows']:,} rows{span}, {size}, version {row['version']}"


def published(answer: pl.DataFrame, path: Path, layout: Layout) -> None:
    """Put an answer into a file, whole or not at all."""
    written = BytesIO()
    if layout == "parquet":
        answer.write_parquet(written)
    else:
        flat(answer).write_csv(written)
    publish(path, written.getvalue())


def flat(answer: pl.DataFrame) -> pl.DataFrame:
    """An answer for a format that has no lists: they are written as JSON.

    >>> flat(pl.DataFrame({"near": [[1, 2], None]}))["near"].to_list()
    ['[1,2]', None]
    """
    nested = [name for name, dtype in answer.schema.items() if dtype.is_nested()]
    return answer.with_columns(
        pl.Series(
            name,
            [None if one is None else to_json(one).decode() for one in answer[name].to_list()],
            pl.String,
        )
        for name in nested
    )


@dataclass(frozen=True)
class Chosen:
    """Which of the rows set aside are meant: by symbol, by check, or all of them."""

    symbol: str | None = None
    check: str | None = None

    def of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """These of the rows; a name that none of them has is refused."""
        for column, value in (("symbol", self.symbol), ("check", self.check)):
            if value is not None:
                if value not in set(rows[column]):
                    known = sorted(set(rows[column]))
                    remedy = nearest(value, known) if known else "nothing is held"
                    raise Misuse(f"no row set aside has the {column} {value!r}", remedy)
                rows = rows.filter(pl.col(column) == value)
        return rows


def listed(workspace: Workspace, chosen: Chosen) -> tuple[Mapping[str, Any], ...]:
    """The rows set aside, with check, reason and what was decided about each."""
    rows = chosen.of(quarantine_of(workspace).list())
    shown = ("symbol", "timestamp", "check", "reason", "quarantined_at", "state", "decided_at")
    texts = rows.select(pl.col(shown).cast(pl.String))
    return tuple(texts.iter_rows(named=True))


def decided(workspace: Workspace, step: Step, chosen: Chosen, at: datetime) -> int:
    """Release rows into the store, known from now on, or put them on record as wrong; how many."""
    quarantine = quarantine_of(workspace)
    rows = chosen.of(quarantine.list("held"))
    if not len(rows):
        raise Misuse("no row is held in quarantine", "see `tradewind quarantine list`")
    if step == "drop":
        return quarantine.drop(rows, at)
    released = quarantine.release(rows, at)
    MarketStore(workspace.path).append(released)
    return len(released)
