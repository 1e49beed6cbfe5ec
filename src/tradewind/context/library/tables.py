"""`EpisodeTables`: the truth of the library, as two tables that only grow.

`pattern_episodes` holds each episode once; `pattern_events` what became known of it: an outcome, that a
later one supersedes it, that it was let go, that somebody used it. Events are written before the episodes
they tell of and count only where those are there, so an episode comes with all of them or not at all.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.context.library.generations import Generations, tables_of
from tradewind.core.pattern import KEYS, SCHEMA, WIDTH, Patterns
from tradewind.core.tables import UTC_TIME
from tradewind.storage.lake import Lake
from tradewind.storage.workspace import Workspace

OUTCOME, SUPERSEDED, EXPIRED, EVICTED, USED = "outcome", "superseded", "expired", "evicted", "used"
PLAIN = tuple(name for name in SCHEMA if name not in ("embedding", "followed"))
EPISODE: Mapping[str, Any] = {
    "episode": pl.Int64,
    **{name: SCHEMA[name] for name in PLAIN},
    "expires_at": UTC_TIME,
}
EVENT: Mapping[str, Any] = {
    "episode": pl.Int64,
    "what": pl.String,
    "at": UTC_TIME,
    "horizon": pl.Duration("us"),
    "value": pl.Float64,
    "by": pl.Int64,
}
Vectors = npt.NDArray[np.float32]  # (episodes, 128)
Read = tuple[pl.DataFrame, Vectors, pl.DataFrame]


class EpisodeTables:
    """The two tables of a generation in a workspace, which other processes may read and write as well; of
    the current one unless told.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     tables = EpisodeTables(Path(folder))
    ...     tables.versions, len(tables.read()[0])
    ((1, -1, -1), 0)
    """

    def __init__(self, path: Path, generation: int | None = None) -> None:
        self.workspace = Workspace(path).create()
        self._lake = Lake(self.workspace.path)
        self._asked = generation
        self.follow()

    def follow(self) -> None:
        """Go over to the current generation, where none was asked for."""
        self.generation = self._asked or Generations(self._lake).current
        self._episodes, self._events = tables_of(self.generation)

    @property
    def versions(self) -> tuple[int, int, int]:
        """The generation, and the newest version of each table; -1 where there is none yet."""
        return self.generation, self._version(self._episodes), self._version(self._events)

    @property
    def size_bytes(self) -> int:
        """What the data files of the newest versions take on the disk."""
        sizes = [int(self._lake.table(name).files()["size_bytes"].sum()) for name in self._made]
        return sum(sizes)

    def read(self) -> Read:
        """Every episode once, its vector, and the events of these episodes."""
        episodes = self._read(
            self._episodes, {**EPISODE, "embedding": SCHEMA["embedding"]}, "scale"
        )
        episodes = episodes.unique("episode", keep="first", maintain_order=True)
        events = self._read(self._events, EVENT, "horizon")
        known = episodes["episode"].implode()
        told = pl.col("episode").is_in(known)
        believed = pl.col("by").is_null() | pl.col("by").is_in(known)
        return episodes.select(*EPISODE), vectors_of(episodes), events.filter(told & believed)

    def append(self, episodes: pl.DataFrame, vectors: Vectors, events: pl.DataFrame) -> None:
        """Add episodes and events; on the disk for good when it returns."""
        if len(events):
            self._lake.append(self._events, _in_micros(events, "horizon"))
        if len(episodes):
            embedding = pl.Series("embedding", vectors, dtype=SCHEMA["embedding"])
            rows = _in_micros(episodes.select(*EPISODE), "scale").with_columns(embedding)
            self._lake.append(self._episodes, rows)

    @property
    def _made(self) -> tuple[str, ...]:
        return tuple(name for name in (self._episodes, self._events) if name in self._lake.names)

    def _version(self, name: str) -> int:
        return self._lake.table(name).settle() if name in self._made else -1

    def _read(self, name: str, schema: Mapping[str, Any], span: str) -> pl.DataFrame:
        if name not in self._made:
            return pl.DataFrame(schema=dict(schema))
        rows = self._lake.read(name)
        return rows.with_columns(pl.col(f"{span}_us").cast(schema[span]).alias(span)).select(
            *schema
        )


def _in_micros(rows: pl.DataFrame, span: str) -> pl.DataFrame:
    """A lake keeps no durations: they are whole microseconds there."""
    micros = pl.col(span).dt.total_microseconds().alias(f"{span}_us")
    return rows.with_columns(micros).drop(span)


def vectors_of(rows: pl.DataFrame) -> Vectors:
    """The embeddings of some rows, side by side."""
    flat = rows["embedding"].explode().to_numpy() if len(rows) else np.empty(0)
    return np.ascontiguousarray(flat, dtype=np.float32).reshape(len(rows), WIDTH)


def as_episodes(patterns: Patterns, lifespan: timedelta | None) -> pl.DataFrame:
    """The rows of `pattern_episodes` that some patterns are, without their vectors."""
    expires = pl.lit(None, UTC_TIME) if lifespan is None else pl.col("known_at") + lifespan
    named = patterns.table.with_columns(episode=numbers_of(patterns.table), expires_at=expires)
    if "regime" not in named.columns:
        named = named.with_columns(regime=None)
    return named.select(pl.col(name).cast(dtype) for name, dtype in EPISODE.items())


def as_outcomes(patterns: Patterns) -> pl.DataFrame:
    """What followed some patterns, one event each."""
    told = patterns.table.select(episode=numbers_of(patterns.table), followed="followed")
    each = told.filter(pl.col("followed").list.len() > 0).explode("followed").unnest("followed")
    return events_of(
        each.select("episode", at="resolved_at", horizon="horizon", value="value"), OUTCOME
    )


def events_of(rows: pl.DataFrame, what: str) -> pl.DataFrame:
    """Events of one kind; what the rows do not say is null.

    >>> events_of(pl.DataFrame({"episode": [7], "value": [0.1]}), USED).row(0)
    (7, 'used', None, None, 0.1, None)
    """
    told = rows.with_columns(what=pl.lit(what))
    lacking = [pl.lit(None).alias(name) for name in EVENT if name not in told.columns]
    told = told.with_columns(lacking)
    return told.select(pl.col(name).cast(dtype) for name, dtype in EVENT.items())


def numbers_of(table: pl.DataFrame) -> pl.Series:
    """The number that names each episode: 64 bits of a digest of its key, the same everywhere.

    >>> numbers_of(Patterns.of([]).table).dtype
    Int64
    """
    keys = table.select(pl.col(KEYS).to_physical()).iter_rows()
    return pl.Series("episode", [_number(key) for key in keys], pl.Int64)


def _number(key: Iterable[Any]) -> int:
    text = "|".join(map(str, key)).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little", signed=True)
