"""Bar after bar of several symbols, a market says at each moment to the bit what one run says of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tests.features.test_bars import revised_panel
from tests.features.toys import corrected
from tradewind.core import Panel
from tradewind.core.errors import BadTable
from tradewind.data.synthetic import Revisions, Turnover, make_market
from tradewind.features.across.breadth import MARKET_WIDE
from tradewind.features.across.cross_asset import Benchmark, Everybody, Sectors, cross_asset
from tradewind.features.across.sectors import sectors_of
from tradewind.features.kept.online_market import OnlineMarket
from tradewind.features.seen import Seen

FAMILIES = (MARKET_WIDE, cross_asset(Everybody()), cross_asset(Sectors()))
AT = datetime(2024, 1, 2, 21, tzinfo=UTC)


def compared(online: OnlineMarket, seen: Seen, since: datetime | None = None) -> int:
    """How many values are the same, moment by moment, as of all bars that were known by then."""
    batch = np.concatenate([family.values(seen) for family in FAMILIES])
    known = seen.panel.table.sort("known_at", "symbol", "timestamp")
    if since is not None:
        known = known.filter(pl.col("known_at") > since)
    total, moments = 0, {at: k for k, at in enumerate(seen.times)}
    for (at,), rows in known.group_by("known_at", maintain_order=True):
        for row in rows.iter_rows(named=True):
            online.push(row["symbol"], row["timestamp"], row)
        values = online.ask(at)
        mine = seen.moment == moments[at]
        place = [online.symbols.index(seen.names[symbol]) for symbol in seen.symbol[mine]]
        assert np.array_equal(values[:, place], batch[:, mine], equal_nan=True)
        total += values.size
    return total


def moments_of(panel: Panel) -> list[datetime]:
    return panel.table["known_at"].unique().sort().to_list()


@pytest.mark.parametrize(
    ("panel", "least"),
    [
        pytest.param(lambda: corrected(8, 150), 45_000, id="corrected"),
        pytest.param(lambda: revised_panel(5, 160), 30_000, id="late"),
        pytest.param(lambda: corrected(60, 500), 1_000_000, id="a million", marks=pytest.mark.slow),
    ],
)
def test_online_and_batch_agree_on_bars_that_are_corrected_and_come_late(
    panel: Callable[[], Panel], least: int
) -> None:
    made = panel()
    assert compared(OnlineMarket(FAMILIES), Seen(made, moments_of(made))) > least


def test_online_and_batch_agree_on_who_is_counted_and_in_which_sector() -> None:
    plants = [Revisions(0.05), Turnover(entries=1 / 3, exits=1 / 3)]
    made = make_market("equity", 9, 160, seed=6, plants=plants)
    said = sectors_of(made)
    seen = Seen(made.panel, moments_of(made.panel), made.universe, said)
    assert compared(OnlineMarket(FAMILIES, made.universe, said), seen) > 40_000
    alone = Seen(made.panel, seen.times)
    assert not np.array_equal(MARKET_WIDE.values(seen), MARKET_WIDE.values(alone), equal_nan=True)


def test_it_goes_on_from_a_panel_as_if_it_had_been_told_each_of_its_rows() -> None:
    panel = revised_panel(4, 130)
    cut = panel.moments[110]
    online = OnlineMarket.after(FAMILIES, panel.until(cut))
    assert compared(online, Seen(panel, moments_of(panel)), since=cut) > 2_000


def test_a_symbol_that_appears_late_is_told_with_the_others() -> None:
    panel = corrected(4, 130)
    late = (pl.col("symbol") == panel.symbols[1]) & (pl.col("timestamp") < panel.moments[100])
    panel = Panel(panel.table.filter(~late))
    assert compared(OnlineMarket(FAMILIES), Seen(panel, moments_of(panel))) > 10_000


def test_a_symbol_without_bars_for_longer_than_is_looked_back_is_not_spoken_of() -> None:
    online = OnlineMarket([MARKET_WIDE])
    for day in range(MARKET_WIDE.lookback + 1):
        for symbol in ("A", "B", "C", "D")[: 4 if day == 0 else 3]:
            online.push(symbol, AT + timedelta(days=day), {"close": 1.0 + day})
    values = online.ask(AT + timedelta(days=day))
    assert np.isnan(values[:, 3]).all()
    assert np.isfinite(values[0, :3]).all()


def test_a_bar_that_is_refused_leaves_no_trace() -> None:
    online = OnlineMarket([MARKET_WIDE])
    with pytest.raises(BadTable, match="'close' of the bar is inf: leave a missing value out"):
        online.push("A", AT, {"close": float("inf")})
    with pytest.raises(BadTable, match="the bar has no 'close': did you mean 'Close'"):
        online.push("A", AT, {"Close": 1.0})
    assert online.symbols == ()


def test_a_benchmark_without_bars_is_refused_until_it_has_some() -> None:
    online = OnlineMarket([cross_asset(Benchmark("SPY"))])
    online.push("A", AT, {"close": 1.0})
    with pytest.raises(ValueError, match="no bars of the benchmark 'SPY': choose from A"):
        online.ask(AT)
    online.push("SPY", AT, {"close": 1.0})
    assert online.ask(AT).shape == (len(online.names), 2)
