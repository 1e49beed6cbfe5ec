"""Episodes in a year of minute bars at four scales, and how far many shapes lie from a long series."""

from typing import Any

from benchmarks.harness import Case, Demand

SYMBOLS = (4, 16, 64)  # 1x, 4x, 16x; 60 s were promised for 50
DAYS, MINUTES = 252, 390
POINTS = (6_250, 25_000, 100_000)
LENGTHS, EACH = (32, 64, 128, 256), 16


def a_year_of_minutes(symbols: int) -> Any:
    """Sessions of 390 minutes with wild steps, and jumps overnight."""
    from datetime import UTC, datetime

    import numpy as np
    import polars as pl

    from tradewind.core import Panel, stream

    rng = stream(7, "minutes")
    first = int(datetime(2024, 1, 1, 14, 31, tzinfo=UTC).timestamp())
    minutes = first + 86_400 * np.arange(DAYS)[:, None] + 60 * np.arange(MINUTES)
    stamp = pl.Series(np.tile(minutes.ravel() * 1_000_000, symbols)).cast(pl.Datetime("us", "UTC"))
    steps = 0.0003 * rng.standard_t(3, (symbols, DAYS, MINUTES))
    jumps = 0.004 * rng.standard_t(3, (symbols, DAYS))
    steps[:, :, 0] += jumps
    level = 100 * np.exp(steps.reshape(symbols, -1).cumsum(axis=1))
    before = np.concatenate([level[:, :1], level[:, :-1]], axis=1).reshape(steps.shape)
    before[:, :, 0] *= np.exp(jumps)
    close, opens = level.ravel(), before.ravel()
    names = [f"S{number:03}" for number in range(symbols)]
    return Panel(
        pl.DataFrame(
            {
                "symbol": pl.Series(np.repeat(names, DAYS * MINUTES)).cast(pl.Enum(names)),
                "timestamp": stamp,
                "known_at": stamp,
                "session": stamp.dt.date(),
                "open": opens,
                "high": np.maximum(opens, close),
                "low": np.minimum(opens, close),
                "close": close,
                "volume": rng.lognormal(8, 1, len(close)),
            }
        )
    )


def all_episodes(panel: Any) -> object:
    """Every episode at four scales, with its embedding."""
    from tradewind.context.patterns import MultiScalePatternDetector

    return MultiScalePatternDetector()(panel)


def longer_bars(panel: Any) -> object:
    """The bars of one of the scales, with polars."""
    from tradewind.core.coarser import coarser

    return coarser(panel, "5m")


def series_and_shapes(points: int) -> Any:
    import numpy as np

    from tradewind.core import stream

    rng = stream(7, "shapes")
    walks = [np.cumsum(rng.standard_normal(length)) for length in LENGTHS for _ in range(EACH)]
    return np.cumsum(rng.standard_normal(points)), walks


def all_distances(given: Any) -> object:
    """Each shape against every stretch."""
    from tradewind.context.patterns import profile

    return profile(*given)


def one_by_one(given: Any) -> object:
    """Mueen's algorithm: one transform of the whole series a shape, and moments by running sums."""
    import numpy as np

    series, shapes = given
    found = []
    for shape in shapes:
        length, size = len(shape), 1 << (len(series) + len(shape) - 1).bit_length()
        products = np.fft.irfft(np.fft.rfft(series, size) * np.fft.rfft(shape[::-1], size), size)
        products = products[length - 1 : len(series)]
        sums, squares = (np.cumsum(np.append(0.0, series**power)) for power in (1, 2))
        mean = (sums[length:] - sums[:-length]) / length
        spread = np.sqrt((squares[length:] - squares[:-length]) / length - mean**2)
        alike = (products - length * mean * shape.mean()) / (length * spread * shape.std())
        found.append(np.sqrt(np.maximum(2 * length * (1 - alike), 0.0)))
    return found


CASES = (
    Case(
        name="patterns",
        what="episodes at 5, 15, 30 and 60 minutes in a year of minute bars",
        prepare=a_year_of_minutes,
        run=all_episodes,
        reference=longer_bars,
        reference_is="polars: the bars of 5 minutes alone",
        dial="symbols of 98,280 minutes",
        sizes=SYMBOLS,
        demand=Demand("wall_s", 60.0),
    ),
    Case(
        name="profile",
        what="64 shapes of four lengths against every stretch of a series",
        prepare=series_and_shapes,
        run=all_distances,
        reference=one_by_one,
        reference_is="numpy: a transform of the series for each shape",
        dial="points",
        sizes=POINTS,
    ),
)
