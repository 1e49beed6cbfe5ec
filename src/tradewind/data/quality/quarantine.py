"""Rows that were set aside: kept with their reason until someone releases or drops them.

A row that no panel can hold lies here as it was written. Nothing is deleted. What is decided about a
row is written beside it with the moment it was decided, and a row that is released becomes known at its
release, since nobody could use it before. A release that is cut short is taken up at the same moment.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Literal, Protocol

import polars as pl

from tradewind.core import Panel
from tradewind.core.clock import utc
from tradewind.core.errors import Misuse, WorkspaceError
from tradewind.core.tables import UTC_TIME
from tradewind.data.quality.verdicts import KEYS
from tradewind.storage.files import publish
from tradewind.storage.holding import held

State = Literal["held", "released", "dropped"]
ABOUT = ("check", "reason", "quarantined_at", "state", "decided_at", "written")
SAID = ABOUT[:-1]  # of a row, which it is not
Keep = Callable[[Panel], object]
"""Takes released rows into a store; the same again adds nothing to it."""


class Quarantine(Protocol):
    """Where rows lie that may not pass, and what was decided about them."""

    def add(self, rows: pl.DataFrame) -> int:
        """Keep the rows that are not there yet; how many those were."""
        ...

    def list(self, state: State | None = None) -> pl.DataFrame:
        """The rows in that state, or all of them, with reason and state."""
        ...

    def release(self, rows: pl.DataFrame, at: datetime, keep: Keep) -> Panel:
        """Hand these held rows to `keep` as a panel, known at `at`; they are released once it has them."""
        ...

    def drop(self, rows: pl.DataFrame, at: datetime) -> int:
        """Decide that these held rows are wrong; they stay on record. How many they were."""
        ...


@dataclass
class FolderQuarantine:
    """A quarantine in one Parquet file, rewritten whole by one process at a time.

    >>> from tempfile import TemporaryDirectory
    >>> from datetime import UTC
    >>> from tradewind.data.quality.gate import Gate
    >>> from tradewind.data.synthetic import make_market
    >>> market = make_market("equity", 3, 100, faults=["swapped_columns"])
    >>> with TemporaryDirectory() as folder:
    ...     quarantine = FolderQuarantine(Path(folder, "quarantine.parquet"))
    ...     result = Gate()(market.panel)
    ...     quarantine.add(result.quarantined), quarantine.add(result.quarantined)
    ...     store = []
    ...     at = datetime(2025, 6, 1, tzinfo=UTC)
    ...     released = quarantine.release(quarantine.list("held"), at, store.append)
    ...     released.table["known_at"][0].isoformat(), quarantine.list()["state"][0]
    (1, 0)
    ('2025-06-01T00:00:00+00:00', 'released')
    """

    path: Path

    def add(self, rows: pl.DataFrame) -> int:
        new = _whole(rows).with_columns(
            pl.col("symbol").cast(pl.String),
            state=pl.lit("held"),
            decided_at=pl.lit(None, dtype=UTC_TIME),
        )
        with held(self.path.parent):
            before = self.list()
            both = pl.concat([before, new], how="diagonal_relaxed") if len(before) else new
            after = both.unique(_identity(both), keep="first", maintain_order=True)
            if len(after) > len(before):
                self._keep(after)
        return len(after) - len(before)

    def list(self, state: State | None = None) -> pl.DataFrame:
        if not self.path.exists():
            return NOTHING
        try:
            rows = pl.read_parquet(self.path)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise WorkspaceError(
                f"the quarantine {self.path} cannot be read", "restore it from a backup"
            ) from error
        rows = _whole(rows)
        return rows if state is None else rows.filter(state=state)

    def release(self, rows: pl.DataFrame, at: datetime, keep: Keep) -> Panel:
        with held(self.path.parent):
            chosen = self._chosen(rows, "released", at)
            chosen = chosen.with_columns(pl.col("decided_at").fill_null(utc(at)))
            panel = _released(chosen)
            self._write(chosen)
            keep(panel)
            self._write(chosen.with_columns(state=pl.lit("released")))
        return panel

    def drop(self, rows: pl.DataFrame, at: datetime) -> int:
        with held(self.path.parent):
            chosen = self._chosen(rows, "dropped", at)
            if begun := len(chosen) - chosen["decided_at"].null_count():
                raise Misuse(
                    f"the release of {begun} rows was cut short, and they may be stored",
                    "release them again",
                )
            when = pl.lit(utc(at), dtype=UTC_TIME)
            self._write(chosen.with_columns(state=pl.lit("dropped"), decided_at=when))
        return len(chosen)

    def _chosen(self, rows: pl.DataFrame, state: State, at: datetime) -> pl.DataFrame:
        """The held rows that are meant; it is refused to decide about others."""
        held_now = self.list("held")
        wanted = _whole(rows).with_columns(pl.col("symbol").cast(pl.String))
        same = [name for name in _identity(held_now) if name in wanted.columns]
        chosen = held_now.join(wanted, same, "semi", nulls_equal=True, maintain_order="left")
        if len(chosen) < len(wanted):
            raise Misuse(
                f"{len(wanted) - len(chosen)} of {len(wanted)} rows to be {state} at {utc(at)} are "
                "not held in quarantine",
                "choose from `list('held')`",
            )
        return chosen

    def _write(self, chosen: pl.DataFrame) -> None:
        """Note what was decided about these rows."""
        rows = self.list()
        same = _identity(rows)
        decided = chosen.select(*same, "state", "decided_at")
        both = rows.join(
            decided, same, "left", suffix=" now", nulls_equal=True, maintain_order="left"
        )
        news = [both[f"{name} now"].fill_null(rows[name]) for name in ("state", "decided_at")]
        self._keep(rows.with_columns(new.alias(new.name.removesuffix(" now")) for new in news))

    def _keep(self, rows: pl.DataFrame) -> None:
        buffer = BytesIO()
        rows.sort(KEYS, maintain_order=True).write_parquet(buffer)
        publish(self.path, buffer.getvalue())


def _released(chosen: pl.DataFrame) -> Panel:
    """Rows as a panel, each known when it was decided about."""
    unreadable = chosen.filter(pl.col("written").is_not_null())
    if len(unreadable):
        raise Misuse(
            f"{len(unreadable)} rows cannot be released, first {unreadable['written'][0]}: "
            f"{unreadable['reason'][0]}",
            "mend them in the file and ingest it again, or drop them; --check chooses others",
        )
    early = chosen.filter(pl.col("decided_at") < pl.col("quarantined_at"))
    if len(early):
        raise Misuse(
            f"a release at {early['decided_at'][0]} of rows set aside after it",
            "release them at the present",
        )
    last = chosen.unique(["symbol", "timestamp"], keep="last", maintain_order=True)
    table = last.with_columns(
        pl.col("decided_at").alias("known_at"),
        pl.col("symbol").cast(pl.Enum(chosen["symbol"].unique().sort())),
    ).drop(ABOUT)
    return Panel(table.sort(KEYS))


def _identity(rows: pl.DataFrame) -> list[str]:
    """The columns that make a row what it is, whatever is said of it: its key and its values."""
    return [name for name in rows.columns if name not in SAID]


def _whole(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with what was written in them; a row that a panel can hold has its values instead."""
    if "written" in rows.columns:
        return rows
    return rows.with_columns(written=pl.lit(None, dtype=pl.String))


_EMPTY: Mapping[str, type[pl.DataType] | pl.DataType] = {
    "symbol": pl.String,
    "timestamp": UTC_TIME,
    "known_at": UTC_TIME,
    "check": pl.String,
    "reason": pl.String,
    "quarantined_at": UTC_TIME,
    "state": pl.String,
    "decided_at": UTC_TIME,
    "written": pl.String,
}
NOTHING = pl.DataFrame(schema=_EMPTY)
