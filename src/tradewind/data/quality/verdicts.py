"""`Check`: a rule, what it says of rows, and how that is told.

A verdict is about one version of one row, and says when it could be known: at once where the row
condemns itself, later where it takes later bars to see it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tradewind.core import Calendar, Finding, Panel
from tradewind.core.arrays import Flags, Ints
from tradewind.core.finding import Severity
from tradewind.core.tables import UTC_TIME
from tradewind.data.quality.bars import Bars, Moments, Rows

SEVERITY = pl.Enum(["info", "warning", "error"])
KEYS = ("symbol", "timestamp", "known_at")


@dataclass(frozen=True)
class Marks:
    """Rows of the panel, why each, and when that could be known (microseconds since 1970)."""

    rows: Rows
    reasons: Sequence[str]
    known: Moments


def marked(
    bars: Bars, wrong: Flags, reason: Callable[[int], str], known: Moments | None = None
) -> Marks:
    """The marks of flagged rows, known with the row itself unless said otherwise."""
    rows = np.flatnonzero(wrong)
    when = bars.known if known is None else np.maximum(known, bars.known)
    return Marks(rows, [reason(row) for row in rows.tolist()], when[rows])


@dataclass(frozen=True)
class Check:
    """One rule about rows. Those that break an `error` go to quarantine; a `warning` is told."""

    name: str
    severity: Severity
    what: str
    remedy: str
    look: Callable[[Bars], Marks]

    def verdicts(self, bars: Bars) -> pl.DataFrame:
        """(symbol, timestamp, known_at, check, severity, reason, verdict_known_at), one a row."""
        marks = self.look(bars)
        return bars.panel.table.select(KEYS)[marks.rows].with_columns(
            pl.lit(self.name).alias("check"),
            pl.lit(self.severity, dtype=SEVERITY).alias("severity"),
            pl.Series("reason", list(marks.reasons), dtype=pl.String),
            as_time(marks.known).alias("verdict_known_at"),
        )

    def inspector(self, calendar: Calendar) -> Callable[[Panel], Sequence[Finding]]:
        """The check as an inspector of panels that keep this calendar."""
        return lambda panel: self.told(self.verdicts(Bars(panel, calendar)), panel)

    def told(self, verdicts: pl.DataFrame, panel: Panel) -> list[Finding]:
        """One finding for all its verdicts, known when the first of them was; none for none."""
        return self.told_of(by_symbol(verdicts), len(panel))

    def told_of(self, firsts: pl.DataFrame, rows: int) -> list[Finding]:
        """The same from what `by_symbol` kept of them, among so many rows."""
        if not len(firsts):
            return []
        firsts = firsts.sort("verdict_known_at", *KEYS)
        names = firsts["symbol"].to_list()
        first = firsts.row(0, named=True)
        detail = (
            f"{firsts['verdicts'].sum():,} of {rows:,} rows {self.what}, first {first['symbol']} at "
            f"{first['timestamp']:%Y-%m-%d %H:%M}: {first['reason']}"
        )
        known = first["verdict_known_at"]
        return [Finding(self.name, self.severity, few_of(names), detail, self.remedy, known)]


def by_symbol(verdicts: pl.DataFrame) -> pl.DataFrame:
    """The first verdict of each check on each symbol, and how many there are: all that findings need,
    so that the verdicts themselves need not be kept.

    >>> from tradewind.data.quality.gate import Gate
    >>> from tradewind.data.synthetic import make_market
    >>> market = make_market("equity", 5, 200, seed=1, faults=["swapped_columns"])
    >>> by_symbol(Gate()(market.panel).verdicts).select("check", "verdicts").rows()
    [('bars.order', 2)]
    """
    first = pl.all().sort_by("verdict_known_at", "timestamp", "known_at").first()
    named = verdicts.with_columns(pl.col("symbol").cast(pl.String))
    return named.group_by("check", "symbol", maintain_order=True).agg(
        first, pl.len().cast(pl.Int64).alias("verdicts")
    )


def as_time(moments: Ints) -> pl.Series:
    """Microseconds since 1970 as moments in UTC."""
    return pl.Series(moments, dtype=pl.Int64).cast(UTC_TIME)


def few_of(names: Sequence[str]) -> str:
    """
    >>> few_of(["A", "B"]), few_of(list("ABCDEFG"))
    ('A, B', 'A, B, C, D, E and 2 more')
    """
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more
