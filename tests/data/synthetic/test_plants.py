"""What is planted is there, as strong and as lasting as it was asked to be."""

from math import log, sqrt

import numpy as np
import polars as pl
import pytest

from tradewind.core import Market
from tradewind.core.arrays import Floats
from tradewind.core.errors import Misuse
from tradewind.data.synthetic import LeadLag, Revisions, Signal, make_market


def wide(market: Market, column: str) -> Floats:
    """(symbols, periods) one column of an unrevised market."""
    return market.panel.table[column].to_numpy().reshape(len(market.panel.symbols), -1)


def own_returns(market: Market) -> Floats:
    """(symbols, periods - 1) what is left of returns once each bar's sector means are taken out."""
    returns = np.diff(np.log(wide(market, "close")), axis=1)
    sectors = market.instruments["sector"].to_numpy()
    for sector in np.unique(sectors):
        returns[sectors == sector] -= returns[sectors == sector].mean(axis=0)
    return returns


def traded(market: Market) -> Floats:
    """(symbols, periods - 1) whether the bar that follows is not halted."""
    return wide(market, "status")[:, 1:] != "halt"


@pytest.mark.parametrize("ic", [0.05, 0.2, -0.1])
def test_a_signal_correlates_across_names_with_the_next_own_return_as_asked(ic: float) -> None:
    market = make_market("equity", 600, 700, seed=1, plants=[Signal(ic, 10)])
    returns, signal = own_returns(market), wide(market, "signal")[:, :-1]
    returns[~traded(market)] = 0.0
    by_bar = [np.corrcoef(*pair)[0, 1] for pair in zip(signal.T, returns.T, strict=True)]
    error = np.std(by_bar) / sqrt(len(by_bar))
    assert abs(np.mean(by_bar) - ic) < 4 * error + 0.01 * abs(ic)  # betas differ: 1 % is left in
    assert error < 0.003


def test_a_signal_tells_of_the_next_bar_and_fades_by_its_half_life() -> None:
    market = make_market("equity", 400, 800, seed=2, plants=[Signal(0.3, 5)])
    returns, signal = own_returns(market), wide(market, "signal")
    known = [(signal[:, : -1 - lag] * returns[:, lag:]).mean() for lag in (0, 5, 10)]
    assert abs(known[1] / known[0] - 0.5) < 0.05
    assert abs(known[2] / known[0] - 0.25) < 0.05


@pytest.mark.parametrize("half_life", [1.0, 8.0, 60.0])
def test_a_signal_forgets_half_of_itself_in_its_half_life(half_life: float) -> None:
    market = make_market("fx", 80, 3000, plants=[Signal(half_life=half_life)])
    signal = wide(market, "signal")
    after = (signal[:, 1:] * signal[:, :-1]).mean() / (signal**2).mean()
    assert abs(log(0.5) / log(after) / half_life - 1) < 0.1


def test_a_signal_is_standardised_from_its_first_bar_to_its_last() -> None:
    signal = wide(make_market("crypto", 4000, 60, plants=[Signal(half_life=50)]), "signal")
    assert np.abs(signal.std(axis=0) - 1).max() < 0.06
    assert np.abs(signal.mean(axis=0)).max() < 0.08


def test_a_signal_is_in_the_panel_and_the_truth_alike() -> None:
    market = make_market("etf", 3, 50, plants=["signal"])
    assert market.truth.signal.equals(market.panel.table.select("symbol", "timestamp", "signal"))
    assert make_market("etf", 3, 50).truth.signal.is_empty()


@pytest.mark.parametrize(("lag", "strength"), [(1, 0.5), (3, -0.4)])
def test_a_follower_repeats_its_leader_after_the_lag_and_at_no_other(
    lag: int, strength: float
) -> None:
    names = [f"N{number:02}" for number in range(40)]
    lead = LeadLag("N05", "N20", lag, strength)
    returns = own_returns(make_market("crypto", names, 5000, seed=3, plants=[lead]))
    leader, follower = returns[5], returns[20]
    found = {
        behind: np.corrcoef(leader[: len(leader) - behind], follower[behind:])[0, 1]
        for behind in range(6)
    }
    assert abs(found.pop(lag) - strength) < 0.08
    assert max(abs(other) for other in found.values()) < 0.08


def test_the_share_asked_is_revised_and_corrected_within_nine_bars() -> None:
    table = make_market("crypto", 20, 500, plants=[Revisions(0.08)]).panel.table
    versions = table.group_by("symbol", "timestamp", maintain_order=True).agg(
        pl.len(), pl.col("known_at").first().alias("first"), pl.col("known_at").last().alias("last")
    )
    twice = versions.filter(pl.col("len") == 2)
    assert len(twice) == 0.08 * 20 * 500
    days = (twice["last"] - twice["first"]).dt.total_days()
    assert (days.min(), days.max()) == (1, 9)
    assert (twice["first"] == twice["timestamp"]).all()


def test_a_first_print_is_wrong_by_about_a_hundredth_and_a_bar_of_its_own() -> None:
    market = make_market("equity", 20, 500, plants=["revisions"])
    assert market.panel.revised == 500
    table = market.panel.table.with_columns(
        error=(pl.col("close").log().diff(-1)).over("symbol", "timestamp")
    ).drop_nulls("error")
    assert 0.007 < table["error"].std() < 0.013
    assert (table["low"] <= table["close"]).all()
    assert (table["close"] <= table["high"]).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Signal(ic=0.95),
            "a signal of information coefficient 0.95: give a number between",
        ),
        (lambda: Signal(half_life=0), "a signal of half-life 0: give a number of bars above 0"),
        (lambda: LeadLag("A", "A"), "'A' leads itself: name two symbols"),
        (lambda: LeadLag("A", "B", 0), "a lag of 0 bars: give 1 or more"),
        (lambda: LeadLag("A", "B", 1, 1.5), "a lead of strength 1.5: give a correlation between"),
        (lambda: Revisions(0), "a share of 0 bars revised: give a number between 0 and 1"),
    ],
)
def test_a_plant_that_cannot_be_is_refused(make: type, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        make()


@pytest.mark.parametrize(
    ("plants", "message"),
    [
        ([LeadLag("ACME", "BOLD")], "no symbol 'BOLD' to lead or follow: did you mean 'BOLT'"),
        ([Signal(0.1), Signal(0.2)], "2 signals in one market: plant one"),
        (["revisions", Revisions(0.1)], "2 shares of revisions in one market: plant one"),
        (
            [LeadLag("ACME", "BOLT", lag, 0.8) for lag in (1, 2)],
            "'BOLT' is foretold to 1.28 of its variance: plant a weaker signal or fewer leaders",
        ),
    ],
)
def test_plants_that_do_not_fit_the_market_are_refused(
    plants: list[Signal | LeadLag | Revisions | str], message: str
) -> None:
    with pytest.raises(Misuse, match=message):
        make_market("equity", ["ACME", "BOLT"], 50, plants=plants)


def test_one_symbol_cannot_lead_itself_by_default() -> None:
    with pytest.raises(Misuse, match="'lead_lag' in a market of one symbol: ask for two or more"):
        make_market("equity", 1, 50, plants=["lead_lag"])
