"""The Bureau of Labor Statistics as documented: twenty years a question, averages left out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.data.sources.loopback import Asked, Loopback, Reply, Ticking
from tradewind.core.errors import Misuse, WorkspaceError
from tradewind.data.sources.battery import check_source
from tradewind.data.sources.bls import BlsSeries
from tradewind.data.sources.connecting import Connection
from tradewind.data.sources.keys import Key
from tradewind.data.sources.provider import Provider
from tradewind.data.sources.stamping import Stamping

LAGGED = Stamping("session", "month+15d")


def rows(*data: tuple[str, str, str]) -> Reply:
    listed = [{"year": year, "period": period, "value": value} for year, period, value in data]
    series = [{"seriesID": "CUUR0000SA0", "data": listed}]
    return Reply({"status": "REQUEST_SUCCEEDED", "message": [], "Results": {"series": series}})


@pytest.fixture
def provider(server: Loopback, connection: Connection) -> Provider:
    return connection.bls(Key("K"), server.url, per_minute=6000)


def test_twenty_years_are_one_question_and_averages_are_left_out(
    server: Loopback, provider: Provider
) -> None:
    def answer(asked: Asked) -> Reply:
        year = asked.body["startyear"]
        return rows((year, "M13", "9"), (year, "M02", "2"), (year, "M01", "1"))

    server.answer = answer
    source = BlsSeries(provider, "CUUR0000SA0", 1990, LAGGED)
    panels = list(source.read())
    assert [panel.table["value"].to_list() for panel in panels] == [[1.0, 2.0]] * 2
    assert panels[0].table["known_at"][0] == datetime(1990, 2, 16, tzinfo=UTC)
    assert [asked.body for asked in server.asked] == [
        {
            "seriesid": ["CUUR0000SA0"],
            "startyear": "1990",
            "endyear": "2009",
            "registrationkey": "K",
        },
        {
            "seriesid": ["CUUR0000SA0"],
            "startyear": "2010",
            "endyear": "2024",
            "registrationkey": "K",
        },
    ]
    assert check_source(source) == ()


def test_years_that_bls_left_out_are_no_answer(server: Loopback, provider: Provider) -> None:
    cut = rows(("2023", "M01", "1")).payload
    cut["message"] = ["Year range has been reduced to the system-allowed limit of 10 years."]
    server.script(Reply(cut))
    with pytest.raises(Misuse, match=r"BLS leaves years out: .* 10 years\.: ask for fewer years"):
        list(BlsSeries(provider, "CUUR0000SA0", 2010, LAGGED).read())
    assert not provider.kept.folder.exists()


def test_without_a_key_ten_years_are_one_question(server: Loopback, connection: Connection) -> None:
    source = BlsSeries(connection.bls(None, server.url), "CUUR0000SA0", 2010, LAGGED)
    assert [part.what[-11:] for part in source.parts()] == ['r": "2010"}', 'r": "2020"}']


def test_a_revision_after_new_year_is_a_version(
    server: Loopback, provider: Provider, clock: Ticking
) -> None:
    server.script(rows(("2023", "M01", "1")), rows(("2023", "M01", "1.5")))
    source = BlsSeries(provider, "CUUR0000SA0", 2020, LAGGED)
    list(source.read())
    clock.at += timedelta(days=366)
    [panel] = source.read()
    assert panel.table.select("value", "known_at").rows()[1] == (1.5, clock.now())
    assert panel.revised == 1


@pytest.mark.parametrize(
    ("payload", "error", "message"),
    [
        ({"status": "REQUEST_NOT_PROCESSED", "message": ["daily threshold for requests"]},
         WorkspaceError, "BLS answers no more today: daily threshold for requests: go on tomorrow"),
        ({"status": "REQUEST_NOT_PROCESSED", "message": ["the key is invalid"]}, Misuse,
         "BLS refuses: the key is invalid: check the series, the years and the key"),
        ({"status": "REQUEST_SUCCEEDED", "message": ["No Data Available"], "Results": {}}, Misuse,
         "BLS refuses: No Data Available"),
        ([], WorkspaceError, "an answer of BLS is no object"),
        (rows(("2023", "M01", "dear")).payload, WorkspaceError, "BLS gives values that are no numb"),
    ],
)  # fmt: skip
def test_what_the_bureau_refuses_is_told(
    payload: Any, error: type[Exception], message: str, server: Loopback, provider: Provider
) -> None:
    server.script(Reply(payload))
    with pytest.raises(error, match=message):
        list(BlsSeries(provider, "CUUR0000SA0", 2020, LAGGED).read())
