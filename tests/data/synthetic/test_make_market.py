"""What `make_market` promises whatever is planted: sizes, names, bits, and clear refusals."""

import hashlib
import os
import subprocess
import sys
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from tradewind.core import Market
from tradewind.core.errors import Misuse
from tradewind.data.synthetic import Fault, LeadLag, Leak, Revisions, Signal, make_market

EVERY_KIND = ["equity", "etf", "crypto", "fx", "property"]


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_the_sizes_asked_are_the_sizes_given(kind: str) -> None:
    market = make_market(kind, 7, 130)
    assert len(market.panel) == 7 * 130
    assert len(market.panel.symbols) == len(market.instruments) == 7
    assert len(market.panel.moments) == len(market.truth.regimes) == 130


@pytest.mark.parametrize("freq", ["1d", "1h", "1m"])
@pytest.mark.parametrize("kind", EVERY_KIND[:-1])
def test_every_kind_that_trades_has_every_frequency(kind: str, freq: str) -> None:
    panel = make_market(kind, 2, 500, freq).panel
    steps = panel.table.filter(pl.col("symbol") == panel.symbols[0])["timestamp"].diff()
    assert steps.drop_nulls().mode()[0] == {
        "1d": timedelta(days=1), "1h": timedelta(hours=1), "1m": timedelta(minutes=1)
    }[freq]  # fmt: skip


def test_one_symbol_and_one_bar_is_a_market() -> None:
    market = make_market("crypto", 1, 1, leaks=["centred_window", "smoothed_regime"])
    assert len(market.panel) == 1
    assert len(market.truth.outlook) == 1


def test_counts_may_be_numpy_integers() -> None:
    market = make_market("fx", np.int64(2), np.int32(5), seed=np.uint8(1))  # type: ignore[arg-type]
    assert market == make_market("fx", 2, 5, seed=1)


def test_the_names_given_are_kept_in_their_order() -> None:
    market = make_market("fx", ["USDJPY", "EURUSD"], 10)
    assert market.panel.symbols == ("USDJPY", "EURUSD")
    assert market.instruments["symbol"].to_list() == ["USDJPY", "EURUSD"]


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_clean_market_holds_no_null_and_no_price_below_zero(kind: str) -> None:
    for panel in make_market(kind, 10, 300, seed=3, plants=["signal", "lead_lag"]).panels.values():
        assert sum(panel.table.null_count().row(0)) == 0
        prices = [name for name in ("open", "low", "close", "price") if name in panel.columns]
        assert panel.table.select(pl.col(prices).min()).min_horizontal().item() > 0


@pytest.mark.parametrize(
    ("kind", "calendars"),
    [
        ("equity", {"bars": "XNYS"}),
        ("crypto", {"bars": "24/7"}),
        ("fx", {"bars": "24/5"}),
        ("property", {"bars": "month+45d", "sales": "24/7"}),
    ],
)
def test_each_panel_names_its_calendar(kind: str, calendars: dict[str, str]) -> None:
    assert make_market(kind, 2, 5).calendars == calendars


def test_one_seed_gives_one_market_and_another_seed_another() -> None:
    plants = [Signal(0.1, 5), LeadLag("EQ1", "EQ3"), Revisions()]
    faults, leaks = ["spikes", Fault("gaps", 0.01)], ["future_return", Leak("back_fill", 0.5)]
    one, same = (make_market("equity", 5, 300, "1d", 4, plants, faults, leaks) for _ in range(2))
    assert one == same
    assert one != make_market("equity", 5, 300, "1d", 5, plants, faults, leaks)


def closes(market: Market) -> pl.DataFrame:
    return market.panel.table.select("symbol", "timestamp", "open", "close", "volume")


def test_a_leak_changes_no_price() -> None:
    plain = make_market("equity", 6, 300, seed=2)
    leaking = make_market("equity", 6, 300, seed=2, leaks=["future_return", "rare_event_flag"])
    assert closes(leaking).equals(closes(plain))
    assert leaking.truth.outlook.equals(plain.truth.outlook)


def test_a_lead_changes_its_follower_alone() -> None:
    plain = make_market("etf", 4, 300, seed=2)
    led = make_market("etf", 4, 300, seed=2, plants=[LeadLag("ETF2", "ETF3")])
    others = pl.col("symbol") != "ETF3"
    assert closes(led).filter(others).equals(closes(plain).filter(others))
    assert not closes(led).equals(closes(plain))


