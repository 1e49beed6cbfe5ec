"""`tradewind dataset build`: one line makes a dataset, and one exit code says whether it may be used."""

import json
from pathlib import Path

import polars as pl
import pytest

from tradewind.cli.app import run

SMALL = "synthetic:\n  symbols: 6\n  periods: 200\n"


@pytest.fixture
def market(tmp_path: Path) -> Path:
    """An empty workspace whose made market is small."""
    folder = tmp_path / "market"
    assert run(["init", str(folder)]) == 0
    (folder / "tradewind.yaml").write_text(SMALL)
    return folder


def built(market: Path, *arguments: str) -> int:
    return run(["dataset", "build", "--workspace", str(market), *arguments])


def test_it_makes_all_that_is_asked_for_and_says_so_in_one_object(
    market: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    asked = ["--regime-labels", "--regime-bands", "0.3,0.7", "--cross-asset-view", "--horizon", "3"]
    assert built(market, *asked, "--cross-asset-columns", "close, high", "--json") == 0
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert (told["passed"], said.err) == (True, "")
    assert told["folder"] == str(market / "datasets" / "dataset")
    assert told["record"]["recipe"]["regimes"] == {"low": 0.3, "high": 0.7, "least": 60}
    assert told["record"]["recipe"]["cross_asset"] == {
        "columns": ["close", "high"],
        "fill_limit": 5,
    }
    assert set(told["record"]["stages"]) == {"bars", "features", "regimes", "join", "check", "keep"}


def test_people_are_told_in_a_few_lines(market: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert built(market, "--cross-asset-view") == 0
    said = capsys.readouterr()
    assert "1,200 rows of 6 symbols from made by tradewind.data.synthetic" in said.out
    assert "cross-asset view: 100.0% fresh" in said.out
    assert [line.split(" ...")[0] for line in said.err.splitlines()] == [
        "bars", "features", "join", "check", "keep",
    ]  # fmt: skip


def test_a_strict_run_over_rows_that_break_a_contract_ends_with_one(market: Path) -> None:
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 7, 18), eager=True)
    frame = pl.DataFrame({"date": days, "symbol": "ACME", "close": 1.0, "volume": -1.0})
    frame.write_csv("bars.csv")
    asked = ["--data", "bars.csv", "--calendar", "24/7"]
    assert built(market, *asked, "--strict-validation") == 1
    assert not (market / "datasets").exists()
    assert built(market, *asked) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--regime-bands", "0.3"], "--regime-bands '0.3' are no two shares: write 0.33,0.67"),
        (
            ["--regime-labels", "--regime-bands", "0.7,0.3"],
            "regime bands of 0.7 and 0.3: give two shares",
        ),
        (
            ["--regime-bands", "0.3,0.7"],
            "--regime-bands does nothing without --regime-labels: add it, or drop --regime-bands",
        ),
        (
            ["--join-limit-s", "9"],
            "--join-limit-s does nothing without --cross-asset-view: add it, or drop --join-limit-s",
        ),
        (["--tz", "UTC"], "--tz UTC is of a file, and there is none: give it with --data"),
        (["--nmae", "x"], "No such option: --nmae"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    market: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert built(market, *arguments) == 2
    assert f"error: {message}" in capsys.readouterr().err
