"""What a symbol resembles is the same for a moment and a history, and nothing of it comes from later."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest

from tradewind.context.library import PatternStorageEngine
from tradewind.context.patterns import resolve, windows
from tradewind.context.regimes import GaussianHMM
from tradewind.context.resembling import Resembling
from tradewind.context.surroundings import Surroundings
from tradewind.core import Market
from tradewind.core.dependency import Dependency
from tradewind.data.synthetic import Revisions, make_market
from tradewind.features.bars import BarFeatures
from tradewind.pipelines.states import OBSERVED, Observing

READER = Observing(BarFeatures(ranked=()), OBSERVED)
PATIENT_MS = 10_000.0


def market() -> Market:
    return make_market("equity", 4, 300, seed=5, plants=[Revisions(0.05)])


def library(panel_of: Market, folder: str) -> PatternStorageEngine:
    made = PatternStorageEngine(folder)
    made.add(resolve(windows(panel_of.panel, "1d"), panel_of.panel, (5,)))
    return made


@pytest.fixture(scope="module")
def whole() -> Iterator[Surroundings]:
    with TemporaryDirectory() as folder:
        around = market()
        rows = READER(around, around.panel.moments[:160])
        resembling = Resembling(
            library(around, folder), Dependency("pattern_library"), deadline_ms=PATIENT_MS
        )
        yield Surroundings(READER, GaussianHMM(2, starts=1).fit(rows), resembling=resembling)


def closes() -> list:  # type: ignore[type-arg]
    return market().panel.table["timestamp"].unique().sort().to_list()


def test_a_moment_resembles_what_it_does_in_a_history(whole: Surroundings) -> None:
    times = closes()[-30:]
    history = whole(market(), times).table
    assert history["similar"].list.len().unique().to_list() == [3]
    assert history["similar"][0][0].split()[1:3] == ["window", "1d"]
    for at in times[::11]:
        assert whole(market(), [at]).table.equals(history.filter(pl.col("at") == at))


def test_what_comes_later_changes_nothing_though_bars_are_corrected(
    whole: Surroundings, tmp_path: Path
) -> None:
    times = closes()
    history = whole(market(), times).table
    at = times[230]
    cut = market().as_of(at)
    resembling = Resembling(
        library(cut, str(tmp_path)), Dependency("pattern_library"), deadline_ms=PATIENT_MS
    )
    then = Surroundings(READER, whole.detector, resembling=resembling)
    told = then(cut, [when for when in times if when <= at]).table
    assert told.equals(history.filter(pl.col("at") <= at))
    assert told["similar"].list.len().max() == 3


def test_a_symbol_does_not_resemble_itself(whole: Surroundings) -> None:
    rows = whole(market(), closes()[-1:]).table
    named = rows.select("symbol", pl.col("similar").list.eval(pl.element().str.split(" ").list[0]))
    assert not any(symbol in similar for symbol, similar in named.iter_rows())


def test_too_few_bars_and_a_symbol_without_any_are_named(whole: Surroundings) -> None:
    asked = pl.DataFrame({"at": closes()[10:11], "symbol": [market().panel.symbols[0]]})
    asked = pl.concat([asked, asked.with_columns(symbol=pl.lit("MARKET"))])
    assert whole.resembling is not None
    told = whole.resembling(market(), asked)
    assert told["similar"].to_list() == [[], []]
    assert told["missing"].to_list() == [
        f"episodes: {symbol} has fewer than 21 bars of 1d, or none that moves"
        for symbol in asked["symbol"]
    ]


class Away:
    def search(self, *_: object, **limits: object) -> list:  # type: ignore[type-arg]
        assert set(limits) == {"scale", "without", "kinds"}
        raise OSError("gone")


@pytest.mark.parametrize("moments", [1, 2])
def test_a_library_that_is_away_is_named_by_each_row(moments: int) -> None:
    rows = pl.DataFrame(
        {"at": closes()[-moments:], "symbol": [market().panel.symbols[0]] * moments}
    )
    told = Resembling(Away(), Dependency("pattern_library"), deadline_ms=PATIENT_MS)(market(), rows)
    why = "pattern_library_unavailable: OSError: gone"
    assert told["missing"].to_list() == [why] * moments


def test_an_open_breaker_is_named_and_nobody_is_asked() -> None:
    shut = Dependency("pattern_library")
    shut.breaker.force("open")
    rows = pl.DataFrame({"at": closes()[-1:], "symbol": [market().panel.symbols[0]]})
    told = Resembling(Away(), shut)(market(), rows)
    assert told["missing"][0].startswith("pattern_library_breaker_open: ")
