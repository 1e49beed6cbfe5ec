"""A FeatureReader is held to what its columns claim, on a market whose bars are corrected later."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl
import pytest

from tradewind.core import Dataset, Market, stream
from tradewind.core.joining import Side
from tradewind.core.panel import Panel
from tradewind.data.synthetic import make_market
from tradewind.data.synthetic.plants import Revisions
from tradewind.evaluation.causality.audit import Audit, audit
from tradewind.evaluation.causality.markets import MarketSubject
from tradewind.evaluation.causality.subject import Claim
from tradewind.features.alternative import WithAlternative
from tradewind.features.bars import BarFeatures

MARKET = make_market("equity", 3, 90, seed=3, plants=[Revisions(0.05)])


def audited(reader: object, market: Market = MARKET, claim: Claim = Claim()) -> Audit:  # noqa: B008
    subject = MarketSubject("reader", reader, market, lambda _: claim)  # type: ignore[arg-type]
    return audit(subject, stream(5), cuts=8)


def in_hindsight(market: Market, times: Sequence[datetime]) -> Dataset:
    """Our features, computed from the bars as they stand corrected."""
    table = market.panel.table
    latest = table.unique(["symbol", "timestamp"], keep="last").sort("symbol", "timestamp")
    panel = Panel(latest.with_columns(known_at=pl.col("timestamp")))
    return BarFeatures(ranked=())(Market({"bars": panel}), times)


def test_our_features_are_causal_on_a_market_with_corrections() -> None:
    assert MARKET.panel.revised > 0
    assert (
        audited(BarFeatures(ranked=()), claim=Claim(lookback=61, reads="alone")).verdict == "causal"
    )


def test_corrections_read_before_they_were_made_are_a_leak_in_every_column() -> None:
    found = audited(in_hindsight)
    assert found.verdict == "leaking"
    assert "return_1" in [leak.column for leak in found.leaks]


def test_a_lookback_that_is_violated_is_told_with_the_one_found() -> None:
    found = audited(BarFeatures(ranked=()), claim=Claim(lookback=21))
    assert found.verdict == "breaks its word"
    assert {(one.where, one.detail) for one in found.card.findings} == {
        ("return_60", "reads 61 bars, and says that it reads 21"),
        ("from_high_60", "reads 61 bars, and says that it reads 21"),
    }


def test_ranks_that_claim_to_be_alone_break_their_word() -> None:
    found = audited(BarFeatures(ranked=("return_5",)), claim=Claim(lookback=61, reads="alone"))
    assert [(one.check, one.where) for one in found.card.findings] == [
        ("causality.company", "rank_return_5")
    ]


@pytest.mark.parametrize("late", [False, True], ids=["in time", "back-dated"])
def test_other_panels_are_cut_and_garbled_with_the_bars(late: bool) -> None:
    mood = MARKET.panel.table.select("symbol", "timestamp", "known_at", "session", mood="close")
    mood = mood.unique(["symbol", "timestamp"], keep="first").sort("symbol", "timestamp")
    market = Market({"bars": MARKET.panel, "news": Panel(mood)})
    reader = WithAlternative(BarFeatures(ranked=()), (Side("news", ("mood",)),))

    def back_dated(market: Market, times: Sequence[datetime]) -> Dataset:
        news = market.panels["news"].table
        ahead = news.with_columns(pl.col("mood").shift(-1).over("symbol")).drop_nulls()
        return reader(Market({**market.panels, "news": Panel(ahead)}), times)

    found = audited(back_dated if late else reader, market)
    assert ("news_mood" in [leak.column for leak in found.leaks]) == late
