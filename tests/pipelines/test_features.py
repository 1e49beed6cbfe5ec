"""Tables of features follow the bars: what is refreshed is to the bit what one run would have made."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.features.toys import SMOOTH, corrected
from tests.pipelines.conftest import Notes
from tradewind.core import Panel, SystemClock
from tradewind.core.errors import Misuse
from tradewind.data.store import MarketStore
from tradewind.features.across.breadth import MARKET_WIDE
from tradewind.features.families import CarriedFamily, KeptFamily
from tradewind.features.kept.materialising import materialised, no_states
from tradewind.features.registry import BARS
from tradewind.pipelines import generations
from tradewind.pipelines.features import LOG, RefreshResult, kept, refresh
from tradewind.pipelines.generations import Generations
from tradewind.pipelines.holdings.querying import asked
from tradewind.storage.documents import Documents
from tradewind.storage.workspace import Workspace

FAMILIES = (BARS, SMOOTH)
PANEL = corrected(4, 100)
KNOWN = PANEL.table["known_at"].unique().sort().to_list()
Refresh = Callable[..., RefreshResult]


@pytest.fixture
def refreshed(workspace: Workspace, notes: Notes) -> Refresh:
    """Append a panel to the bars, and refresh."""

    def run(
        panel: Panel | None = None, families: tuple[KeptFamily, ...] = FAMILIES
    ) -> RefreshResult:
        if panel is not None:
            MarketStore(workspace.path).append(panel)
        return refresh(workspace, families, notes, SystemClock())

    return run


def once(family: CarriedFamily, panel: Panel = PANEL) -> pl.DataFrame:
    return materialised(family, panel, no_states(family)).panel.table


def lying(workspace: Workspace, family: CarriedFamily) -> pl.DataFrame:
    table = kept(workspace, family).table
    return table.select(once(family).columns)


def test_day_by_day_with_corrections_the_tables_are_what_one_run_makes(
    workspace: Workspace, refreshed: Refresh
) -> None:
    refreshed(PANEL.until(KNOWN[70]))
    for i, at in enumerate(KNOWN[71:100:4]):
        result = refreshed(PANEL.until(at))
        assert not any(one.whole for one in result.families)
        if i == 3:
            MarketStore(workspace.path).compact()
    refreshed(PANEL)
    for family in FAMILIES:
        assert lying(workspace, family).equals(once(family))
        assert len(once(family)) > 450


def test_what_is_up_to_date_is_left_alone(refreshed: Refresh) -> None:
    assert [one.rows for one in refreshed(PANEL).families] == [len(once(f)) for f in FAMILIES]
    assert [one.rows for one in refreshed().families] == [0, 0]


def test_a_symbol_that_is_new_is_told_from_its_beginning(
    workspace: Workspace, refreshed: Refresh
) -> None:
    first = PANEL.symbols[0]
    refreshed(Panel(PANEL.table.filter(pl.col("symbol") != first)))
    result = refreshed(PANEL)
    assert not result.families[1].whole
    assert lying(workspace, SMOOTH).equals(once(SMOOTH))


def test_a_changed_definition_gets_a_table_of_its_own_and_the_old_one_stays(
    workspace: Workspace, refreshed: Refresh
) -> None:
    refreshed(PANEL)
    other = replace(SMOOTH, specs=(replace(SMOOTH.specs[0], formula="another"), SMOOTH.specs[1]))
    told = refreshed(families=(other,)).families[0]
    assert (told.whole, told.rows) == (True, len(once(SMOOTH)))
    tables = {kept_table(workspace, one) for one in (SMOOTH, other)}
    assert len(tables) == 2
    assert tables < {*MarketStore(workspace.path).tables}
    assert [one.rows for one in refreshed(families=(SMOOTH,)).families] == [0]


@pytest.mark.parametrize("family", [SMOOTH, MARKET_WIDE], ids=["of each", "of all"])
def test_sql_sees_the_definition_that_was_refreshed_last_where_no_bar_came_between(
    workspace: Workspace, refreshed: Refresh, family: KeptFamily
) -> None:
    first = family.specs[0]
    renamed = (replace(first, name="renamed"), *family.specs[1:])
    refreshed(PANEL, (family,))
    refreshed(families=(replace(family, specs=renamed),))
    assert "renamed" in asked(workspace, f"from features_{family.name}").columns
    refreshed(families=(family,))
    assert first.name in asked(workspace, f"from features_{family.name}").columns


def kept_table(workspace: Workspace, family: CarriedFamily) -> str:
    return Generations(MarketStore(workspace.path)).current(family).table


def test_a_past_that_comes_to_light_later_begins_another_table(
    workspace: Workspace, refreshed: Refresh
) -> None:
    refreshed(Panel(PANEL.table.filter(pl.col("timestamp") > PANEL.moments[20])))
    before = kept_table(workspace, SMOOTH)
    assert all(one.whole for one in refreshed(PANEL).families)
    assert kept_table(workspace, SMOOTH) == f"{before}_2"
    assert lying(workspace, SMOOTH).equals(once(SMOOTH))
    assert before in MarketStore(workspace.path).tables


@pytest.mark.parametrize("harm", ["lost", "torn"])
def test_where_it_was_left_can_be_lost_and_nothing_else_is(
    workspace: Workspace, refreshed: Refresh, harm: str
) -> None:
    refreshed(PANEL.until(KNOWN[80]))
    for file in (workspace.path / "features").iterdir():
        file.unlink() if harm == "lost" else file.write_bytes(file.read_bytes()[:-9])
    assert all(one.whole for one in refreshed(PANEL).families)
    assert lying(workspace, SMOOTH).equals(once(SMOOTH))


def test_bars_from_before_1970_go_on_in_their_table(
    workspace: Workspace, refreshed: Refresh
) -> None:
    ago = timedelta(days=365 * 70)
    back = pl.col("timestamp", "known_at") - ago
    long_ago = Panel(PANEL.table.with_columns(back, pl.col("session") - ago))
    refreshed(long_ago.until(KNOWN[80] - ago))
    assert not any(one.whole for one in refreshed(long_ago).families)
    assert lying(workspace, SMOOTH).equals(once(SMOOTH, long_ago))


EARLIER = Panel(
    PANEL.table.filter(  # all but some bars of one symbol, which come to light last
        (pl.col("symbol") != PANEL.symbols[1])
        | ~pl.col("timestamp").is_between(PANEL.moments[84], PANEL.moments[86])
    )
)


@pytest.mark.parametrize("state", ["first", "later"])
@pytest.mark.parametrize("step", ["before", "append", "publish", "pin", "put"])
@pytest.mark.parametrize("family", [SMOOTH, MARKET_WIDE], ids=lambda family: family.name)
def test_a_refresh_that_was_killed_stops_none_that_follows(
    workspace: Workspace,
    refreshed: Refresh,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    state: str,
    step: str,
    family: KeptFamily,
) -> None:
    if state == "later":
        refreshed(EARLIER.until(KNOWN[82]), (family,))
    MarketStore(workspace.path).append(EARLIER)
    with monkeypatch.context() as broken:
        killed_at(step, broken)
        with pytest.raises(Killed):
            refreshed(None, (family,))
    refreshed(PANEL, (family,))
    refreshed(None, (family,))
    whole = Workspace(tmp_path / "whole").create()
    MarketStore(whole.path).append(PANEL)
    refresh(whole, (family,), Notes(), SystemClock())
    assert kept(workspace, family).table.equals(kept(whole, family).table)


class Killed(BaseException):
    """The process ends."""


def killed_at(step: str, broken: pytest.MonkeyPatch) -> None:
    """End the next refresh before it writes, or once its rows, its state, its pin or its document is there."""
    owner, name = {
        "before": (MarketStore, "append"),
        "append": (MarketStore, "append"),
        "publish": (generations, "publish"),
        "pin": (MarketStore, "pin"),
        "put": (Documents, "put"),
    }[step]
    does = getattr(owner, name)

    def ends(*args: object) -> None:
        if step != "before":
            does(*args)
        raise Killed

    broken.setattr(owner, name, ends)


def test_where_state_is_lost_a_bar_that_was_known_earlier_stops_no_refresh(
    workspace: Workspace, refreshed: Refresh
) -> None:
    refreshed(EARLIER)
    for file in (workspace.path / "features").iterdir():
        file.unlink()
    assert all(one.whole for one in refreshed(PANEL).families)
    for family in FAMILIES:
        assert lying(workspace, family).equals(once(family))


def test_the_bars_that_a_table_follows_are_pinned(workspace: Workspace, refreshed: Refresh) -> None:
    refreshed(PANEL.until(KNOWN[80]))
    for at in KNOWN[81:90]:
        MarketStore(workspace.path).append(PANEL.until(at))
    store = MarketStore(workspace.path)
    store.compact()
    assert store.retain(versions=1).pinned == (1,)
    assert not refreshed(PANEL).families[0].whole
    assert lying(workspace, BARS).equals(once(BARS))
    assert len([*(workspace.path / "features").iterdir()]) == 2


def test_each_refresh_is_logged_with_how_long_it_took(
    workspace: Workspace, refreshed: Refresh
) -> None:
    result = refreshed(PANEL)
    refreshed()
    logged = list(Documents(MarketStore(workspace.path).lake.control).find(LOG))
    assert logged[0] == result.to_dict()
    assert [one["took_s"] > 0 for one in logged] == [True, True]


def test_a_workspace_without_bars_or_without_features_says_what_to_do(
    workspace: Workspace, refreshed: Refresh
) -> None:
    with pytest.raises(Misuse, match="holds no bars: bring some in with `tradewind ingest`"):
        refreshed()
    MarketStore(workspace.path).append(PANEL)
    with pytest.raises(Misuse, match="no features of 'bars' as it is defined now: make them with"):
        kept(workspace, BARS)
