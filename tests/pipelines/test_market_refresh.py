"""Tables of what a whole market says follow the bars: told on day by day, to the bit what one run says."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.features.test_bars import revised_panel
from tests.features.toys import corrected
from tests.pipelines.conftest import Notes
from tradewind.core import Market, Panel, SystemClock
from tradewind.core.errors import BadTable
from tradewind.data.membership import facts_of
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import Revisions, Turnover, make_market
from tradewind.features.across.breadth import MARKET_WIDE
from tradewind.features.across.cross_asset import Everybody, Sectors, cross_asset
from tradewind.features.across.sectors import sectors_of
from tradewind.features.families import KeptFamily
from tradewind.features.registry import SEASONAL
from tradewind.features.seen import Seen
from tradewind.pipelines import market_refresh
from tradewind.pipelines.features import RefreshResult, kept, refresh
from tradewind.storage.workspace import Workspace

FAMILIES: tuple[KeptFamily, ...] = (MARKET_WIDE, cross_asset(Everybody()), SEASONAL)
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


def known(panel: Panel) -> list[datetime]:
    return panel.table["known_at"].unique().sort().to_list()


def at_once(
    folder: Path, panel: Panel, families: tuple[KeptFamily, ...], **beside: Panel
) -> dict[str, pl.DataFrame]:
    """The table of each family, made by one run."""
    here, store = Workspace(folder).create(), MarketStore(folder)
    for name, facts in beside.items():
        store.append(facts, name)
    store.append(panel)
    refresh(here, families, Notes(), SystemClock())
    return {family.name: kept(here, family).table for family in families}


def lying(workspace: Workspace, families: tuple[KeptFamily, ...]) -> dict[str, pl.DataFrame]:
    return {family.name: kept(workspace, family).table for family in families}


def same(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame]) -> bool:
    return one.keys() == other.keys() and all(one[name].equals(other[name]) for name in one)


def late_symbol(panel: Panel) -> Panel:
    """The first symbol begins when the others have been there for long."""
    late = (pl.col("symbol") == panel.symbols[0]) & (pl.col("timestamp") < panel.moments[110])
    return Panel(panel.table.filter(~late))


@pytest.mark.parametrize(
    "panel",
    [corrected(4, 130), revised_panel(4, 130), late_symbol(corrected(4, 130))],
    ids=["corrected", "late bars", "late symbol"],
)
def test_day_by_day_the_tables_are_to_the_bit_what_one_run_makes(
    workspace: Workspace, refreshed: Refresh, tmp_path: Path, panel: Panel
) -> None:
    days = known(panel)
    refreshed(panel.until(days[95]))
    for at in [*days[96::5], days[-1]]:
        assert not any(one.whole for one in refreshed(panel.until(at)).families)
    assert same(lying(workspace, FAMILIES), at_once(tmp_path / "once", panel, FAMILIES))


def test_read_as_of_a_moment_the_newest_rows_are_what_is_seen_then(
    workspace: Workspace, refreshed: Refresh
) -> None:
    panel = revised_panel(5, 150)
    refreshed(panel)
    compared = 0
    for family in FAMILIES:
        table = kept(workspace, family)
        for at in known(panel)[3::9]:
            seen = Seen(panel, [at + timedelta(minutes=1)])
            rows = table.as_of(at).table.group_by("symbol", maintain_order=True).last()
            assert rows["symbol"].to_physical().to_list() == seen.symbol.tolist()
            for spec, values in zip(family.specs, family.values(seen), strict=True):
                ours = rows[spec.name].fill_null(np.nan).to_numpy()
                assert np.array_equal(ours, values, equal_nan=True)
                compared += len(values)
    assert compared > 3_000


def test_a_correction_of_one_symbol_is_a_new_version_of_what_is_said_of_the_others(
    workspace: Workspace, refreshed: Refresh
) -> None:
    panel = revised_panel(4, 100, revised=0.0)
    last = panel.moments[-1]
    late = max(panel.table["known_at"]) + timedelta(hours=3)
    again = panel.table.filter(symbol="S1", timestamp=panel.moments[-3])
    again = again.tail(1).with_columns(pl.col("close") * 2, known_at=pl.lit(late))
    refreshed(panel)
    rows = pl.concat([panel.table, again.cast(dict(panel.table.schema))])
    result = refreshed(Panel(rows.sort("symbol", "timestamp", "known_at")), FAMILIES[:2])
    assert [(one.rows, one.whole) for one in result.families] == [(4, False), (4, False)]
    told = kept(workspace, FAMILIES[1]).table.filter(known_at=late)
    assert told["symbol"].cast(pl.String).to_list() == ["S0", "S1", "S2", "S3"]
    assert told["timestamp"].unique().to_list() == [last]


def test_what_is_up_to_date_is_left_alone(refreshed: Refresh) -> None:
    refreshed(corrected(3, 60))
    assert [one.rows for one in refreshed().families] == [0, 0, 0]


def test_a_past_that_comes_to_light_later_begins_another_table(
    workspace: Workspace, refreshed: Refresh, tmp_path: Path
) -> None:
    panel = corrected(4, 120)
    without = Panel(panel.table.filter(pl.col("symbol") != panel.symbols[-1]))
    before = refreshed(without, FAMILIES[:2]).families[0].table
    result = refreshed(panel, FAMILIES[:2])
    assert [one.whole for one in result.families] == [True, True]
    assert result.families[0].table == f"{before}_2"
    once = at_once(tmp_path / "once", panel, FAMILIES[:2])
    assert same(lying(workspace, FAMILIES[:2]), once)


def test_where_it_was_left_can_be_lost_and_nothing_else_is(
    workspace: Workspace, refreshed: Refresh, tmp_path: Path
) -> None:
    panel = corrected(4, 120)
    refreshed(panel.until(known(panel)[100]), FAMILIES[:2])
    for file in (workspace.path / "features").iterdir():
        file.write_bytes(file.read_bytes()[:-9])
    assert all(one.whole for one in refreshed(panel, FAMILIES[:2]).families)
    once = at_once(tmp_path / "once", panel, FAMILIES[:2])
    assert same(lying(workspace, FAMILIES[:2]), once)


def test_in_parts_or_at_once_the_rows_are_the_same(
    workspace: Workspace, refreshed: Refresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = revised_panel(4, 130)
    once = at_once(tmp_path / "once", panel, FAMILIES[:2])
    monkeypatch.setattr(market_refresh, "AT_ONCE", 600)
    refreshed(panel, FAMILIES[:2])
    assert same(lying(workspace, FAMILIES[:2]), once)


def moving() -> tuple[Market, Panel, Panel]:
    """A market whose names come and go, the facts of that, and sectors that change."""
    plants = [Revisions(0.05), Turnover(entries=1 / 4, exits=1 / 4)]
    market = make_market("equity", 8, 130, seed=6, plants=plants)
    members = Panel.from_frame(facts_of(market.universe))  # type: ignore[arg-type]
    symbols = pl.DataFrame({"symbol": market.panel.symbols, "sector": ["x", "y"] * 4})
    begun = datetime(2000, 1, 1, tzinfo=UTC)
    said = pl.concat(
        symbols.with_columns(timestamp=pl.lit(at), known_at=pl.lit(late), sector=sector)
        for at, late, sector in (
            (begun, begun, pl.col("sector")),
            (market.panel.moments[70], market.panel.moments[110], pl.col("sector").reverse()),
        )
    ).with_columns(session=pl.lit(date(2000, 1, 1)))
    return market, members, Panel.from_frame(said, calendar="24/7")


def test_members_and_sectors_are_followed_as_they_come_to_be_known(
    workspace: Workspace, refreshed: Refresh, tmp_path: Path
) -> None:
    market, members, sectors = moving()
    families = (MARKET_WIDE, cross_asset(Sectors()))
    store, days = MarketStore(workspace.path), known(market.panel)
    for at in [*days[90::6], days[-1]]:
        store.append(members.until(at), "membership")
        store.append(sectors.until(at), "sectors")
        result = refreshed(market.panel.until(at), families)
        assert all(one.whole == (at == days[90]) for one in result.families)
    beside = {"membership": members, "sectors": sectors}
    once = at_once(tmp_path / "once", market.panel, families, **beside)
    assert same(lying(workspace, families), once)
    for family in families:
        seen = Seen(market.panel, [days[-1]], market.universe, sectors)
        rows = kept(workspace, family).as_of(days[-1]).table
        newest = rows.group_by("symbol", maintain_order=True).last()
        for spec, values in zip(family.specs, family.values(seen), strict=True):
            ours = newest[spec.name].fill_null(np.nan).to_numpy()
            assert np.array_equal(ours, values, equal_nan=True)


def test_a_member_that_comes_to_light_later_begins_another_table(
    workspace: Workspace, refreshed: Refresh
) -> None:
    market, members, _ = moving()
    refreshed(market.panel, (MARKET_WIDE,))
    everybody = kept(workspace, MARKET_WIDE).table
    MarketStore(workspace.path).append(members, "membership")
    assert refreshed(None, (MARKET_WIDE,)).families[0].whole
    assert not everybody.equals(kept(workspace, MARKET_WIDE).table)


def test_a_table_of_sectors_that_names_none_is_refused(
    workspace: Workspace, refreshed: Refresh
) -> None:
    panel = corrected(2, 30)
    MarketStore(workspace.path).append(panel, "sectors")
    with pytest.raises(BadTable, match="the panel 'sectors' has no column 'sector'"):
        refreshed(panel, (MARKET_WIDE,))


def test_sectors_that_the_bars_tell_are_read_where_no_table_does(
    workspace: Workspace, refreshed: Refresh, tmp_path: Path
) -> None:
    family = cross_asset(Sectors())
    plain = corrected(4, 130)
    told = (
        pl.when(pl.col("symbol").to_physical() < 2).then(pl.lit("food")).otherwise(pl.lit("rail"))
    )
    panel = Panel(plain.table.with_columns(sector=told))
    days = known(panel)
    for at in (days[100], days[-1]):
        refreshed(panel.until(at), (family,))
    rows = (
        kept(workspace, family).as_of(days[-1]).table.group_by("symbol", maintain_order=True).last()
    )
    seen = Seen(panel, [days[-1]], None, sectors_of(Market({"bars": panel})))
    values = family.values(seen)
    place = [spec.name for spec in family.specs].index("beta_sector_20")
    assert np.array_equal(rows["beta_sector_20"].to_numpy(), values[place], equal_nan=True)
    assert rows["beta_sector_20"].null_count() == 0
    assert same(lying(workspace, (family,)), at_once(tmp_path / "once", panel, (family,)))