def test_revisions_end_in_the_prices_of_the_market_without_them() -> None:
    plain, revised = (make_market("fx", 3, 200, seed=1, plants=p) for p in ([], ["revisions"]))
    last = revised.panel.as_of(revised.panel.table["known_at"].max())
    assert last.table.drop("known_at").equals(plain.panel.table.drop("known_at"))


DIGEST = """
import hashlib, sys
from tradewind.data.synthetic import make_market
market = make_market("equity", 20, 400, "1h", 11, ["signal", "revisions"], ["splits", "bad_clock"],
                     ["future_return", "smoothed_regime"])
digest = hashlib.sha256()
for table in (market.panel.table, market.truth.outlook, market.truth.faults):
    digest.update(table.write_csv().encode())
print(digest.hexdigest())
"""


def test_two_processes_make_the_same_bits_whatever_their_threads_and_hashes() -> None:
    digests = set()
    for threads in ("1", "2"):
        names = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PYTHONHASHSEED")
        environment = {**os.environ, **dict.fromkeys(names, threads)}
        command = [sys.executable, "-c", DIGEST]
        told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        digests.add(told.stdout.strip())
    assert len(digests) == 1
    assert len(digests.pop()) == hashlib.sha256().digest_size * 2


@pytest.mark.parametrize("alias", ["equities", "ETFs", "stocks", "Crypto", "forex", "housing"])
def test_kinds_are_found_by_what_people_call_them(alias: str) -> None:
    assert len(make_market(alias, 2, 3).panel) == 6


@pytest.mark.parametrize(
    ("kind", "freq"), [("fx", "daily"), ("fx", "1min"), ("fx", "H"), ("property", "monthly")]
)
def test_frequencies_are_found_by_what_people_call_them(kind: str, freq: str) -> None:
    assert len(make_market(kind, 2, 3, freq).panel) == 6


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"kind": "equitys"}, "no kind of market is called 'equitys': did you mean 'equity'"),
        ({"kind": "zzz"}, "no kind of market is called 'zzz': choose from coins, crypto, "),
        ({"freq": "1w"}, "no frequency is called '1w': choose from 1d, 1h, 1m, 1mo"),
        ({"freq": "1mo"}, "equity has no bars of 1mo: choose from 1d, 1h, 1m"),
        ({"kind": "property", "freq": "1h"}, "property has no bars of 1h: choose from 1mo"),
        ({"symbols": 0}, "a market of 0 symbols: ask for 1 or more"),
        ({"symbols": "SPY"}, "symbols is the text 'SPY': give a count or a list of names"),
        ({"symbols": []}, r"symbols \(\): give a count or a list of names"),
        ({"symbols": ["A", "B", "A"]}, "the symbol 'A' is named twice: name each once"),
        ({"periods": 0}, "periods of 0: give a whole number of 1 or more"),
        ({"periods": 2.5}, "periods of 2.5: give a whole number"),
        (
            {"kind": "fx", "periods": 60_000},
            "has .* bars of 1d up to .*, fewer than the 60000 .*: ask for fewer",
        ),
        ({"seed": -1}, "a seed of -1: give a whole number of 0 or more"),
        ({"plants": ["signals"]}, "nothing called 'signals' can be planted: did you mean 'signal'"),
        ({"plants": "signal"}, r"plants is the text 'signal': give a list, such as plants=\['sig"),
        ({"faults": ["spike"]}, "no fault is called 'spike': did you mean 'spikes'"),
        ({"faults": ["gaps", "gaps"]}, "the fault 'gaps' is asked for twice: ask for it once"),
        ({"faults": ["gaps"], "periods": 4}, "there is no room for 'gaps': ask for more periods"),
        ({"leaks": ["future_returns"]}, "no leak is called .*: did you mean 'future_return'"),
        ({"leaks": ["back_fill"] * 2}, "the leak 'back_fill' is asked for twice: ask for it once"),
    ],
)
def test_what_cannot_be_made_is_refused_with_a_remedy(
    asked: dict[str, object], message: str
) -> None:
    request = {"kind": "equity", "symbols": 2, "periods": 50, **asked}
    with pytest.raises(Misuse, match=message):
        make_market(**request)  # type: ignore[arg-type]


def test_a_thousand_names_have_distinct_names_and_every_sector() -> None:
    market = make_market("equity", 1000, 2)
    assert market.instruments["symbol"].n_unique() == 1000
    assert market.instruments["sector"].n_unique() == 11
    assert np.array_equal(market.panel.symbols, sorted(market.panel.symbols))
