"""A feature of one's own is taken only if it is a function of the bars that it declares."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.features.toys import corrected
from tradewind.core import Panel
from tradewind.core.errors import BadTable, Misuse
from tradewind.core.tables import floats
from tradewind.features.config import own_family
from tradewind.features.expressions import COLUMNS, Own, family_of, feature
from tradewind.features.kept.fingerprint import fingerprint
from tradewind.features.kept.materialising import materialised, no_states
from tradewind.features.kept.online import Online

DAY = 20


@feature(lookback=DAY, units="ratio")
def distance(close: pl.Expr) -> pl.Expr:
    """How far the close is from its mean."""
    return close / close.rolling_mean(DAY) - 1


def made(expression: Callable[..., Any], lookback: int, units: Any = "ratio") -> Own:
    expression.__doc__ = "a feature"
    expression.__name__ = "mine"
    return feature(lookback=lookback, units=units)(expression)


def ahead(close: pl.Expr) -> pl.Expr:
    return close.shift(-1) / close


def level(close: pl.Expr) -> pl.Expr:
    return close / close.mean()


def longer(close: pl.Expr) -> pl.Expr:
    return close.rolling_mean(DAY)


def endless(volume: pl.Expr) -> pl.Expr:
    return volume.cum_sum()


def slow(close: pl.Expr) -> pl.Expr:
    return close.ewm_mean(alpha=0.1)


def nothing(close: pl.Expr) -> pl.Expr:
    return (close - close) / (close - close)


def random(close: pl.Expr) -> pl.Expr:
    return close / close.shuffle()


def text(close: pl.Expr) -> pl.Expr:
    return close.str.len_chars()


@pytest.mark.parametrize(
    ("expression", "lookback", "said"),
    [
        (ahead, 3, "'mine' changes from nan to .* when later bars come: read no bar after its own"),
        (level, 20, "'mine' changes from .* when later bars come"),
        (longer, 19, "is null of the 19 bars that it declares, and of more it is not: declare its"),
        (
            endless,
            5,
            "of the 5 bars that it declares, and .* of more: declare its true lookback, or",
        ),
        (slow, 20, "'mine' is .* of the 20 bars that it declares, and .* of more"),
        (
            random,
            1,
            "'mine' is random: of the same bars it says another thing each time: let it be a fun",
        ),
        (nothing, 1, "'mine' has no value on 201 made bars"),
        (text, 1, "'mine' cannot be computed"),
    ],
)
def test_one_that_reads_other_bars_than_it_says_is_refused(
    expression: Callable[..., Any], lookback: int, said: str
) -> None:
    with pytest.raises(Misuse, match=said):
        family_of("own", [made(expression, lookback)])


def test_one_that_forgets_within_its_lookback_is_taken() -> None:
    assert family_of("own", [made(slow, 300)]).lookback == 300


def test_a_column_that_the_bars_lack_is_refused_by_name() -> None:
    wanted = Own("mine", ("closing",), 1, "price", "it", pl.col("closing"), "def mine(): ...", "")
    with pytest.raises(BadTable, match="reads a column 'closing' that the bars lack: did you mean"):
        family_of("own", [wanted])
    assert family_of("own", [wanted], ["closing"]).inputs == ("closing",)


def test_what_is_declared_without_sense_is_refused() -> None:
    with pytest.raises(
        Misuse, match="the feature 'f' has no docstring: say in one line what it is"
    ):

        @feature(lookback=1, units="price")
        def f(close: pl.Expr) -> pl.Expr:
            return close

    with pytest.raises(Misuse, match="the feature 'g' returns float: return a polars expression"):

        @feature(lookback=1, units="price")
        def g(close: pl.Expr) -> pl.Expr:
            """It."""
            return 1.0  # type: ignore[return-value]

    with pytest.raises(Misuse, match="the feature 'h' reads no column: name one as a parameter"):

        @feature(lookback=1, units="price")
        def h() -> pl.Expr:
            """It."""
            return pl.lit(1.0)


@pytest.mark.parametrize("name", ["symbol", "timestamp", "known_at", "session"])
def test_one_that_is_called_like_a_key_is_refused_where_it_is_written(name: str) -> None:
    def taken(close: pl.Expr) -> pl.Expr:
        """It."""
        return close

    taken.__name__ = name
    said = f"the feature '{name}' has the name of a key of every table: rename it"
    with pytest.raises(BadTable, match=said):
        feature(lookback=1, units="price")(taken)


@pytest.mark.parametrize("lookback", [0, -3, 1.5, "5", True, None, 1_000_000_000])
def test_a_lookback_is_a_whole_number_of_bars(lookback: Any) -> None:
    said = (
        f"'mine' reads {lookback!r} bars: give a whole number from 1 to 100,000, its own bar incl"
    )
    with pytest.raises(Misuse, match=said):
        made(slow, lookback)


@pytest.mark.parametrize("units", ["bananas", None, ["ratio"]])
def test_units_are_of_those_that_there_are(units: Any) -> None:
    said = "the units of feature '.*' are .*: choose from log, ratio, share, percent, sd, bars"
    with pytest.raises(BadTable, match=said):
        made(slow, 1, units)


def test_it_is_its_formula_of_each_symbol_alone_and_null_where_that_is_not_finite() -> None:
    panel = corrected(3, 60)
    family = family_of("own", [distance])
    now = panel.as_of(max(panel.table["known_at"])).table
    now = now.with_columns(close=pl.when(pl.col("session").dt.day() > 2).then("close"))
    last = max(panel.table["known_at"])
    rows = materialised(family, Panel(now), no_states(family)).panel.as_of(last).table
    kept = rows["distance"]
    direct = now.select((pl.col("close") / pl.col("close").rolling_mean(DAY) - 1).over("symbol"))
    assert np.allclose(floats(kept), floats(direct["close"]), rtol=1e-9, atol=1e-12, equal_nan=True)
    assert 20 < kept.null_count() < len(kept)
    assert family.specs[0].formula == "close / close.rolling_mean(DAY) - 1"


def test_online_it_agrees_within_the_tolerance_that_it_declares() -> None:
    panel = corrected(2, 80)
    family = family_of("own", [distance])
    kept = materialised(family, panel, no_states(family)).panel
    online, compared = Online([family]), 0
    for row in panel.table.sort("known_at", "timestamp").iter_rows(named=True):
        value = online.push(row["symbol"], row["timestamp"], row)[0]
        newest = kept.as_of(row["known_at"]).table.filter(symbol=row["symbol"])
        if row["timestamp"] == newest["timestamp"][-1] and newest["distance"][-1] is not None:
            assert value == pytest.approx(
                newest["distance"][-1], rel=family.specs[0].tolerance, abs=1e-9
            )
            compared += 1
    assert compared > 100


def test_of_several_lines_the_formula_says_them_all() -> None:
    @feature(lookback=DAY, units="ratio")
    def above(close: pl.Expr) -> pl.Expr:
        """How far the close is above its mean."""
        mean = close.rolling_mean(DAY)
        return close / mean - 1

    assert above.spec("own").formula == "mean = close.rolling_mean(DAY); close / mean - 1"


WRITTEN = """
import polars as pl
import rules
from tradewind.features.expressions import feature

