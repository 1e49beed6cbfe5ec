"""`Shelf`: episodes laid out so that a search can pass over them, and none before its time.

Rows lie in the order in which they may be seen: from the moment at which they were known and something
had followed them. What a moment may see is thus a beginning of the shelf, less the rows that have ended.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.context.library.duplicates import GROUP
from tradewind.context.library.nearest import Allowed, Nearest, Vectors, similarities
from tradewind.core.arrays import Floats, Ints
from tradewind.core.clock import EPOCH
from tradewind.core.pattern import Outcome, Pattern

NEVER = 2**63 - 1
GONE = -(2**63)
Kept = tuple[pl.DataFrame, Vectors]  # states and their vectors
ENDS = ("expires_at", "superseded_at", "let_go_at")


class Wanted(NamedTuple):
    """What a search asks for besides likeness."""

    as_of: int
    regime: str | None = None
    scale: timedelta | None = None
    without: str | None = None
    kinds: frozenset[str] | None = None


class Hit(NamedTuple):
    """One that was found; sorted, the most similar comes first, and of equals the lower number."""

    distance: float  # minus the similarity
    episode: int
    shelf: "Shelf"
    row: int


@dataclass(frozen=True, eq=False)
class Rows:
    """Episodes as columns, their vectors, and from when on each may be seen, ascending."""

    states: pl.DataFrame  # see folding.STATE
    vectors: Vectors
    seen: Ints  # microseconds since 1970; NEVER where nothing has followed yet

    @classmethod
    def in_order(cls, states: pl.DataFrame, vectors: Vectors) -> "Rows":
        """These states, sorted by when they may be seen."""
        seen, episodes = seen_from(states), states["episode"].to_numpy()
        order = np.lexsort((episodes, seen))
        return cls(states[order], vectors[order], seen[order])

    def __len__(self) -> int:
        return len(self.states)

    @cached_property
    def episodes(self) -> Ints:
        """The number of each."""
        return self.states["episode"].to_numpy()

    @cached_property
    def until(self) -> Ints:
        """From when on each is no longer seen."""
        ends = pl.min_horizontal(ENDS).to_physical().fill_null(NEVER)
        return self.states.select(ends.cast(pl.Int64)).to_series().to_numpy()

    @cached_property
    def codes(self) -> dict[str, tuple[dict[object, int], npt.NDArray[np.int32]]]:
        """Of each column that a search may filter by: the number of each value, and of each row."""
        return {name: _coded(self.states[name]) for name in ("regime", "scale", "symbol", "kind")}

    @cached_property
    def _order(self) -> npt.NDArray[np.intp]:
        return np.argsort(self.episodes)

    def places(self, episodes: Ints) -> npt.NDArray[np.intp]:
        """The rows of those of these episodes that are here."""
        if not len(self):
            return np.empty(0, np.intp)
        ordered = self.episodes[self._order]
        place = np.searchsorted(ordered, episodes).clip(max=len(self) - 1)
        found: npt.NDArray[np.intp] = self._order[place[ordered[place] == episodes]]
        return found

    @cached_property
    def _columns(self) -> tuple[Ints, ...]:
        names = ("known_at", "start", "end", "scale")
        return tuple(self.states[name].to_physical().to_numpy() for name in names)

    @cached_property
    def _followed(self) -> tuple[Ints, tuple[Floats | Ints, ...]]:
        """Where the outcomes of each row begin and end, and the outcomes of all rows."""
        counts = self.states["followed"].list.len().to_numpy().astype(np.int64)
        each = self.states.select("followed").filter(pl.Series(counts > 0)).explode("followed")
        flat = each.unnest("followed")
        names = ("horizon", "value", "resolved_at")
        bounds = np.concatenate([np.zeros(1, np.int64), counts.cumsum()])
        return bounds, tuple(flat[name].to_physical().to_numpy() for name in names)

    def pattern(self, row: int, as_of: int) -> Pattern:
        """The episode, with what had followed by then."""
        known, start, end, scale = (int(column[row]) for column in self._columns)
        symbol, kind, direction, confidence, regime = self._plain.row(row)
        return Pattern(
            symbol=symbol,
            kind=kind,
            scale=timedelta(microseconds=scale),
            start=_moment(start),
            end=_moment(end),
            known_at=_moment(known),
            embedding=self.vectors[row].astype(np.float64),
            confidence=confidence,
            direction=direction,
            regime=regime,
            followed=dict(self._outcomes(row, as_of)),
        )

    def _outcomes(self, row: int, as_of: int) -> Iterator[tuple[timedelta, Outcome]]:
        """In the order in which they were known: of two versions the later is told last."""
        bounds, told = self._followed
        these = slice(bounds[row], bounds[row + 1])
        for horizon, value, resolved in zip(*(each[these].tolist() for each in told), strict=True):
            if resolved <= as_of:
                yield timedelta(microseconds=horizon), Outcome(value, _moment(resolved))

    @cached_property
    def _plain(self) -> pl.DataFrame:
        return self.states.select("symbol", "kind", "direction", "confidence", "regime")


@dataclass(frozen=True, eq=False)
class Shelf:
    """Rows, an index over them, and those that have left for another shelf."""

    rows: Rows
    nearest: Nearest
    gone: npt.NDArray[np.intp]

    def without(self, episodes: Ints) -> "Shelf":
        """The same shelf less some episodes; the rows stay where they are, so the index holds."""
        places = self.rows.places(episodes)
        return replace(self, gone=np.union1d(self.gone, places)) if len(places) else self

    def kept(self, places: npt.NDArray[np.intp]) -> Kept:
        """Those of some rows that have not left."""
        places = np.setdiff1d(places, self.gone)
        return self.rows.states[places], self.rows.vectors[places]

    def beside(self, states: pl.DataFrame) -> Kept:
        """The others of the same symbols, scales and kinds, at about the same time."""
        earliest, latest = states["start"].min(), states["end"].max()
        near = (pl.col("end") > earliest) & (pl.col("start") < latest)
        rows = self.rows.states.with_row_index("place").filter(near)
        rows = rows.join(states, GROUP, "semi").join(states, "episode", "anti")
        return self.kept(rows["place"].to_numpy().astype(np.intp))

    @property
    def all_kept(self) -> Kept:
        """Every row that has not left."""
        return self.kept(np.arange(len(self.rows)))

    @property
    def stays(self) -> Allowed:
        """(rows,) whether each has not left."""
        stays = np.ones(len(self.rows), dtype=bool)
        stays[self.gone] = False
        return stays

    @cached_property
    def _ended(self) -> tuple[npt.NDArray[np.intp], Ints]:
        """The rows that end some time, and when, the first to end first."""
        until = self.rows.until
        ended = np.setdiff1d(np.flatnonzero(until < NEVER), self.gone)
        ended = ended[np.argsort(until[ended], kind="stable")]
        rows = np.concatenate([self.gone, ended])
        return rows, np.concatenate([np.full(len(self.gone), GONE), until[ended]])

    def search(self, query: Floats, k: int, wanted: Wanted) -> list[Hit]:
        """The k most similar of those wanted, in no particular order; maybe some more."""
        upto = int(np.searchsorted(self.rows.seen, wanted.as_of, side="right"))
        allowed = self._allowed(upto, wanted)
        if not upto or (allowed is not None and not allowed.any()):
            return []
        rows = self.nearest.candidates(query, k, upto, allowed)
        near = similarities(self.rows.vectors[rows], query).tolist()
        numbers = self.rows.episodes[rows].tolist()
        return [
            Hit(-one, number, self, row)
            for one, number, row in zip(near, numbers, rows.tolist(), strict=True)
        ]

    def _allowed(self, upto: int, wanted: Wanted) -> Allowed | None:
        """Which of the rows below `upto` are wanted; None where all are."""
        masks = [
            mask
            for name, value, equal in (
                ("regime", wanted.regime, True),
                ("scale", wanted.scale, True),
                ("symbol", wanted.without, False),
            )
            if value is not None and (mask := self._where(name, value, upto, equal)) is not None
        ]
        if wanted.kinds is not None:
            numbers, codes = self.rows.codes["kind"]
            masks.append(np.isin(codes[:upto], [numbers.get(kind, -2) for kind in wanted.kinds]))
        rows, until = self._ended
        dead = rows[: np.searchsorted(until, wanted.as_of, side="right")]
        if not masks and not len(dead):
            return None
        allowed = np.logical_and.reduce(masks) if masks else np.ones(upto, dtype=bool)
        allowed[dead[dead < upto]] = False
        return allowed

    def _where(self, name: str, value: object, upto: int, equal: bool) -> Allowed | None:
        numbers, codes = self.rows.codes[name]
        if value not in numbers and not equal:
            return None
        same: Allowed = (codes[:upto] == numbers.get(value, -2)) == equal
        return same


def seen_from(states: pl.DataFrame) -> Ints:
    """When each may be seen: it was known, and something had followed it. NEVER where nothing has."""
    resolved = pl.col("followed").list.eval(pl.element().struct.field("resolved_at")).list.min()
    later = pl.max_horizontal("known_at", resolved).to_physical()
    seen = pl.when(resolved.is_not_null()).then(later).otherwise(NEVER)
    return states.select(seen).to_series().to_numpy()


def best(hits: Sequence[Hit], k: int) -> list[Hit]:
    """The k most similar, of equals those with the lower number."""
    return sorted(hits, key=lambda hit: hit[:2])[:k]


def _coded(column: pl.Series) -> tuple[dict[object, int], npt.NDArray[np.int32]]:
    values = column.drop_nulls().unique(maintain_order=True)
    numbers = {value: number for number, value in enumerate(values.to_list())}
    coded = column.replace_strict(values, np.arange(len(values)), default=-1, return_dtype=pl.Int32)
    return numbers, coded.to_numpy()


def _moment(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)
