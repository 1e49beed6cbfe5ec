"""`tradewind synth`: a made market as files, the same bits for the same seed."""

import json
import re
from pathlib import Path

import polars as pl
import pytest

from tradewind.cli.app import run

SMALL = ["--symbols", "3", "--periods", "30"]


@pytest.mark.parametrize("layout", ["csv", "parquet", "sqlite"])
def test_it_writes_what_was_asked_for_and_says_what_that_is(
    layout: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["synth", f"bars.{layout}", *SMALL, "--layout", layout, "--json"]) == 0
    said = capsys.readouterr()
    wanted = {"layout": layout, "kind": "equity", "seed": 7, "symbols": 3, "rows": 90}
    told = json.loads(said.out)
    assert told == {"files": [f"bars.{layout}"], "corrections": 0, **wanted}
    assert Path(f"bars.{layout}").stat().st_size > 0
    assert said.err == ""


def test_the_same_seed_makes_the_same_bytes_and_another_makes_others() -> None:
    for name, seed in (("one", "3"), ("two", "3"), ("three", "4")):
        assert run(["synth", f"{name}.csv", *SMALL, "--seed", seed]) == 0
    one, two, three = (Path(f"{name}.csv").read_bytes() for name in ("one", "two", "three"))
    assert one == two != three


def test_what_is_planted_is_in_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    planted = ["--plants", "signal", "--plants", "revisions", "--leaks", "future_return"]
    assert run(["synth", "bars.csv", *SMALL, *planted]) == 0
    assert capsys.readouterr().out.endswith("bars of 3 symbols are in bars.csv\n")
    bars = pl.read_csv("bars.csv")
    assert {"signal", "leak_future_return"} <= set(bars.columns)
    assert len(bars) > 90


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--kind", "equty"], "no kind of market is called 'equty': did you mean 'equity'?"),
        (["--freq", "2d"], "no frequency is called '2d'"),
        (["--plants", "signl"], "nothing called 'signl' can be planted: did you mean 'signal'?"),
        (["--leaks", "nope"], "no leak is called 'nope'"),
        (["--faults", "nope"], "no fault is called 'nope'"),
    ],
)
def test_what_there_is_not_is_refused_and_nothing_is_written(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["synth", "bars.csv", *SMALL, *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not Path("bars.csv").exists()


def test_a_market_larger_than_memory_is_refused_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["synth", "bars.csv", "--symbols", "1000000000"]) == 2
    said = capsys.readouterr().err
    assert "1,000,000,000 symbols of 750 bars take about 562,500.0 GB of memory, of which" in said
    assert re.search(r": make at most [\d,]+ bars in all\n$", said)
    assert not Path("bars.csv").exists()


def test_a_folder_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["synth", "no/where/bars.csv", *SMALL]) == 2
    assert "no/where/bars.csv: it is not there: check the path" in capsys.readouterr().err
