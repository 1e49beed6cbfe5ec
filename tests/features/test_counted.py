"""Who is counted among the others: members of the universe, and of the same sector, as known at the moment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tests.features.test_bars import revised_panel
from tradewind.core import Dataset, Market, Panel, stream
from tradewind.core.errors import BadTable
from tradewind.core.tables import UTC_TIME
from tradewind.data.synthetic import Revisions, Turnover, make_market
from tradewind.evaluation.contracts import check_feature_reader
from tradewind.features.across.breadth import MARKET_WIDE
from tradewind.features.across.cross_asset import (
    Benchmark,
    Everybody,
    Groups,
    Sectors,
    cross_asset,
)
from tradewind.features.across.cross_section import CrossSection, Neutral, Ranks
from tradewind.features.across.sectors import sectors_of, with_sector
from tradewind.features.across.spells import members_over, sectors_over
from tradewind.features.across.together import MarketFamily
from tradewind.features.bars import BarFeatures
from tradewind.features.registry import BARS
from tradewind.features.seen import Floats, Seen

START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SECTOR = cross_asset(Sectors())
FAMILIES = (MARKET_WIDE, cross_asset(Everybody()), SECTOR)


def universe(*rows: tuple[str, int, int | None, int]) -> pl.DataFrame:
    """(symbol, start, end, known_at) of days."""
    days = [
        (name, START + start * DAY, None if end is None else START + end * DAY, START + known * DAY)
        for name, start, end, known in rows
    ]
    schema = {"symbol": pl.String, "start": UTC_TIME, "end": UTC_TIME, "known_at": UTC_TIME}
    return pl.DataFrame(days, schema=schema, orient="row")


def said(*rows: tuple[str, int, int, str | None]) -> Panel:
    """Sectors by symbol, from which day on, known on which."""
    table = pl.DataFrame(
        [(name, START + day * DAY, START + known * DAY, text) for name, day, known, text in rows],
        schema={
            "symbol": pl.String,
            "timestamp": UTC_TIME,
            "known_at": UTC_TIME,
            "sector": pl.String,
        },
        orient="row",
    )
    return Panel.from_frame(table, calendar="24/7", stamps="end")


def days(*numbers: int) -> np.ndarray:
    return np.array([int((START + n * DAY).timestamp()) * 1_000_000 for n in numbers])


def named(family: MarketFamily, seen: Seen) -> dict[str, Floats]:
    return dict(zip((spec.name for spec in family.specs), family.values(seen), strict=True))


def test_a_spell_holds_from_its_start_to_its_end_as_it_was_known_at_the_moment() -> None:
    spells = members_over(universe(("A", 1, None, 1), ("A", 1, 3, 4), ("B", 2, 3, 2)), ("A", "B"))
    asked = days(0, 1, 2, 3, 4)
    assert spells.at(days(3)[0], asked).tolist() == [[-1, 0, 0, 0, 0], [-1, -1, 0, -1, -1]]
    assert spells.at(days(4)[0], asked).tolist() == [[-1, 0, 0, -1, -1], [-1, -1, 0, -1, -1]]
    assert (members_over(None, ("A",)).at(days(0)[0], asked) == 0).all()


def test_a_symbol_that_leaves_its_sector_is_in_none_until_it_is_said_to_be_in_another() -> None:
    panel = said(("A", 0, 0, "mines"), ("A", 2, 2, None), ("A", 3, 3, "banks"))
    asked = days(0, 1, 2, 3, 4)
    assert sectors_over(panel, ("A",)).at(days(9)[0], asked).tolist() == [[1, 1, -1, 0, 0]]


@pytest.mark.parametrize("family", FAMILIES[:2], ids=lambda family: family.name)
def test_who_is_no_member_yet_changes_nothing_that_is_said_of_the_others(
    family: MarketFamily,
) -> None:
    panel = revised_panel(5, 140, 0.0)
    members = universe(*((f"S{i}", 0, None, 0) for i in range(4)), ("S4", 120, None, 120))
    wild = pl.when(symbol="S4").then(pl.col("close") ** 2).otherwise("close")
    other = Panel(panel.table.with_columns(close=wild))
    before = [START + day * DAY for day in (100, 119)]
    one, two = (Seen(each, before, members) for each in (panel, other))
    mine = one.symbol < 4
    assert np.array_equal(family.values(one)[:, mine], family.values(two)[:, mine], equal_nan=True)
    after = [START + 130 * DAY]
    one, two = (Seen(each, after, members) for each in (panel, other))
    assert not np.array_equal(family.values(one)[:, :4], family.values(two)[:, :4], equal_nan=True)


def test_who_has_joined_is_counted_from_then_on_and_not_in_what_was_before() -> None:
    panel = revised_panel(4, 100, 0.0)
    late = universe(*((f"S{i}", 0, None, 0) for i in range(3)), ("S3", 90, None, 90))
    ever = universe(*((f"S{i}", 0, None, 0) for i in range(3)))
    at = [panel.moments[-1]]
    with_it, without, every = (
        named(MARKET_WIDE, Seen(panel, at, who))["market_return_60"][0]
        for who in (late, ever, None)
    )
    assert len({with_it, without, every}) == 3
    assert abs(with_it - without) < abs(every - without)


def test_a_benchmark_need_not_be_a_member() -> None:
    panel = revised_panel(4, 100, 0.0)
    family, at = cross_asset(Benchmark("S0")), [panel.moments[-1]]
    others = universe(*((f"S{i}", 0, None, 0) for i in range(1, 4)))
    one, two = (named(family, Seen(panel, at, who)) for who in (others, None))
    assert np.array_equal(one["beta_S0_60"], two["beta_S0_60"])


def test_sectors_that_never_change_are_groups() -> None:
    panel = revised_panel(4, 100)
    of = {"S0": "food", "S1": "food", "S2": "rail"}
    ever = said(*((name, 0, 0, sector) for name, sector in of.items()))
    seen = Seen(panel, panel.moments[70::5], sectors=ever)
    groups = cross_asset(Groups("sector", of)).values(seen)
    assert np.array_equal(SECTOR.values(seen), groups, equal_nan=True)
    assert np.isnan(groups[:, seen.symbol == 3]).all()


def test_a_sector_that_becomes_known_later_is_not_held_against_before() -> None:
    panel = revised_panel(4, 140, 0.0)
    first = [(f"S{i}", 0, 0, "food" if i < 2 else "rail") for i in range(4)]
    moved = said(*first, ("S1", 90, 120, "rail"))
    still = said(*first)
    before, after = [START + 119 * DAY], [START + 121 * DAY]
    assert np.array_equal(
        SECTOR.values(Seen(panel, before, sectors=moved)),
        SECTOR.values(Seen(panel, before, sectors=still)),
        equal_nan=True,
    )
    changed = SECTOR.values(Seen(panel, after, sectors=moved))
    assert not np.array_equal(changed, SECTOR.values(Seen(panel, after, sectors=still)))


def test_the_sector_of_a_row_is_that_of_its_moment() -> None:
    panel = revised_panel(2, 20, 0.0)
    market = Market(
        {"bars": panel, "sectors": said(("S0", 2, 5, "food"), ("S0", 9, 9, "rail"))},
        pl.DataFrame({"symbol": ["S0", "S1"], "sector": ["banks", "banks"]}),
    )
    times = pl.Series([START + day * DAY for day in (4, 5, 8, 9)], dtype=UTC_TIME)
    rows = pl.DataFrame({"decided_at": times}).with_columns(symbol=pl.lit("S0", panel.names))
    told = with_sector(Dataset(rows, ()), market).table["sector"].to_list()
    assert told == [None, "food", "food", "rail"]


def test_where_nothing_says_when_the_instruments_say_it_for_ever() -> None:
    made = make_market("equity", 3, 30)
    ever = sectors_of(made)
    assert ever is not None
    assert ever.table["known_at"].max() < min(made.panel.moments)  # type: ignore[operator]
    assert sectors_of(Market({"bars": made.panel})) is None
    wrong = replace(made, panels={**made.panels, "sectors": made.panel})
    with pytest.raises(BadTable, match="the panel 'sectors' has no column 'sector'"):
        sectors_of(wrong)


def moving() -> Market:
    """Names that come and go, and sectors that are said anew, and late."""
    plants = [Revisions(0.05), Turnover(entries=1 / 4, exits=1 / 4)]
    made = make_market("equity", 12, 150, seed=5, plants=plants)
    rng, moments = stream(2, "sectors"), made.panel.moments
    table = pl.DataFrame(
        [
            (
                name,
                moments[begin],
                moments[begin + int(rng.integers(0, 30))],
                "xyz"[rng.integers(3)],
            )
            for name in made.panel.symbols
            for begin in (0, 60, 90, 110)
        ],
        schema={
            "symbol": pl.String,
            "timestamp": UTC_TIME,
            "known_at": UTC_TIME,
            "sector": pl.String,
        },
        orient="row",
    )
    sectors = Panel.from_frame(table, calendar="24/7", stamps="end")
    return replace(made, panels={**made.panels, "sectors": sectors})


def test_the_reader_passes_the_battery_on_names_that_come_and_go_and_sectors_that_change() -> None:
    market = moving()
    stages = (Neutral(("return_20",), least=2), Ranks(("return_20_less_sector",)))
    reader = CrossSection(BarFeatures(families=(BARS, *FAMILIES)), stages)
    times = market.panel.moments[90:140]
    rows = reader(market, times)
    assert rows.table["sector"].n_unique() > 2
    assert rows.table["beta_sector_20"].null_count() < len(rows) / 4
    assert check_feature_reader(reader, market, times, stream(1, "cuts"), 8) == ()


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_what_is_seen_of_a_market_that_is_cut_is_what_the_whole_showed_then(
    family: MarketFamily,
) -> None:
    market = moving()
    times = market.panel.moments[80::7]
    seen = Seen(market.panel, times, market.universe, sectors_of(market))
    values, compared = family.values(seen), 0
    for k, at in enumerate(times):
        cut = market.as_of(at)
        alone = family.values(Seen(cut.panel, [at], cut.universe, sectors_of(cut)))
        assert np.array_equal(alone, values[:, seen.moment == k], equal_nan=True)
        compared += alone.size
    assert compared > 1_000
