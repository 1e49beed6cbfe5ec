"""`Pattern`: an episode of one symbol at one scale, and what followed once that is known; `Patterns`: many."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from math import isfinite
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core.arrays import Floats
from tradewind.core.clock import utc
from tradewind.core.errors import BadTable, Misuse
from tradewind.core.tables import UTC_TIME, by_value, require_columns, require_keys_in_order

WIDTH = 128
ROUNDING = 1e-5  # how far from one a length of float32 may be; its square is twice as far
SPAN = pl.Duration("us")
FOLLOWED = pl.List(pl.Struct({"horizon": SPAN, "value": pl.Float64, "resolved_at": UTC_TIME}))
SCHEMA: Mapping[str, Any] = {
    "known_at": UTC_TIME,
    "symbol": pl.String,
    "scale": SPAN,
    "kind": pl.String,
    "start": UTC_TIME,
    "end": UTC_TIME,
    "direction": pl.Int8,
    "confidence": pl.Float64,
    "regime": pl.String,
    "embedding": pl.Array(pl.Float32, WIDTH),
    "followed": FOLLOWED,
}
KEYS = ("known_at", "symbol", "scale", "kind", "start", "end")
REMEDY = "give [Pattern(...), ...], or Patterns"
PROMISED = (*KEYS, "direction", "confidence", "embedding", "followed")  # never null


class Outcome(NamedTuple):
    """The log return over a horizon, from the close at which the episode was known, and when that was known."""

    value: float
    resolved_at: datetime


@dataclass(frozen=True, eq=False)
class Pattern:
    """A span in which something recognisable happened, and when it became recognisable.

    `direction` is +1 where it speaks for a rise, -1 for a fall, 0 for neither. What `followed`, by
    horizon, counts for nobody before its `resolved_at`:

    >>> from datetime import UTC
    >>> start, end = datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 1, 9, tzinfo=UTC)
    >>> unit = np.full(WIDTH, WIDTH**-0.5)
    >>> Pattern("ACME", "double_top", timedelta(days=1), start, end, start, unit, 0.8)
    Traceback (most recent call last):
    tradewind.core.errors.BadTable: a Pattern of 'ACME' ends at 2024-01-09 00:00:00+00:00 and is known ...
    """

    symbol: str
    kind: str
    scale: timedelta
    start: datetime
    end: datetime
    known_at: datetime
    embedding: Floats  # (128,), unit length
    confidence: float
    direction: int = 0
    regime: str | None = None
    followed: Mapping[timedelta, Outcome] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not utc(self.start) < utc(self.end):
            raise BadTable(f"a Pattern of {self.symbol!r} ends before it starts", "swap the two")
        if utc(self.known_at) < utc(self.end):
            raise BadTable(
                f"a Pattern of {self.symbol!r} ends at {self.end} and is known at {self.known_at}",
                "an episode is known when its last bar is",
            )
        vector = self.embedding
        if vector.shape != (WIDTH,) or not abs(float(vector @ vector) - 1) <= 2 * ROUNDING:
            raise BadTable(
                f"an embedding of shape {self.embedding.shape} and length "
                f"{np.linalg.norm(self.embedding):.6f}",
                f"give ({WIDTH},) numbers of unit length",
            )
        if not 0 <= self.confidence <= 1:
            raise BadTable(f"a confidence of {self.confidence}", "give a number from 0 to 1")
        if self.direction not in (-1, 0, 1):
            raise BadTable(f"a direction of {self.direction}", "give -1, 0 or 1")
        for horizon, outcome in self.followed.items():
            if not isfinite(outcome.value) or utc(outcome.resolved_at) <= utc(self.known_at):
                raise BadTable(
                    f"a Pattern of {self.symbol!r} was followed by {outcome.value} within {horizon}, "
                    f"resolved at {outcome.resolved_at}",
                    "give a log return, and when it was known; that is after known_at",
                )

    def as_of(self, when: datetime) -> "Pattern":
        """With what was known at that moment of what followed."""
        known = {h: one for h, one in self.followed.items() if utc(one.resolved_at) <= utc(when)}
        return Pattern(**{**vars(self), "followed": known})


@dataclass(frozen=True, eq=False)
class Patterns:
    """Many a `Pattern` as one table, in the order in which they became known.

    >>> Patterns.of([]).table.schema["embedding"]
    Array(Float32, shape=(128,))
    """

    table: pl.DataFrame

    __eq__ = by_value

    def __post_init__(self) -> None:
        require_columns(self.table, "Patterns", {name: SCHEMA[name] for name in PROMISED})
        require_keys_in_order(self.table, "Patterns", KEYS)
        wrong = (pl.col("known_at") < pl.col("end")) | (pl.col("end") <= pl.col("start"))
        if len(first := self.table.filter(wrong).head(1)):
            raise BadTable(
                f"an episode of {first['symbol'][0]!r} ends before it starts, or after it was known",
                "an episode is known when its last bar is",
            )
        if not (abs(np.linalg.norm(self.vectors, axis=1) - 1) <= ROUNDING).all():
            raise BadTable("embeddings that are not of unit length", "divide each by its length")

    @classmethod
    def of(cls, patterns: Iterable[Pattern]) -> "Patterns":
        """These, in their order."""
        rows = [
            {
                **vars(one),
                "embedding": one.embedding.tolist(),
                "followed": [
                    {"horizon": horizon, **outcome._asdict()}
                    for horizon, outcome in sorted(one.followed.items())
                ],
            }
            for one in _each(patterns)
        ]
        return cls(pl.DataFrame(rows, schema=dict(SCHEMA)).sort(KEYS))

    @cached_property
    def vectors(self) -> npt.NDArray[np.float32]:
        """(patterns, 128)."""
        flat = self.table["embedding"].explode().to_numpy()
        return np.ascontiguousarray(flat, dtype=np.float32).reshape(len(self.table), WIDTH)

    def __len__(self) -> int:
        return len(self.table)

    def __iter__(self) -> Iterator[Pattern]:
        for row in self.table.iter_rows(named=True):
            followed = {
                one["horizon"]: Outcome(one["value"], one["resolved_at"]) for one in row["followed"]
            }
            vector = np.array(row["embedding"], dtype=np.float64)
            yield Pattern(**{**row, "embedding": vector, "followed": followed})


def _each(patterns: object) -> list[Pattern]:
    """Those of a list of episodes; anything else is refused."""
    if not isinstance(patterns, Iterable):
        raise Misuse(
            f"episodes come as a list of Pattern, not as a {type(patterns).__name__}", REMEDY
        )
    made = [*patterns]
    if odd := [one for one in made if not isinstance(one, Pattern)]:
        raise Misuse(f"a {type(odd[0]).__name__} is among the episodes", REMEDY)
    return made
