"""`Check`: a rule, what it says of rows, and how that is told.

A verdict is about one version of one row, and says when it could be known: at once where the row
condemns itself, later where it takes later bars to see it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core import Calendar, Finding, Panel
from tradewind.core.finding import Severity
from tradewind.core.tables import UTC_TIME
from tradewind.data.quality.bars import Bars, Flags, Moments, Rows

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
        if not len(verdicts):
            return []
        names = verdicts["symbol"].unique(maintain_order=True).cast(pl.String).to_list()
        where = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        symbol, stamp, _, _, _, reason, known = verdicts.sort("verdict_known_at", *KEYS).row(0)
        detail = (
            f"{len(verdicts):,} of {len(panel):,} rows {self.what}, first {symbol} at "
            f"{stamp:%Y-%m-%d %H:%M}: {reason}"
        )
        return [Finding(self.name, self.severity, where, detail, self.remedy, known)]


def as_time(moments: npt.NDArray[np.int64]) -> pl.Series:
    """Microseconds since 1970 as moments in UTC."""
    return pl.Series(moments, dtype=pl.Int64).cast(UTC_TIME)
