"""A question is asked again where that helps, not too often, and never twice once it is answered."""

import gzip
from datetime import datetime, timedelta

import pytest

from tests.data.sources.loopback import Loopback, Reply, Ticking
from tradewind.core import stream
from tradewind.core.errors import Misuse, WorkspaceError
from tradewind.data.sources import fetching
from tradewind.data.sources.answers import Question
from tradewind.data.sources.connecting import Connection
from tradewind.data.sources.fetching import Fetcher
from tradewind.data.sources.patience import Busy, Pace
from tradewind.data.sources.provider import Provider

GOOD = Reply({"good": True})
QUESTION = Question("/query", {"of": "ACME"})


def accept(payload: object) -> None:
    """Every payload is good."""


def fetcher(server: Loopback, clock: Ticking, per_minute: float = 6000) -> Fetcher:
    pace = Pace(per_minute, clock, clock.sleep)
    return Fetcher(server.url, None, "apikey", pace, stream(7, "retries"))


@pytest.mark.parametrize(
    "bad",
    [
        Reply({}, status=500),
        Reply({}, status=503),
        Reply({}, status=429),
        Reply({"good": True}, cut="middle"),
        Reply({"good": True}, cut="before"),
        Reply(text=b'{"good": tr'),
        Reply(text=b""),
        Reply(text=b"[" * 100_000),
        Reply(text=b"not gzip", headers={"content-encoding": "gzip"}),
        Reply(text=b"\xff\xfe\xfa"),
    ],
    ids=["500", "503", "429", "cut", "closed", "torn", "empty", "deep", "gzip", "bytes"],
)
def test_what_may_pass_is_asked_again(bad: Reply, server: Loopback, clock: Ticking) -> None:
    server.script(bad, bad, GOOD)
    assert fetcher(server, clock).fetch(QUESTION, accept) == b'{"good": true}'
    assert len(server.asked) == 3


def test_pauses_double_with_jitter_and_end(server: Loopback, clock: Ticking) -> None:
    server.script(Reply({}, status=503))
    with pytest.raises(
        WorkspaceError, match=r"did not answer /query\?of=ACME in 5 tries: HTTP 503"
    ):
        fetcher(server, clock).fetch(QUESTION, accept)
    pauses = [pause for pause in clock.slept if pause > 0.1]
    assert len(server.asked) == 5
    assert all(2**n / 2 <= pause <= 2**n for n, pause in enumerate(pauses))
    assert len({pause / 2**n for n, pause in enumerate(pauses)}) == 4


def test_nobody_listening_is_told_after_the_tries(clock: Ticking) -> None:
    nobody = Loopback("http://127.0.0.1:9", lambda _: GOOD)
    with pytest.raises(WorkspaceError, match=r"ConnectError: .*: run it again later"):
        fetcher(nobody, clock).fetch(QUESTION, accept)


@pytest.mark.parametrize("header", ["17", "Fri, 01 Mar 2024 12:00:17 GMT"])
def test_a_provider_that_names_a_wait_is_given_it(
    header: str, server: Loopback, clock: Ticking
) -> None:
    server.script(Reply({}, status=429, headers={"retry-after": header}), GOOD)
    fetcher(server, clock).fetch(QUESTION, accept)
    assert clock.slept[0] == 17.0


def test_a_wait_that_is_too_long_is_not_waited(server: Loopback, clock: Ticking) -> None:
    server.script(Reply({}, status=429, headers={"retry-after": "3600"}))
    with pytest.raises(WorkspaceError, match="in 1 tries: HTTP 429"):
        fetcher(server, clock).fetch(QUESTION, accept)
    assert clock.slept == []


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (
            Reply({"detail": "no"}, status=403),
            r"/query\?of=ACME: .* refuses it with HTTP 403: check what",
        ),
        (Reply(text=b"<html>", status=404), "HTTP 404 and no JSON: check the address"),
    ],
)
def test_a_refusal_is_not_asked_again(
    reply: Reply, message: str, server: Loopback, clock: Ticking
) -> None:
    server.script(reply)
    with pytest.raises(Misuse, match=message):
        fetcher(server, clock).fetch(QUESTION, accept)
    assert len(server.asked) == 1


def test_questions_keep_their_distance(server: Loopback, clock: Ticking) -> None:
    server.script(GOOD)
    slow = fetcher(server, clock, per_minute=5)
    began = clock.now()
    for _ in range(6):
        slow.fetch(QUESTION, accept)
    assert clock.now() - began == timedelta(minutes=1)


def test_an_answer_that_unpacks_to_too_much_is_refused(
    server: Loopback, clock: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MOST_BYTES", 1_000_000)
    bomb = gzip.compress(bytes(2_000_000))
    server.script(Reply(text=bomb, headers={"content-encoding": "gzip"}))
    with pytest.raises(Misuse, match="an answer is larger than 1 MB: ask for less at once"):
        fetcher(server, clock).fetch(QUESTION, accept)


class Racing(Ticking):
    """A clock on which every look takes ten minutes."""

    def now(self) -> datetime:
        self.at += timedelta(minutes=10)
        return self.at


def test_an_answer_that_trickles_is_given_up(server: Loopback) -> None:
    server.script(Reply("x" * 300_000))
    with pytest.raises(WorkspaceError, match="an answer that was not whole after 0:05:00"):
        fetcher(server, Racing()).fetch(QUESTION, accept)


def test_a_note_in_a_good_status_is_waited_for(server: Loopback, clock: Ticking) -> None:
    def judge(payload: object) -> None:
        if payload != GOOD.payload:
            raise Busy("slow down", 60.0)

    server.script(Reply({"Note": "slow down"}), GOOD)
    fetcher(server, clock).fetch(QUESTION, judge)
    assert 60.0 in clock.slept


def provider(server: Loopback, clock: Ticking, connection: Connection) -> Provider:
    kept = connection._kept("test")
    return Provider("test", fetcher(server, clock), kept, accept)


def test_what_was_answered_is_not_asked_again(
    server: Loopback, clock: Ticking, connection: Connection
) -> None:
    server.script(GOOD)
    provider(server, clock, connection).answers(QUESTION)
    [answer] = provider(server, clock, connection).answers(QUESTION)  # another run
    assert answer.payload == {"good": True}
    assert len(server.asked) == 1


def test_an_answer_of_yesterday_is_asked_for_again_and_both_are_kept(
    server: Loopback, clock: Ticking, connection: Connection
) -> None:
    server.script(GOOD, Reply({"good": "more"}))
    provider(server, clock, connection).answers(QUESTION)
    clock.at += timedelta(days=1)
    answers = provider(server, clock, connection).answers(QUESTION)
    assert [answer.payload["good"] for answer in answers] == [True, "more"]


def test_an_answer_about_a_closed_past_holds_for_good(
    server: Loopback, clock: Ticking, connection: Connection
) -> None:
    server.script(GOOD)
    closed = clock.now() - timedelta(days=1)
    provider(server, clock, connection).answers(QUESTION, closed)
    clock.at += timedelta(days=900)
    assert len(provider(server, clock, connection).answers(QUESTION, closed)) == 1


def test_a_damaged_answer_is_named(
    server: Loopback, clock: Ticking, connection: Connection
) -> None:
    server.script(GOOD)
    asked = provider(server, clock, connection)
    asked.answers(QUESTION)
    (file,) = connection.workspace.path.rglob("*.json.gz")
    file.write_bytes(file.read_bytes()[:-5])
    with pytest.raises(WorkspaceError, match=r"the kept answer .*gz is damaged: move it away"):
        asked.answers(QUESTION)
