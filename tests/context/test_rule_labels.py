"""Rule labels read the past alone, and are the same to the bit however the history is walked."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from tests.context.conftest import START, alone, measured
from tradewind.context.bands import Bands
from tradewind.context.label_checks import label_findings
from tradewind.context.rule_labels import LABELS, LabelState, generate_regime_labels, step
from tradewind.core import Dataset, Market, Panel, stream
from tradewind.core.errors import BadTable, Misuse
from tradewind.data.synthetic import Revisions, make_market
from tradewind.features.bars import BarFeatures
from tradewind.features.liquidity import with_liquidity

BANDS = Bands(1 / 3, 2 / 3, least=20)


def between(rows: Dataset, first: int, last: int) -> Dataset:
    """The rows of moments first up to, not including, last."""
    low, high = START + timedelta(days=first), START + timedelta(days=last)
    at = pl.col("decided_at")
    return Dataset(rows.table.filter((at >= low) & (at < high)), rows.features)


def together(parts: list[Panel]) -> Panel:
    return Panel(pl.concat([part.table for part in parts]).sort("symbol", "timestamp"))


def labelled(market: Market, times: list) -> pl.DataFrame:
    rows = with_liquidity(BarFeatures()(market, times), market)
    rows = Dataset(rows.table.join(market.instruments, "symbol", maintain_order="left"), ())
    return generate_regime_labels(rows, least=20).table


def test_a_history_is_a_loop_of_its_moments() -> None:
    rows = measured()
    whole, state = generate_regime_labels(rows, least=20), LabelState(BANDS)
    online = [step(state, between(rows, day, day + 1)) for day in range(120)]
    assert together(online) == whole
    assert all(whole.table[name].n_unique() > 1 for name in LABELS)


def test_a_state_that_was_stored_goes_on_as_if_nothing_had_been_between() -> None:
    rows = measured()
    state = LabelState(BANDS)
    first = step(state, between(rows, 0, 70))
    restored = LabelState.restored(
        BANDS, state.at, state.table.sample(fraction=1, shuffle=True, seed=1)
    )
    parts = [first, step(restored, between(rows, 70, 120))]
    assert together(parts) == generate_regime_labels(rows, least=20)
    step(state, between(rows, 70, 120))
    assert restored.table.equals(state.table)


def test_no_label_changes_when_the_future_does() -> None:
    market = make_market("equity", 8, 220, seed=3, plants=[Revisions(0.05)])
    assert market.panel.revised > 50
    times = sorted(market.panel.table["known_at"].unique())[60:]
    whole = labelled(market, times)
    for cut in sorted(stream(9, "cuts").choice(range(40, len(times)), 5, replace=False)):
        known = labelled(market.as_of(times[cut]), times[: cut + 1])
        assert known.equals(whole.filter(pl.col("timestamp") <= times[cut]))
    assert whole["volatility"].n_unique() == 4


def test_a_small_series_has_the_labels_that_were_derived_by_hand() -> None:
    """Bands of 1/3 and 2/3 on at least three values. 0.5 is below all of 1 2 3: low. 2 is above one of
    0.5 1 2 3 and repeats another, so two are at most it (more than 4/3) and two below (less than 8/3):
    normal. 9 is above all five: high. The market is its only symbol."""
    table = generate_regime_labels(alone([1.0, 2.0, 3.0, 0.5, None, 2.0, 9.0]), least=3).table
    said = ["unknown", "unknown", "unknown", "low", "unknown", "normal", "high"]
    assert table["volatility"].to_list() == said
    assert table["market_volatility"].to_list() == said
    assert set(table["liquidity"]) == {"unknown"}


def test_a_sector_leads_when_its_median_is_far_above_the_markets() -> None:
    """Two sectors, banks b and metals m, of one symbol each: the median of the market is the mean of
    both, so their strengths are (b - m) / 2 and its opposite. Day by day b - m is 2, 4, 0 and 20: the
    past of the fourth is -2 -1 0 0 1 2, so that 10 is above all of it and -10 below."""
    banks, metals = [1.0, 2.0, 0.0, 10.0], [-1.0, -2.0, 0.0, -10.0]
    table = pl.DataFrame(
        {
            "decided_at": [START + timedelta(days=i) for i in range(4) for _ in "bm"],
            "symbol": ["B", "M"] * 4,
            "sector": ["banks", "metals"] * 4,
            "volatility_20": 1.0,
            "liquidity_20": 1.0,
            "return_60": [value for pair in zip(banks, metals, strict=True) for value in pair],
        },
        schema_overrides={"decided_at": pl.Datetime("us", "UTC"), "symbol": pl.Enum(["B", "M"])},
    )
    said = generate_regime_labels(Dataset(table, ()), least=6).table
    assert said.filter(symbol="B")["rotation"].to_list()[-2:] == ["unknown", "leading"]
    assert said.filter(symbol="M")["rotation"].to_list()[-2:] == ["unknown", "lagging"]
    assert set(said["market_rotation"]) == {"banks"}


def test_without_sectors_nobody_leads() -> None:
    rows = measured()
    one = rows.table.with_columns(sector=pl.lit("banks"))
    for table in (rows.table.drop("sector"), one):
        said = generate_regime_labels(Dataset(table, ()), least=20).table
        assert set(said["rotation"]) == set(said["market_rotation"]) == {"unknown"}


def test_the_order_of_symbols_does_not_matter() -> None:
    rows = measured()
    names = rows.table["symbol"].cast(pl.String).unique().sort(descending=True)
    turned = rows.table.with_columns(pl.col("symbol").cast(pl.String).cast(pl.Enum(names)))
    said = generate_regime_labels(Dataset(turned.sort("decided_at", "symbol"), ()), least=20)
    plain = said.table.with_columns(pl.col("symbol").cast(rows.table.schema["symbol"]))
    assert plain.sort("symbol", "timestamp").equals(generate_regime_labels(rows, least=20).table)


def test_a_moment_that_was_labelled_is_refused_and_changes_nothing() -> None:
    rows, state = measured(), LabelState(BANDS)
    step(state, between(rows, 0, 50))
    before = state.table
    with pytest.raises(
        Misuse, match=r"rows of .* are to be labelled, and .*: give each moment once"
    ):
        step(state, between(rows, 49, 60))
    assert state.table.equals(before)


def test_rows_without_a_measure_are_refused() -> None:
    rows = Dataset(measured().table.rename({"return_60": "return_6"}), ())
    with pytest.raises(BadTable, match="the rows have no return_60: rules read volatility_20, liq"):
        generate_regime_labels(rows)


def test_no_rows_have_no_labels() -> None:
    assert len(generate_regime_labels(between(measured(), 0, 0))) == 0


def test_labels_that_say_nothing_or_too_much_are_found() -> None:
    table = generate_regime_labels(measured(), least=20).table
    assert label_findings(Panel(table)) == []
    many = table.with_columns(
        pl.lit("low").alias("volatility"),
        pl.lit("unknown").alias("liquidity"),
        market_rotation=pl.Series(np.arange(len(table)) % 21).cast(pl.String),
    )
    assert [
        (found.where, found.severity, found.detail) for found in label_findings(Panel(many))
    ] == [
        ("regimes.volatility", "warning", "its only label is 'low'"),
        ("regimes.liquidity", "warning", "no label is known"),
        ("regimes.market_rotation", "warning", "it has 21 labels, above 20"),
    ]


@pytest.mark.parametrize("seed", [1, 2, 7, 8, 9])
def test_what_was_planted_is_what_is_labelled(seed: int) -> None:
    """In made markets volatility is doubled on volatile days, and volume is cut to 0.4 with volatility at
    1.4 on illiquid ones; a measure over 20 bars is late by some of them."""
    market = make_market("equity", 12, 750, seed=seed, plants=[Revisions(0.05)])
    table = labelled(market, market.panel.moments).unique("timestamp")
    table = table.join(market.truth.regimes, on="timestamp").filter(
        pl.col("market_volatility") != "unknown"
    )
    volatile, illiquid = (table.filter(regime=name) for name in ("volatile", "illiquid"))
    assert (volatile["market_volatility"] == "high").mean() > 0.85
    assert (illiquid["market_liquidity"] == "low").mean() > 0.85
