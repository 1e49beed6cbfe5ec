"""Every feature that is registered is causal, and one that were not would be told."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.pipelines.conftest import Notes
from tradewind.core import Market, Panel, stream
from tradewind.core.vendors import load_function
from tradewind.data.synthetic import Revisions, Turnover, make_market
from tradewind.evaluation.causality.audit import audit
from tradewind.evaluation.causality.markets import MarketSubject
from tradewind.features.across.breadth import MARKET_WIDE
from tradewind.features.across.cross_asset import Everybody, Sectors, cross_asset
from tradewind.features.across.together import MarketFamily
from tradewind.features.bars import BarFeatures
from tradewind.features.expressions import Own, family_of
from tradewind.features.naming import family_named
from tradewind.features.realised.limits import STATES
from tradewind.features.registry import BARS, FAMILIES
from tradewind.features.seen import Floats, Ints
from tradewind.pipelines.audit import audit_features, claims, package_of
from tradewind.pipelines.foretold import Foretold

NOT_WITHIN_HOURS = {f"{of}limit_{way}" for of in ("", "regime_") for way in ("up", "down")}
"""Limit bands are of bars of less than five minutes, and the made market has hours; minutes are below."""


@pytest.mark.parametrize("name", FAMILIES)
def test_every_registered_feature_is_causal_and_reads_what_it_declares(
    name: str, notes: Notes
) -> None:
    [found] = audit_features(8, 7, notes, [FAMILIES[name]]).audits
    assert found.verdict == "causal", found.summary
    assert {finding.where for finding in found.card.findings} <= {name, *NOT_WITHIN_HOURS}
    untried = [one for one in found.card.findings if one.check == "causality.untried"]
    assert bool(untried) == any(spec.lookback > 1_480 for spec in FAMILIES[name].specs)
    assert found.card.score("columns").value == len(FAMILIES[name].specs)
    assert notes.stages == [name]


@pytest.mark.parametrize(
    "name", ["bars@1w", "alpha158@1w", "seasonal@1w", "realised@1d", "bars@1h"]
)
def test_a_family_on_longer_bars_is_causal_and_reads_no_more_bars_than_those_are_made_of(
    name: str, notes: Notes
) -> None:
    family = family_named(name, [*FAMILIES.values()])
    [found] = audit_features(8, 7, notes, [family]).audits
    assert found.verdict == "causal", found.summary
    assert found.card.score("columns").value == len(family.specs)


@pytest.mark.parametrize(
    "family",
    [MARKET_WIDE, cross_asset(Everybody()), cross_asset(Sectors())],
    ids=lambda family: family.name,
)
def test_it_is_causal_too_where_names_come_and_go_and_sectors_are_told_with_the_bars(
    family: MarketFamily,
) -> None:
    plants = [Revisions(0.05), Turnover(entries=1 / 4, exits=1 / 4)]
    made = make_market("equity", 8, 260, seed=7, plants=plants)
    third = pl.col("timestamp").dt.month() % 3 + pl.col("symbol").to_physical() % 2
    told = made.panel.table.with_columns(sector=third.cast(pl.String))
    market = Market({"bars": Panel(told)}, universe=made.universe)
    reader = BarFeatures(families=(family,), ranked=())
    subject = MarketSubject(family.name, reader, market, claims(family))
    found = audit(subject, stream(7, "audit", family.name), 8)
    assert found.verdict == "causal", found.summary


def eventful_minutes() -> Market:
    """Two days and a half of minutes of two shares, 5 % of them corrected, with a fall below what sets
    a restriction off, a spike beyond the band, and five minutes without a trade."""
    table = make_market("equity", 2, 900, "1m", seed=5, plants=["revisions"]).panel.table
    nth = pl.col("timestamp").rank("dense").over("symbol")
    level = pl.when(nth.is_between(520, 529)).then(0.88).when(nth == 560).then(1.08).otherwise(1.0)
    price, still = pl.col("open", "high", "low", "close") * level, nth.is_between(600, 604)
    rows = table.with_columns(price, volume=pl.when(still).then(0.0).otherwise("volume"))
    flat = [pl.when(still).then("close").otherwise(name).alias(name) for name in ("high", "low")]
    return Market({"bars": Panel(rows.with_columns(flat))})


@pytest.mark.parametrize(("name", "prefix"), [("realised", ""), ("regime20", "regime_")])
def test_restrictions_limits_and_halts_do_occur_in_minutes_and_are_causal(
    name: str, prefix: str
) -> None:
    family, market = FAMILIES[name], eventful_minutes()
    reader = BarFeatures(families=(family,), ranked=())
    states = [f"{prefix}{state}" for state in STATES]
    told = reader(market, market.panel.moments).table.select(states)
    assert told.max().row(0) == (1.0, 1.0, 1.0, 1.0)
    assert told.min().row(0) == (0.0, 0.0, 0.0, 0.0)
    found = audit(MarketSubject(name, reader, market, claims(family)), stream(7), cuts=6)
    assert found.verdict == "causal", found.summary
    assert not {finding.where for finding in found.card.findings} & {*states}


def peeking(bars: Floats, offsets: Ints, first: Ints) -> Floats:
    """Our features, each a bar too early."""
    return np.roll(BARS.kernel(bars, offsets, first), -1, axis=1)


def forgetful(bars: Floats, offsets: Ints, first: Ints) -> Floats:
    """A feature more of the first than it declares."""
    out = BARS.kernel(bars, offsets, first)
    out[0] = out[3]
    return out


@pytest.mark.parametrize(
    ("kernel", "verdict", "column"),
    [(peeking, "leaking", "return_1"), (forgetful, "breaks its word", "return_1")],
)
def test_a_family_that_peeks_or_reads_more_than_it_declares_is_told(
    kernel: Callable[..., Floats], verdict: str, column: str, notes: Notes
) -> None:
    [found] = audit_features(8, 7, notes, [replace(BARS, kernel=kernel)]).audits
    assert found.verdict == verdict
    assert column in [finding.where for finding in found.card.findings]


MOVE = pl.col("close") / pl.col("close").shift(1) - 1
NEXT = pl.col("close").shift(-1) / pl.col("close") - 1
BUSY = pl.col("volume").shift(-1) > 2 * pl.col("volume")


@pytest.mark.parametrize("rare", [NEXT.abs() > 0.15, (NEXT < -0.15) & BUSY, MOVE.abs() < 3e-4])
def test_a_feature_of_ones_own_that_leaks_on_rare_bars_alone_is_found(
    rare: pl.Expr, notes: Notes
) -> None:
    leak = pl.when(rare).then(NEXT).otherwise(MOVE)
    own = Own("mine", ("close", "volume"), 2, "ratio", "a move", leak, "def mine(): ...", "mine")
    [found] = audit_features(None, 7, notes, [family_of("own", [own])]).audits
    assert found.verdict == "leaking", found.summary


def test_a_column_that_made_bars_lack_is_made_for_the_family_that_reads_it(notes: Notes) -> None:
    mood = pl.col("mood").rolling_mean(5)
    own = Own("calm", ("mood",), 5, "ratio", "a mean", mood, "def calm(): ...", "calm")
    family = family_of("own", [own], ["mood"])
    assert audit_features(4, 7, notes, [family]).verdict == "causal"


def make_in_pandas(rows: "pandas.DataFrame") -> Any: ...  # type: ignore[name-defined]  # noqa: F821
def make_in_polars(rows: "pl.DataFrame") -> Any: ...  # type: ignore[name-defined]
def make_in_either(rows): ...  # type: ignore[no-untyped-def]


@pytest.mark.parametrize(
    ("function", "package"),
    [(make_in_pandas, "pandas"), (make_in_polars, "polars"), (make_in_either, "polars")],
)
def test_a_function_is_given_the_frames_that_it_says_it_takes(
    function: Callable[[Any], Any], package: str
) -> None:
    assert package_of(function) == package


def test_a_function_that_says_nothing_is_given_the_frames_that_its_file_imports(
    tmp_path: Any,
) -> None:
    file = tmp_path / "only_pandas.py"
    file.write_text("import pandas as pd\ndef make(rows): return rows")
    assert package_of(load_function(f"{file}:make")) == "pandas"


@pytest.mark.parametrize(
    ("source", "package"),
    [
        ("from __future__ import annotations\nfrom pandas import DataFrame\n"
         "def make(df: DataFrame): ...", "pandas"),
        ("import pandas as pd\nimport polars as pl\ndef make(df: pd.DataFrame | None): ...", "pandas"),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas as pd\n"
         "def make(df: 'pd.DataFrame'): ...", "pandas"),
        ("from pandas import concat, DataFrame\ndef make(df): ...", "pandas"),
        ("import polars as pl\nimport pandas as pd\ndef make(df: pl.DataFrame): ...", "polars"),
        ("import pandas as pd\nimport polars as pl\ndef make(df): ...", None),
        ("def make(df): ...", None),
    ],
)  # fmt: skip
def test_whose_frames_a_function_takes_is_read_as_it_is_meant(
    source: str, package: str | None, tmp_path: Any
) -> None:
    file = tmp_path / "mine.py"
    file.write_text(source)
    assert package_of(load_function(f"{file}:make")) == package


def test_a_long_audit_is_told_before_it_goes_on_and_a_short_one_is_not() -> None:
    for took, said in ((1.0, ["about 8 minutes; --cuts 20 takes about 41 s"]), (0.01, [])):
        told: list[str] = []
        times = iter([0.0, took])
        foretold = Foretold(len, 300, told.append, lambda times=times: next(times))
        assert [foretold([]), foretold([1])] == [0, 1]
        assert told == said
