"""The catalogue of planted faults: what feeds do to bars, each at places that the truth names.

Places are chosen beforehand, from one stream per fault and never twice, so that each fault can be told
from the others. A faulty panel is still a valid one: wrong, and not malformed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tradewind.core.errors import Misuse, nearest
from tradewind.core.rng import Rng, stream
from tradewind.core.tables import UTC_TIME, floats, micros, physical
from tradewind.data.synthetic.places import (
    HOUR,
    MOST_HOURS,
    Ground,
    Rows,
    closures,
    inner_runs,
    one_a_symbol,
    runs_beside_a_closure,
    runs_of,
    single,
    survey,
)
from tradewind.data.synthetic.versions import PRICES, with_second_version

Spoiled = tuple[pl.DataFrame, list[str]]
COPIES = "copies"  # how often a row will be reported, while faults are being planted


@dataclass(frozen=True)
class Fault:
    """A fault by its name, at this share of the rows, and at one place at least.

    >>> Fault("spike")
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: no fault is called 'spike': did you mean 'spikes'?
    """

    name: str
    share: float = 0.002

    def __post_init__(self) -> None:
        if self.name not in CATALOGUE:
            raise Misuse(f"no fault is called {self.name!r}", nearest(self.name, CATALOGUE))
        if not 0 < self.share <= 0.1:
            raise Misuse(f"a fault at a share of {self.share} rows", "give a number up to 0.1")


def bad_clock(table: pl.DataFrame, rows: Rows, rng: Rng) -> Spoiled:
    """A run of bars stamped some hours late or early, when they were known along with them."""
    after, before = closures(physical(table["symbol"]), micros(table["timestamp"]))
    shift, details = np.zeros(len(table), dtype=np.int64), []
    for first, last in runs_of(rows):
        signs = [sign for sign, free in ((1, after[last - 1]), (-1, before[first])) if free]
        hours = int(rng.choice(signs)) * int(rng.integers(1, MOST_HOURS + 1))
        shift[first:last] = hours * HOUR
        told = f"stamped {abs(hours)} h too {'late' if hours > 0 else 'early'}"
        details += [told] * (last - first)
    moved = pl.duration(microseconds=pl.lit(pl.Series(shift)))
    return table.with_columns(pl.col("timestamp") + moved, pl.col("known_at") + moved), details


def splits(table: pl.DataFrame, rows: Rows, rng: Rng) -> Spoiled:
    """From this bar on, prices by the new count of shares and volume likewise; nothing adjusted."""
    ratio = rng.choice([2, 3, 4, 5, 10], len(rows))
    symbol = physical(table["symbol"])
    factor = np.ones(len(table))
    ends = np.searchsorted(symbol, symbol[rows], side="right")
    for row, end, shares in zip(rows.tolist(), ends.tolist(), ratio.tolist(), strict=True):
        factor[row:end] = shares
    by = pl.Series(factor)
    prices = [pl.col(name) / by for name in PRICES if name in table.columns]
    spoiled = table.with_columns(*prices, pl.col("volume") * by)
    return spoiled, [f"{shares} for 1, from here on" for shares in ratio]


def gaps(table: pl.DataFrame, rows: Rows, _rng: Rng) -> Spoiled:
    """Bars that never came."""
    details = [
        f"bar {nth} of {last - first} missing"
        for first, last in runs_of(rows)
        for nth in range(1, last - first + 1)
    ]
    return _with_values(table, COPIES, rows, 0), details


def duplicates(table: pl.DataFrame, rows: Rows, _rng: Rng) -> Spoiled:
    """The same bar reported twice, the second time an hour later."""
    return _with_values(table, COPIES, rows, 2), ["reported again an hour later"] * len(rows)


def spikes(table: pl.DataFrame, rows: Rows, rng: Rng) -> Spoiled:
    """A close far off for one bar, back at the next."""
    factor = np.exp(rng.choice([-1, 1], len(rows)) * rng.uniform(0.3, 0.6, len(rows)))
    close = floats(table["close"])[rows] * factor
    spoiled = _with_values(table, "close", rows, close)
    for name, reach in (("high", np.maximum), ("low", np.minimum)):
        if name in table.columns:
            spoiled = _with_values(spoiled, name, rows, reach(floats(table[name])[rows], close))
    return spoiled, [f"close x {by:.3f} for one bar" for by in factor.tolist()]


def zero_volume(table: pl.DataFrame, rows: Rows, _rng: Rng) -> Spoiled:
    """Volume lost while the price moved."""
    lost = floats(table["volume"])[rows].tolist()
    spoiled = _with_values(table, "volume", rows, 0.0)
    return spoiled, [f"volume {volume:.0f} reported as 0" for volume in lost]


def swapped_columns(table: pl.DataFrame, rows: Rows, rng: Rng) -> Spoiled:
    """Two columns that changed places."""
    pairs = [("high", "low"), ("open", "volume"), ("close", "volume")]
    pairs = [pair for pair in pairs if set(pair) <= set(table.columns)][:2]
    which = rng.integers(0, len(pairs), len(rows))
    spoiled = table
    for nth, (one, other) in enumerate(pairs):
        at = rows[which == nth]
        spoiled = _with_values(spoiled, one, at, floats(table[other])[at])
        spoiled = _with_values(spoiled, other, at, floats(table[one])[at])
    return spoiled, ["{} and {} swapped".format(*pairs[nth]) for nth in which.tolist()]


@dataclass(frozen=True)
class Entry:
    """One fault of the catalogue: where it may lie, and what it does there."""

    choose: Callable[[Ground, int, Rng], Rows]
    spoil: Callable[[pl.DataFrame, Rows, Rng], Spoiled]


# In the order in which they choose their places: the hardest to place is first.
CATALOGUE: Mapping[str, Entry] = {
    "bad_clock": Entry(runs_beside_a_closure, bad_clock),
    "splits": Entry(one_a_symbol, splits),
    "gaps": Entry(inner_runs, gaps),
    "duplicates": Entry(single, duplicates),
    "spikes": Entry(single, spikes),
    "zero_volume": Entry(single, zero_volume),
    "swapped_columns": Entry(single, swapped_columns),
}


def read_faults(asked: Sequence[str | Fault]) -> tuple[Fault, ...]:
    """Names and configurations as faults, each at most once, in the order of the catalogue."""
    found = [Fault(one) if isinstance(one, str) else one for one in asked]
    by_name = {fault.name: fault for fault in found}
    if len(by_name) < len(found):
        names = [fault.name for fault in found]
        twice = next(name for name in names if names.count(name) > 1)
        raise Misuse(f"the fault {twice!r} is asked for twice", "ask for it once")
    return tuple(by_name[name] for name in CATALOGUE if name in by_name)


def plant_faults(
    table: pl.DataFrame, faults: Sequence[Fault], seed: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The table with these faults, and the truth: (symbol, timestamp, fault, detail) for each row."""
    ground, told = survey(table), [_told(table.clear(), "", [])]
    table = table.with_columns(pl.lit(1, dtype=pl.Int64).alias(COPIES))
    for fault in faults:
        rng, entry = stream(seed, "faults", fault.name), CATALOGUE[fault.name]
        rows = entry.choose(ground, max(1, round(fault.share * len(table))), rng)
        if not len(rows):
            raise Misuse(f"there is no room for {fault.name!r}", "ask for more periods or symbols")
        table, details = entry.spoil(table, rows, rng)
        told.append(_told(table[rows], fault.name, details))
        ground = ground.without(rows)
    return _reported(table), pl.concat(told).sort("symbol", "timestamp")


def _told(rows: pl.DataFrame, fault: str, details: list[str]) -> pl.DataFrame:
    """What the truth says of these rows, by the stamps that they now carry."""
    detail = pl.Series(details, dtype=pl.String)
    return rows.select("symbol", "timestamp", fault=pl.lit(fault), detail=detail)


def _reported(table: pl.DataFrame) -> pl.DataFrame:
    """Rows as often as they are reported."""
    twice = np.flatnonzero(table[COPIES].to_numpy() == 2)
    table, _, second = with_second_version(table, twice)
    known = micros(table["known_at"]).copy()
    known[second] += HOUR
    table = table.with_columns(pl.Series("known_at", known).cast(UTC_TIME))
    return table.filter(pl.col(COPIES) > 0).drop(COPIES)


def _with_values(table: pl.DataFrame, name: str, rows: Rows, values: object) -> pl.DataFrame:
    """One column with other values at these rows."""
    column = table[name].to_numpy().copy()
    column[rows] = values
    return table.with_columns(pl.Series(name, column))
