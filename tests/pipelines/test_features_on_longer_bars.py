"""Families on longer bars lie in tables as all others: what is refreshed is what one run would have made."""

from collections.abc import Callable

import polars as pl
import pytest

from tests.pipelines.conftest import Notes
from tradewind.core import Panel, SystemClock
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import Revisions, make_market
from tradewind.features.coarser import Coarser
from tradewind.features.kept.materialising import materialised, no_states
from tradewind.features.registry import BARS, TECHNICAL
from tradewind.pipelines.features import RefreshResult, kept, refresh
from tradewind.storage.workspace import Workspace

PANEL = make_market("equity", 4, 260, seed=5, plants=[Revisions(0.05)]).panel
KNOWN = PANEL.table["known_at"].unique().sort().to_list()
WEEKLY, MONTHLY = Coarser(BARS, "1w"), Coarser(TECHNICAL, "1mo")
FAMILIES = (WEEKLY, MONTHLY)
Refresh = Callable[..., RefreshResult]


@pytest.fixture
def refreshed(workspace: Workspace, notes: Notes) -> Refresh:
    """Append a panel to the bars, and refresh."""

    def brought(panel: Panel, families: tuple[Coarser, ...] = FAMILIES) -> RefreshResult:
        MarketStore(workspace.path).append(panel)
        return refresh(workspace, families, notes, SystemClock())

    return brought


def once(family: Coarser, panel: Panel = PANEL) -> pl.DataFrame:
    longer = family.longer
    return materialised(longer, family.bars(panel), no_states(longer)).panel.table


def lying(workspace: Workspace, family: Coarser) -> pl.DataFrame:
    table = kept(workspace, family).table
    return table.select(once(family).columns)


def test_day_by_day_with_corrections_the_tables_are_what_one_run_makes(
    workspace: Workspace, refreshed: Refresh
) -> None:
    refreshed(PANEL.until(KNOWN[150]))
    for at in KNOWN[151:200:3]:
        assert not any(one.whole for one in refreshed(PANEL.until(at)).families)
    refreshed(PANEL)
    for family in FAMILIES:
        assert lying(workspace, family).equals(once(family))
    assert PANEL.revised > 20
    assert len(once(WEEKLY)) > 4 * 52


def test_from_the_first_bar_on_a_table_grows_by_each_week_that_is_complete(
    workspace: Workspace, refreshed: Refresh
) -> None:
    added = [refreshed(PANEL.until(at), (WEEKLY,)).families[0].rows for at in KNOWN[:14]]
    assert added.count(0) > 8
    assert sum(added) >= 8
    assert lying(workspace, WEEKLY).equals(once(WEEKLY, PANEL.until(KNOWN[13])))
