"""FRED: economic series with every vintage, so that each value is known from the day it was published.

`/fred/series/observations` answers `{"count", "offset", "limit", "observations": [{"realtime_start",
"realtime_end", "date", "value"}]}`; asked for all real-time periods it gives a row for each version of
an observation, `realtime_start` being the day from which that version stood. A value of "." is none. It
refuses with `{"error_code", "error_message"}`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from tradewind.core import Finding, Panel, find_calendar
from tradewind.core.errors import Misuse, WorkspaceError
from tradewind.data.sources.answers import Question
from tradewind.data.sources.csv_blocks import as_numbers
from tradewind.data.sources.declared import Part, known_after
from tradewind.data.sources.periods import require_periods
from tradewind.data.sources.provider import Provider
from tradewind.data.sources.seen import as_seen, no_vintages
from tradewind.data.sources.stamping import Stamping

URL = "https://api.stlouisfed.org"
KEY = "FRED_API_KEY"
FIRST_DAY, LAST_DAY = "1776-07-04", "9999-12-31"  # of all real time, as FRED writes it
PAGE = 100_000


@dataclass(frozen=True)
class FredSeries:
    """Some series, each version of a value a row, known at the end of the day on which it was published.

    The stamp of an observation is the first day of its period, so the calendar to declare is that of
    the period: `month`, `quarter`, or 24/7 for daily rates. FRED refuses to list more than two thousand
    vintages, which long daily series have; those are read without, known after the lag of the calendar.
    """

    provider: Provider
    series: tuple[str, ...]
    stamping: Stamping
    vintages: bool = True
    table: str = "observations"

    @property
    def name(self) -> str:
        """The provider and the series."""
        return f"{self.provider.name}:{','.join(self.series)}"

    def parts(self, since: datetime | None = None) -> tuple[Part, ...]:  # noqa: ARG002 (of the role)
        """The first page of each series; how many there are, only the answer tells."""
        return tuple(self.provider.part(self._question(series, 0)) for series in self.series)

    def read(self, since: datetime | None = None) -> Iterator[Panel]:
        """A panel for each series."""
        for series in self.series:
            panel = self._with_vintages(series) if self.vintages else self._without(series)
            yield from known_after(panel, since)

    def _with_vintages(self, series: str) -> Panel:
        rows = observations(list(self._pages(series)))
        return self._panel(series, published(rows, self.stamping))

    def _without(self, series: str) -> Panel:
        def panel_of(payload: Any) -> Panel:
            return self._panel(series, observations([payload]).drop("known_at"))

        panel = as_seen(self.provider.answers(self._question(series, 0)), panel_of)
        return Panel(panel.table, (*panel.findings, no_vintages(series)))

    def _panel(self, series: str, rows: pl.DataFrame) -> Panel:
        missing = rows["value"].null_count()
        require_periods(rows["timestamp"], self.stamping.calendar, series)
        panel = self.stamping.read(rows.drop_nulls("value"), name=series, symbol=series)
        told = [_missing(series, missing)] if missing else []
        return Panel(panel.table, (*panel.findings, *told))

    def _pages(self, series: str) -> Iterator[Mapping[str, Any]]:
        offset, count = 0, 1
        while offset < count:
            page = self.provider.answers(self._question(series, offset))[-1].payload
            yield page
            offset, count = offset + PAGE, int(page.get("count", 0))

    def _question(self, series: str, offset: int) -> Question:
        span = {"realtime_start": FIRST_DAY, "realtime_end": LAST_DAY} if self.vintages else {}
        page = {"file_type": "json", "limit": str(PAGE), "offset": str(offset)}
        return Question("/fred/series/observations", {"series_id": series, **span, **page})


def judge(payload: Any) -> None:
    """Refuse what FRED refuses, and what is no observations.

    >>> judge({"error_code": 400, "error_message": "Bad Request.  The series does not exist."})
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: FRED refuses: Bad Request.  The series does not exist.: check the ...
    """
    if isinstance(payload, Mapping) and "error_message" in payload:
        many = "vintage dates" in str(payload["error_message"])
        remedy = "read it with --no-vintages" if many else "check the series and the key"
        raise Misuse(f"FRED refuses: {payload['error_message']}", remedy)
    if not isinstance(payload, Mapping) or not isinstance(payload.get("observations"), list):
        raise WorkspaceError(
            "an answer of FRED has no observations", "look whether its documentation has changed"
        )
    if not payload["observations"]:
        raise Misuse("FRED has no observations of that series", "look for it on the site of FRED")
    _ = observations([payload])


def observations(pages: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """(timestamp, known_at, value): days as they were written, "." as null."""
    rows = [row for page in pages for row in page["observations"]]
    text = pl.DataFrame(
        [(row.get("date"), row.get("realtime_start"), row.get("value")) for row in rows],
        schema={"timestamp": pl.String, "known_at": pl.String, "value": pl.String},
        orient="row",
    )
    value = as_numbers(text["value"].set(text["value"] == ".", None))
    if value is None:
        raise WorkspaceError(
            "FRED gives values that are no numbers", "look whether its documentation has changed"
        )
    return text.with_columns(value)


def published(rows: pl.DataFrame, stamping: Stamping) -> pl.DataFrame:
    """Days as moments of knowledge: the end of the day of publication, or of the period if that is later.

    >>> rows = [("2024-01-01", "2024-01-20", 1.0), ("2024-01-01", "2024-02-13", 1.1)]
    >>> table = pl.DataFrame(rows, schema=["timestamp", "known_at", "value"], orient="row")
    >>> published(table, Stamping("session", "month"))["known_at"].dt.date().cast(str).to_list()
    ['2024-02-01', '2024-02-14']
    """
    rows = rows.sort("known_at")  # ISO days sort as text
    days = rows["timestamp"].str.to_date(strict=False)
    told = rows["known_at"].str.to_date(strict=False).cast(pl.Datetime("us"))
    end_of_day = told.dt.replace_time_zone("UTC").dt.offset_by("1d")
    closes = find_calendar(stamping.calendar).closes(days)
    rows = rows.with_columns(timestamp=days, known_at=pl.max_horizontal(end_of_day, closes))
    return rows.unique(["timestamp", "known_at"], keep="last", maintain_order=True)


def _missing(series: str, rows: int) -> Finding:
    detail = f"{rows} observations have no value and were left out"
    return Finding(
        "source.missing", "info", series, detail, "holidays have none; look at other gaps"
    )