WINDOW = 5

def mean(close):
    return close.rolling_mean(WINDOW)

@feature(lookback=60, units="ratio")
def distance(close):
    "how far the close is from its mean"
    return rules.held(close / mean(close) - 1)
"""
RULES = """
from parts import SCALE

def scaled(values):
    return values * SCALE

def held(value):
    return value
"""
CALLING = RULES.replace("return value\n", "return value.map_batches(scaled)\n")


def said_by(folder: Path, monkeypatch: pytest.MonkeyPatch, **files: str) -> str:
    """The fingerprint of the family that these files make, in a process that has read none before."""
    monkeypatch.delitem(sys.modules, "rules", raising=False)
    monkeypatch.delitem(sys.modules, "parts", raising=False)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return fingerprint(own_family(folder / "own.py", COLUMNS))


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ("own", WRITTEN.replace("WINDOW = 5", "WINDOW = 50")),
        ("own", WRITTEN.replace("return close.rolling_mean", "return close.rolling_max")),
        ("rules", RULES.replace("return value\n", "return -value\n")),
        ("rules", CALLING),
    ],
    ids=["constant", "function", "beside", "Python"],
)
def test_what_a_feature_takes_from_around_it_is_part_of_its_definition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str, text: str
) -> None:
    files = {"own": WRITTEN, "rules": RULES, "parts": "SCALE = 1.0"}
    first = said_by(tmp_path / "x", monkeypatch, **files)
    assert said_by(tmp_path / "x", monkeypatch, **files) == first
    assert said_by(tmp_path / "y", monkeypatch, **files) == first
    assert said_by(tmp_path / "x", monkeypatch, **{**files, changed: text}) != first


def test_of_what_calls_python_the_files_that_it_imports_from_beside_it_are_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"own": WRITTEN, "rules": CALLING}
    first = said_by(tmp_path / "x", monkeypatch, **files, parts="SCALE = 1.0")
    assert said_by(tmp_path / "x", monkeypatch, **files, parts="SCALE = 2.0") != first
