"""`tradewind ingest` of providers, end to end against one on loopback: what comes in, and how each fault is told."""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.data.sources.loopback import Asked, Loopback, Reply, Ticking, serving
from tradewind.cli.app import run
from tradewind.data.store import MarketStore

SECRET = "SECRET4711"
LATEST = ("2024-02-27", "2024-02-28", "2024-02-29")
FREQUENCY = "Our standard API call frequency is 5 calls per minute and 500 calls per day."
QUOTA = (
    f"We have detected your API key as {SECRET} and our standard API rate limit is 25 requests per "
    "day. Please subscribe to any of the premium plans."
)
NO_FULL = (
    "The outputsize=full parameter value is a premium feature for the TIME_SERIES_DAILY endpoint."
)
NO_KEY = "the parameter apikey is invalid or missing. Please claim your free API key."
NO_SYMBOL = "Invalid API call. Please retry or visit the documentation for TIME_SERIES_DAILY."


@pytest.fixture(autouse=True)
def job(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No stand-in here: the real job, in an empty folder, with keys that nobody may see."""
    monkeypatch.chdir(tmp_path)
    for name in ("ALPHAVANTAGE_API_KEY", "FRED_API_KEY", "BLS_API_KEY"):
        monkeypatch.setenv(name, SECRET)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Ticking:
    """The first of March 2024, and sleep that takes no time."""
    clock = Ticking()
    monkeypatch.setattr("tradewind.core.SystemClock", lambda: clock)
    monkeypatch.setattr(time, "sleep", lambda seconds: clock.sleep(seconds, ""))
    return clock


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as loopback:
        loopback.answer = answered
        yield loopback


@dataclass
class Ended:
    """How a call ended: its code and both streams."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one message, which comes last."""
        assert self.err.count("error: ") == 1
        return self.err.splitlines()[-1]


Call = Callable[..., Ended]


@pytest.fixture
def call(server: Loopback, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls `tradewind ingest`; whatever comes of it, the key is in no stream and in no file."""

    def called(*arguments: str, url: str = server.url) -> Ended:
        code = run(["ingest", *arguments, "--url", url])
        ended = Ended(code, *capsys.readouterr())
        assert SECRET not in ended.out + ended.err
        for file in Path().rglob("*"):
            assert not file.is_file() or SECRET.encode() not in file.read_bytes()
        return ended

    return called


def bar(close: float = 10.0, **changes: float) -> dict[str, str]:
    prices = {"open": close, "high": close + 1, "low": close - 1, "close": close}
    named = {**prices, "volume": 9.0, **changes}
    return {f"{place}. {name}": str(value) for place, (name, value) in enumerate(named.items(), 1)}


def series(rows: dict[str, Any]) -> Reply:
    return Reply({"Meta Data": {"5. Time Zone": "US/Eastern"}, "Time Series (5min)": rows})


def answered(asked: Asked) -> Reply:
    """What the three providers answer to a question that they understand."""
    if asked.path.startswith("/fred"):
        row = {"date": "2023-12-01", "realtime_start": "2024-01-12", "value": "306.7"}
        return Reply({"count": 1, "observations": [row]})
    if asked.path.startswith("/publicAPI"):
        year = int(asked.body["endyear"]) - 1
        data = [{"year": str(year), "period": "M12", "value": "3.7"}]
        results = {"series": [{"seriesID": "LNS14000000", "data": data}]}
        return Reply({"status": "REQUEST_SUCCEEDED", "message": [], "Results": results})
    if "symbol" not in asked.params and "from_symbol" not in asked.params:
        return Reply({"data": [{"date": "2023-12-01", "value": "306.7"}]})
    if month := asked.params.get("month"):
        return series({f"{month}-15 10:00:00": bar()})
    actions = {"dividend amount": 0.25, "split coefficient": 1.0}
    more = actions if asked.params["function"].endswith("ADJUSTED") else {}
    start = 10 + sum(map(ord, str(asked.params))) % 7
    return series({day: bar(start + place, **more) for place, day in enumerate(LATEST)})


def store() -> MarketStore:
    return MarketStore("my-market")


def symbols_asked(server: Loopback) -> list[str]:
    return [asked.params["symbol"] for asked in server.asked]


def test_bars_come_through_the_gate_into_the_store(call: Call) -> None:
    ended = call("alpha-vantage", "ACME,BOLT")
    assert (ended.code, ended.out.splitlines()[0]) == (
        0, "bars: 6 rows read: 6 clean, 0 set aside, 0 unreadable; 6 added; version 1",
    )  # fmt: skip
    bars = store().read("bars")
    assert bars.symbols == ("ACME", "BOLT")
    assert bars.moments[-1] == datetime(2024, 2, 29, 21, tzinfo=UTC)


def test_the_same_again_asks_nobody_and_adds_nothing(call: Call, server: Loopback) -> None:
    call("alpha-vantage", "ACME")
    again = json.loads(call("alpha-vantage", "ACME", "--json").out)
    assert again["tables"] == [
        {
            "table": "bars",
            "read": 3,
            "clean": 3,
            "quarantined": 0,
            "aside": 0,
            "withdrawn": 0,
            "added": 0,
            "version": 1,
        }
    ]
    assert len(server.asked) == 1


def test_adjusted_bars_bring_their_actions_in_the_same_answer(call: Call, server: Loopback) -> None:
    assert call("alpha-vantage", "ACME", "--kind", "adjusted").code == 0
    assert store().tables == ("actions", "bars")
    assert store().read("actions").table["dividend"].to_list() == [0.25] * 3
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("arguments", "table", "known_at"),
    [
        ("alpha-vantage ACME --kind intraday --from 2024-01 --interval 15min", "bars",
         "2024-01-15T15:15"),
        ("alpha-vantage EUR/USD --kind fx", "bars", "2024-02-27T22:00"),
        ("alpha-vantage BTC/USD --kind crypto", "bars", "2024-02-28T00:00"),
        ("alpha-vantage TSCO.LON --calendar XLON", "bars", "2024-02-27T16:30"),
        ("alpha-vantage --series CPI,UNEMPLOYMENT --calendar month+15d", "observations",
         "2024-01-16T00:00"),
        ("fred CPIAUCSL", "observations", "2024-01-13T00:00"),
        ("fred DGS10 --no-vintages --calendar 24/7", "observations", "2023-12-02T00:00"),
        ("bls LNS14000000 --from 2020 --calendar month+10d", "observations", "2024-01-11T00:00"),
    ],
)  # fmt: skip
def test_every_kind_is_known_from_when_it_was_published(
    arguments: str, table: str, known_at: str, call: Call
) -> None:
    ended = call(*arguments.split())
    assert ended.code == 0, ended.err
    assert store().read(table).table["known_at"].min().isoformat().startswith(known_at)  # type: ignore[union-attr]


def test_what_a_provider_changes_later_is_known_when_it_was_heard(
    call: Call, server: Loopback, clock: Ticking
) -> None:
    call("alpha-vantage", "ACME")
    before, first = store().read("bars"), clock.now()
    server.script(series({day: bar(20.0) for day in LATEST}))
    clock.at += timedelta(days=1)
    call("alpha-vantage", "ACME")
    after = store().read("bars")
    assert after.until(first) == before
    assert after.table.filter(pl.col("close") == 20)["known_at"].unique().to_list() == [clock.now()]


def test_what_is_asked_kept_and_waited_for_is_told(call: Call, server: Loopback) -> None:
    call("alpha-vantage", "ACME")
    server.script(Reply({"Note": FREQUENCY}), Reply({}, status=503), answered(server.asked[0]))
    told = call("alpha-vantage", "ACME,BOLT,COG").err
    lines = [line.strip().partition(" alpha-vantage")[0] for line in told.splitlines()]
    assert [line for line in lines if line.startswith(("ask", "kept"))] == [
        "kept 1 of 3:", "ask 2 of 3:", "ask 3 of 3:",
    ]  # fmt: skip
    assert f"waiting 60 s: {FREQUENCY}" in lines
    assert any(line.endswith("s: HTTP 503") for line in lines)
    assert "waiting 12 s: 5 questions a minute" in lines


def test_with_json_nothing_is_told_beside_the_result(call: Call) -> None:
    ended = call("alpha-vantage", "ACME,BOLT", "--json")
    assert json.loads(ended.out)["tables"][0]["added"] == 6
    assert ended.err == ""


def test_a_run_that_was_interrupted_goes_on_where_it_stopped(
    call: Call, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(time, "sleep", interrupted)
        ended = call("alpha-vantage", "ACME,BOLT,COG")
    assert (ended.code, ended.error) == (
        2, "error: interrupted: nothing is half-written; run it again",
    )  # fmt: skip
    assert store().tables == ()
    assert call("alpha-vantage", "ACME,BOLT,COG").code == 0
    assert symbols_asked(server) == ["ACME", "BOLT", "COG"]


def test_after_a_quota_only_what_is_missing_is_asked(call: Call, server: Loopback) -> None:
    server.script(answered(Asked("/query", {"symbol": "ACME", "function": "F"}, None)),
                  Reply({"Information": QUOTA}))  # fmt: skip
    ended = call("alpha-vantage", "ACME,BOLT,COG")
    assert ended.code == 2
    assert (
        "Alpha Vantage answers no more today: We have detected your API key as ***" in ended.error
    )
    assert ended.error.endswith("; 1 of 3 answers are kept")
    assert store().tables == ()
    server.answer = answered
    assert call("alpha-vantage", "ACME,BOLT,COG").code == 0
    assert symbols_asked(server) == ["ACME", "BOLT", "BOLT", "COG"]


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply({"Note": FREQUENCY}), f"in 5 tries: {FREQUENCY}: run it again later"),
        (Reply({}, status=500), "in 5 tries: HTTP 500: run it again later"),
        (Reply({}, status=429, headers={"retry-after": "3600"}), "HTTP 429, come back in 3,600 s"),
        (Reply({"a": 1}, cut="middle"), "RemoteProtocolError: peer closed connection"),
        (Reply({"a": 1}, cut="before"), "in 5 tries: RemoteProtocolError"),
        (Reply(text=b'{"Time Series'), "an answer of 13 bytes that is no JSON, or was cut"),
        (Reply(text=b"<html>" + SECRET.encode()), "an answer of 16 bytes that is a page of HTML"),
        (Reply(text=b"<html>", status=404), "HTTP 404 and no JSON: check the address of the prov"),
        (Reply({"Error Message": NO_KEY}), "refuses the key: the parameter apikey is invalid"),
        (Reply({"Error Message": NO_SYMBOL}), "refuses: Invalid API call.*: check the symbol and"),
        (Reply({"Information": NO_FULL}), "premium feature.*: ask --since a day of the last hundred"),
        (Reply({}), "has nothing under that name: check the symbol"),
        (series({}), "has no rows of that: check the symbol, and since when it is"),
        (series({"2024-02-28": "dear"}), "has rows of another shape: look whether its doc"),
        (Reply(SECRET, status=403), "has nothing under that name"),
    ],
    ids=["note", "500", "429", "cut", "closed", "torn", "html", "404", "key", "symbol", "full",
         "nothing", "empty", "shape", "403"],
)  # fmt: skip
def test_every_fault_has_one_message_names_its_question_and_leaves_nothing(
    reply: Reply, message: str, call: Call, server: Loopback
) -> None:
    server.script(reply)
    ended = call("alpha-vantage", "ACME")
    assert ended.code == 2
    assert re.search(message, ended.error), ended.error
    assert "symbol=ACME" in ended.error
    assert ended.error.endswith("; 0 of 1 answers are kept")
    assert "Traceback" not in ended.err
    assert not Path("my-market/market").exists()
    assert not Path("my-market/answers").exists()


@pytest.mark.parametrize("reply", [Reply({"Information": QUOTA}), Reply({"a": 1}, cut="middle")])
def test_where_an_error_arose_is_told_without_the_key(
    reply: Reply, call: Call, server: Loopback
) -> None:
    server.script(reply)
    ended = call("alpha-vantage", "ACME", "--debug")
    assert "Traceback" in ended.err
    assert server.asked[0].params["apikey"] == SECRET


def test_without_a_network_the_host_is_named_and_what_is_kept(call: Call) -> None:
    call("alpha-vantage", "ACME")
    ended = call("alpha-vantage", "ACME,BOLT", url="http://127.0.0.1:9")
    assert ended.code == 2
    assert "http://127.0.0.1:9 did not answer" in ended.error
    assert ended.error.endswith("and not asked again; 1 of 2 answers are kept")


@pytest.mark.parametrize(
    ("arguments", "reply", "message"),
    [
        ("fred NOSUCH", Reply({"error_code": 400, "error_message": "The series does not exist."}, 400),
         "FRED refuses: The series does not exist.: check the series and the key"),
        ("fred CPIAUCSL", Reply({"detail": "blocked"}, 403),
         "HTTP 403: an answer of FRED has no observations: look whether"),
        ("fred CPIAUCSL", Reply({"count": 0, "observations": []}), "FRED has no observations of that"),
        ("bls NOSUCH --calendar month+10d",
         Reply({"status": "REQUEST_SUCCEEDED", "message": ["Series does not exist"], "Results": {}}),
         "BLS refuses: Series does not exist: check the series, the years and the key"),
    ],
)  # fmt: skip
def test_the_other_providers_refuse_as_plainly(
    arguments: str, reply: Reply, message: str, call: Call, server: Loopback
) -> None:
    server.script(reply)
    ended = call(*arguments.split())
    assert ended.code == 2
    assert message in ended.error


def test_a_strict_gate_refuses_and_keeps_the_answers(call: Call, server: Loopback) -> None:
    server.script(series({"2024-02-28": bar(), "2024-02-29": bar(low=99.0)}))
    ended = call("alpha-vantage", "ACME", "--strict")
    assert ended.code == 1
    assert "1 rows are in error" in ended.error
    assert store().tables == ()
    assert call("alpha-vantage", "ACME").out.startswith(
        "bars: 2 rows read: 1 clean, 1 set aside, 0 unreadable; 1 added"
    )
    assert len(server.asked) == 1


def test_a_dry_run_counts_the_questions_asks_nobody_and_needs_no_key(
    call: Call, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("alpha-vantage", "ACME", "--kind", "adjusted")
    monkeypatch.delenv("ALPHAVANTAGE_API_KEY")
    ended = call("alpha-vantage", "ACME,BOLT,COG", "--kind", "adjusted", "--dry-run")
    told = ended.out.splitlines()
    assert (ended.code, ended.err, len(server.asked)) == (0, "", 1)
    assert told[0].startswith("alpha-vantage:actions -> actions: stamps are sessions")
    assert told[1].endswith("symbol=ACME&outputsize=full: kept, not asked again")
    assert told[-1] == "3 questions: 1 kept, 2 to ask, about 0:00:12 at 5 a minute"


def test_a_since_after_all_that_is_known_adds_nothing(call: Call) -> None:
    ended = call("alpha-vantage", "ACME", "--since", "2024-02-29T22:00Z")
    assert (ended.code, ended.out) == (
        0,
        "bars: 0 rows read: 0 clean, 0 set aside, 0 unreadable; 0 added\n",
    )
    assert store().tables == ()


def test_a_key_is_taken_from_a_file_that_is_named(
    call: Call, server: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any
) -> None:
    monkeypatch.delenv("FRED_API_KEY")
    assert "there is no key FRED_API_KEY: set it in the env" in call("fred", "GDP").error
    file = tmp_path_factory.mktemp("keys") / "fred"
    file.write_text(f"{SECRET}\n")
    assert call("fred", "CPIAUCSL", "--key-file", str(file)).code == 0
    assert server.asked[0].params["api_key"] == SECRET


def test_only_bls_answers_without_a_key(
    call: Call, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BLS_API_KEY")
    assert call("bls", "LNS14000000", "--calendar", "month+10d").code == 0
    spans = [(asked.body["startyear"], asked.body["endyear"]) for asked in server.asked]
    assert spans == [("2005", "2014"), ("2015", "2024")]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "http://proxy.example",
            "http://proxy.example would carry the key for everybody to read: ",
        ),
        ("proxy.example", "'proxy.example' is no address: write it as https://host"),
        ("ftp://proxy.example", "'ftp://proxy.example' is no address"),
        ("http://localhost:99999", "'http://localhost:99999' is no address"),
        ("https://proxy.example/?to=x", "is no address"),
    ],
)
def test_a_key_is_sent_to_no_address_that_others_can_read(
    url: str, message: str, call: Call
) -> None:
    ended = call("alpha-vantage", "ACME", url=url)
    assert ended.code == 2
    assert message in ended.error


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("fred GDP --tz UTC", "--tz UTC is of csv, parquet and sqlite, and this is fred: drop it"),
        ("fred GDP --kind fx", "--kind fx is of alpha-vantage, and this is fred: drop it"),
        ("bls X --no-vintages", "--no-vintages is of fred, and this is bls: drop it"),
        ("csv a.csv --from 2024-01", "--from 2024-01 is of alpha-vantage and bls, and this is csv"),
        ("csv a.csv", "and this is csv: drop it"),
        ("alpha-vantage", "nothing says what is to be read: write tradewind ingest alpha-vantage"),
        ("alpha-vantage A --series CPI", "--series CPI came with SOURCE A, and series keep another"),
        ("alpha-vantage --series CPI --kind fx", "--series CPI came with --kind fx, and series"),
        ("alpha-vantage --series CPI", "CPI would come without vintages, and nothing says how long"),
        ("bls LNS14000000", "LNS14000000 would come without vintages, and nothing says how long"),
        ("fred DGS10 --no-vintages", "DGS10 would come without vintages, and nothing says how long"),
        ("alpha-vantage A,,B", "the list of symbols is empty, or has a hole in it: write AAPL,MSFT"),
        ("alpha-vantage ACME --kind fx", "'ACME' is no pair: write it as EUR/USD"),
        ("alpha-vantage A --kind intraday", "bars within days are asked for by the month, and"),
        ("alpha-vantage A --from 2024-01", "bars within days are asked for by the month, and"),
        ("alpha-vantage A --kind intraday --from March", "--from 'March' is neither a month nor a y"),
        ("alpha-vantage A --interval 5min", "--interval 5min is of bars within days, and these are"),
        ("alpha-vantage A --kind intraday --from 2024-01 --interval 5m",
         "there are no bars of '5m': did you mean '5min'?"),
        ("alpha-vantage --series CPI --calendar month+15d --interval 5min",
         "there are no series of '5min': choose from annual, daily, monthly"),
        ("alpha-vantage A --calendar XNYX", "no installed package keeps a calendar named 'XNYX'"),
        ("alpha-vantage A --since soon", "'soon' is no moment: write it as"),
    ],
)  # fmt: skip
def test_what_does_not_belong_is_refused_and_nobody_is_asked(
    arguments: str, message: str, call: Call, server: Loopback
) -> None:
    ended = call(*arguments.split())
    assert ended.code == 2
    assert message in ended.error
    assert server.asked == []
