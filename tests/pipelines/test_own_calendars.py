"""Where a workspace names what reads calendars, each symbol is read by the one that it keeps."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tests.pipelines.conftest import Notes
from tradewind.core import Panel, SystemClock
from tradewind.core.errors import Misuse
from tradewind.core.reading import in_order
from tradewind.data.declared_calendars import remember
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import Revisions, make_market
from tradewind.features.calendars import Calendars
from tradewind.features.config import FeaturesConfig
from tradewind.features.families import CarriedFamily
from tradewind.features.kept.materialising import materialised, no_states
from tradewind.features.kept.online import Online
from tradewind.features.seasons.kept_calendars import seasonal_of
from tradewind.features.seasons.seasonal import seasonal
from tradewind.features.seen import Seen
from tradewind.pipelines.config import UpConfig
from tradewind.pipelines.dataset.build import run as build
from tradewind.pipelines.dataset.folder import load_dataset
from tradewind.pipelines.dataset.request import DatasetRequest
from tradewind.pipelines.explaining.telling import shown
from tradewind.pipelines.features import kept, kept_calendars, run
from tradewind.pipelines.holdings.querying import asked
from tradewind.storage.workspace import Workspace

KEYS = ["symbol", "timestamp", "known_at"]
OF = {"equity": "XNYS", "crypto": "24/7", "fx": "24/5"}


def mixed(bars: int = 120) -> tuple[Panel, dict[str, str]]:
    """Two shares, two coins and two currencies, with corrections, and the calendar of each."""
    tables, kept = [], {}
    for seed, (kind, calendar) in enumerate(OF.items()):
        panel = make_market(kind, 2, bars, seed=seed, plants=[Revisions(0.05)]).panel
        kept |= dict.fromkeys(panel.symbols, calendar)
        columns = [*KEYS, "session", "close"]
        tables.append(panel.table.select(columns).with_columns(pl.col("symbol").cast(pl.String)))
    rows = pl.concat(tables)
    names = pl.Enum(sorted(kept))
    return Panel(in_order(rows.with_columns(pl.col("symbol").cast(names)))), kept


PANEL, KEPT = mixed()
CALENDARS = Calendars("XNYS", KEPT)
NAMES = FeaturesConfig(("seasonal", "bars@1w"))


@pytest.fixture
def there(workspace: Workspace) -> Workspace:
    """A workspace with declared symbols, and no bars yet."""
    store = MarketStore(workspace.path)
    for symbol, calendar in KEPT.items():
        remember(store, "bars", [symbol], calendar)
    return workspace


def told(workspace: Workspace, notes: Notes, panel: Panel | None = None) -> list[bool]:
    """Refresh what is named, and of which family everything was computed."""
    if panel is not None:
        MarketStore(workspace.path).append(panel)
    return [one.whole for one in run(workspace, NAMES, notes, SystemClock()).families]


def alone(family: CarriedFamily, symbol: str) -> pl.DataFrame:
    """What a family says of one symbol that lies beside nobody."""
    panel = Panel(PANEL.table.filter(pl.col("symbol") == symbol))
    return materialised(family, panel, no_states(family)).panel.table


def test_a_refresh_tells_each_symbol_by_its_own_calendar_to_the_bit(
    there: Workspace, notes: Notes
) -> None:
    known = PANEL.table["known_at"].unique().sort()
    told(there, notes, PANEL.until(known[150]))
    for at in known[160:200:9]:
        assert told(there, notes, PANEL.until(at)) == [False, False]
    told(there, notes, PANEL)
    table = kept(there, seasonal_of(CALENDARS)).table
    for symbol, calendar in KEPT.items():
        mine = alone(seasonal(calendar), symbol)
        assert table.filter(pl.col("symbol") == symbol).select(mine.columns[1:]).equals(mine[:, 1:])


def test_live_and_batch_say_the_same_of_symbols_of_several_calendars() -> None:
    family = seasonal_of(CALENDARS)
    moments = PANEL.table["known_at"].unique().sort()
    seen, online, compared = Seen(PANEL, moments.to_list()), Online([family]), 0
    batch = family.values(seen)
    rows = PANEL.table.with_columns(moment=pl.col("known_at").rank("dense").cast(pl.Int64) - 1)
    rows = rows.sort("known_at", "symbol", "timestamp")
    whole = rows.select(pl.struct("known_at", "symbol").is_last_distinct()).to_series()
    numbers = rows["symbol"].to_physical()
    for row, number, last in zip(rows.iter_rows(named=True), numbers, whole, strict=True):
        values = online.push(row["symbol"], row["timestamp"], row)
        if last:
            place = (seen.moment == row["moment"]) & (seen.symbol == number)
            assert np.array_equal(values, batch[:, place][:, 0], equal_nan=True)
            compared += 1
    assert compared > 700


def test_what_is_said_does_not_know_the_future() -> None:
    family = seasonal_of(CALENDARS)
    for at in PANEL.table["known_at"].unique().sort().gather_every(37):
        cut, whole = (family.values(Seen(one, [at])) for one in (PANEL.until(at), PANEL))
        assert np.array_equal(cut, whole, equal_nan=True)


def test_a_symbol_that_is_declared_anew_begins_another_table_and_going_back_goes_on(
    there: Workspace, notes: Notes
) -> None:
    told(there, notes, PANEL)
    store, before = MarketStore(there.path), seasonal_of(CALENDARS)
    first = kept(there, before).table
    symbol = PANEL.symbols[0]
    remember(store, "bars", [symbol], "XLON")
    after = seasonal_of(kept_calendars(store))
    with pytest.raises(Misuse, match="no features of 'seasonal' as it is defined now"):
        kept(there, after)
    assert told(there, notes) == [True, True]
    assert len(kept(there, after).table) == len(first)
    assert kept(there, before).table.equals(first)
    remember(store, "bars", [symbol], KEPT[symbol])
    assert told(there, notes) == [False, False]


def test_sql_sees_the_calendars_that_are_kept_again_where_no_bar_came_between(
    there: Workspace, notes: Notes
) -> None:
    store, share = MarketStore(there.path), next(one for one in KEPT if KEPT[one] == "XNYS")
    hours = f"select max(session_hours) from features_seasonal where symbol = '{share}'"
    store.append(PANEL)
    said = []
    for calendar in ("XNYS", "24/7", "XNYS"):
        remember(store, "bars", [share], calendar)
        told(there, notes)
        said.append(asked(there, hours).item())
    assert said == [6.5, 24.0, 6.5]


def test_a_symbol_that_is_new_leaves_the_table_of_the_others_as_it_is(
    there: Workspace, notes: Notes
) -> None:
    last = PANEL.symbols[-1]
    told(there, notes, Panel(PANEL.table.filter(pl.col("symbol") != last)))
    remember(MarketStore(there.path), "bars", [last], "month")
    assert told(there, notes, PANEL) == [False, False]


def test_a_symbol_of_which_nothing_was_said_keeps_the_calendar_of_most(
    workspace: Workspace, notes: Notes
) -> None:
    store = MarketStore(workspace.path)
    assert kept_calendars(store).of("A") == "XNYS"
    remember(store, "bars", ["B", "C"], "24/7")
    remember(store, "bars", ["D"], "XLON")
    assert [kept_calendars(store).of(name) for name in "ABD"] == ["24/7", "24/7", "XLON"]


def test_a_feature_is_shown_by_each_symbol_s_own_calendar(there: Workspace, notes: Notes) -> None:
    MarketStore(there.path).append(PANEL)
    last = shown(there, FeaturesConfig(), "session_hours", notes).last
    assert dict(last.select("symbol", "value").rows()) == {
        symbol: {"XNYS": 6.5, "24/7": 24.0, "24/5": 24.0}[calendar]
        for symbol, calendar in KEPT.items()
    }


def test_a_dataset_has_each_symbol_s_own_season(there: Workspace, notes: Notes) -> None:
    panel, _ = mixed(170)
    MarketStore(there.path).append(panel)
    config = UpConfig(features=replace(NAMES, families=("bars", *NAMES.families)))
    rows = load_dataset(build(DatasetRequest(config=config), there, notes).folder).rows.table
    hours = rows.group_by(pl.col("symbol").cast(pl.String)).agg(pl.col("session_hours").max())
    assert {hour for _, hour in hours.rows()} == {6.5, 24.0}
    weekdays = rows.filter(pl.col("day_of_week") > 5)["symbol"].cast(pl.String).unique()
    assert {KEPT[symbol] for symbol in weekdays} == {"24/7"}
