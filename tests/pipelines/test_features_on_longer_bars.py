"""Families on longer bars lie in tables as all others: what is refreshed is what one run would have made."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from tests.pipelines.conftest import Notes
from tradewind.core import Panel, SystemClock
from tradewind.core.reading import in_order
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import Revisions, make_market
from tradewind.features.coarser import Coarser
from tradewind.features.kept.materialising import materialised, no_states
from tradewind.features.registry import BARS, TECHNICAL
from tradewind.features.seen import Seen
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
    for at in KNOWN[151:200:8]:
        assert not any(one.whole for one in refreshed(PANEL.until(at)).families)
    refreshed(PANEL)
    for family in FAMILIES:
        assert lying(workspace, family).equals(once(family))
    assert PANEL.revised > 20
    assert len(once(WEEKLY)) > 4 * 52


def test_hours_of_corrected_minutes_are_refreshed_to_the_bit(
    workspace: Workspace, refreshed: Refresh
) -> None:
    minutes = make_market("crypto", 2, 900, "1m", 3, plants=[Revisions(0.05)]).panel
    hourly, known = Coarser(BARS, "1h"), minutes.table["known_at"].unique().sort()
    for at in (known[300], known[431], known[702], known[-1]):
        refreshed(minutes.until(at), (hourly,))
    assert (
        kept(workspace, hourly)
        .table.select(once(hourly, minutes).columns)
        .equals(once(hourly, minutes))
    )


def test_from_the_first_bar_on_a_table_grows_by_each_week_that_is_complete(
    workspace: Workspace, refreshed: Refresh
) -> None:
    added = [refreshed(PANEL.until(at), (WEEKLY,)).families[0].rows for at in KNOWN[:14]]
    assert added.count(0) > 8
    assert sum(added) >= 8
    assert lying(workspace, WEEKLY).equals(once(WEEKLY, PANEL.until(KNOWN[13])))


def test_a_day_that_is_corrected_a_year_later_corrects_its_week_and_what_looks_back_at_it(
    workspace: Workspace, refreshed: Refresh
) -> None:
    row = PANEL.table.filter(symbol="EQ2").row(20, named=True)
    late = {**row, "close": row["close"] * 2, "known_at": KNOWN[-1] + timedelta(days=90)}
    whole = Panel(in_order(pl.concat([PANEL.table, pl.DataFrame([late], PANEL.table.schema)])))
    refreshed(PANEL)
    result = refreshed(whole)
    assert not any(one.whole for one in result.families)
    assert 0 < result.families[0].rows < 60
    for family in FAMILIES:
        assert lying(workspace, family).equals(once(family, whole))


def test_a_symbol_that_is_new_or_was_away_is_told_from_where_it_was_left(
    workspace: Workspace, refreshed: Refresh
) -> None:
    first, second = PANEL.symbols[:2]
    away = pl.col("timestamp").is_between(PANEL.moments[120], PANEL.moments[160])
    panel = Panel(PANEL.table.filter((pl.col("symbol") != second) | ~away))
    refreshed(Panel(panel.until(KNOWN[140]).table.filter(pl.col("symbol") != first)))
    result = refreshed(panel)
    assert not any(one.whole for one in result.families)
    for family in FAMILIES:
        assert lying(workspace, family).equals(once(family, panel))


def test_a_past_that_comes_to_light_later_begins_another_table(
    workspace: Workspace, refreshed: Refresh
) -> None:
    before = refreshed(Panel(PANEL.table.filter(pl.col("timestamp") > PANEL.moments[20])))
    after = refreshed(PANEL)
    assert [one.table for one in after.families] == [f"{one.table}_2" for one in before.families]
    assert lying(workspace, WEEKLY).equals(once(WEEKLY))


def test_what_was_known_at_a_moment_is_what_one_would_have_computed_then(
    workspace: Workspace, refreshed: Refresh
) -> None:
    refreshed(PANEL)
    for at in KNOWN[100::40]:
        shown = kept(workspace, WEEKLY).as_of(at).table
        family, known = WEEKLY.longer, Panel(PANEL.as_of(at).table)
        weeks = WEEKLY.bars(known)
        values = family.values(Seen(weeks, [at]))
        newest = (
            shown.group_by("symbol", maintain_order=True)
            .last()
            .select(spec.name for spec in WEEKLY.specs)
        )
        assert np.array_equal(newest.fill_null(np.nan).to_numpy().T, values, equal_nan=True)


def test_beside_days_hours_are_refreshed_of_those_whose_bars_are_as_short(
    workspace: Workspace, refreshed: Refresh
) -> None:
    minutes = make_market("crypto", 2, 400, "1m", 3, plants=[Revisions(0.05)]).panel
    days = make_market("equity", 2, 30).panel
    tables = [one.table.cast({"symbol": pl.String}) for one in (minutes, days)]
    mixed = Panel.from_frame(pl.concat(tables, how="diagonal"))
    hourly, known = Coarser(BARS, "1h"), mixed.table["known_at"].unique().sort()
    for at in (known[2], known[20], known[202], known[-1]):
        refreshed(mixed.until(at), (hourly,))
    names, whole = pl.col("symbol").cast(pl.String), once(hourly, mixed)
    table = kept(workspace, hourly).table.select(whole.columns)
    assert table.with_columns(names).equals(whole.with_columns(names))
    assert {*table["symbol"].cast(pl.String)} == {*minutes.symbols}
