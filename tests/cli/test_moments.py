"""A date means the end of its day, for every verb that is asked as of a moment."""

import json
from pathlib import Path
from shutil import copytree

import pytest

from tradewind.cli.app import run
from tradewind.cli.moments import read_moment
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import make_market

DAY, ITS_END, ITS_BEGINNING = "2024-07-01", "2024-07-02T00:00", "2024-07-01T00:00"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A market that is open around the clock, whose day is known when the next one begins."""
    there = tmp_path_factory.mktemp("moments") / "w"
    MarketStore(there).append(make_market("crypto", 2, 300, seed=1).panel)
    (there / "tradewind.yaml").write_text(
        "regimes:\n  detector: hmm\n  states: 2\n  of: [market]\n"
    )
    assert run(["patterns", "build", "--calendar", "24/7", "--workspace", str(there)]) == 0
    assert run(["regimes", "fit", "--until", "2024-06-01", "--workspace", str(there)]) == 0
    assert run(["regimes", "refresh", "--workspace", str(there)]) == 0
    return str(there)


@pytest.mark.parametrize(
    "asked",
    [
        ["regimes", "fit", "--until"],
        ["regimes", "history", "--last", "1", "--as-of"],
        ["patterns", "search", "CR1", "--no-page", "--calendar", "24/7", "--at"],
    ],
    ids=["fit", "history", "search"],
)
def test_a_date_is_the_end_of_its_day(
    asked: list[str], folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own, told = str(copytree(folder, tmp_path / "own")), []
    for when in (DAY, ITS_END, ITS_BEGINNING):
        capsys.readouterr()
        run([*asked, when, "--workspace", own, "--json"])
        told.append(json.loads(capsys.readouterr().out))
    assert told[0] == told[1] != told[2]


@pytest.mark.parametrize("option", ["--at", "--as-of", "--until"])
@pytest.mark.parametrize("text", ["20240701", "2024-W27-1"])
def test_a_date_may_be_written_in_other_ways(option: str, text: str) -> None:
    assert read_moment(option, text) == read_moment(option, ITS_END)


@pytest.mark.parametrize("text", ["tomorrow", "9999-12-31", "2024-02-30"])
def test_what_is_no_moment_is_refused_by_the_option_that_has_it(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["init", str(tmp_path / "w")])
    assert run(["regimes", "fit", "--until", text, "--workspace", str(tmp_path / "w")]) == 2
    assert f"error: --until {text!r} is not a moment: write 2024-03-01" in capsys.readouterr().err
