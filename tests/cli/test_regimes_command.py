"""`tradewind regimes` from the command line."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tradewind.cli.app import run
from tradewind.core import Panel
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import make_market


@pytest.fixture(autouse=True)
def job() -> None:
    """No stand-in: these verbs are quick enough as they are."""


@pytest.fixture
def here(tmp_path: Path) -> list[str]:
    """A workspace with bars, as the option that names it."""
    MarketStore(tmp_path / "w").append(make_market("equity", 2, 300, seed=1).panel)
    (tmp_path / "w" / "tradewind.yaml").write_text("regimes:\n  detector: hmm\n  states: 2\n")
    return ["--workspace", str(tmp_path / "w")]


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["regimes", *arguments, "--json"]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_regimes_are_learnt_told_and_shown(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    learnt = told(capsys, "fit", *here)["models"]
    assert [(one["of"], one["kind"]) for one in learnt] == [
        ("market", "GaussianHMM"),
        ("symbol", "GaussianHMM"),
    ]
    assert [one["rows"] for one in told(capsys, "refresh", *here)["models"]] == [300, 600]
    assert [one["rows"] for one in told(capsys, "refresh", *here)["models"]] == [0, 0]
    regimes = told(capsys, "show", *here)["regimes"]
    assert [one["symbol"] for one in regimes] == ["MARKET", "EQ1", "EQ2"]
    assert regimes[0]["model"] == learnt[0]["model"]
    assert run(["regimes", "show", "EQ2", *here]) == 0
    [line] = capsys.readouterr().out.splitlines()
    assert line.split()[:2] == ["EQ2", regimes[2]["regime"]]


def test_a_page_draws_the_price_over_its_regimes(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    run(["regimes", "fit", *here])
    run(["regimes", "refresh", *here])
    for symbol, price in (("MARKET", "the median symbol"), ("EQ1", "close of EQ1")):
        page = Path(told(capsys, "show", symbol, "--page", *here)["page"])
        assert page.parent.name == symbol
        html = page.read_text()
        assert price in html
        assert html.count('class="state band') > 2
        assert "EQ2" in html


def test_a_page_counts_the_bars_that_were_learnt_from_apart(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    run(["regimes", "fit", "--until", "2024-06-28", *here])
    run(["regimes", "refresh", *here])
    rows = told(capsys, "history", "EQ1", "--last", "300", *here)["rows"]
    before = sum(row["timestamp"] < "2024-06-29" for row in rows)
    html = Path(told(capsys, "show", "EQ1", "--page", *here)["page"]).read_text()
    assert f"The model learnt from the first {before} bars" in html
    for which in (
        f"the {300 - before} bars since the model was learnt",
        f"the {before} bars that it learnt from, in hindsight",
    ):
        assert html.count(f"<h3>Of {which}</h3>") == 2


def test_history_is_what_was_known_then(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    run(["regimes", "fit", "--until", "2024-06-28", *here])
    run(["regimes", "refresh", *here])
    rows = told(capsys, "history", "EQ1", "--last", "3", "--as-of", "2024-09-30", *here)["rows"]
    assert len(rows) == 3
    assert rows[-1]["timestamp"].startswith("2024-09-30")
    assert run(["regimes", "history", "--as-of", "2024-06-27", *here]) == 0
    assert capsys.readouterr().out == "nothing was told then\n"


def test_compare_sets_detectors_side_by_side(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(capsys, "compare", *here)["comparisons"]
    assert set(found) == {"market", "symbol"}
    kinds = {one["kind"] for one in found["market"]["detectors"]}
    assert kinds == {"GaussianHMM", "GaussianMixture", "JumpModel", "KMeans"}
    assert {one["found"] for one in found["market"]["detectors"]} == {None}


def test_compare_without_bars_is_on_a_market_whose_truth_is_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    (nowhere / "tradewind.yaml").write_text("regimes:\n  of: [market]\n")
    found = told(capsys, "compare", "--workspace", str(nowhere))["comparisons"]["market"]
    assert found["origin"] == "on a made market: there are no bars here"
    assert max(one["found"] for one in found["detectors"]) > 0.7
    assert [one.name for one in nowhere.iterdir()] == ["tradewind.yaml"]


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("fit", "holds no bars: bring some in with `tradewind ingest`"),
        ("refresh", "no regimes were learnt here: learn them with `tradewind regimes fit`"),
        ("show", "no regimes were learnt here: learn them with `tradewind regimes fit`"),
        ("history", "no regimes were learnt here: learn them with `tradewind regimes fit`"),
    ],
)
def test_an_empty_workspace_is_told_what_to_do_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: str, said: str
) -> None:
    run(["init", str(tmp_path / "w")])
    assert run(["regimes", verb, "--workspace", str(tmp_path / "w")]) == 2
    assert said in capsys.readouterr().err


def test_who_is_unknown_is_told_by_the_near_one(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    run(["regimes", "fit", *here])
    run(["regimes", "refresh", *here])
    capsys.readouterr()
    assert run(["regimes", "show", "EQ9", *here]) == 2
    assert "there is no regime of 'EQ9': did you mean 'EQ" in capsys.readouterr().err


def test_regimes_that_are_one_in_effect_are_said_to_be_wherever_they_are_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flat = make_market("equity", 2, 200).panel.table.with_columns(
        pl.lit(1.0).alias(name) for name in ("open", "high", "low", "close", "volume", "vwap")
    )
    MarketStore(tmp_path / "w").append(Panel(flat))
    here = ["--workspace", str(tmp_path / "w")]
    said = "said of 5% of the bars or more"
    assert run(["regimes", "fit", *here]) == 0
    assert said in capsys.readouterr().out
    run(["regimes", "refresh", *here])
    shown = told(capsys, "show", "--page", *here)
    assert [one["check"] for one in shown["findings"]] == ["regimes.vacuous"] * 2
    assert said in Path(shown["page"]).read_text()
    assert run(["regimes", "show", *here]) == 0
    assert capsys.readouterr().out.count("warning regimes.vacuous in") == 2


def named(panel: Panel, names: dict[str, str]) -> Panel:
    """The same bars under other names."""
    symbol = pl.col("symbol").cast(pl.String).replace_strict(names)
    table = panel.table.with_columns(symbol.cast(pl.Enum(sorted(names.values()))))
    return Panel(table.sort("symbol", "timestamp", "known_at"))


def test_names_that_differ_in_a_sign_have_pages_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bars = make_market("equity", 2, 200).panel
    MarketStore(tmp_path / "w").append(named(bars, {"EQ1": "BRK.B", "EQ2": "BRK_B"}))
    here = ["--workspace", str(tmp_path / "w")]
    run(["regimes", "fit", *here])
    run(["regimes", "refresh", *here])
    for symbol in ("BRK.B", "BRK_B"):
        told(capsys, "show", symbol, "--page", *here)
    for symbol in ("BRK.B", "BRK_B"):
        page = tmp_path / "w" / "reports" / "regimes" / symbol / "index.html"
        assert f"close of {symbol}" in page.read_text()


def test_a_symbol_that_is_called_as_the_market_is_left_out_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bars = make_market("equity", 2, 200).panel
    MarketStore(tmp_path / "w").append(named(bars, {"EQ1": "MARKET", "EQ2": "EQ2"}))
    here = ["--workspace", str(tmp_path / "w")]
    for verb in ("fit", "refresh"):
        assert run(["regimes", verb, *here]) == 0
        said = capsys.readouterr().out
        assert said.count("a symbol is called 'MARKET', which is the market as a whole") >= 1
    regimes = told(capsys, "show", *here)["regimes"]
    assert [one["symbol"] for one in regimes] == ["MARKET", "EQ2"]
    assert [one["calibration"]["symbols"] for one in regimes] == [1, 1]


def test_a_market_of_nobody_but_its_namesake_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bars = make_market("equity", 1, 200).panel
    MarketStore(tmp_path / "w").append(named(bars, {"EQ1": "MARKET"}))
    assert run(["regimes", "fit", "--workspace", str(tmp_path / "w")]) == 2
    assert "and there is no other: ingest its bars under another" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("until", "remedy"),
    [("2024-06-28", "choose from "), ("2024-12-31", "none has any: ")],
    ids=["some were known since", "all were known before"],
)
def test_a_regime_that_no_episode_has_is_answered_with_those_that_there_are(
    here: list[str], capsys: pytest.CaptureFixture[str], until: str, remedy: str
) -> None:
    names = told(capsys, "fit", "--until", until, *here)["models"][0]["names"]
    run(["regimes", "refresh", *here])
    run(["patterns", "build", *here])
    capsys.readouterr()
    assert run(["patterns", "search", "EQ1", "--regime", "foo", "--no-page", *here]) == 2
    said = capsys.readouterr().err
    assert f"no episode has the regime 'foo': {remedy}" in said
    assert any(name in said for name in names)
    assert "tradewind regimes fit" not in said
