"""A reader with other panels beside the bars: the same batteries, and nothing that was not known."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from tradewind.core import Forecast, Market, Panel, Strategy, replay, stream
from tradewind.core.errors import BadTable
from tradewind.core.joining import Side
from tradewind.data.synthetic import Revisions, Signal, make_market
from tradewind.evaluation.contracts import check_decider, check_feature_reader
from tradewind.features.alternative import WithAlternative
from tradewind.features.bars import BarFeatures
from tradewind.trading.allocation import CappedLong
from tradewind.trading.broker import NextBarBroker

SIDES = (Side("mood", ("signal",), stale_after=timedelta(days=20)), Side("rate", ("level",)))
READER = WithAlternative(BarFeatures(), SIDES)


def market() -> Market:
    """Bars and the signal of each symbol apart, both corrected later, and a rate of the whole market."""
    made = make_market("equity", 6, 150, "1d", 5, plants=[Signal(0.2), Revisions(0.05)])
    bars = made.panel.table
    rng = stream(5, "mood")
    late = pl.duration(hours=pl.Series(rng.integers(0, 90, len(bars))))
    once = bars.select("symbol", "timestamp", pl.col("known_at") + late, "session", "signal")
    again = once.sample(fraction=0.1, seed=1).with_columns(
        pl.col("known_at") + timedelta(days=3), -pl.col("signal")
    )
    mood = pl.concat([once, again]).unique(["symbol", "timestamp", "known_at"])
    days = bars.filter(pl.col("symbol") == bars["symbol"][0])
    rate = days.unique("timestamp").select(
        symbol=pl.lit("market", pl.Enum(["market"])),
        timestamp="timestamp",
        known_at=pl.col("timestamp") + timedelta(days=2),
        session="session",
        level=pl.col("close"),
    )
    keys = ("symbol", "timestamp", "known_at")
    panels = {"mood": Panel(mood.sort(keys)), "rate": Panel(rate.drop_nulls().sort("timestamp"))}
    return Market({"bars": made.panel, **panels})


def test_it_passes_the_battery_of_readers_on_panels_that_are_corrected() -> None:
    made = market()
    assert made.panels["mood"].revised > 50
    times = made.panel.moments[40:100]
    assert check_feature_reader(READER, made, times, stream(1, "cuts")) == ()


def test_nothing_changes_when_what_other_panels_tell_later_is_turned_to_noise() -> None:
    made = market()
    times = made.panel.moments[40:100]
    later = pl.col("known_at") > times[-1]
    panels = dict(made.panels)
    for name, column in (("mood", "signal"), ("rate", "level")):
        noise = pl.when(later).then(pl.col(column) * 7 + 1).otherwise(column)
        panels[name] = Panel(panels[name].table.with_columns(noise.alias(column)))
        assert panels[name] != made.panels[name]
    assert READER(replace(made, panels=panels), times) == READER(made, times)


def test_decide_equals_replay_to_the_bit_on_what_was_joined() -> None:
    made = market()

    def believer(rows, state):  # type: ignore[no-untyped-def]
        up = pl.Series(rows.table["mood_signal"].fill_null(0.0) / 10 + 0.5).clip(0.01, 0.99)
        table = rows.table.select("symbol", at="decided_at", horizon=1).with_columns(
            probabilities=pl.concat_list(1 - pl.lit(up), pl.lit(up))
        )
        classes = ("down", "up")
        return Forecast.of(table, model="m", target="rises", unit="", classes=classes)

    strategy = Strategy(READER, believer, CappedLong(cap=0.5))
    times = made.panel.moments[40:120]
    ledger = replay(strategy, made, times, NextBarBroker())
    assert ledger.fills.height > 100
    assert check_decider(strategy, made, ledger, times[::4]) == ()


def test_a_panel_that_the_market_lacks_is_refused_by_name() -> None:
    bars = Market({"bars": market().panel})
    with pytest.raises(BadTable, match="the market has no panel 'mood': choose from bars"):
        READER(bars, bars.panel.moments[:1])
