"""What is shown of an episode is what is kept of it, among the bars that were seen."""

from pathlib import Path

import polars as pl
import pytest

from tests.pipelines.episodes.test_searching import BARS, filled
from tradewind.context.library import PatternStorageEngine
from tradewind.core import Panel
from tradewind.data.store import MarketStore
from tradewind.pipelines.episodes.showing import Episode, picture, published, show
from tradewind.storage.workspace import Workspace


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return filled(tmp_path_factory.mktemp("shown"), BARS)


def one_of(here: Workspace, **wanted: object) -> Episode:
    rows = PatternStorageEngine(here.path).episodes().filter(**wanted)
    row = rows.row(-20, named=True)
    return show(here, f"{row['symbol']} {row['kind']} 1d {row['end']:%Y-%m-%d}")


def test_it_spans_its_bars_and_each_return_ends_on_the_close_that_is_drawn(here: Workspace) -> None:
    drawn = picture(one_of(here, kind="window"), here, "XNYS")
    assert (drawn.first, drawn.last, drawn.prices["step"].min()) == (-63, 0, -83)
    closes = dict(drawn.prices.select("step", "close").iter_rows())
    returns = [
        (pl.Series([closes[bars] / closes[0]]).log()[0], value)
        for bars, value, _ in drawn.afterwards.iter_rows()
    ]
    assert len(returns) == 3
    assert [one for one, _ in returns] == pytest.approx([value for _, value in returns])


def test_no_bar_is_drawn_that_was_known_after_the_last_return(here: Workspace) -> None:
    one = one_of(here, kind="window")
    drawn = picture(one, here, "XNYS")
    assert drawn.prices["stamp"].max() <= max(each["resolved_at"] for each in one.row["followed"])


def test_an_episode_of_a_library_without_bars_is_shown_without_a_picture(
    here: Workspace, tmp_path: Path
) -> None:
    kept = PatternStorageEngine(here.path)
    [(one, _)] = kept.search(kept._tables.read()[1][0].astype(float), 1, BARS.moments[-1])
    PatternStorageEngine(tmp_path).add([one])
    bare = Workspace(tmp_path)
    shown = show(bare, f"{one.symbol} {one.kind} 1d {one.end:%Y-%m-%d}")
    assert "holds no bars of it" in published(shown, bare, "XNYS").read_text()


def test_an_episode_of_a_symbol_without_bars_is_shown_without_a_picture_beside_those_of_others(
    here: Workspace, tmp_path: Path
) -> None:
    kept = PatternStorageEngine(here.path)
    [(one, _)] = kept.search(kept._tables.read()[1][0].astype(float), 1, BARS.moments[-1])
    PatternStorageEngine(tmp_path).add([one])
    others = pl.col("symbol") != one.symbol
    MarketStore(tmp_path).append(Panel(BARS.table.filter(others)))
    shown = show(Workspace(tmp_path), f"{one.symbol} {one.kind} 1d {one.end:%Y-%m-%d}")
    page = published(shown, Workspace(tmp_path), "XNYS")
    assert "holds no bars of it" in page.read_text()
