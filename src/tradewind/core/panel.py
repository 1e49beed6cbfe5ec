"""`Panel` and `Snapshot`: observations with the moment each could be known, and how they stood then."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core.arrays import Flags, Floats, Ints
from tradewind.core.calendar import Calendar
from tradewind.core.clock import micros_of, utc
from tradewind.core.errors import BadTable, nearest
from tradewind.core.finding import Finding
from tradewind.core.reading import read_frame
from tradewind.core.stamps import Stamps
from tradewind.core.tables import (
    UTC_TIME,
    Columns,
    by_value,
    floats,
    micros,
    physical,
    require_columns,
    require_finite,
    require_keys_in_order,
)

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

KEYS = ("symbol", "timestamp", "known_at")
RESERVED = (*KEYS, "session")
NEVER = np.iinfo(np.int64).max
VALUES = (pl.Boolean, pl.Enum, pl.Categorical, pl.String, pl.Array)


@dataclass(frozen=True, repr=False, eq=False)
class Panel:
    """Bars or observations, one row per (symbol, timestamp, known_at), in that order.

    `timestamp` is the moment the row's period was complete, `known_at` the moment we could know it.
    A correction is a new row with a later `known_at`; nothing is ever overwritten, so the past can be
    asked what it knew:

    >>> panel = Panel.from_frame(pl.DataFrame({
    ...     "date": ["2024-01-02", "2024-01-03", "2024-01-02"],
    ...     "ticker": "ACME",
    ...     "Close": [100.0, 101.0, 99.0],
    ...     "known_at": ["2024-01-02T22:00Z", "2024-01-03T22:00Z", "2024-01-05T12:00Z"],
    ... }))
    >>> from datetime import UTC
    >>> panel.as_of(datetime(2024, 1, 4, tzinfo=UTC)).table["close"].to_list()
    [100.0, 101.0]
    >>> panel.as_of(datetime(2024, 1, 6, tzinfo=UTC)).table["close"].to_list()
    [99.0, 101.0]
    """

    table: pl.DataFrame
    findings: tuple[Finding, ...] = field(default=(), compare=False)

    __eq__ = by_value

    def __post_init__(self) -> None:
        require_rows(self.table, "Panel")
        require_keys_in_order(self.table, "Panel", KEYS)

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        *,
        calendar: str | Calendar = "XNYS",
        stamps: Stamps | None = None,
        bar: timedelta | None = None,
        tz: str | None = None,
        symbol: str | None = None,
        value: str = "close",
    ) -> Self:
        """Read a pandas, polars or arrow frame, long or wide, by the column names people have.

        Dates are sessions of `calendar`, complete at its close. Moments must say whether they are a
        bar's `start` (then pass its length as `bar`) or its `end`, and naive ones their `tz`. What was
        assumed is told in `findings`.

        >>> wide = pl.DataFrame({"Date": ["2024-07-03"], "AAPL": [221.5], "MSFT": [460.8]})
        >>> Panel.from_frame(wide).table.select("symbol", "timestamp", "close").rows()[0]
        ('AAPL', datetime.datetime(2024, 7, 3, 17, 0, tzinfo=zoneinfo.ZoneInfo(key='UTC')), 221.5)
        """
        table, findings = read_frame(
            frame, calendar=calendar, stamps=stamps, bar=bar, tz=tz, symbol=symbol, value=value
        )
        return cls(table, findings)

    def as_of(self, when: datetime) -> "Snapshot":
        """What was known at `when`: of each (symbol, timestamp) the version that was then the last."""
        at = utc(when)
        known, superseded = self.life
        moment = micros_of(at)
        return Snapshot(self.table.filter(pl.Series((known <= moment) & (moment < superseded))), at)

    def until(self, when: datetime) -> "Panel":
        """Every version that was known at `when`: the panel as it lay in the store then."""
        moment = micros_of(when)
        known, _ = self.life
        if not len(known) or known.max() <= moment:
            return self
        return Panel(self.table.filter(pl.Series(known <= moment)), self.findings)

    def arrivals(self, after: datetime | None, upto: datetime) -> pl.DataFrame:
        """The rows that became known in (after, upto], in the order of the panel."""
        order, known = self._by_known_at
        first = 0
        if after:
            first = int(np.searchsorted(known, micros_of(after), side="right"))
        last = int(np.searchsorted(known, micros_of(upto), side="right"))
        return self.table[np.sort(order[first:last])]

    @property
    def names(self) -> pl.Enum:
        """The type of the symbol column: every symbol that was ever declared."""
        names = self.table.schema["symbol"]
        assert isinstance(names, pl.Enum)
        return names

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols that have rows, in their order."""
        return tuple(self.table["symbol"].unique(maintain_order=True).cast(pl.String))

    @property
    def columns(self) -> tuple[str, ...]:
        """What is observed: every column but the keys and the session."""
        return tuple(name for name in self.table.columns if name not in RESERVED)

    @property
    def moments(self) -> tuple[datetime, ...]:
        """The distinct moments at which a row became complete, ascending."""
        return tuple(self.table["timestamp"].unique().sort())

    @property
    def revised(self) -> int:
        """How many rows correct an earlier version of themselves."""
        return int((self.life[1] != NEVER).sum())

    def describe(self) -> pl.DataFrame:
        """One row a symbol: span, rows, corrections, and how much of what is observed is missing."""
        observed = pl.col(self.columns).is_null() if self.columns else pl.lit(False)
        missing = pl.mean_horizontal(observed).mean()
        return (
            self.table.with_columns(correction=pl.Series(self.corrections))
            .group_by("symbol", maintain_order=True)
            .agg(
                pl.col("timestamp").min().alias("first"),
                pl.col("timestamp").max().alias("last"),
                pl.len().alias("rows"),
                pl.col("correction").sum().alias("corrections"),
                missing.alias("missing"),
            )
        )

    def to_pandas(self) -> "pd.DataFrame":
        """The table as a pandas frame; `Panel.from_frame` takes it back."""
        return self.table.to_pandas()

    def to_arrow(self) -> "pa.Table":
        """The table as an arrow table; `Panel.from_frame` takes it back."""
        return self.table.to_arrow()

    def to_wide(self, column: str = "close") -> pl.DataFrame:
        """One row a timestamp, one column a symbol: the latest known version of one column."""
        if column not in self.columns:
            raise BadTable(f"the panel has no column {column!r}", nearest(column, self.columns))
        latest = self.table.filter(pl.Series(self.life[1] == NEVER))
        return latest.pivot("symbol", index="timestamp", values=column).sort("timestamp")

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        if not len(self):
            return "Panel(empty)"
        day = pl.col("session").cast(pl.String)
        span = " to ".join(self.table.select(day.min(), last=day.max()).row(0))
        shape = f"{len(self.symbols)} symbols, {len(self)} rows, {self.revised} corrections"
        return f"Panel({shape}, {span}: {', '.join(self.columns)})"

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{finding}</li>" for finding in self.findings)
        return f"<p><b>{self!r}</b></p><ul>{notes}</ul>{self.describe().head(20)._repr_html_()}"

    @cached_property
    def corrections(self) -> Flags:
        """(rows,) True where a row is a later version of the row above it."""
        symbol, stamp = physical(self.table["symbol"]), micros(self.table["timestamp"])
        same = np.zeros(len(self.table), dtype=bool)
        same[1:] = (symbol[1:] == symbol[:-1]) & (stamp[1:] == stamp[:-1])
        return same

    @cached_property
    def life(self) -> tuple[Ints, Ints]:
        """Each version is the one to believe in [known_at, superseded): two arrays of (rows,)."""
        known = micros(self.table["known_at"])
        superseded = np.full_like(known, NEVER)
        later = np.flatnonzero(self.corrections)
        superseded[later - 1] = known[later]
        return known, superseded

    @cached_property
    def _by_known_at(self) -> tuple[npt.NDArray[np.intp], Ints]:
        known = self.life[0]
        order = np.argsort(known, kind="stable")
        return order, known[order]


