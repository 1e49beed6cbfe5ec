"""Made bars that the tests of patterns share: minutes of a few symbols, some of them corrected or late."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from tradewind.core import Panel, stream

START = datetime(2024, 1, 2, tzinfo=UTC)


def minutes(symbols: int, count: int, seed: int, corrected: float = 0.05) -> Panel:
    """Minute bars that walk, swing and jump; a share is corrected hours later, and a few come an hour late."""
    rng = stream(seed, "minutes")
    stamps = pl.datetime_range(
        START + timedelta(minutes=1),
        START + timedelta(minutes=count),
        "1m",
        time_unit="us",
        eager=True,
    )
    tables = []
    for number in range(symbols):
        place = np.arange(count)
        steps = 0.05 * rng.standard_t(4, count) * np.where(place % 900 < 60, 4, 1)
        jumps = np.where(place % 1260 == 0, rng.choice([-1.5, 1.5], count), 0.0)
        swings = 1.5 * np.sin(place / 60) + 3 * np.sin(place / 170 + number)
        close = 100 + np.cumsum(steps + jumps) + swings
        table = pl.DataFrame(
            {
                "symbol": [f"S{number}"] * count,
                "timestamp": stamps,
                "known_at": stamps,
                "session": stamps.dt.date(),
                "open": np.append(close[0], close[:-1]) + jumps + 0.01 * rng.standard_normal(count),
                "close": close,
                "volume": rng.lognormal(5, 1, count),
            }
        )
        late = pl.Series(rng.random(count) < 0.01)
        table = table.with_columns(
            pl.when(late)
            .then(pl.col("known_at") + timedelta(hours=1))
            .otherwise("known_at")
            .alias("known_at")
        )
        chosen = table.filter(pl.Series(rng.random(count) < corrected))
        lag = pl.duration(minutes=pl.lit(rng.integers(61, 180, len(chosen))))
        tables += [table, chosen.with_columns(pl.col("close") * 1.02, pl.col("known_at") + lag)]
    whole = pl.concat(tables).with_columns(
        pl.col("symbol").cast(pl.Enum([f"S{n}" for n in range(symbols)])),
        high=pl.max_horizontal("open", "close"),
        low=pl.min_horizontal("open", "close"),
    )
    return Panel(whole.sort("symbol", "timestamp", "known_at"))


def days(**closes: list[float | None]) -> Panel:
    """A panel of closes, one a day."""
    count = len(next(iter(closes.values())))
    dates = [(START + timedelta(days=n)).date().isoformat() for n in range(count)]
    parts = [
        pl.DataFrame({"date": dates, "symbol": name, "close": pl.Series(path, dtype=pl.Float64)})
        for name, path in closes.items()
    ]
    return Panel.from_frame(pl.concat(parts), calendar="24/7")
