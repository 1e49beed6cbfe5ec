"""What is done with rows set aside: they are listed, released or dropped."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import polars as pl

from tradewind.core.errors import Misuse, nearest
from tradewind.core.panel import KEYS
from tradewind.core.tables import UTC_TIME
from tradewind.data.store import MarketStore
from tradewind.pipelines.ingesting.ingest import quarantine_of
from tradewind.pipelines.ingesting.turns import in_turn
from tradewind.storage.workspace import Workspace

Step = Literal["release", "drop"]


@dataclass(frozen=True)
class Decided:
    """How many rows were decided about, and how many stay held since a newer version displaced them.

    >>> Decided("release", 2, displaced=1).summary
    '2 rows: release; 1 stay held: a newer version of their bar is there, so drop them'
    """

    step: Step
    count: int
    displaced: int = 0

    @property
    def summary(self) -> str:
        """One line."""
        stay = f"{self.displaced:,} stay held: a newer version of their bar is there, so drop them"
        return f"{self.count:,} rows: {self.step}" + (f"; {stay}" if self.displaced else "")


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


def decided(workspace: Workspace, step: Step, chosen: Chosen, at: datetime) -> Decided:
    """Release rows into the store, known from now on, or put them on record as wrong. A row of whose bar
    a newer version is stored, or released with it, stays held: it would take that version's place."""
    quarantine, store = quarantine_of(workspace), MarketStore(workspace.path)
    with in_turn(workspace, nullcontext):
        rows = chosen.of(quarantine.list("held"))
        if not len(rows):
            raise Misuse("no row is held in quarantine", "see `tradewind quarantine list`")
        if step == "drop":
            return Decided(step, quarantine.drop(rows, at))
        newest = _newest(rows, _versions(store, quarantine.list()))
        if len(newest):
            quarantine.release(newest, at, store.append)
    return Decided(step, len(newest), len(rows) - len(newest))


def _versions(store: MarketStore, aside: pl.DataFrame) -> pl.DataFrame:
    """(symbol, timestamp, age, ours): the stored versions that say something. One that a release made is
    as old as the row that was released."""
    if "bars" not in store.tables:
        return pl.DataFrame(
            schema={"symbol": pl.String, "timestamp": UTC_TIME, "age": UTC_TIME, "ours": pl.Boolean}
        )
    bars = store.read(symbols=aside["symbol"].drop_nulls().unique().to_list())
    table = bars.table.with_columns(pl.col("symbol").cast(pl.String))
    said = table.filter(pl.any_horizontal(pl.col(bars.columns).is_not_null()))
    made = aside.filter(pl.col("decided_at").is_not_null() & (pl.col("state") != "dropped"))
    of = made.select("symbol", "timestamp", known_at="decided_at", of="known_at").unique(KEYS)
    age, ours = pl.coalesce("of", "known_at"), pl.col("of").is_not_null()
    return said.select(KEYS).join(of, on=KEYS, how="left").select(*KEYS[:2], age=age, ours=ours)


def _newest(rows: pl.DataFrame, versions: pl.DataFrame) -> pl.DataFrame:
    """The last of the rows of each bar, where no stored version is newer."""
    last = rows.unique(["symbol", "timestamp", "written"], keep="last", maintain_order=True)
    beside = last.select(*KEYS, "quarantined_at").join(versions, on=KEYS[:2])
    refused = pl.col("quarantined_at") == pl.col("known_at")  # so what is stored came in its place
    instead = refused & ~pl.col("ours") & (pl.col("age") == pl.col("known_at"))
    displaced = beside.filter((pl.col("age") > pl.col("known_at")) | instead).select(KEYS)
    return last.join(displaced, on=KEYS, how="anti", maintain_order="left")
