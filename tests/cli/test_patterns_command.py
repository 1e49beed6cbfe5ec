"""`tradewind patterns` from the command line."""

import json
from pathlib import Path

import pytest

from tradewind.cli.app import run
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import make_market
from tradewind.storage.workspace import Workspace


@pytest.fixture(autouse=True)
def job() -> None:
    """No stand-in: these verbs are quick enough as they are."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose library is built."""
    path = tmp_path_factory.mktemp("w")
    MarketStore(path).append(make_market("equity", 3, 260, seed=5).panel)
    assert run(["patterns", "build", "--json", "--workspace", str(path)]) == 0
    return path


def told(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> dict:  # type: ignore[type-arg]
    capsys.readouterr()
    assert run(["patterns", *arguments, "--json", "--workspace", str(folder)]) == 0
    document: dict[str, object] = json.loads(capsys.readouterr().out)
    return document


def refused(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> str:
    capsys.readouterr()
    assert run(["patterns", *arguments, "--workspace", str(folder)]) == 2
    return capsys.readouterr().err.splitlines()[-1]


def test_a_second_build_has_nothing_to_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    again = told(capsys, folder, "build")
    assert (again["added"], again["kept"] > 60) == (0, True)


def test_search_tells_what_followed_and_draws_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = told(capsys, folder, "search", "EQ1", "--others", "-k", "20")
    assert len(document["neighbours"]) == 20
    assert {one["symbol"] for one in document["neighbours"]} == {"EQ2", "EQ3"}
    assert {one["kind"] for one in document["neighbours"]} == {"window"}
    page = Path(document["page"]).read_text()
    assert "What EQ1 resembles" in page
    assert page.count("model curve") >= 20


def test_a_search_of_a_past_moment_tells_nothing_of_later(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = told(capsys, folder, "search", "EQ1", "--at", "2024-09-01", "--no-page")
    assert max(one["end"] for one in document["neighbours"]) < "2024-09-01"
    assert document["page"] is None


def test_search_in_words_names_the_nearest(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["patterns", "search", "EQ1", "--workspace", str(folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "they tell as much as" in lines[0]
    assert " window 1d 20" in lines[4]
    assert lines[-1].endswith("reports/patterns/EQ1/index.html")


def test_stats_tells_the_mix_and_show_one_of_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mix = told(capsys, folder, "stats")["mix"]
    assert mix[0]["kind"] == "window"
    assert sum(row["share"] for row in mix) == pytest.approx(1)
    [one, *_] = told(capsys, folder, "search", "EQ1", "--no-page")["neighbours"]
    shown = told(capsys, folder, "show", *one["name"].split())
    assert (shown["name"], shown["kind"]) == (one["name"], "window")
    assert one["followed"] in [outcome["value"] for outcome in shown["followed"]]
    assert run(["patterns", "show", one["name"], "--workspace", str(folder)]) == 0
    assert "followed" in capsys.readouterr().out
    assert run(["patterns", "stats", "--workspace", str(folder)]) == 0
    assert "episodes" in capsys.readouterr().out


def test_show_draws_the_episode_unless_told_not_to(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [one, *_] = told(capsys, folder, "search", "EQ1", "--no-page")["neighbours"]
    page = Path(told(capsys, folder, "show", one["name"])["page"])
    assert page.parent == folder / "reports" / "patterns" / one["name"]
    assert "model curve" in page.read_text()
    assert told(capsys, folder, "search", "EQ1")["page"] != str(page)
    assert page.exists()
    assert told(capsys, folder, "show", one["name"], "--no-page")["page"] is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["search", "eq2"], "error: there are no bars of 'eq2': did you mean 'EQ2'?"),
        (["search", "EQ1", "--kind", "swin"], "no episode has the kind 'swin': did you mean 'swing'?"),
        (["search", "EQ1", "--regime", "calm"], "regime 'calm': fit some with `tradewind regimes fit`"),
        (["search", "EQ1", "--scale", "5m"], "at a scale of '5m': choose from 1d, 1w"),
        (["search", "EQ1", "--horizon", "7"], "within 7 bars is not kept: choose from 5, 10, 20"),
        (["search", "EQ1", "--at", "1999-01-01"], "has fewer than 21 bars of 1d, or none that moves"),
        (["search", "EQ1", "--at", "March"], "--at 'March' is not a moment: write 2024-03-01"),
        (["show", "EQ1", "window", "1d"], "no episode is called 'EQ1 window 1d': did you mean"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_says_what_can(
    folder: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in refused(capsys, folder, *arguments)


def test_an_empty_workspace_and_an_empty_library_say_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Workspace(tmp_path).create()
    for verb in (["build"], ["search", "EQ1"]):
        assert "holds no bars: bring some in" in refused(capsys, tmp_path, *verb)
    MarketStore(tmp_path).append(make_market("equity", 1, 90, seed=1).panel)
    for verb in (["search", "EQ1"], ["stats"], ["show", "EQ1"]):
        assert "is empty: fill it with `tradewind patterns build`" in refused(
            capsys, tmp_path, *verb
        )
