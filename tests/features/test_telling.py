"""What is kept of a whole market is what was said by then: nothing later has a part in it."""

import numpy as np
import pytest

from tests.features.test_bars import revised_panel
from tradewind.core import Panel, stream
from tradewind.data.synthetic import Revisions, Turnover, make_market
from tradewind.features.across.breadth import MARKET_WIDE
from tradewind.features.across.cross_asset import Everybody, Sectors, cross_asset
from tradewind.features.across.sectors import sectors_of
from tradewind.features.across.together import MarketFamily
from tradewind.features.kept.telling import NEVER_YET, Told, nothing_told, told
from tradewind.features.seen import Seen

FAMILIES = (MARKET_WIDE, cross_asset(Everybody()), cross_asset(Sectors()))
by_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
MADE = make_market(
    "equity", 6, 130, seed=6, plants=[Revisions(0.05), Turnover(entries=1 / 3, exits=1 / 3)]
)


def whole(family: MarketFamily, panel: Panel) -> tuple[Panel, Told]:
    times = panel.table["known_at"].unique().sort().to_list()
    seen = Seen(panel, times, MADE.universe, sectors_of(MADE))
    return told(family, seen, nothing_told(family))


@by_family
def test_the_table_of_a_market_that_is_cut_is_the_table_as_it_was_known_then(
    family: MarketFamily,
) -> None:
    panel = MADE.panel
    rows, _ = whole(family, panel)
    moments = panel.table["known_at"].unique().sort()
    for place in stream(1, "cuts").choice(len(moments), 6, replace=False):
        at = moments[int(place)]
        cut = MADE.as_of(at)
        times = cut.panel.table["known_at"].unique().sort().to_list()
        seen = Seen(cut.panel, times, cut.universe, sectors_of(cut))
        assert told(family, seen, nothing_told(family))[0].table.equals(rows.until(at).table)


@by_family
def test_each_version_is_another_than_the_one_before_it(family: MarketFamily) -> None:
    rows, _ = whole(family, MADE.panel)
    values = rows.table.select(spec.name for spec in family.specs).to_numpy()
    again = np.flatnonzero(rows.corrections)
    now, before = values[again], values[again - 1]
    same = (now == before) | (np.isnan(now) & np.isnan(before))
    assert len(again) > 5
    assert not same.all(axis=1).any()


@by_family
def test_where_it_was_left_is_read_back_to_the_bit(family: MarketFamily) -> None:
    _, left = whole(family, revised_panel(4, 120))
    again = Told.from_table(left.table)
    assert (again.until, again.since, again.symbols) == (left.until, left.since, left.symbols)
    assert np.array_equal(again.newest, left.newest)
    assert np.array_equal(again.values, left.values, equal_nan=True)


def test_before_there_are_as_many_moments_as_are_looked_at_any_bar_may_still_have_a_part() -> None:
    lookback = MARKET_WIDE.lookback
    for days in (lookback - 1, lookback):
        panel = revised_panel(2, days, 0.0)
        _, left = whole(MARKET_WIDE, panel)
        assert (left.since == NEVER_YET) == (len(panel.moments) < lookback)
