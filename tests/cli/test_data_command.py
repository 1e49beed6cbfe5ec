"""`tradewind data coverage` and `tradewind check --page` from the command line."""

import json
from pathlib import Path

import pytest

from tradewind.cli.app import run
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import make_market


@pytest.fixture(autouse=True)
def job() -> None:
    """No stand-in: these verbs are quick enough as they are."""


@pytest.fixture
def here(tmp_path: Path) -> list[str]:
    """A workspace with bars in it, as the option that names it."""
    MarketStore(tmp_path / "w").append(make_market("equity", 3, 160, seed=1).panel)
    return ["--workspace", str(tmp_path / "w")]


def test_without_a_verb_data_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data"]) == 2
    assert "coverage" in capsys.readouterr().out


def test_coverage_tells_the_tables_and_where_the_page_is(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["data", "coverage", *here]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "w: 1 table, 480 rows"
    assert Path(lines[-1]).name == "index.html"
    assert "<!doctype html>" in Path(lines[-1]).read_text()


def test_coverage_as_json_is_one_object(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["data", "coverage", "--json", "--no-page", "--calendar", "XNYS", *here]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["page"], told["tables"][0]["rows"]) == (None, 480)


def test_a_folder_that_is_no_workspace_is_not_made_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["data", "coverage", "--workspace", str(tmp_path / "nowhere")]) == 2
    assert "is not a workspace: make one with" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()


def test_a_call_of_the_group_that_is_not_understood_points_to_its_help(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["data", "coverag"]) == 2
    said = "error: No such command 'coverag'. Did you mean 'coverage'?: see tradewind data --help\n"
    assert capsys.readouterr().err == said


def test_data_takes_the_options_that_all_take(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "coverage", "--help"]) == 0
    told = capsys.readouterr().out
    assert all(option in told for option in ("--workspace", "--json", "--debug"))


def test_check_writes_a_page_where_one_is_asked_for(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", *here]) == 0
    assert capsys.readouterr().out == "nothing was found\n"
    assert run(["check", "--page", "--json", *here]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["passed"], told["findings"]) == (True, [])
    assert "Fit for use" in Path(told["page"]).read_text()
