"""A stretch is what was known bar by bar, and each null in it has its reason."""

import polars as pl
import pytest

from tradewind.core import Panel
from tradewind.data.synthetic import Revisions, make_market
from tradewind.features.families import Family
from tradewind.features.registry import ALPHA158, BARS, CROSS_ASSET, FAMILIES, REALISED, TECHNICAL
from tradewind.features.spec import FeatureSpec
from tradewind.pipelines.explaining.at_hand import Bars
from tradewind.pipelines.explaining.stretch import silence, stretch

MADE = Bars(make_market("equity", 3, 150, seed=2, plants=[Revisions(0.05)]).panel, "made")


def spec_of(family: Family, name: str) -> FeatureSpec:
    return next(spec for spec in family.specs if spec.name == name)


def reasons(family: Family, name: str, bars: Bars = MADE) -> list[str | None]:
    rows = stretch(bars, family, "EQ2")
    return silence(spec_of(family, name), family, bars.of("EQ2"), rows).to_list()


@pytest.mark.parametrize("family", FAMILIES.values(), ids=list(FAMILIES))
def test_every_null_has_a_reason_and_every_value_none(family: Family) -> None:
    rows = stretch(MADE, family, "EQ2")
    assert len(rows) == 150
    for spec in family.specs:
        why = silence(spec, family, MADE.of("EQ2"), rows)
        assert why.is_null().equals(rows[spec.name].is_not_null()), spec.name


def test_a_value_is_that_which_was_known_with_its_bar() -> None:
    at = MADE.panel.moments[100]
    cut = Bars(MADE.panel.until(at), "made")
    assert MADE.of("EQ2").revised > 2
    for family in (ALPHA158, TECHNICAL, CROSS_ASSET):
        then, now = stretch(cut, family, "EQ2"), stretch(MADE, family, "EQ2")
        assert len(then) == 101
        assert then.equals(now[:101])


def test_what_is_too_young_says_how_many_bars_it_wants() -> None:
    why = reasons(BARS, "return_20")
    assert why[:21] == ["fewer than 21 bars were known"] * 20 + [None]
    assert reasons(TECHNICAL, "rsi_14")[:15] == ["its history had only begun"] * 14 + [None]


def test_a_column_that_is_not_there_or_is_null_in_the_window_is_named() -> None:
    assert reasons(ALPHA158, "VWAP0") == ["the bars have no vwap"] * 150
    bar = pl.col("timestamp") == MADE.panel.moments[80]
    holed = MADE.panel.table.with_columns(volume=pl.when(~bar).then("volume"))
    why = reasons(ALPHA158, "VMA5", Bars(Panel(holed), "made"))
    assert why[80:86] == ["no volume in what it reads"] * 5 + [None]


def test_a_quotient_by_nought_is_the_formulas() -> None:
    still = MADE.panel.table.with_columns(
        pl.lit(3.0).alias(name) for name in ("open", "high", "low", "close")
    )
    why = reasons(ALPHA158, "KMID2", Bars(Panel(still), "made"))
    assert set(why) == {
        "its formula has no value there: nothing to measure, or a quotient by nought"
    }


def test_of_bars_within_days_the_last_five_sessions_are_drawn() -> None:
    hours = Bars(make_market("equity", 1, 900, "1h", seed=1).panel, "made")
    assert len(stretch(hours, REALISED, "EQ1")) == 500
    minutes = Bars(make_market("equity", 1, 2_500, "1m", seed=1).panel, "made")
    rows = stretch(minutes, BARS, "EQ1")
    sessions = minutes.panel.table["session"]
    assert len(rows) == sessions.is_in(sessions.unique().sort()[-5:].implode()).sum()
