"""Rows that were set aside: kept with their reason until someone releases or drops them.

A row that no panel can hold lies here as it was written. Nothing is deleted. What is decided about a row is written beside it with the moment it was decided,
and a row that is released becomes known at its release, since nobody could use it before.
"""

from collections.abc import Mapping
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

State = Literal["held", "released", "dropped"]
ABOUT = ("check", "reason", "quarantined_at", "state", "decided_at", "written")
IDENTITY = (*KEYS, "written")


class Quarantine(Protocol):
    """Where rows lie that may not pass, and what was decided about them."""

    def add(self, rows: pl.DataFrame) -> int:
        """Keep the rows that are not there yet; how many those were."""
        ...

    def list(self, state: State | None = None) -> pl.DataFrame:
        """The rows in that state, or all of them, with reason and state."""
        ...

    def release(self, rows: pl.DataFrame, at: datetime) -> Panel:
        """These held rows as a panel, known at `at`."""
        ...

    def drop(self, rows: pl.DataFrame, at: datetime) -> int:
        """Decide that these held rows are wrong; they stay on record. How many they were."""
        ...


@dataclass
class FolderQuarantine:
    """A quarantine in one Parquet file, rewritten whole.

    >>> from tempfile import TemporaryDirectory
    >>> from datetime import UTC
    >>> from tradewind.data.quality.gate import Gate
    >>> from tradewind.data.synthetic import make_market
    >>> market = make_market("equity", 3, 100, faults=["swapped_columns"])
    >>> with TemporaryDirectory() as folder:
    ...     quarantine = FolderQuarantine(Path(folder, "quarantine.parquet"))
    ...     result = Gate()(market.panel)
    ...     quarantine.add(result.quarantined), quarantine.add(result.quarantined)
    ...     released = quarantine.release(quarantine.list("held"), datetime(2025, 6, 1, tzinfo=UTC))
    ...     released.table["known_at"][0].isoformat(), quarantine.list()["state"][0]
    (1, 0)
    ('2025-06-01T00:00:00+00:00', 'released')
    """

    path: Path

    def add(self, rows: pl.DataFrame) -> int:
        kept = self.list()
        new = _whole(rows).with_columns(
            pl.col("symbol").cast(pl.String),
            state=pl.lit("held"),
            decided_at=pl.lit(None, dtype=UTC_TIME),
        )
        if len(kept):
            new = new.join(kept, on=IDENTITY, how="anti", nulls_equal=True)
        if len(new):
            self._keep(pl.concat([kept, new], how="diagonal_relaxed") if len(kept) else new)
        return len(new)

    def list(self, state: State | None = None) -> pl.DataFrame:
        if not self.path.exists():
            return pl.DataFrame(schema=_EMPTY)
        try:
            rows = pl.read_parquet(self.path)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise WorkspaceError(
                f"the quarantine {self.path} cannot be read", "restore it from a backup"
            ) from error
        rows = _whole(rows)
        return rows if state is None else rows.filter(state=state)

    def release(self, rows: pl.DataFrame, at: datetime) -> Panel:
        when = utc(at)
        chosen = self._decided(rows, "released", when)
        unreadable = chosen.filter(pl.col("written").is_not_null())
        if len(unreadable):
            raise Misuse(
                f"{len(unreadable)} rows cannot be released, first {unreadable['written'][0]}: "
                f"{unreadable['reason'][0]}",
                "mend them in the file and ingest it again, or drop them; --check chooses others",
            )
        if len(chosen) and chosen["quarantined_at"].max() > when:  # type: ignore[operator]
            raise Misuse(
                f"a release at {when} of rows set aside after it", "release them at the present"
            )
        last = chosen.unique(["symbol", "timestamp"], keep="last", maintain_order=True)
        table = last.with_columns(
            pl.lit(when, dtype=UTC_TIME).alias("known_at"),
            pl.col("symbol").cast(pl.Enum(chosen["symbol"].unique().sort())),
        ).drop(ABOUT)
        panel = Panel(table.sort(KEYS))
        self._write(chosen, "released", when)
        return panel

    def drop(self, rows: pl.DataFrame, at: datetime) -> int:
        chosen = self._decided(rows, "dropped", utc(at))
        self._write(chosen, "dropped", utc(at))
        return len(chosen)

    def _decided(self, rows: pl.DataFrame, state: State, when: datetime) -> pl.DataFrame:
        """The held rows that are meant; it is refused to decide about others."""
        wanted = _whole(rows).select(pl.col("symbol").cast(pl.String), *IDENTITY[1:])
        held = self.list("held")
        chosen = held.join(wanted, on=IDENTITY, how="semi", maintain_order="left", nulls_equal=True)
        if len(chosen) < len(wanted):
            raise Misuse(
                f"{len(wanted) - len(chosen)} of {len(wanted)} rows to be {state} at {when} are not "
                "held in quarantine",
                "choose from `list('held')`",
            )
        return chosen

    def _write(self, chosen: pl.DataFrame, state: State, when: datetime) -> None:
        keys = chosen.select(IDENTITY).unique().with_columns(chosen=pl.lit(True))
        rows = self.list().join(
            keys, on=IDENTITY, how="left", maintain_order="left", nulls_equal=True
        )
        decided: Mapping[str, pl.Expr] = {
            "state": pl.lit(state),
            "decided_at": pl.lit(when, dtype=UTC_TIME),
        }
        self._keep(
            rows.with_columns(
                pl.when(pl.col("chosen")).then(value).otherwise(name).alias(name)
                for name, value in decided.items()
            ).drop("chosen")
        )

    def _keep(self, rows: pl.DataFrame) -> None:
        buffer = BytesIO()
        rows.sort(KEYS).write_parquet(buffer)
        publish(self.path, buffer.getvalue())


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
