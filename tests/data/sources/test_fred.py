"""FRED with vintages: each value is known from the day on which it was published."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.data.sources.loopback import Asked, Loopback, Reply, Ticking
from tradewind.core.errors import BadStamp, Misuse, WorkspaceError
from tradewind.data.sources import fred
from tradewind.data.sources.battery import check_source
from tradewind.data.sources.connecting import Connection
from tradewind.data.sources.fred import FredSeries
from tradewind.data.sources.keys import Key
from tradewind.data.sources.provider import Provider
from tradewind.data.sources.stamping import Stamping

MONTH = Stamping("session", "month")


def observations(*rows: tuple[str, str, str], count: int | None = None) -> Reply:
    names = ("date", "realtime_start", "value")
    listed = [dict(zip(names, row, strict=True)) | {"realtime_end": "9999-12-31"} for row in rows]
    return Reply(
        {"count": count or len(rows), "offset": 0, "limit": 100_000, "observations": listed}
    )


GDP = observations(
    ("2023-11-01", "2023-12-13", "100.0"),
    ("2023-11-01", "2024-01-12", "101.5"),
    ("2023-12-01", "2024-01-12", "102.0"),
    ("2024-01-01", "2024-02-13", "."),
)


@pytest.fixture
def provider(server: Loopback, connection: Connection) -> Provider:
    return connection.fred(Key("K"), server.url, per_minute=6000)


def test_each_vintage_is_known_from_its_publication(server: Loopback, provider: Provider) -> None:
    server.script(GDP)
    source = FredSeries(provider, ("CPIAUCSL",), MONTH)
    [panel] = source.read()
    early = panel.as_of(datetime(2023, 12, 31, tzinfo=UTC)).table
    late = panel.as_of(datetime(2024, 2, 1, tzinfo=UTC)).table
    assert early["value"].to_list() == [100.0]
    assert late["value"].to_list() == [101.5, 102.0]
    assert panel.revised == 1
    assert "1 observations have no value" in panel.findings[-1].detail
    assert check_source(source) == ()
    assert {"realtime_start": "1776-07-04", "api_key": "K"}.items() <= server.asked[
        0
    ].params.items()


def test_a_value_published_before_its_period_ended_counts_from_its_end(
    server: Loopback, provider: Provider
) -> None:
    server.script(
        observations(("2024-01-01", "2024-01-05", "1"), ("2024-01-01", "2024-01-12", "2"))
    )
    [panel] = FredSeries(provider, ("NOWCAST",), MONTH).read()
    assert panel.table.select("known_at", "value").rows() == [
        (datetime(2024, 2, 1, tzinfo=UTC), 2.0)
    ]


def test_a_long_series_is_read_page_by_page(
    server: Loopback, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fred, "PAGE", 2)
    rows = [(f"2023-{month:02}-01", f"2023-{month + 1:02}-15", str(month)) for month in range(1, 6)]

    def answer(asked: Asked) -> Reply:
        offset = int(asked.params["offset"])
        return observations(*rows[offset : offset + 2], count=len(rows))

    server.answer = answer
    [panel] = FredSeries(provider, ("LONG",), MONTH).read()
    assert panel.table["value"].to_list() == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert [asked.params["offset"] for asked in server.asked] == ["0", "2", "4"]


def test_without_vintages_later_changes_are_still_versions(
    server: Loopback, provider: Provider, clock: Ticking
) -> None:
    today = "2024-03-01"
    server.script(
        observations(("2024-02-27", today, "4.3")), observations(("2024-02-27", today, "4.4"))
    )
    source = FredSeries(provider, ("DGS10",), Stamping("session", "24/7"), vintages=False)
    list(source.read())
    clock.at += timedelta(days=1)
    [panel] = source.read()
    assert panel.table.select("value", "known_at").rows() == [
        (4.3, datetime(2024, 2, 28, tzinfo=UTC)),
        (4.4, clock.now()),
    ]
    assert "realtime_start" not in server.asked[0].params
    assert check_source(source) == ()


@pytest.mark.parametrize(
    ("payload", "status", "error", "message"),
    [
        ({"error_code": 400, "error_message": "Bad Request.  The series does not exist."}, 400, Misuse,
         "FRED refuses: Bad Request.  The series does not exist.: check the series and the key"),
        ({"error_code": 400, "error_message": "exceeds the number of vintage dates allowed"}, 400,
         Misuse, "vintage dates allowed: read it with --no-vintages"),
        ({"count": 0, "observations": []}, 200, Misuse, "FRED has no observations of that series: l"),
        ({"oops": 1}, 200, WorkspaceError, "an answer of FRED has no observations: look whether"),
        ({"observations": [{"date": "2024-01-01", "realtime_start": "2024-02-02", "value": "dear"}]},
         200, WorkspaceError, "FRED gives values that are no numbers: look whether"),
    ],
)  # fmt: skip
def test_what_fred_refuses_is_told(
    payload: Any, status: int, error: type[Exception], message: str, server: Loopback,
    provider: Provider,
) -> None:  # fmt: skip
    server.script(Reply(payload, status))
    with pytest.raises(error, match=message):
        list(FredSeries(provider, ("CPIAUCSL",), MONTH).read())


@pytest.mark.parametrize(
    ("days", "calendar", "message"),
    [
        (("2023-01-01", "2023-04-01", "2023-07-01"), "month", "CPIAUCSL are 90 days apart, and by"),
        (("2023-01-02", "2023-01-03"), "month", "CPIAUCSL has several values in one period of the"),
        (("2023-01-01", "2023-02-01"), "quarter", "CPIAUCSL has several values in one period of"),
    ],
)
def test_a_series_keeps_the_periods_that_were_declared(
    days: tuple[str, ...], calendar: str, message: str, server: Loopback, provider: Provider
) -> None:
    server.script(observations(*[(day, "2024-01-15", "1") for day in days]))
    with pytest.raises(BadStamp, match=message):
        list(FredSeries(provider, ("CPIAUCSL",), Stamping("session", calendar)).read())


def test_too_many_questions_are_asked_again(server: Loopback, provider: Provider) -> None:
    limit = {"error_code": 429, "error_message": "Too Many Requests.  Exceeded Rate Limit"}
    server.script(Reply(limit, 429), GDP)
    assert len(list(FredSeries(provider, ("CPIAUCSL",), MONTH).read())) == 1
