"""`Hysteresis`: from probabilities to the regime that is said, which does not change at every doubt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numba
import numpy as np
import polars as pl

from tradewind.context.regimes.said import Said
from tradewind.core import MarketState
from tradewind.core.arrays import Flags, Floats, Ints
from tradewind.core.errors import BadConfig, Misuse
from tradewind.core.tables import micros, physical

NOBODY = (-1, -1, 0, 0, 0)
OBSERVED = ~pl.col("degraded").list.eval(pl.element().str.starts_with("regime:")).list.any()
"""Of a row of a MarketState: no part of it says that its regime goes without something."""

Spoken = tuple[int, int, int, int, int]


@dataclass(frozen=True)
class SayingState:
    """By symbol: the regime that is said, the one that leads against it and for how many rows, since
    when what is said is said, how many rows were not observed since one was; numbers of regimes, and
    microseconds since 1970. And its last moment."""

    after: Mapping[str, Spoken] = field(default_factory=dict)
    at: Mapping[str, datetime] = field(default_factory=dict)

    def require_before(self, firsts: Mapping[str, datetime]) -> None:
        """Refuse to go on with a row that is no later than the last of its symbol."""
        for name, at in firsts.items():
            if name in self.at and at <= self.at[name]:
                raise Misuse(
                    f"a row of {name!r} at {at} is to be said, and {self.at[name]} was",
                    "give each row once, in its order",
                )


@dataclass(frozen=True)
class Hysteresis:
    """Another regime is said once it leads the one that is said by `margin`, or for so many rows; the
    first one once a row was observed: what is thought of a symbol that has shown nothing is not said.
    Rows that were not observed change nothing; after more than `rows` of them nothing is said any more.

    >>> from datetime import UTC
    >>> days = pl.datetime_range(datetime(2024, 1, 1), datetime(2024, 1, 5), "1d", eager=True,
    ...     time_zone="UTC")
    >>> calm = [0.9, 0.4, 0.9, 0.4, 0.1]
    >>> none = pl.lit([], pl.List(pl.String))
    >>> table = pl.DataFrame({"at": days, "symbol": "ACME", "calm": calm}).with_columns(
    ...     pl.col("symbol").cast(pl.Enum(["ACME"])), wild=1 - pl.col("calm"),
    ...     similar=none, degraded=none)
    >>> said = Hysteresis(margin=0.5, rows=3)(MarketState(table, ("calm", "wild"))).table
    >>> said["regime"].to_list(), str(said["since"][-1])
    (['calm', 'calm', 'calm', 'calm', 'wild'], '2024-01-05 00:00:00+00:00')
    """

    margin: float = 0.6
    rows: int = 10

    def __post_init__(self) -> None:
        if not 0 <= self.margin <= 1:
            raise BadConfig(f"a margin of {self.margin:g}", "give a number from 0 to 1")
        if self.rows < 1:
            raise BadConfig(f"a regime said after {self.rows} rows", "give 1 or more")

    def __call__(self, state: MarketState) -> Said:
        """What is said along a history."""
        return self.step(SayingState(), state)[0]

    def step(self, before: SayingState, state: MarketState) -> tuple[Said, SayingState]:
        """What is said of the rows that follow, and where that leaves it."""
        table = state.table.sort("symbol", "at")
        codes = physical(table["symbol"]).astype(np.int64)
        begins = np.flatnonzero(np.diff(codes, prepend=-1))
        names = table["symbol"].gather(begins).cast(pl.String).to_list()
        before.require_before(_at(table, names, begins))
        spoken = np.array([before.after.get(name, NOBODY) for name in names], dtype=np.int64)
        said, since = np.empty(len(table), dtype=np.int64), np.empty(len(table), dtype=np.int64)
        say(
            np.ascontiguousarray(table.select(state.regimes).cast(pl.Float64).to_numpy()),
            table.select(OBSERVED).to_series().to_numpy(),
            np.append(begins, len(table)),
            micros(table["at"]),
            self.margin,
            self.rows,
            spoken.reshape(len(names), len(NOBODY)),
            said,
            since,
        )
        told = table.select(
            "at",
            "symbol",
            regime=pl.Series(state.regimes)[np.maximum(said, 0)].cast(pl.Enum(state.regimes)),
            since=pl.Series(since).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            known=pl.Series(said >= 0),
        )
        known = [pl.when("known").then(name).alias(name) for name in ("regime", "since")]
        last = {name: tuple(row) for name, row in zip(names, spoken.tolist(), strict=True)}
        ends = np.append(begins[1:], len(table)) - 1
        moments = _at(table, names, ends[: len(names)])
        after = SayingState({**before.after, **last}, {**before.at, **moments})
        return Said(told.select("at", "symbol", *known).sort("at", "symbol")), after


def _at(table: pl.DataFrame, names: Sequence[str], rows: Ints) -> dict[str, datetime]:
    """The moments of these rows, by their symbols."""
    return dict(zip(names, table["at"].gather(rows).to_list(), strict=True))


@numba.njit(cache=True, nogil=True)
def say(
    probabilities: Floats,
    observed: Flags,
    offsets: Ints,
    moments: Ints,
    margin: float,
    rows: int,
    spoken: Ints,
    said: Ints,
    since: Ints,
) -> None:
    """Of rows of symbols, one after the other: the number of the regime that is said and since when into
    `said` and `since`, from `spoken` (symbols, 5) on, which moves with them."""
    for s in range(len(offsets) - 1):
        now, rival, led, begun, unseen = spoken[s]
        for row in range(offsets[s], offsets[s + 1]):
            unseen = 0 if observed[row] else unseen + 1
            if unseen > rows:  # what is thought by now is what is thought of anybody
                now, rival, led, begun = -1, -1, 0, 0
            leader, told = 0, observed[row]
            for k in range(probabilities.shape[1]):
                told &= probabilities[row, k] == probabilities[row, k]
                if probabilities[row, k] > probabilities[row, leader]:
                    leader = k
            for k in range(probabilities.shape[1]):  # who leads by nothing is not said
                told &= k == leader or probabilities[row, k] < probabilities[row, leader]
            if now < 0:
                if told:
                    now, begun = leader, moments[row]
            elif told and leader != now:
                led = led + 1 if leader == rival else 1
                rival = leader
                ahead = probabilities[row, leader] - probabilities[row, now]
                if ahead >= margin or led >= rows:
                    now, begun, rival, led = leader, moments[row], -1, 0
            elif told:
                rival, led = -1, 0
            said[row], since[row] = now, begun
        spoken[s] = now, rival, led, begun, unseen
