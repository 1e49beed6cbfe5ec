"""`Stamping`: what a source declares about its stamps, and the refusal of one that declares nothing."""

import re
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any, get_args

import polars as pl

from tradewind.core import Finding, Panel, find_calendar
from tradewind.core.errors import BadStamp, nearest
from tradewind.core.moments import Clocks, all_midnight, as_stamps, no_moment
from tradewind.core.reading import as_polars, read_frame, with_known_names
from tradewind.core.stamps import Stamps
from tradewind.core.tables import UTC_TIME
from tradewind.data.sources.sifting import Aside, sifted, sifted_text, without

COUNT = r"\d{9,19}"
PLAIN = r"\d{4}-\d{2}-\d{2}([T ])\d{2}:\d{2}:\d{2}"
KEY_TYPES: dict[str, pl.DataType | type[pl.DataType]] = {
    "symbol": pl.Enum([]),
    "timestamp": UTC_TIME,
    "known_at": UTC_TIME,
    "session": pl.Date,
}
NOTHING = Panel(pl.DataFrame(schema=KEY_TYPES))


@dataclass(frozen=True)
class Stamping:
    """How the stamps of a source were made complete: by session, at a bar's start, or at its end.

    Left open, the rows must say it themselves: dates are sessions of the calendar, and a moment needs
    its own `known_at` beside it. A moment that says nothing is refused, because a bar stamped at its
    start and read as if at its end is known one bar too early:

    >>> minute = pl.DataFrame({"time": ["2024-01-02T15:00Z"], "symbol": "A", "close": [1.0]})
    >>> Stamping(stamps="start", bar=timedelta(minutes=1)).read(minute).moments[0].isoformat()
    '2024-01-02T15:01:00+00:00'
    >>> Stamping().read(minute, name="minutes.csv")
    Traceback (most recent call last):
    tradewind.core.errors.BadStamp: minutes.csv does not say whether its stamps, such as 2024-01-02 ...
    """

    stamps: Stamps | None = None
    calendar: str = "XNYS"
    bar: timedelta | None = None
    tz: str | None = None

    def __post_init__(self) -> None:
        if self.stamps not in (None, *get_args(Stamps)):
            raise BadStamp(
                f"stamps cannot be {self.stamps!r}", nearest(str(self.stamps), get_args(Stamps))
            )
        if self.stamps == "start" and not self.bar:
            raise BadStamp("stamps='start' needs the length of a bar", "pass bar=timedelta(...)")
        if self.bar is not None and self.bar <= timedelta():
            raise BadStamp(f"a bar cannot be {self.bar} long", "give the time that it covers")
        find_calendar(self.calendar)

    def read(
        self,
        frame: Any,
        *,
        name: str = "frame",
        symbol: str | None = None,
        value: str = "close",
        aside: Aside | None = None,
    ) -> Panel:
        """The panel of a frame, by what was declared and nothing else.

        Rows that no panel can hold go to `aside` with their reason; without one, the frame is refused.
        """
        came = with_known_names(as_polars(frame))
        table = self._in_moments(came, name, aside)
        if aside and len(came):
            table = sifted_text(table, aside)
            if not len(table):
                return NOTHING
        table, findings = read_frame(
            table,
            calendar=self.calendar,
            stamps=self.stamps,
            bar=self.bar,
            tz=self.tz,
            symbol=symbol,
            value=value,
        )
        _require_said(table, findings, name)
        table, told = sifted(table, name, aside)
        return Panel(table, (*findings, *told))

    def _in_moments(self, table: pl.DataFrame, name: str, aside: Aside | None) -> pl.DataFrame:
        """The table with its stamps read once; hours under a stamp declared as a session are refused."""
        if "timestamp" not in table.columns or not len(table):
            return table
        when, shown = moments(table["timestamp"], self.tz)
        if when.null_count() and aside is None:
            row = int(when.is_null().arg_max() or 0)
            why, remedy = no_moment(table["timestamp"], row, self.tz)
            raise BadStamp(f"row {row} of {name} has no timestamp ({why})", remedy)
        if when.null_count() and aside:
            unread, unsure = shown.is_null(), when.is_null() & shown.is_not_null()
            reason = "its timestamp cannot be read"
            without(table, unread, "row.timestamp", reason, aside)
            reason = f"its hour was skipped or came twice on the clocks of {self.tz}"
            without(table, unsure, "row.timestamp", reason, aside)
            read = when.is_not_null()
            table, shown, when = table.filter(read), shown.filter(read), when.filter(read)
        midnights = shown.dtype == pl.Date or all_midnight(shown)
        if self.stamps == "session" and not midnights:
            hours = when.filter(shown.dt.time() != time(0))
            raise BadStamp(
                f"{name} is stamped by session, and has stamps with hours such as {hours[0]}",
                "declare stamps='end', or stamps='start' with the length of a bar",
            )
        ours = {"known_at", "session"} <= set(table.columns)
        return table.with_columns((shown if midnights and not ours else when).alias("timestamp"))

    def __str__(self) -> str:
        """What is declared, as a sentence for a plan.

        >>> print(Stamping(stamps="start", bar=timedelta(minutes=5), calendar="24/7"))
        stamps are the start of a bar of 0:05:00; sessions of 24/7
        """
        zone = f", read in {self.tz}" if self.tz else ""
        told = {
            None: "dates are sessions, complete at the close; moments come with their known_at",
            "session": "stamps are sessions, complete at the close",
            "start": f"stamps are the start of a bar of {self.bar}",
            "end": "stamps are the end of a bar",
        }
        return f"{told[self.stamps]}{zone}; sessions of {self.calendar}"


def _require_said(table: pl.DataFrame, findings: tuple[Finding, ...], name: str) -> None:
    if any(finding.check == "stamps.assumed_end" for finding in findings):
        raise BadStamp(
            f"{name} does not say whether its stamps, such as {table['timestamp'][0]}, are the start "
            "or the end of a bar",
            "pass --stamps end, or --stamps start --bar 5m",
        )


def moments(column: pl.Series, tz: str | None) -> Clocks:
    """What `as_stamps` reads; the plainest text at a tenth of the cost, and counts since 1970 as text.

    >>> moments(pl.Series(["2024-07-01 16:00:00"]), "America/New_York")[0][0].isoformat()
    '2024-07-01T20:00:00+00:00'
    >>> moments(pl.Series(["1719864000000"]), None)[0][0].isoformat()
    '2024-07-01T20:00:00+00:00'
    """
    if column.dtype != pl.String:
        return as_stamps(column, tz)
    first = str(column.drop_nulls().first())
    read = column
    if plain := re.fullmatch(PLAIN, first):
        form = f"%Y-%m-%d{plain[1]}%H:%M:%S"
        read = column.str.to_datetime(form, time_unit="us", strict=False)
    elif re.fullmatch(COUNT, first):
        read = column.cast(pl.Int64, strict=False)
    return as_stamps(read if read.null_count() == column.null_count() else column, tz)
