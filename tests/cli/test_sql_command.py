"""`tradewind sql` and `tradewind compact`: what is in the store, to a terminal, a file or a program."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from time import sleep

import polars as pl
import pytest

from tradewind.cli.app import run
from tradewind.cli.sql import SHOWN
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import make_market

HERE = ["--workspace", "here"]
QUERY = "select symbol, close from bars order by symbol, timestamp"
PANEL = make_market("equity", 2, 40, seed=1).panel


@pytest.fixture(autouse=True)
def store(tmp_path: Path, job: object) -> MarketStore:
    store = MarketStore(tmp_path / "here")
    for start in (0, 1):
        store.append(type(PANEL)(PANEL.table[start::2]))
    return store


def test_a_question_is_answered_as_csv_or_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sql", f"{QUERY} limit 2", *HERE]) == 0
    header, first, *_ = capsys.readouterr().out.splitlines()
    assert (header, first.split(",")[0]) == ("symbol,close", PANEL.symbols[0])
    assert run(["sql", QUERY, "--json", *HERE]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["columns"] == ["symbol", "close"]
    assert [close for _, close in told["rows"]] == PANEL.table["close"].to_list()


def test_without_a_question_it_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sql", *HERE]) == 0
    said = capsys.readouterr().out
    assert said.startswith("bars: a table of 80 rows, 20")
    assert (
        "\nbars_as_of(moment): the same as it was known at a moment, in UTC unless it says its offset\n    symbol VARCHAR"
        in said
    )
    assert run(["sql", "--json", *HERE]) == 0
    tables = json.loads(capsys.readouterr().out)["tables"]
    named = ["bars", "bars_now", "bars_as_of(moment)", "returns", "volatility", "rolling", "tables"]
    assert [one["name"] for one in tables] == named
    assert tables[3]["columns"]["return_1"] == "DOUBLE"


@pytest.mark.parametrize("layout", ["csv", "parquet"])
def test_an_answer_goes_into_a_file(layout: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sql", QUERY, f"--{layout}", "answer", *HERE]) == 0
    assert capsys.readouterr().out == "80 rows are in answer\n"
    read = pl.read_csv("answer") if layout == "csv" else pl.read_parquet("answer")
    assert read["close"].to_list() == PANEL.table["close"].to_list()
    assert sorted(path.name for path in Path().iterdir()) == ["answer", "here"]


def test_a_terminal_is_shown_the_first_rows_and_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert run(["sql", QUERY, *HERE]) == 0
    said = capsys.readouterr()
    assert said.out.count(PANEL.symbols[0]) == SHOWN
    assert PANEL.symbols[1] not in said.out
    assert said.err == "the first 40 rows; --csv FILE or --parquet FILE gives all of them\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--csv", "a"], "a is to hold an answer, and nothing is asked: give a query"),
        ([QUERY, "--csv", "a", "--parquet", "b"], "--csv and --parquet are both given: ask once"),
        ([QUERY, "--csv", "no/a"], "no/a: it is not there: check the path"),
        (["drop table bars"], "1 statements, or one that is no SELECT: ask one question"),
        (["select nothing from bars"], "the query cannot be answered (Binder Error"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_written(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["sql", *arguments, *HERE]) == 2
    assert capsys.readouterr().err.startswith(f"error: {message}")
    assert [path.name for path in Path().iterdir()] == ["here"]


def test_a_list_is_json_in_a_csv(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sql", "select [1, 2] as near", *HERE]) == 0
    assert capsys.readouterr().out == 'near\n"[1,2]"\n'


def test_a_table_is_compacted_and_its_past_let_go(
    store: MarketStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["compact", *HERE]) == 0
    said = capsys.readouterr().out
    assert said == "bars: version 3, versions from 0 on are kept; 0 files of 0.0 MB were removed\n"
    assert (
        run(["compact", "bars", "--keep-days", "0", "--keep-versions", "1", "--json", *HERE]) == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert (told["version"], told["oldest"], told["files"], told["pinned"]) == (3, 3, 2, [])
    assert len(store.read()) == len(PANEL)


def test_a_table_that_is_not_there_cannot_be_compacted(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compact", "barz", *HERE]) == 2
    assert (
        "there is no table 'barz' in here/market: did you mean 'bars'?" in capsys.readouterr().err
    )


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_query_without_end_stops_when_it_is_asked_to(
    stop: signal.Signals, store: MarketStore
) -> None:
    endless = "select count(*) from range(10000000000) a, range(1000) b"
    begun = [sys.executable, "-c", "import sys; from tradewind.cli import main; sys.exit(main())"]
    with subprocess.Popen(
        [*begun, "sql", endless, "--workspace", str(store.path)],
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as query:
        sleep(4)
        query.send_signal(stop)
        try:
            said = query.communicate(timeout=30)[1]
        finally:
            query.kill()
    assert (query.returncode, b"interrupted" in said) == (2, True)
