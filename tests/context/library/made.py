"""Made episodes: archetypes that recur with some noise, each followed by two outcomes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from tradewind.context.library import PatternStorageEngine
from tradewind.core import Outcome, Pattern, Patterns, stream
from tradewind.core.arrays import Floats
from tradewind.core.pattern import KEYS, SCHEMA, WIDTH
from tradewind.core.tables import UTC_TIME

START = datetime(2024, 1, 2, 15, tzinfo=UTC)
HORIZONS = (timedelta(minutes=30), timedelta(hours=2))
REGIMES = ("low_vol", "high_vol", None)
Found = Sequence[tuple[Pattern, float]]


def at(minutes: float) -> datetime:
    """A moment of the made history."""
    return START + timedelta(minutes=minutes)


def unit(seed: int) -> Floats:
    """A vector of length one, in a direction of its own."""
    drawn = stream(seed, "vector").standard_normal(WIDTH)
    return drawn / np.linalg.norm(drawn)


def beside(vector: Floats, similarity: float, seed: int = 99) -> Floats:
    """A vector of length one that has this cosine with another."""
    away = unit(seed)
    away -= away @ vector * vector
    away /= np.linalg.norm(away)
    return similarity * vector + np.sqrt(1 - similarity**2) * away


def episode(
    minute: float = 60,
    vector: Floats | None = None,
    *,
    symbol: str = "ACME",
    kind: str = "gap",
    span: float = 30,
    regime: str | None = "low_vol",
    followed: Sequence[tuple[float, float]] = ((30, 0.01),),
) -> Pattern:
    """One that ends, and is known, so many minutes after the start; (minutes later, value) followed."""
    return Pattern(
        symbol,
        kind,
        timedelta(minutes=5),
        at(minute - span),
        at(minute),
        at(minute),
        unit(1) if vector is None else vector,
        0.8,
        regime=regime,
        followed={timedelta(minutes=m): Outcome(v, at(minute + m)) for m, v in followed},
    )


def episodes(count: int, seed: int = 1, noise: float = 0.6, archetypes: int = 50) -> Patterns:
    """A history of several symbols, a new episode each minute; a third are not resolved before long."""
    rng = stream(seed, "episodes")
    centres = rng.standard_normal((archetypes, WIDTH))
    vectors = centres[rng.integers(archetypes, size=count)]
    vectors = vectors + noise * rng.standard_normal((count, WIDTH))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    minute = np.arange(count)
    table = pl.DataFrame(
        {
            "known_at": minute + 60,
            "symbol": [f"S{i}" for i in rng.integers(8, size=count)],
            "scale": [timedelta(minutes=5 * int(i)) for i in rng.integers(1, 4, size=count)],
            "kind": "shape",
            "start": minute,
            "end": minute + 60,
            "direction": rng.integers(-1, 2, size=count),
            "confidence": rng.random(count),
            "regime": [REGIMES[i] for i in rng.integers(3, size=count)],
            "embedding": pl.Series(vectors.astype(np.float32), dtype=SCHEMA["embedding"]),
            "short": rng.standard_normal(count),
            "long": rng.standard_normal(count),
        },
        schema_overrides={"scale": SCHEMA["scale"], "regime": pl.String},
    )
    moments = {
        name: pl.lit(START).cast(UTC_TIME) + pl.duration(minutes=pl.col(name))
        for name in ("known_at", "start", "end")
    }
    table = table.with_columns(**moments)
    outcomes = [
        pl.struct(
            horizon=pl.lit(horizon, SCHEMA["scale"]),
            value=pl.col(name),
            resolved_at=pl.col("known_at") + horizon,
        )
        for name, horizon in zip(("short", "long"), HORIZONS, strict=True)
    ]
    table = table.with_columns(followed=pl.concat_list(outcomes))
    return Patterns(
        table.select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items()).sort(KEYS)
    )


def keys(found: Found) -> list[tuple[object, ...]]:
    """What names the episodes that were found, in their order."""
    return [tuple(getattr(one, name) for name in KEYS) for one, _ in found]


def as_told(found: Found) -> list[tuple[object, str]]:
    """All that an answer says, to the bit."""
    return [
        ({**vars(one), "embedding": one.embedding.tobytes()}, near.hex()) for one, near in found
    ]


def seen_at(patterns: Patterns, when: datetime) -> list[Pattern]:
    """Every episode known and followed by then, with what was known of it, looked at one by one."""
    known = [one.as_of(when) for one in patterns if one.known_at <= when]
    return [one for one in known if one.followed]


def nearest_by_definition(seen: Sequence[Pattern], query: Floats, k: int) -> Found:
    """The most similar, by looking at each."""
    near = [(one, float((one.embedding * query).sum())) for one in seen]
    return sorted(near, key=lambda pair: -pair[1])[:k]


def library_of(path: object, patterns: Patterns | Sequence[Pattern]) -> PatternStorageEngine:
    """A library that holds them."""
    library = PatternStorageEngine(str(path))
    library.add(patterns)
    return library
