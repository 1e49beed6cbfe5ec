"""The US Bureau of Labor Statistics: monthly and quarterly series, ten or twenty years a question.

A POST of `{"seriesid", "startyear", "endyear", "registrationkey"}` to /publicAPI/v2/timeseries/data/ is
answered `{"status": "REQUEST_SUCCEEDED", "message": [], "Results": {"series": [{"seriesID", "data":
[{"year", "period": "M01", "periodName", "value", "footnotes"}]}]}}`; any other status is a refusal.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from tradewind.core import Panel
from tradewind.core.clock import utc
from tradewind.core.errors import Misuse, WorkspaceError
from tradewind.data.sources.answers import Question
from tradewind.data.sources.csv_blocks import as_numbers
from tradewind.data.sources.declared import Part, known_after
from tradewind.data.sources.periods import require_periods
from tradewind.data.sources.provider import Provider
from tradewind.data.sources.seen import as_seen, no_vintages
from tradewind.data.sources.stamping import Stamping

URL = "https://api.bls.gov"
KEY = "BLS_API_KEY"
YEARS, YEARS_WITHOUT_KEY = 20, 10  # of more, BLS leaves out the latest


@dataclass(frozen=True)
class BlsSeries:
    """One series from a year on; the stamp of a value is the first day of its month or quarter."""

    provider: Provider
    series: str
    first_year: int
    stamping: Stamping
    table: str = "observations"

    @property
    def name(self) -> str:
        """The provider and the series."""
        return f"{self.provider.name}:{self.series}"

    def parts(self, since: datetime | None = None) -> tuple[Part, ...]:
        """A question for every twenty years, or ten without a key."""
        return tuple(
            self.provider.part(question, closed) for question, closed in self._questions(since)
        )

    def read(self, since: datetime | None = None) -> Iterator[Panel]:
        """A panel for every question, later revisions as versions of their own."""
        for question, closed in self._questions(since):
            self.provider.answers(question, closed)
            panel = as_seen(self.provider.heard(_forms(question)), self._panel_of)
            told = (*panel.findings, no_vintages(self.series))
            yield from known_after(Panel(panel.table, told), since)

    def _questions(self, since: datetime | None) -> Iterator[tuple[Question, datetime | None]]:
        """Spans of years; one that ended more than two years ago is closed for good."""
        this_year = self.provider.fetcher.clock.now().year
        years = YEARS if self.provider.fetcher.key else YEARS_WITHOUT_KEY
        for first in range(self.first_year, this_year + 1, years):
            last = min(first + years - 1, this_year)
            over = datetime(last + 3, 1, 1, tzinfo=UTC)
            if since is None or utc(since) < over:
                yield _question(self.series, first, last), over

    def _panel_of(self, payload: Any) -> Panel:
        rows = observations(payload)
        require_periods(rows["timestamp"], self.stamping.calendar, self.series)
        return self.stamping.read(rows, name=self.series, symbol=self.series)


def _question(series: str, first: int, last: int) -> Question:
    body = {"seriesid": [series], "startyear": str(first), "endyear": str(last)}
    return Question("/publicAPI/v2/timeseries/data/", body=body)


def _forms(question: Question) -> list[Question]:
    """The question as it was asked in the years before, when its last year was an earlier one."""
    body = question.body or {}
    first, last = int(body["startyear"]), int(body["endyear"])
    return [_question(body["seriesid"][0], first, year) for year in range(first, last + 1)]


def judge(payload: Any) -> None:
    """Refuse what the bureau refuses.

    >>> judge({"status": "REQUEST_NOT_PROCESSED", "message": ["daily threshold reached"]})
    Traceback (most recent call last):
    tradewind.core.errors.WorkspaceError: BLS answers no more today: daily threshold reached: go on ...
    """
    if not isinstance(payload, Mapping):
        raise WorkspaceError(
            "an answer of BLS is no object", "look whether its documentation has changed"
        )
    said = "; ".join(map(str, payload.get("message") or [])) or str(payload.get("status"))
    if "threshold" in said:
        raise WorkspaceError(
            f"BLS answers no more today: {said}", "go on tomorrow; what is kept stays"
        )
    if payload.get("status") != "REQUEST_SUCCEEDED" or not _data(payload):
        raise Misuse(f"BLS refuses: {said}", "check the series, the years and the key")
    if "has been reduced" in said:
        raise Misuse(f"BLS leaves years out: {said}", "ask for fewer years at once, or with a key")
    _ = observations(payload)


def observations(payload: Mapping[str, Any]) -> pl.DataFrame:
    """(timestamp, value) of months and quarters; averages of years are no observation of their own.

    >>> row = {"year": "2024", "period": "Q02", "value": "1.5"}
    >>> observations({"Results": {"series": [{"data": [row, row | {"period": "M13"}]}]}}).rows()
    [('2024-04-01', 1.5)]
    """
    rows = [(_first_day(row), row.get("value")) for row in _data(payload)]
    kept = [(day, value) for day, value in rows if day]
    text = pl.DataFrame(kept, schema={"timestamp": pl.String, "value": pl.String}, orient="row")
    value = as_numbers(text["value"])
    if value is None:
        raise WorkspaceError(
            "BLS gives values that are no numbers", "look whether its documentation has changed"
        )
    return text.with_columns(value).drop_nulls("value")


def _data(payload: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    series = (payload.get("Results") or {}).get("series") or [{}]
    return list(series[0].get("data") or [])


def _first_day(row: Mapping[str, Any]) -> str | None:
    kind, number = row["period"][0], int(row["period"][1:])
    month = {"M": number, "Q": number * 3 - 2}.get(kind, 13)
    return f"{row['year']}-{month:02}-01" if month <= 12 else None
