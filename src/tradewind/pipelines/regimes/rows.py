"""The rows that regimes are told from: each bar as it was first known, and what was then read of it.

A correction that comes later changes no row: what was said, was said of what was known. It changes the
features of the bars after it, which look back at it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from tradewind.context.regimes import RuleRegimes
from tradewind.context.regimes.market_wide import MARKET, median_symbol
from tradewind.context.regimes.model import Of
from tradewind.context.rule_labels import NEEDED
from tradewind.core import Dataset, Finding
from tradewind.core.errors import Misuse
from tradewind.core.roles import RegimeDetector
from tradewind.features.families import KeptFamily
from tradewind.features.registry import FAMILIES
from tradewind.reporting.figures import count

KEYS = ("symbol", "timestamp", "known_at", "session")
FEWEST = 0.5  # share of rows that have a value, below which a feature is left out
NAMED = 4  # symbols, in a finding
MOST_DRIFT = 1.5  # spreads between the halves of a history
INSTEAD: Mapping[str, str] = {"observed_range": "volatility_20"}
BY_RULE = tuple(NEEDED.values())


@dataclass(frozen=True, eq=False)
class Rows:
    """Bars as they were first known, in the order of their moments, with some features of each."""

    table: pl.DataFrame
    features: tuple[str, ...]

    @property
    def dataset(self) -> Dataset:
        """As a detector takes them; it goes by the bar's own moment."""
        rows = self.table.select("symbol", *self.features, decided_at="timestamp")
        return Dataset(rows, self.features)

    @property
    def moments(self) -> pl.DataFrame:
        """The market's own rows: each moment, when it was known, its session."""
        market = pl.lit(MARKET).cast(pl.Enum([MARKET])).alias("symbol")
        told = self.table.group_by("timestamp", maintain_order=True).agg(
            pl.col("known_at", "session").max()
        )
        return told.select(market, "timestamp", "known_at", "session")

    def only(self, rows: pl.DataFrame) -> "Rows":
        """Other rows, of the same features."""
        return replace(self, table=rows)

    def known_by(self, until: datetime) -> "Rows":
        """Those that were known then."""
        return self.only(self.table.filter(pl.col("known_at") <= until))


def homes(names: Sequence[str]) -> dict[str, KeptFamily]:
    """The family of each feature that is named, or whose family is, and of what stands in for it; a
    measure of the rules that is of no family has none.

    >>> [*homes(["observed_range"])]
    ['observed_range', 'volatility_20']
    """
    home = {spec.name: family for family in FAMILIES.values() for spec in family.specs}
    asked = [
        name
        for one in names
        for name in ([spec.name for spec in FAMILIES[one].specs] if one in FAMILIES else [one])
    ]
    stand_ins = [INSTEAD[name] for name in asked if name in INSTEAD]
    return {name: home[name] for name in dict.fromkeys([*asked, *stand_ins]) if name in home}


def first_known(tables: Sequence[pl.DataFrame], features: Sequence[str]) -> Rows:
    """The bars that the first table has features of, in their first versions; what no table has is
    missing."""
    first, *others = (table.unique(KEYS[:2], keep="first", maintain_order=True) for table in tables)
    names = first.schema["symbol"]
    for other in others:
        same = pl.col("symbol").cast(pl.String).cast(names, strict=False)
        there = other.rename({"known_at": "later"}).drop("session").with_columns(same)
        first = first.join(there, KEYS[:2], maintain_order="left").with_columns(
            pl.max_horizontal("known_at", "later").alias("known_at")
        )
    missing = [pl.lit(None, pl.Float64).alias(one) for one in features if one not in first.columns]
    wanted = first.with_columns(missing).select(*KEYS, *features)
    return Rows(_in_turn(wanted).sort("timestamp", "symbol"), tuple(features))


def of_whole_moments(rows: Rows) -> Rows:
    """Each moment as it was when the first of its bars was known, if no later moment was by then."""
    table = rows.table
    moments = table.group_by("timestamp").agg(first=pl.col("known_at").min())
    moments = moments.sort("first", "timestamp")
    before = pl.col("timestamp").cum_max().shift(1)
    in_turn = moments.filter((pl.col("timestamp") > before).fill_null(True))
    whole = table.join(in_turn, "timestamp", maintain_order="left")
    return rows.only(whole.filter(pl.col("known_at") == pl.col("first")).drop("first"))


def _in_turn(table: pl.DataFrame) -> pl.DataFrame:
    """Without the bars of a symbol that came after a later one of it."""
    before = pl.col("timestamp").cum_max().shift(1).over("symbol")
    rows = table.sort("known_at", "timestamp")
    return rows.filter((pl.col("timestamp") > before).fill_null(True))


def apart(rows: Rows) -> tuple[Rows, tuple[Finding, ...]]:
    """Without the bars of a symbol that is called as the market itself is: nobody could tell which of the
    two a regime is of."""
    namesake = pl.col("symbol").cast(pl.String) == MARKET
    others = rows.table.filter(~namesake)
    if len(others) == len(rows.table):
        return rows, ()
    rule = f"a symbol is called {MARKET!r}, which is the market as a whole"
    remedy = "ingest its bars under another name"
    if not len(others):
        raise Misuse(f"{rule}, and there is no other", remedy)
    told = f"{rule}: no regimes are told of it"
    return rows.only(others), (Finding("regimes.symbol", "warning", MARKET, told, remedy),)


