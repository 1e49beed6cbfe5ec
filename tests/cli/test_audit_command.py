"""`tradewind audit` says 0 of what is causal, 1 of what leaks and 2 of what it could not tell."""

import json
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from tradewind.cli.app import run
from tradewind.features.registry import FAMILIES

FUNCTIONS = """
import pandas as pd
import polars as pl
import kept

def fine(rows):
    return rows.with_columns(mean=pl.col("close").rolling_mean(3))

def ahead(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(ahead=pl.col("close").shift(-1))

def ahead_in_pandas(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(ahead=rows["close"].shift(-1))

def noisy(rows):
    import random
    return rows.with_columns(noise=pl.Series([random.random() for _ in range(len(rows))]))

def broken(rows):
    return rows.select("adj_close")

def chatty(rows):
    print("rows:", len(rows))
    return rows.with_columns(x=pl.col("close") * 2)

def objects(rows):
    return rows.with_columns(x=pl.Series([{1}] * len(rows), dtype=pl.Object))

def silent(rows):
    return rows.with_columns(x=pl.lit(None))

SCALER = {}

def scaled(rows):
    if not SCALER:
        SCALER.update(mean=rows["close"].mean())
    return rows.with_columns(x=pl.col("close") / SCALER["mean"])

def scaled_beside(rows):
    return rows.with_columns(x=pl.col("close") / kept.scale(rows))

def warns(rows: pd.DataFrame) -> pd.DataFrame:
    zero = rows["close"].to_numpy() * 0
    return rows.assign(one=rows["close"], two=1 / zero)

def quits(rows):
    raise SystemExit(0)
"""
KEPT = """
KNOWN = []

def scale(rows):
    KNOWN.append(rows["close"].mean())
    return KNOWN[0]
"""


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "kept", raising=False)
    Path("mine.py").write_text(FUNCTIONS)
    Path("kept.py").write_text(KEPT)
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 2, 9), eager=True)
    bars = pl.DataFrame({"date": days, "close": [10.0 + i % 7 for i in range(40)]})
    bars.write_csv("bars.csv")
    bars.head(0).write_csv("none.csv")
    bars.head(1).write_csv("one.csv")
    bars.to_pandas().set_index("date").to_parquet("bars.parquet")


@pytest.mark.parametrize(
    ("function", "data", "code"),
    [
        ("fine", "bars.csv", 0),
        ("ahead", "bars.csv", 1),
        ("ahead", "bars.parquet", 1),
        ("ahead_in_pandas", "bars.csv", 1),
        ("ahead_in_pandas", "bars.parquet", 1),
        ("noisy", "bars.csv", 2),
        ("broken", "bars.csv", 2),
        ("silent", "bars.csv", 2),
        ("scaled", "bars.csv", 1),
        ("scaled_beside", "bars.csv", 1),
    ],
)
def test_the_exit_code_is_the_verdict(function: str, data: str, code: int) -> None:
    assert run(["audit", "function", data, f"mine.py:{function}"]) == code