@dataclass(frozen=True, repr=False, eq=False)
class Snapshot:
    """A Panel as of one moment: one version a row, and each symbol's rows as one slice.

    What a kernel may see of a panel at one moment. A table that holds a row from after `at`, or two versions of one, is
    not one:

    >>> Snapshot(pl.DataFrame(), datetime(2024, 1, 2))
    Traceback (most recent call last):
    tradewind.core.errors.BadTable: a Snapshot has no column 'symbol': ...
    """

    table: pl.DataFrame
    at: datetime

    __eq__ = by_value

    def __post_init__(self) -> None:
        require_rows(self.table, "Snapshot")
        require_keys_in_order(self.table, "Snapshot", KEYS[:2])
        known = micros(self.table["known_at"])
        if len(known) and known.max() > micros_of(self.at):
            raise BadTable(
                f"a Snapshot as of {self.at} holds a row known at {max(self.table['known_at'])}",
                "take it with panel.as_of(when)",
            )

    @cached_property
    def offsets(self) -> Ints:
        """(symbols + 1,) where each symbol's rows begin, and the end of the last."""
        symbol = physical(self.table["symbol"])
        starts = np.flatnonzero(symbol[1:] != symbol[:-1]) + 1
        ends = [len(symbol)] if len(symbol) else []
        return np.concatenate([[0], starts, ends]).astype(np.int64)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols that have rows, in their order."""
        return tuple(self.table["symbol"][self.offsets[:-1]].cast(pl.String))

    @property
    def segments(self) -> Mapping[str, slice]:
        """Each symbol's rows as a slice of the table."""
        spans = pairwise(self.offsets.tolist())
        return {name: slice(*span) for name, span in zip(self.symbols, spans, strict=True)}

    def numpy(self, column: str) -> Floats:
        """One column as float64, null as NaN."""
        return floats(self.table[column])

    def by_symbol(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Each symbol with its rows."""
        for name, rows in self.segments.items():
            yield name, self.table[rows]

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        return f"Snapshot({len(self.symbols)} symbols, {len(self)} rows, as of {self.at})"


def require_rows(table: pl.DataFrame, noun: str) -> None:
    """The promises that a Panel and a Snapshot share, row by row."""
    time_columns: Columns = {"timestamp": UTC_TIME, "known_at": UTC_TIME, "session": pl.Date}
    if "symbol" in table.columns and not isinstance(table.schema["symbol"], pl.Enum):
        raise BadTable(
            f"column 'symbol' of a {noun} is {table.schema['symbol']}, not an Enum",
            "read it with Panel.from_frame, or cast it to pl.Enum(names)",
        )
    require_columns(table, noun, {"symbol": pl.Enum, **time_columns})
    for name, dtype in table.schema.items():
        if name not in RESERVED and not (dtype.is_numeric() or isinstance(dtype, VALUES)):
            raise BadTable(
                f"column {name!r} of a {noun} is {dtype}",
                "columns are numbers, categories, text or fixed-size vectors (pl.Array)",
            )
    require_finite(table, noun)
    early = micros(table["known_at"]) < micros(table["timestamp"])
    if early.any():
        row = int(early.argmax())
        raise BadTable(
            f"{int(early.sum())} rows of a {noun} are known before they are complete, first "
            f"{table['symbol'][row]} at {table['timestamp'][row]} known {table['known_at'][row]}",
            "a row cannot be known before its timestamp: correct one of the two clocks",
        )
