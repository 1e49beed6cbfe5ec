"""How each symbol goes with a reference: all symbols together, a benchmark, or its group.

The return of a bar is paired with what the reference did since the symbol's bar before, so a share that
was closed is not compared with one day of a market that was open for three. Windows count moments of the
market; a quarter of one has to be there, or there is no value.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tradewind.core.arrays import Floats, Ints
from tradewind.core.errors import Misuse, nearest
from tradewind.features.across.moves import (
    REACH,
    coarse,
    enough,
    fine,
    logs_and_money,
    mean_moves,
    moves_of,
    pair_sums,
)
from tradewind.features.across.together import MarketFamily, MarketKernel, SideBySide
from tradewind.features.compiled import kernel, part
from tradewind.features.spec import FeatureSpec, Units

WINDOWS = (20, 60)
STRENGTHS = (5, 20, 60)
LEADS = (1, 2, 3)
SIZED = 20
_FEATURES = 3 * len(WINDOWS) + len(STRENGTHS) + len(LEADS) + 1


class Reference(Protocol):
    """What symbols are held against: its name in the names of features, the group of each symbol at each
    moment, and the group against which each is held at the last; -1 for none."""

    @property
    def name(self) -> str: ...

    def members(self, names: tuple[str, ...], side: SideBySide) -> Ints: ...

    def held_against(self, names: tuple[str, ...], side: SideBySide) -> Ints: ...


@dataclass(frozen=True)
class Everybody:
    """The equally weighted mean of all symbols that had bars; of a universe, its members."""

    @property
    def name(self) -> str:
        return "market"

    def members(self, names: tuple[str, ...], side: SideBySide) -> Ints:  # noqa: ARG002
        return side.members

    def held_against(self, names: tuple[str, ...], side: SideBySide) -> Ints:  # noqa: ARG002
        return np.zeros(len(names), dtype=np.int64)


@dataclass(frozen=True)
class Benchmark:
    """One of the symbols, be it a member of the universe or not.

    >>> Benchmark("BRK.B").name
    'BRK_B'
    >>> Benchmark("SPX").place(("ACME", "SPY"))
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: there are no bars of the benchmark 'SPX': did you mean 'SPY'?
    """

    symbol: str

    @property
    def name(self) -> str:
        """Its symbol, as a part of the names of features."""
        return re.sub(r"\W", "_", self.symbol)

    def place(self, names: tuple[str, ...]) -> int:
        """Its number among these symbols."""
        if self.symbol not in names:
            rule = f"there are no bars of the benchmark {self.symbol!r}"
            raise Misuse(rule, nearest(self.symbol, names))
        return names.index(self.symbol)

    def members(self, names: tuple[str, ...], side: SideBySide) -> Ints:
        alone = np.full_like(side.members, -1)
        alone[self.place(names)] = 0
        return alone

    def held_against(self, names: tuple[str, ...], side: SideBySide) -> Ints:  # noqa: ARG002
        return np.zeros(len(names), dtype=np.int64)


@dataclass(frozen=True)
class Groups:
    """The mean of each symbol's group, itself included, who has none has no value. Here a symbol is of one
    group for ever; what changes, such as a sector, is read with `Sectors`.

    >>> Groups("letters", {"A": "vowel", "B": "consonant", "C": "consonant"}).numbers(("A", "B", "D"))
    array([ 1,  0, -1])
    """

    name: str
    of: Mapping[str, str]

    def numbers(self, names: tuple[str, ...]) -> Ints:
        """The group of each symbol."""
        numbers = {group: number for number, group in enumerate(sorted(set(self.of.values())))}
        return np.array([numbers.get(self.of.get(name, ""), -1) for name in names], dtype=np.int64)

    def members(self, names: tuple[str, ...], side: SideBySide) -> Ints:
        return np.where(side.members >= 0, self.numbers(names)[:, np.newaxis], -1)

    def held_against(self, names: tuple[str, ...], side: SideBySide) -> Ints:  # noqa: ARG002
        return self.numbers(names)


@dataclass(frozen=True)
class Sectors:
    """The mean of each symbol's sector, itself included, as sectors were known at the moment; who has none
    then has no value. They are those of the market: see `sectors_of`.
    """

    @property
    def name(self) -> str:
        return "sector"

    def members(self, names: tuple[str, ...], side: SideBySide) -> Ints:  # noqa: ARG002
        return np.where(side.members >= 0, side.sectors, -1)

    def held_against(self, names: tuple[str, ...], side: SideBySide) -> Ints:  # noqa: ARG002
        return side.sectors[:, -1]


_Row = tuple[str, str, int, Units, str, str]


def cross_asset(reference: Reference) -> MarketFamily:
    """The family of features that hold each symbol against this reference.

    Two symbols of which one moves twice as far as the other; both are the market:

    >>> import polars as pl
    >>> from tradewind.core import Panel
    >>> from tradewind.features.seen import Seen
    >>> move = np.sin(np.arange(100.0)).cumsum() / 100
    >>> days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 4, 9), eager=True)
    >>> bars = pl.DataFrame({"date": days, "A": np.exp(move), "B": np.exp(2 * move)})
    >>> panel = Panel.from_frame(bars, calendar="24/7")
    >>> family = cross_asset(Everybody())
    >>> values = family.values(Seen(panel, panel.moments[-1:]))
    >>> dict(zip((spec.name for spec in family.specs), values.round(9).tolist()))["beta_market_60"]
    [0.666666667, 1.333333333]
    """
    family = "cross_asset" + ("" if reference == Everybody() else f"_{reference.name}")
    specs = tuple(
        FeatureSpec(name, family, tuple(inputs.split()), window + REACH, units, doc, formula)
        for name, inputs, window, units, doc, formula in _rows(reference.name)
    )
    doc = f"beta, correlation, strength, lead and size of each symbol against {reference.name}"
    inputs = ("close", "volume")
    return MarketFamily(family, doc, inputs, specs, logs_and_money, HeldAgainst(reference))


@dataclass(frozen=True)
class HeldAgainst:
    """The kernel that holds symbols against a reference."""

    reference: Reference

    def __call__(self, names: tuple[str, ...]) -> MarketKernel:
        return lambda side: _related(
            side.bars,
            self.reference.members(names, side),
            self.reference.held_against(names, side),
        )


def _rows(ref: str) -> tuple[_Row, ...]:
    close = "close"
    return (
        *((f"beta_{ref}_{n}", close, n, "ratio", f"what {ref} does, times this, over {n} moments",
           "cov(r, m, n) / var(m, n)") for n in WINDOWS),
        *((f"correlation_{ref}_{n}", close, n, "share", f"how closely it goes with {ref}, over {n} moments",
           "corr(r, m, n)") for n in WINDOWS),
        *((f"own_volatility_{ref}_{n}", close, n, "log", f"spread of what {ref} does not explain, over {n} moments",
           "sd(r - beta m, n)") for n in WINDOWS),
        *((f"strength_{ref}_{n}", close, n, "log", f"return above that of {ref}, over {n} moments",
           "sum(r - m, n)") for n in STRENGTHS),
        *((f"lead_{ref}_{k}", close, WINDOWS[-1], "share", f"how closely it follows {ref} {k} moments later",
           f"corr(r, m[-{k}], {WINDOWS[-1]})") for k in LEADS),
        (f"size_{ref}_{SIZED}", "close volume", SIZED, "log", f"money traded against the mean of {ref}, over {SIZED} moments",
         f"log(mean(c v, {SIZED})) - its mean over {ref}"),
    )  # fmt: skip


def _related(bars: Floats, members: Ints, against: Ints) -> Floats:
    out = np.full((_FEATURES, bars.shape[1]), np.nan)
    moves, gaps = np.empty(bars.shape[1:]), np.empty(bars.shape[1:], dtype=np.int64)
    moves_of(bars[0], moves, gaps)
    groups = max(int(members.max(initial=0)), int(against.max(initial=0))) + 1
    means = mean_moves(moves, members, groups)
    _relate(moves, gaps, means, against, out)
    _size(bars[1], np.ascontiguousarray(members[:, -1]), against, groups, out[-1])
    return out


@kernel
def _relate(moves: Floats, gaps: Ints, means: Floats, against: Ints, out: Floats) -> None:
    moments = moves.shape[1]
    paired, earlier = np.empty(moments), np.empty(moments)
    for symbol in range(len(moves)):
        if against[symbol] < 0:
            continue
        own, reference, gap = moves[symbol], means[against[symbol]], gaps[symbol]
        for moment in range(moments):
            paired[moment] = math.nan if gap[moment] == 0 else 0.0
            for since in range(moment - gap[moment] + 1, moment + 1):
                paired[moment] += reference[since]
        for row, window in enumerate(WINDOWS):
            _fit(own[-window:], paired[-window:], window, row, out[:, symbol])
        for row, window in enumerate(STRENGTHS, 3 * len(WINDOWS)):
            out[row, symbol] = _strength(own[-window:], paired[-window:], window)
        for row, lag in enumerate(LEADS, 3 * len(WINDOWS) + len(STRENGTHS)):
            for moment in range(moments):
                follows = gap[moment] == 1 and moment >= lag
                earlier[moment] = reference[moment - lag] if follows else math.nan
            count, aa, bb, ab = pair_sums(own[-WINDOWS[-1] :], earlier[-WINDOWS[-1] :])
            if enough(count, WINDOWS[-1]) and aa > 0.0 and bb > 0.0:
                out[row, symbol] = _correlation(aa, bb, ab)


@part
def _fit(own: Floats, reference: Floats, window: int, row: int, out: Floats) -> None:
    """Beta, correlation, and the spread about the line; none where the reference does not move."""
    count, aa, bb, ab = pair_sums(own, reference)
    if not enough(count, window) or bb == 0.0:
        return
    out[row] = ab / bb
    if aa > 0.0:
        out[row + len(WINDOWS)] = _correlation(aa, bb, ab)
    out[row + 2 * len(WINDOWS)] = math.sqrt(max(aa - ab * ab / bb, 0.0) / (count - 2))


@part
def _correlation(aa: float, bb: float, ab: float) -> float:
    return float(min(max(ab / math.sqrt(aa * bb), -1.0), 1.0))


@part
def _strength(own: Floats, reference: Floats, window: int) -> float:
    total, count = 0.0, 0
    for i in range(len(own)):
        if not math.isnan(own[i] + reference[i]):
            total += own[i] - reference[i]
            count += 1
    return total if enough(count, window) else math.nan


@kernel
def _size(traded: Floats, members: Ints, against: Ints, groups: int, out: Floats) -> None:
    """The log of the money traded less the mean of that of the group."""
    own = np.full(len(traded), math.nan)
    sums, rest, counts = np.zeros(groups), np.zeros(groups), np.zeros(groups)
    for symbol in range(len(traded)):
        total, count = 0.0, 0
        for money in traded[symbol, -SIZED:]:
            if not math.isnan(money):
                total += money
                count += 1
        if enough(count, SIZED) and 0.0 < total < math.inf:
            own[symbol] = math.log(total / count)
            if members[symbol] >= 0:
                sums[members[symbol]] += coarse(own[symbol])
                rest[members[symbol]] += fine(own[symbol])
                counts[members[symbol]] += 1.0
    for symbol in range(len(traded)):
        group = against[symbol]
        if group >= 0 and counts[group] > 0.0:
            out[symbol] = own[symbol] - (sums[group] + rest[group]) / counts[group]