def test_a_warning_of_each_call_is_told_once_and_beside_what_is_watched(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert run(["audit", "function", "bars.csv", "mine.py:warns"]) == 0
    said, watched = capfd.readouterr()
    assert "RuntimeWarning" not in watched
    [told] = [line for line in said.splitlines() if "causality.warned" in line]
    assert re.search(r"warns in \d+ calls: RuntimeWarning: divide by zero", told)


def test_a_leak_is_told_with_its_column_its_row_and_the_row_it_depends_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["audit", "function", "bars.csv", "mine.py:ahead", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "leaking"
    assert told["audits"][0]["leaks"] == [
        {
            "column": "ahead",
            "value": "2024-01-01",
            "of": "2024-01-02",
            "cuts": {"removed": 39, "replaced": 39},
            "tried": 39,
        }
    ]
    assert run(["audit", "function", "bars.csv", "mine.py:ahead"]) == 1
    assert "the value of 2024-01-01 depends on the row 2024-01-02" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bars.csv"], "no data or no function is named: tradewind audit function DATA"),
        (["bars.csv", "mine.py"], "'mine.py' names no function: write it as FILE.py:FUNCTION"),
        (["bars.csv", "mine.py:aheed"], "mine.py has no function 'aheed': did you mean 'ahead'?"),
        (["bars.csv", "yours.py:make"], "there is no file yours.py: check the path"),
        (["bar.csv", "mine.py:fine"], "there is no file bar.csv: did you mean 'bars.csv'?"),
        (["none.csv", "mine.py:fine"], "the data has no rows: give it at least two moments"),
        (["one.csv", "mine.py:fine"], "all rows are of one moment: give it data of at least two"),
        (
            ["bars.csv", "mine.py:objects"],
            "mine.py:objects returned a column 'x' of objects that cannot be compared",
        ),
        (["bars.csv", "mine.py:broken"], "mine.py:broken raised ColumnNotFoundError"),
    ],
)
def test_what_cannot_be_audited_is_refused(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", "function", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_function_that_ends_the_program_has_not_passed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("script.py").write_text("import sys\nsys.exit(0)\n")
    assert run(["audit", "function", "bars.csv", "mine.py:quits"]) == 2
    assert "mine.py:quits ended the program: let it return a frame" in capsys.readouterr().err
    assert run(["audit", "function", "bars.csv", "script.py:make"]) == 2
    assert "script.py cannot be imported: SystemExit: 0" in capsys.readouterr().err


def test_what_a_function_prints_is_no_part_of_the_result(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["audit", "function", "bars.csv", "mine.py:chatty", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["verdict"] == "causal"
    assert "rows: 40" in told.err


def test_so_many_cuts_are_made_as_are_asked_for_and_else_as_suit_the_data(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["audit", "function", "bars.csv", "mine.py:fine", "--cuts", "5"]) == 0
    assert "5 cuts" in capsys.readouterr().out
    assert run(["audit", "function", "bars.csv", "mine.py:fine"]) == 0
    assert "39 cuts" in capsys.readouterr().out


def test_a_page_is_published_among_the_reports_of_a_workspace_and_else_here(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["audit", "function", "bars.csv", "mine.py:ahead", "--page", "--workspace", "here"]
    assert run(asked) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "audit/mine-py-ahead/index.html"
    assert "LEAKING" in Path("audit/mine-py-ahead/index.html").read_text()
    assert run(["init", "here"]) == 0
    capsys.readouterr()
    assert run([*asked, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["page"] == "here/reports/audit/mine-py-ahead/index.html"
    assert json.loads(Path(told["page"]).with_name("audit.json").read_text()) == told


def test_pandas_can_be_asked_for() -> None:
    Path("mine.py").write_text("def make(rows): return rows.assign(x=rows['close'].cumsum())")
    assert run(["audit", "function", "bars.csv", "mine.py:make", "--frame", "pandas"]) == 0
    assert run(["audit", "function", "bars.csv", "mine.py:make", "--frame", "polars"]) == 2


def test_a_function_that_does_not_say_what_it_takes_is_tried_with_both() -> None:
    Path("mine.py").write_text("def make(rows): return rows.assign(x=rows['close'].cumsum())")
    assert run(["audit", "function", "bars.csv", "mine.py:make"]) == 0


def test_one_that_takes_neither_is_refused_with_the_option_that_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("mine.py").write_text("def make(rows): return rows.aggregated()")
    assert run(["audit", "function", "bars.csv", "mine.py:make"]) == 2
    told = capsys.readouterr().err
    assert "takes neither package's frames: it raised AttributeError of polars and" in told
    assert "say which it takes with --frame pandas" in told


def test_what_a_function_writes_past_python_is_no_part_of_the_result_either(
    capfd: pytest.CaptureFixture[str],
) -> None:
    Path("mine.py").write_text(
        "import os, sys\n"
        "def make(rows):\n"
        "    os.write(1, b'raw')\n"
        "    os.system('echo shell')\n"
        "    sys.__stdout__.write('kept')\n"
        "    return rows\n"
    )
    assert run(["audit", "function", "bars.csv", "mine.py:make", "--json"]) == 0
    told = capfd.readouterr()
    assert json.loads(told.out)["verdict"] == "causal"
    assert "raw" in told.err
    assert "shell" in told.err


def test_a_second_signal_does_not_disturb_the_stop() -> None:
    Path("slow.py").write_text(
        "import os, signal, sys, atexit\n"
        "atexit.register(lambda: os.kill(os.getpid(), signal.SIGTERM))\n"
        "def make(rows):\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    return rows\n"
    )
    asked = ["audit", "function", "bars.csv", "slow.py:make", "--frame", "polars"]
    ended = subprocess.run(
        [sys.executable, "-m", "tradewind.cli", *asked], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "error: interrupted" in ended.stderr
    assert "Exception ignored" not in ended.stderr


OWN = """
import polars as pl
from tradewind.features.expressions import feature

@feature(lookback=2, units="ratio")
def turn(close: pl.Expr) -> pl.Expr:
    "the last move, and before a large one the next"
    move, nxt = close / close.shift(1) - 1, close.shift(-1) / close - 1
    return pl.when(nxt.abs() > 0.15).then(nxt).otherwise(move)
"""


def test_features_of_the_workspace_are_audited_beside_ours(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradewind.features.config.FAMILIES", {"bars": FAMILIES["bars"]})
    assert run(["init", "here"]) == 0
    Path("here/own.py").write_text(OWN)
    Path("here/tradewind.yaml").write_text("features:\n  files: [own.py]\n")
    capsys.readouterr()
    asked = ["audit", "features", "--cuts", "4", "--workspace", "here", "--json"]
    assert run(asked) == 1
    told = json.loads(capsys.readouterr().out)
    assert [one["verdict"] for one in told["audits"]] == ["causal", "leaking"]
    assert told["audits"][1]["leaks"][0]["column"] == "turn"
