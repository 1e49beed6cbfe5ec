"""Bars against the facts on record: a recorded split is no crash, and an imagined one is told."""

import polars as pl

from tradewind.core import Panel
from tradewind.data.actions import adjusted
from tradewind.data.quality.gate import Gate
from tradewind.data.quality.recorded import unshown
from tradewind.data.synthetic import Actions, Revisions, make_market

MARKET = make_market("equity", 12, 250, seed=8, plants=[Revisions(0.05), Actions(2, 4)])
FACTS = MARKET.panels["actions"]


def checks(result: pl.DataFrame) -> set[str]:
    return set(result["check"])


def test_recorded_splits_are_told_by_nobody() -> None:
    raw, told = Gate()(MARKET.panel), Gate(actions=FACTS)(MARKET.panel)
    assert raw.verdicts.filter(pl.col("check") == "bars.split").height > 20
    assert not checks(told.verdicts) & {"bars.split", "bars.jump", "units.change"}
    assert "actions.unshown" not in {finding.check for finding in told.findings}


def test_a_split_of_which_there_is_no_fact_is_still_told() -> None:
    missing = FACTS.table.filter(pl.col("split") == 5).head(1)
    rest = Panel(FACTS.table.join(missing, on=["symbol", "timestamp"], how="anti"))
    told = Gate(actions=rest)(MARKET.panel).verdicts.filter(pl.col("check") == "bars.split")
    keys = ["symbol", "session"]
    bars = MARKET.panel.table.select("symbol", "timestamp", "session").unique()
    assert (
        told.join(bars, on=["symbol", "timestamp"])
        .select(keys)
        .unique()
        .equals(missing.select(keys))
    )


def test_facts_about_bars_that_are_adjusted_already_are_told() -> None:
    worth = adjusted(MARKET.panel, FACTS)
    (finding,) = unshown(worth, FACTS)
    assert finding.detail.startswith("24 of 24 splits do not show in the prices, first ")
    assert "bars.split" in checks(Gate(actions=FACTS)(worth).verdicts)


def test_a_gate_with_facts_lets_the_bars_pass_as_they_came() -> None:
    spoiled = make_market(
        "equity", 12, 250, seed=8, plants=[Actions(2, 4)], faults=["spikes", "swapped_columns"]
    )
    told = Gate(actions=spoiled.panels["actions"])(spoiled.panel)
    assert checks(told.quarantined) == {"bars.spike", "bars.order"}
    both = pl.concat(
        [told.clean.table.drop_nulls("close"), told.quarantined[told.clean.table.columns]]
    )
    keys = ["symbol", "timestamp", "known_at"]
    assert both.unique(keys).sort(keys).equals(spoiled.panel.table.sort(keys))


def test_what_a_gate_with_facts_says_of_a_part_of_history_is_what_it_said_then() -> None:
    late = FACTS.table.with_columns(
        known_at=pl.col("known_at") + pl.duration(days=pl.int_range(pl.len()) % 4 * 10)
    )
    facts = Panel(late)
    whole = Gate(actions=facts)(MARKET.panel)
    for at in MARKET.panel.moments[60::60]:
        then = Gate(actions=facts.until(at))(MARKET.panel.until(at))
        assert then.clean == whole.clean.until(at)
        known = whole.verdicts.filter(pl.col("verdict_known_at") <= at)
        assert then.verdicts.equals(known)
