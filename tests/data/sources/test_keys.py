"""Keys come from the environment or a file, and go nowhere but to the provider."""

import logging
import traceback
from pathlib import Path

import pytest

from tests.data.sources.loopback import Loopback, Reply
from tradewind.core.errors import BadConfig, Misuse, TradewindError, WorkspaceError
from tradewind.data.sources.alpha_vantage import BarsOf
from tradewind.data.sources.connecting import Connection
from tradewind.data.sources.declared import plan
from tradewind.data.sources.keys import Key, find_key

SECRET = "SECRET4711"
DETECTED = (
    f"We have detected your API key as {SECRET} and our standard API rate limit is 25 requests per "
    "day. Please subscribe to any of the premium plans to instantly remove all daily rate limits."
)
DAY = {"1. open": "1", "2. high": "2", "3. low": "1", "4. close": "2", "5. volume": "10"}
GOOD = {"Meta Data": {"note": SECRET}, "Time Series (Daily)": {"2024-01-02": DAY}}


def test_a_key_is_found_in_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("FROMFILE\n")
    assert find_key("FRED_API_KEY", {"FRED_API_KEY": "ENV"}).secret == "ENV"
    assert find_key("FRED_API_KEY", {}, tmp_path / "key").secret == "FROMFILE"


def test_a_key_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="there is no key FRED_API_KEY: set it in the environment"):
        find_key("FRED_API_KEY", {})
    with pytest.raises(WorkspaceError, match="none: it is not there: check the path"):
        find_key("FRED_API_KEY", {}, tmp_path / "none")


@pytest.mark.parametrize("text", ["", "two words", "line\nbreak"])
def test_what_is_no_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(BadConfig, match="a key is empty, or has spaces or line breaks in it: copy"):
        Key(text)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(GOOD),
        Reply({"Information": DETECTED}),
        Reply({"Error Message": f"the parameter apikey {SECRET} is invalid"}),
        Reply({"Note": f"{SECRET}: 5 calls per minute"}),
        Reply({"oops": SECRET, SECRET: 1}),
        Reply({"detail": SECRET}, status=403),
        Reply(text=f"<html>{SECRET}</html>".encode(), status=404),
        Reply(status=500, payload=SECRET),
        Reply(GOOD, cut="middle"),
        Reply(GOOD, cut="before"),
        Reply(status=302, payload=GOOD, headers={"location": f"/elsewhere?apikey={SECRET}"}),
    ],
    ids=lambda reply: f"{reply.status}-{reply.cut}-{str(reply.payload)[:20]}",
)
def test_a_key_is_in_no_message_no_log_no_plan_and_no_file(
    reply: Reply, server: Loopback, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.script(reply)
    provider = connection.alpha_vantage(Key(SECRET), server.url, per_minute=6000)
    source = BarsOf(provider, ("ACME",))
    told = [str(plan(source)), repr(source)]
    try:
        told += [repr(panel) for panel in source.read()]
    except TradewindError as error:
        told += traceback.format_exception(error)
    assert server.asked[0].params["apikey"] == SECRET
    assert SECRET not in "".join([*told, *(record.getMessage() for record in caplog.records)])
    for file in connection.workspace.path.rglob("*"):
        assert SECRET not in str(file)
        assert not file.is_file() or SECRET.encode() not in file.read_bytes()
    for question, _ in source.questions("ACME", None):
        assert all(SECRET.encode() not in answer.body for answer in provider.kept.of(question))


def test_a_redirect_is_not_followed_with_the_key(server: Loopback, connection: Connection) -> None:
    server.script(Reply({"a": 1}, status=302, headers={"location": "http://127.0.0.1:9/"}))
    source = BarsOf(connection.alpha_vantage(Key(SECRET), server.url, 6000), ("ACME",))
    with pytest.raises((Misuse, WorkspaceError)):
        list(source.read())
    assert len(server.asked) == 1
