"""What lies in a workspace: its tables asked in SQL, and what is done with rows set aside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import polars as pl

from tradewind.core.errors import Misuse, nearest
from tradewind.data.store import MarketStore
from tradewind.pipelines.ingesting.ingest import quarantine_of
from tradewind.storage.workspace import Workspace

Step = Literal["release", "drop"]


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
    shown = (
        "symbol",
        "timestamp",
        "check",
        "reason",
        "quarantined_at",
        "state",
        "decided_at",
        "written",
    )
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