def told_of(of: Of, detector: RegimeDetector | None, rows: Rows) -> Rows:
    """The rows that a detector is to see."""
    return of_whole_moments(rows) if by_whole_moments(of, detector) else rows


def by_whole_moments(of: Of, detector: RegimeDetector | None) -> bool:
    """Does it set symbols beside each other? A rule does, though it tells of each."""
    return of == "market" or isinstance(detector, RuleRegimes)


def chosen(rows: Rows, names: Sequence[str]) -> tuple[Rows, tuple[Finding, ...]]:
    """With the features that regimes can be told by; what is left out, or stood in for, is told. A symbol
    of which there is nothing but empty bars has no say in it."""
    kept, findings = [], []
    there = pl.any_horizontal(pl.col(rows.features).is_not_null()).any().over("symbol")
    alive = rows.only(rows.table.filter(there))
    for name in names:
        why = _unfit(alive, name)
        if why is None:
            kept.append(name)
            continue
        other = INSTEAD.get(name)
        stands = other is not None and _unfit(alive, other) is None
        if other is not None and stands:
            kept.append(other)
        does = f"{other} stands in for it" if stands else "it is left out"
        remedy = "name the features to read under `regimes:` in tradewind.yaml"
        findings.append(Finding("regimes.feature", "info", name, f"{why}: {does}", remedy))
    if not kept:
        raise Misuse(
            f"regimes cannot be told by {', '.join(names)}: {findings[0].detail}",
            "name other features under `regimes:` in tradewind.yaml",
        )
    return replace(rows, features=tuple(dict.fromkeys(kept))), tuple(findings)


def unseen(rows: Rows) -> tuple[Finding, ...]:
    """That some symbols lack a feature on all of their bars: a detector never sees them, and says nothing."""
    there = pl.col(rows.features).is_not_null().any()
    symbols = rows.table.group_by("symbol").agg(there).sort("symbol")
    blind = symbols.filter(pl.any_horizontal(~pl.col(rows.features)))
    if not len(blind):
        return ()
    lacking = [name for name in rows.features if not blind[name].all()]
    named = shortened(blind["symbol"].cast(pl.String))
    detail = (
        f"{len(blind)} of {count(len(symbols), 'symbol', 'symbols')} ({named}) have no "
        f"{', '.join(lacking)} on any bar: no regime is told of them"
    )
    remedy = (
        "name features that they have under `regimes:` in tradewind.yaml, or bring in such bars"
    )
    return (Finding("regimes.unseen", "warning", "symbol", detail, remedy),)


def shortened(names: Iterable[str]) -> str:
    """The first few of them, and how many more there are.

    >>> shortened(["A", "B", "C", "D", "E"])
    'A, B, C, D and 1 more'
    """
    told = [*names]
    more = len(told) - NAMED
    return ", ".join(told[:NAMED]) + (f" and {more:,} more" if more > 0 else "")


def learnable(of: Of, rows: Rows) -> Rows:
    """The bars that a detector really learns from: those with every feature; of the market, whose row is
    the median of who has one, those with any."""
    has = pl.col(rows.features).is_not_null()
    return rows.only(
        rows.table.filter(pl.any_horizontal(has) if of == "market" else pl.all_horizontal(has))
    )


def _unfit(rows: Rows, name: str) -> str | None:
    """Why a feature is none to tell regimes by: too few bars have it, or its level drifts with the years,
    so that its states would be eras. None where it is one."""
    column = rows.table[name]
    known = column.count() / max(len(column), 1)
    if known < FEWEST:
        return f"{known:.0%} of the bars have a value"
    drift = drift_of(rows.table.select("symbol", name).drop_nulls())
    return f"its level drifts by {drift:.1f} spreads" if drift > MOST_DRIFT else None


def drift_of(values: pl.DataFrame) -> float:
    """How far the mean of (symbol, value) lies in each symbol's second half from its first, in spreads
    within them: the median symbol.

    >>> steps = [0.0, 1.0] * 50
    >>> drift_of(pl.DataFrame({"symbol": "A", "x": [*steps, *(2 + x for x in steps)]}))
    4.0
    """
    symbol, value = values.columns
    half = pl.int_range(pl.len()).over(symbol) * 2 // pl.len().over(symbol)
    parts = (
        values.with_columns(half=half)
        .group_by(symbol, "half")
        .agg(mean=pl.col(value).mean(), variance=pl.col(value).var(ddof=0))
    )
    moved = (
        parts.sort("half")
        .group_by(symbol)
        .agg(
            away=(pl.col("mean").last() - pl.col("mean").first()).abs(),
            spread=pl.col("variance").mean().sqrt(),
        )
    )
    drift = moved.filter(pl.col("spread") > 0).select(pl.col("away") / pl.col("spread")).median()
    return float(drift.item() or 0.0)


def as_seen(of: Of, rows: Rows) -> Dataset:
    """What is learnt from, and judged by: each symbol's rows, or the median symbol's."""
    return median_symbol(rows.dataset) if of == "market" else rows.dataset
