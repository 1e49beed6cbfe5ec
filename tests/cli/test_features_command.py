"""`tradewind features` from the command line."""

import json
from pathlib import Path

import pytest

from tests.features.test_config import MINE
from tradewind.cli.app import run
from tradewind.core import Panel
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import make_market


@pytest.fixture(autouse=True)
def job() -> None:
    """No stand-in: these verbs are quick enough as they are."""


@pytest.fixture
def here(tmp_path: Path) -> list[str]:
    """A workspace with bars and a feature of one's own, as the option that names it."""
    MarketStore(tmp_path / "w").append(make_market("equity", 2, 90, seed=1).panel)
    (tmp_path / "w" / "mine.py").write_text(MINE.format(name="distance"))
    (tmp_path / "w" / "tradewind.yaml").write_text(
        "features:\n  families: [bars]\n  files: [mine.py]\n"
    )
    return ["--workspace", str(tmp_path / "w")]


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    assert run(["features", *arguments, "--json"]) == 0
    document: dict[str, object] = json.loads(capsys.readouterr().out)
    return document


def test_list_needs_no_workspace_and_names_those_of_one(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["features", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:5] == ["bars", "10", "features", "61", "bars"]
    assert lines[-1].startswith("all of a family: `tradewind features explain FAMILY`; one: ")
    families = told(capsys, "list", *here)["families"]
    assert families[-1]["names"] == ["distance"]  # type: ignore[index]


def test_show_tells_the_facts_and_the_last_values(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["features", "show", "distance", *here]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "distance: how far the close is from its mean"
    assert lines[2] == "Formula: close / close.rolling_mean(20) - 1"
    assert lines[6] == "On version 1 of table 'bars' of w."
    assert len(told(capsys, "show", "return_1", *here)["last"]) == 2  # type: ignore[arg-type]


def test_show_tells_how_many_more_symbols_there_are_and_one_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    MarketStore(tmp_path / "many").append(make_market("equity", 13, 5).panel)
    many = ["--workspace", str(tmp_path / "many")]
    assert run(["features", "show", "return_1", *many]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "and 3 more: one is told with --symbol, all are with --json"
    assert run(["features", "show", "return_1", "--symbol", "EQ12", *many]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[-2:]] == ["On", "EQ12"]
    assert run(["features", "show", "return_1", "--symbol", "EQ99", *many]) == 2
    assert "there are no bars of 'EQ99'" in capsys.readouterr().err


def test_show_of_hours_says_whose_bars_are_days(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["features", "show", "return_1@1h", *here]) == 0
    said = "The bars of EQ1 and 1 more are longer than those that it reads."
    assert said in capsys.readouterr().out.splitlines()
    assert run(["features", "explain", "return_1@1h", *here]) == 2
    assert "'bars@1h' of bars that are longer than 1h, such as those of EQ1: name longer" in (
        capsys.readouterr().err
    )


def test_what_is_of_the_calendar_says_that_it_reads_it(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["features", "show", "day_of_week", *here]) == 0
    assert "Reads: the calendar, of 1 bar" in capsys.readouterr().out


def test_show_has_a_made_market_where_there_are_no_bars(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = told(capsys, "show", "ROC5", "--workspace", str(tmp_path / "nowhere"))
    assert document["origin"] == "On a made market: there are no bars here."
    assert not (tmp_path / "nowhere").exists()


def test_explain_writes_a_page_with_the_feature_under_the_price(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    document = told(capsys, "explain", "distance", *here)
    page = Path(str(document["page"])).read_text()
    assert "<title>distance" in page
    assert "Of 90 bars of EQ1" in page
    assert page.count("model curve") >= 4


def test_explain_of_a_family_draws_all_of_it_on_one_page(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    document = told(capsys, "explain", "alpha158", "--symbol", "EQ2", *here)
    assert document["features"] == 158
    page = Path(str(document["page"])).read_text()
    assert page.count("<h3>") == 158
    assert "90 bars of EQ2" in page
    assert run(["features", "explain", "mine", *here]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["mine: features of your own, from mine.py", "1 feature"]


def test_show_of_a_family_says_that_it_is_one(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["features", "show", "alpha158", *here]) == 2
    said = "'alpha158' is a family of 158 features: name one of them, such as KMID, or see all with"
    assert said in capsys.readouterr().err
    assert run(["features", "show", "kmid", *here]) == 2
    assert "there is no feature or family 'kmid': did you mean 'KMID'?" in capsys.readouterr().err


def test_an_unknown_feature_or_symbol_is_told_by_the_near_one(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["features", "show", "distanc", *here]) == 2
    assert (
        "there is no feature or family 'distanc': did you mean 'distance'?"
        in capsys.readouterr().err
    )
    assert run(["features", "explain", "return_1", "--symbol", "EQ9", *here]) == 2
    assert "there are no bars of 'EQ9': did you mean 'EQ" in capsys.readouterr().err


def test_a_family_that_is_not_named_to_its_end_is_near(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["features", "explain", "alpha", *here]) == 2
    said = "there is no feature or family 'alpha': did you mean 'alpha158'?"
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("verb", "name"), [("show", "KMID"), ("explain", "KMID"), ("explain", "bars")]
)
def test_what_is_compiled_the_first_time_says_so_before_it_begins(
    verb: str, name: str, here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["features", verb, name, *here]) == 0
    family = "alpha158" if name == "KMID" else name
    assert f"{family}, compiled the first time ... " in capsys.readouterr().err


def test_refresh_of_no_family_is_refused_and_not_logged(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(here[1], "tradewind.yaml").write_text("features:\n  families: []\n  files: []\n")
    assert run(["features", "refresh", *here]) == 2
    said = "error: no family is configured: name one at features.families, such as bars\n"
    assert capsys.readouterr() == ("", said)
    assert told(capsys, "log", *here)["refreshes"] == []


def test_show_says_which_columns_the_bars_lack(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = make_market("equity", 2, 90).panel.table.drop("open", "high", "low")
    MarketStore(tmp_path / "closes").append(Panel(table))
    here = ["--workspace", str(tmp_path / "closes")]
    assert run(["features", "show", "MA5", *here]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[3] == "Reads: open, high, low, close, of 5 bars"
    assert lines[7] == "The bars have no open, no high, no low."
    assert lines[8].endswith(" null")
    assert told(capsys, "show", "MA5", *here)["lacking"] == ["open", "high", "low"]


def test_refresh_says_whose_bars_are_too_long(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    MarketStore(tmp_path / "days").append(make_market("equity", 2, 90).panel)
    (tmp_path / "days" / "tradewind.yaml").write_text("features: {families: [bars@1h, bars@1w]}")
    assert run(["features", "refresh", "--workspace", str(tmp_path / "days"), "--json"]) == 0
    captured = capsys.readouterr()
    hourly, weekly = json.loads(captured.out)["families"]
    assert (hourly["rows"], weekly["rows"]) == (0, 38)
    said = "bars@1h: says nothing of 2 of 2 symbols, whose bars are longer than 1h: EQ1, EQ2"
    assert captured.err.splitlines()[-1] == said


def test_refresh_says_how_many_features_are_null_for_want_of_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = make_market("equity", 2, 90).panel.table.drop("open", "high", "low", "volume")
    MarketStore(tmp_path / "closes").append(Panel(table))
    (tmp_path / "closes" / "tradewind.yaml").write_text("features: {families: [bars, alpha158]}")
    assert run(["features", "refresh", "--workspace", str(tmp_path / "closes")]) == 0
    assert capsys.readouterr().err.splitlines()[-2:] == [
        "bars: 3 of 10 features are null throughout; the bars have no high, no low, no open, no volume",
        "alpha158: 158 of 158 features are null throughout; the bars have no high, no low, no open, "
        "no volume, no vwap",
    ]


def test_refresh_blames_no_column_where_the_bars_are_too_few(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(here[1], "tradewind.yaml").write_text("features: {families: [bars, regime20]}")
    assert run(["features", "refresh", *here]) == 0
    assert "null" not in capsys.readouterr().err


def test_refresh_makes_the_tables_and_log_holds_them_to_their_promise(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    document = told(capsys, "refresh", *here)
    assert [(one["family"], one["rows"]) for one in document["families"]] == [  # type: ignore[attr-defined]
        ("bars", 180),
        ("mine", 180),
    ]
    log = told(capsys, "log", *here)
    assert (log["promised_s"], log["kept"]) == (60.0, True)
    assert run(["features", "log", "--sla-s", "0", *here]) == 1
    assert capsys.readouterr().out.endswith("0 of 1 refreshes were done within 0 s\n")


def test_a_log_without_refreshes_says_how_to_make_one(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["features", "log", *here]) == 0
    said = "nothing was refreshed yet: run `tradewind features refresh`\n"
    assert capsys.readouterr().out == said


def test_the_newest_values_can_be_asked_in_sql(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["features", "refresh", *here]) == 0
    capsys.readouterr()
    query = "select count(*) as n, count(distance) as known from features_mine"
    assert run(["sql", query, "--json", *here]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == [[180, 142]]


UNKNOWN = MINE.format(name="distance").replace("close:", "closing:").replace(" close", " closing")
FARTHER = '''
import polars as pl
from tradewind.features.expressions import feature

@feature(lookback=2, units="ratio")
def farther(close: pl.Expr, volume: pl.Expr) -> pl.Expr:
    """Reads 41 bars where volumes are such as no trial has."""
    return pl.when(volume > 10_000).then(close.shift(40)).otherwise(close.shift(1)) / close

@feature(lookback=2, units="ratio")
def ahead(close: pl.Expr, volume: pl.Expr) -> pl.Expr:
    """Reads the next bar, there too."""
    return pl.when(volume > 10_000).then(close.shift(-1)).otherwise(close.shift(1)) / close
'''


def test_a_feature_that_asks_for_an_unknown_column_is_refused(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(here[1], "mine.py").write_text(UNKNOWN)
    assert run(["features", "list", *here]) == 2
    said = "'distance' reads a column 'closing' that the bars lack: did you mean 'close'?"
    assert said in capsys.readouterr().err


def test_one_that_is_not_what_it_declares_is_told_by_the_audit(
    here: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradewind.features.config.FAMILIES", {})
    Path(here[1], "mine.py").write_text(FARTHER)
    assert run(["features", "list", *here]) == 0  # it passes the trial at its registration
    capsys.readouterr()
    assert run(["audit", "features", *here, "--cuts", "5", "--page", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    [audit] = document["audits"]
    assert [leak["column"] for leak in audit["leaks"]] == ["ahead"]
    told = {one["where"]: one["detail"] for one in audit["findings"] if one["severity"] == "error"}
    assert told["farther"].endswith("bars, and says that it reads 2")
    assert "farther" in Path(document["page"]).read_text()


def test_list_says_where_a_name_on_longer_bars_may_stand(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["features", "list"]) == 0
    line = capsys.readouterr().out.splitlines()[-2]
    assert line.startswith(
        "on longer bars: any family that reads each symbol by itself, as bars@1w "
    )
    assert line.endswith("(5m, 15m, 30m, 1h, 4h, 1d, 1w, 1mo)")


def test_what_is_on_longer_bars_is_shown_explained_refreshed_and_asked_by_its_name(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(here[1], "tradewind.yaml").write_text("features: {families: [bars, bars@1w, observed@1w]}")
    assert told(capsys, "list", *here)["families"][-2]["family"] == "bars@1w"  # type: ignore[index]
    assert run(["features", "show", "return_5@1w", *here]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "return_5_1w: return of the last 5 bars, in bars of 1w"
    assert lines[3] == "Reads: close, of 6 bars of 1w"
    assert lines[5] == "Agrees: to the bit, in batch, refreshed and online"
    for name in ("technical@1mo", "rsi_14@1w"):
        assert run(["features", "explain", name, *here]) == 0
        assert Path(capsys.readouterr().out.splitlines()[-1]).is_file()
    assert run(["features", "refresh", *here]) == 0
    assert "bars@1w: 38 rows added to features_bars_1w_" in capsys.readouterr().out
    query = "select count(*) as n, count(return_5_1w) as known from features_bars_1w"
    assert run(["sql", query, *here, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == [[38, 28]]


def test_a_name_on_longer_bars_that_nothing_has_is_refused(
    here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for name, said in (
        ("bars@2w", "'bars' on bars of '2w': choose from 15m, 1d"),
        ("cross_asset@1w", "'cross_asset' on longer bars: it reads all symbols at once"),
        ("ars@1w", "there is no feature or family 'ars@1w': did you mean"),
    ):
        assert run(["features", "explain", name, *here]) == 2
        assert said in capsys.readouterr().err
