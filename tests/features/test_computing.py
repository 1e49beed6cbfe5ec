"""`compute`: a row for each bar, from the bars up to it, and as any other way of asking has it."""

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tradewind.core import Panel
from tradewind.core.errors import BadTable, Misuse
from tradewind.data.synthetic import Revisions, make_market
from tradewind.features import compute
from tradewind.features.computing import AT_ONCE
from tradewind.features.kept.online import Online
from tradewind.features.registry import FAMILIES

CARRIED = ("bars", "alpha158", "technical", "realised", "regime20", "observed")


@pytest.fixture(scope="module")
def panel() -> Panel:
    return make_market("equity", 6, 90).panel


@pytest.mark.parametrize("family", FAMILIES)
def test_each_value_is_that_of_a_snapshot_taken_at_its_bar(panel: Panel, family: str) -> None:
    when = panel.moments[-5]
    whole = compute(panel, family).filter(
        pl.col("timestamp") == panel.table.filter(known_at=when)["timestamp"][0]
    )
    cut = compute(panel.as_of(when), family).group_by("symbol", maintain_order=True).last()
    assert_frame_equal(whole, cut, check_exact=True)


def test_the_newest_bar_has_what_it_has_online(panel: Panel) -> None:
    online = Online.after([FAMILIES[name] for name in CARRIED], panel)
    *_, (name, rows) = panel.as_of(panel.moments[-1]).by_symbol()
    *_, bar = rows.iter_rows(named=True)
    told = online.push(name, bar["timestamp"], bar)
    row = compute(panel, CARRIED).row(-1)
    assert [value if value == value else None for value in told.tolist()] == [*row[2:]]


def test_symbols_that_are_computed_together_do_not_meet() -> None:
    panel = make_market("fx", 4, AT_ONCE // 2 + 100).panel
    whole = compute(panel, ["return_60"])
    alone = [
        compute(Panel(panel.table.filter(pl.col("symbol") == name)), ["return_60"])
        for name in panel.symbols
    ]
    assert_frame_equal(whole, pl.concat(alone), check_exact=True)


def test_columns_come_in_the_order_in_which_they_were_asked(panel: Panel) -> None:
    asked = ["KMID", "return_5", "rsi_14", "return_1"]
    assert compute(panel, asked).columns == ["symbol", "timestamp", *asked]


def test_a_symbol_that_keeps_other_hours_answers_at_its_own_bars(panel: Panel) -> None:
    first = pl.col("symbol") == panel.symbols[0]
    earlier = pl.when(first).then(pl.col("timestamp") - timedelta(hours=3))
    apart = Panel(panel.table.with_columns(earlier.otherwise("timestamp").alias("timestamp")))
    table = compute(apart, ["market_return_5", "return_20"])
    assert_frame_equal(
        table.select("symbol", "timestamp"), apart.table.select("symbol", "timestamp")
    )
    assert_frame_equal(table.select("return_20"), compute(panel, ["return_20"]).select("return_20"))
    others = table.filter(pl.col("symbol") != panel.symbols[0])
    assert others["market_return_5"].null_count() < len(others)


def test_no_bars_have_no_values() -> None:
    empty = Panel(make_market("equity", 2, 5).panel.table.clear())
    assert compute(empty, ["bars", "rsi_14"]).shape == (0, 13)


def test_a_panel_with_revisions_must_say_as_of_when() -> None:
    panel = make_market("equity", 3, 60, plants=[Revisions(0.05)]).panel
    with pytest.raises(BadTable, match=r"revisions.*panel\.as_of"):
        compute(panel, "bars")
    assert len(compute(panel.as_of(panel.moments[-1]), "bars")) == 180


def test_a_name_that_nothing_has_is_refused(panel: Panel) -> None:
    with pytest.raises(Misuse, match="did you mean 'alpha158'"):
        compute(panel, "alpha185")


def test_what_is_no_panel_is_refused_with_the_way_to_one(panel: Panel) -> None:
    for frame in (panel.table, panel.to_pandas(), None, "bars"):
        with pytest.raises(Misuse, match=r"not of a .*: read it first: Panel\.from_frame\(frame\)"):
            compute(frame, "bars")  # type: ignore[arg-type]
    with pytest.raises(Misuse, match=r"a Market has several panels: give its bars: market\.panel"):
        compute(make_market("equity", 1, 5), "bars")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (None, "None is no name: name a family or a feature"),
        (3, "3 is no name: name a family"),
        (["bars", 3], "3 is no name"),
        ([], "nothing is asked for: name a family or a feature"),
    ],
)
def test_what_is_no_name_is_refused(panel: Panel, wanted: Any, said: str) -> None:
    with pytest.raises(Misuse, match=said):
        compute(panel, wanted)


def test_the_begin_of_a_name_is_nearer_than_what_looks_alike(panel: Panel) -> None:
    with pytest.raises(Misuse, match="named 'RSI': did you mean 'rsi_14'"):
        compute(panel, ["RSI"])
