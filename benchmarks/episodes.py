"""Made episodes for the cases: windows of random walks, which are as alike as real shapes are, or noise."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from tradewind.core import Patterns

WIDTH = 128


def vectors(count: int, kind: str, seed: int = 7) -> "npt.NDArray[np.float32]":
    """(count, 128) of unit length: "walks", normalised windows of a random walk, or "noise".

    >>> round(float((vectors(2, "walks")[0] ** 2).sum()), 3)
    1.0
    """
    import numpy as np

    from tradewind.core import stream

    drawn = stream(seed, kind).standard_normal((count, WIDTH), dtype=np.float32)
    if kind == "walks":
        np.cumsum(drawn, axis=1, out=drawn)
        drawn -= drawn.mean(axis=1, keepdims=True)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn


def made_episodes(count: int, kind: str = "walks") -> "Patterns":
    """An episode each second, of fifty symbols, four scales and three regimes, each with two outcomes.

    >>> len(made_episodes(3))
    3
    """
    from datetime import UTC, datetime, timedelta

    import numpy as np
    import polars as pl

    from tradewind.core import Patterns, stream
    from tradewind.core.pattern import SCHEMA

    rng = stream(7, "episodes")
    end = pl.lit(datetime(2020, 1, 1, tzinfo=UTC)) + pl.duration(seconds="index")
    scale = timedelta(minutes=5)
    outcomes = [
        pl.struct(
            horizon=pl.lit(hours * 12 * scale, SCHEMA["scale"]),
            value=pl.Series(rng.normal(0, 0.01, count)),
            resolved_at=pl.col("end") + hours * 12 * scale,
        )
        for hours in (1, 4)
    ]
    table = pl.DataFrame({"index": np.arange(count)}).with_columns(end=end)
    table = table.with_columns(
        known_at="end",
        start=pl.col("end") - scale,
        symbol=pl.format("S{}", pl.Series(rng.integers(50, size=count))),
        scale=pl.lit(scale, SCHEMA["scale"]) * pl.Series(rng.choice([1, 3, 6, 12], count)),
        kind=pl.lit("shape"),
        direction=pl.lit(0),
        confidence=pl.lit(0.5),
        regime=pl.Series(rng.choice(["low_vol", "normal", "high_vol"], count)),
        embedding=pl.Series(vectors(count, kind), dtype=SCHEMA["embedding"]),
        followed=pl.concat_list(outcomes),
    )
    return Patterns(table.select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items()))
