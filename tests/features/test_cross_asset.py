"""What symbols do beside each other is what its definition says, of what was known, in any order of them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from tests.features.test_bars import revised_panel
from tradewind.core import Market, Panel, stream
from tradewind.core.arrays import Floats
from tradewind.data.synthetic import Revisions, make_market
from tradewind.evaluation.contracts import check_feature_reader
from tradewind.features.across.breadth import MARKET_WIDE
from tradewind.features.across.cross_asset import (
    Benchmark,
    Everybody,
    Groups,
    Reference,
    cross_asset,
)
from tradewind.features.across.moves import CARRIED
from tradewind.features.across.together import MarketFamily, SideBySide
from tradewind.features.bars import BarFeatures
from tradewind.features.registry import BARS
from tradewind.features.seen import Seen

SECTORS = Groups("sector", {"S0": "food", "S1": "food", "S2": "rail", "S3": "rail"})
FAMILIES = (
    cross_asset(Everybody()),
    cross_asset(SECTORS),
    cross_asset(Benchmark("S1")),
    MARKET_WIDE,
)
START = datetime(2024, 1, 1, tzinfo=UTC)


def walk(symbols: int = 6, moments: int = 120, seed: int = 2) -> Floats:
    """(2, symbols, moments) log closes and money traded; the last symbol misses bars, one began late."""
    rng = stream(seed, "walk")
    moved = rng.normal(0, 0.01, moments) + rng.normal(0, 0.02, (symbols, moments))
    closes = moved.cumsum(axis=1)
    closes[-1, rng.choice(moments, moments // 4, replace=False)] = np.nan
    closes[-2, :30] = np.nan
    return np.stack([closes, rng.lognormal(10, 1, (symbols, moments))])


def beside(bars: Floats) -> SideBySide:
    """Everybody is counted, and nobody has a sector."""
    everybody = np.zeros(bars.shape[1:], dtype=np.int64)
    return SideBySide(bars, everybody, everybody - 1)


def named(family: MarketFamily, values: Floats) -> dict[str, Floats]:
    return dict(zip((spec.name for spec in family.specs), values, strict=True))


def of(reference: Reference, bars: Floats, names: tuple[str, ...] = ()) -> dict[str, Floats]:
    """The features of the last moment."""
    family = cross_asset(reference)
    names = names or tuple(f"S{i}" for i in range(bars.shape[1]))
    return named(family, family.among(names)(beside(bars)))


def moves(closes: Floats) -> tuple[Floats, list[list[int]]]:
    """(symbols, moments) the return of each bar, and the moment of the bar before it."""
    out, before = np.full(closes.shape, np.nan), [[-1] * closes.shape[1] for _ in closes]
    for s, row in enumerate(closes):
        there = np.flatnonzero(~np.isnan(row))
        for last, now in pairwise(there):
            if now - last <= CARRIED:
                out[s, now], before[s][now] = row[now] - row[last], int(last)
    return out, before


def market(closes: Floats) -> Floats:
    """(moments,) the mean move of the symbols whose last move is young enough."""
    moved, _ = moves(closes)
    means = []
    for t in range(closes.shape[1]):
        young = ~np.isnan(moved[:, max(0, t - CARRIED + 1) : t + 1]).all(axis=1)
        means.append(np.nansum(moved[young, t]) / young.sum() if young.any() else np.nan)
    return np.array(means)


def test_each_relation_is_what_its_definition_says() -> None:
    bars = walk()
    values, means = of(Everybody(), bars), market(bars[0])
    moved, before = moves(bars[0])
    traded = np.log(bars[1, :, -20:].mean(axis=1))
    for s in range(6):
        last = [t for t in range(60, 120) if not np.isnan(moved[s, t])]
        for n in (20, 60):
            pairs = [t for t in last if t >= 120 - n]
            own = moved[s, pairs]
            other = np.array([means[before[s][t] + 1 : t + 1].sum() for t in pairs])
            beta = np.cov(own, other)[0, 1] / other.var(ddof=1)
            rest = own - own.mean() - beta * (other - other.mean())
            assert values[f"beta_market_{n}"][s] == pytest.approx(beta, rel=1e-9)
            assert values[f"correlation_market_{n}"][s] == pytest.approx(
                np.corrcoef(own, other)[0, 1]
            )
            spread = np.sqrt((rest**2).sum() / (len(pairs) - 2))
            assert values[f"own_volatility_market_{n}"][s] == pytest.approx(spread)
            assert values[f"strength_market_{n}"][s] == pytest.approx((own - other).sum())
        for k in (1, 2, 3):
            pairs = [t for t in last if before[s][t] == t - 1]
            follows = np.corrcoef(moved[s, pairs], means[np.array(pairs) - k])[0, 1]
            assert values[f"lead_market_{k}"][s] == pytest.approx(follows)
        assert values["size_market_20"][s] == pytest.approx(traded[s] - traded.mean())


def test_what_all_do_together_is_what_its_definition_says() -> None:
    bars = walk()
    values, means = named(MARKET_WIDE, MARKET_WIDE.among(())(beside(bars))), market(bars[0])
    moved, _ = moves(bars[0])
    assert all((row == row[0]).all() for row in values.values())
    one = {name: row[0] for name, row in values.items()}
    for n in (1, 5, 20, 60):
        assert one[f"market_return_{n}"] == pytest.approx(means[-n:].sum())
    returns = np.nansum(moved[:, -20:], axis=1)
    assert one["market_volatility_20"] == pytest.approx(means[-20:].std(ddof=1))
    assert one["dispersion_20"] == pytest.approx(returns.std(ddof=1))
    assert one["dispersion_1"] == pytest.approx(np.nanstd(moved[:, -1], ddof=1))
    assert one["breadth_20"] == (returns > 0).mean()
    whole = moved[~np.isnan(moved[:, -60:]).any(axis=1), -60:]
    pairs = np.corrcoef(whole)[np.triu_indices(len(whole), 1)]
    assert len(pairs) == 10
    assert one["together_60"] == pytest.approx(pairs.mean(), rel=1e-9)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_value_is_a_function_of_the_moments_that_it_declares(family: MarketFamily) -> None:
    bars = walk()
    kernel = family.among(tuple(f"S{i}" for i in range(6)))
    values = kernel(beside(bars))
    for f, spec in enumerate(family.specs):
        alone = kernel(beside(bars[:, :, 120 - family.lookback :]))[f]
        assert np.array_equal(alone, values[f], equal_nan=True), spec.name
        garbled = bars.copy()
        garbled[:, :, : 120 - spec.lookback] = 7.0
        assert np.array_equal(kernel(beside(garbled))[f], values[f], equal_nan=True), spec.name


def test_the_order_of_symbols_changes_no_bit() -> None:
    bars, names = walk(40), tuple(f"S{i}" for i in range(40))
    order = stream(1, "order").permutation(40)
    turned = tuple(names[i] for i in order)
    for family in (*FAMILIES[:2], FAMILIES[3]):
        plain = family.among(names)(beside(bars))
        mixed = family.among(turned)(beside(bars[:, order]))
        assert np.array_equal(plain[:, order], mixed, equal_nan=True)


def test_who_moves_twice_as_far_as_the_benchmark_has_a_beta_of_two_and_nothing_of_its_own() -> None:
    bars = walk(2, seed=3)
    bars[0] = np.vstack([bars[0, 0], bars[0, 0] * 2])
    bars[0, 0, :30] = bars[0, 1, :30] = 0.0
    bars[0] = np.nan_to_num(bars[0])
    values = of(Benchmark("S0"), bars)
    assert values["beta_S0_60"] == pytest.approx([1, 2])
    assert values["correlation_S0_60"] == pytest.approx([1, 1])
    assert values["own_volatility_S0_60"] == pytest.approx([0, 0], abs=1e-9)


def test_who_repeats_the_benchmark_two_moments_later_follows_it() -> None:
    leader = stream(5, "leader").normal(0, 0.02, 120).cumsum()
    follower = np.concatenate([[0.0, 0.0], leader[:-2]])
    bars = np.stack([np.vstack([leader, follower])] * 2)
    values = of(Benchmark("S0"), bars)
    assert values["lead_S0_2"][1] == pytest.approx(1)
    assert abs(values["lead_S0_1"][1]) < 0.4
    assert abs(values["lead_S0_2"][0]) < 0.4


def test_a_share_that_was_closed_is_held_against_all_that_the_market_did_meanwhile() -> None:
    rng = stream(7, "coins")
    coins = rng.normal(0, 0.02, (4, 120)).cumsum(axis=1)
    share = coins.mean(axis=0).copy()
    share[np.isin(np.arange(120) % 7, (5, 6))] = np.nan  # closed at weekends
    bars = np.stack([np.vstack([coins, share])] * 2)
    values = of(Groups("coins", dict.fromkeys(("S0", "S1", "S2", "S3"), "coins")), bars)
    assert np.isnan(values["beta_coins_60"][4])
    everybody = of(Everybody(), bars)
    assert everybody["correlation_market_60"][4] == pytest.approx(1, abs=1e-3)


def test_a_group_is_held_against_itself_alone() -> None:
    bars, other = walk(4), walk(4, seed=9)
    mixed = bars.copy()
    mixed[:, 2:] = other[:, 2:]
    one, two = of(SECTORS, bars), of(SECTORS, mixed)
    assert np.array_equal(one["beta_sector_20"][:2], two["beta_sector_20"][:2])
    assert one["beta_sector_20"][2] != two["beta_sector_20"][2]


@pytest.mark.parametrize("value", [np.nan, 0.0, -37.0, 1e308, 1e-308])
def test_a_bad_price_is_no_bar_and_nothing_is_infinite(value: float) -> None:
    table = revised_panel(4, 120, 0.0).table
    bad = (pl.col("symbol") == "S2") & (pl.col("timestamp") == START + timedelta(days=60))
    price = pl.when(bad).then(pl.lit(value).fill_nan(None)).otherwise("close")
    panel = Panel(
        table.with_columns(close=price, volume=pl.when(bad).then(1e308).otherwise("volume"))
    )
    for family in FAMILIES:
        values = family.values(Seen(panel, panel.moments))
        assert not np.isinf(values).any()
        assert not np.isnan(values[0]).all()


def test_prices_that_do_not_move_have_no_beta_and_no_correlation() -> None:
    still = np.stack([np.full((4, 100), 0.1) * np.arange(1, 5)[:, None]] * 2)
    values = of(Everybody(), still) | named(MARKET_WIDE, MARKET_WIDE.among(())(beside(still)))
    assert values["strength_market_20"].tolist() == [0] * 4
    assert values["dispersion_20"].tolist() == [0] * 4
    missing = ("beta_market_20", "correlation_market_60", "lead_market_1", "together_20")
    assert all(np.isnan(values[name]).all() for name in missing)


def test_every_moment_sees_what_its_snapshot_would_show() -> None:
    panel = revised_panel()
    hours = sorted(stream(1, "m").choice(160 * 24, 40, False))
    moments = [START + timedelta(hours=int(hour)) for hour in hours]
    names, compared = panel.names.categories.to_list(), 0
    seen = Seen(panel, moments)
    for family in FAMILIES:
        values = family.values(seen)
        for k, at in enumerate(moments):
            shown = panel.as_of(at).table
            stamps = shown["timestamp"].unique().sort().tail(family.lookback)
            bars = np.full((2, len(names), family.lookback), np.nan)
            kept = shown.filter(pl.col("timestamp").is_in(stamps.implode()))
            read = family.each(np.vstack([kept["close"], kept["volume"]]))
            column = stamps.search_sorted(kept["timestamp"]).cast(pl.Int64).to_numpy() - len(stamps)
            bars[:, kept["symbol"].to_physical(), column] = read
            whole = family.among(tuple(names))(beside(bars))
            mine = seen.moment == k
            assert np.array_equal(values[:, mine], whole[:, seen.symbol[mine]], equal_nan=True)
            compared += int(mine.sum())
    assert compared > 700


def test_a_moment_of_the_market_that_becomes_known_late_was_not_there_before() -> None:
    table = revised_panel(4, 100, 0.0).table
    day = START + timedelta(days=70)
    late = pl.when(pl.col("timestamp") == day).then(pl.col("timestamp") + timedelta(days=9))
    panel = Panel(table.with_columns(known_at=late.otherwise("known_at")))
    times = [START + timedelta(days=days) for days in range(60, 95)]
    for family in FAMILIES:
        history, seen = family.values(Seen(panel, times)), Seen(panel, times)
        for k, at in enumerate(times):
            alone = family.values(Seen(panel.until(at), [at]))
            assert np.array_equal(alone, history[:, seen.moment == k], equal_nan=True)


def test_the_reader_passes_the_battery_on_a_market_that_is_corrected() -> None:
    made = make_market("equity", 12, 140, seed=5, plants=[Revisions(0.05)])
    sectors = Groups("sector", dict(made.instruments.select("symbol", "sector").iter_rows()))
    families = (BARS, cross_asset(Everybody()), cross_asset(sectors), MARKET_WIDE)
    reader = BarFeatures(families=families)
    rows = reader(made, made.panel.moments[90:120])
    assert rows.table["beta_sector_60"].null_count() == 0
    assert (
        check_feature_reader(reader, made, made.panel.moments[90:120], stream(1, "cuts"), 8) == ()
    )


def test_a_market_of_one_symbol_is_itself() -> None:
    bars = walk(2)[:, 1:, 30:]
    bars[0] = np.nan_to_num(bars[0])
    assert of(Everybody(), bars)["beta_market_60"].tolist() == pytest.approx([1])
    made = Market({"bars": revised_panel(1, 80, 0.0)})
    rows = BarFeatures(families=(BARS, MARKET_WIDE))(made, made.panel.moments[70:])
    assert rows.table["dispersion_20"].null_count() == len(rows)


def test_shares_and_coins_in_one_panel_are_read_as_both_were_known() -> None:
    rng, days = stream(3, "both"), 150
    common = rng.normal(0, 0.02, days).cumsum()
    hours = {"A": 21, "B": 21, "C": 24, "D": 24}
    rows = pl.concat(
        pl.DataFrame(
            {
                "symbol": name,
                "timestamp": [START + timedelta(days=day, hours=hour) for day in range(days)],
                "close": np.exp(common + rng.normal(0, 0.002, days)),
            }
        )
        for name, hour in hours.items()
    ).filter((pl.col("symbol") >= "C") | (pl.col("timestamp").dt.weekday() <= 5))
    market = Market({"bars": Panel.from_frame(rows, calendar="24/7", stamps="end")})
    reader = BarFeatures(families=(BARS, cross_asset(Benchmark("C")), MARKET_WIDE))
    times = market.panel.moments[-40:]
    table = reader(market, times).table
    shares = table.filter(pl.col("symbol") < "C")
    assert shares["beta_C_60"].null_count() == 0
    assert set(table["symbol"]) == set(hours)
    assert check_feature_reader(reader, market, times, stream(1, "cuts"), 6) == ()
