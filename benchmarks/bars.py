"""Made bars for the cases: prices that walk, in the columns and the order of a Panel."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

KEYS = ("symbol", "timestamp", "known_at")
DAYS = 2_500
SYMBOLS = (62, 250, 1_000)  # 1x, 4x, 16x


def made_bars(symbols: int, days: int = DAYS) -> "pl.DataFrame":
    """Daily bars of each symbol, each known when it is complete.

    >>> made_bars(2, 3).select("symbol", "session").row(5)
    ('S0001', datetime.date(2014, 1, 3))
    """
    from datetime import UTC, datetime, timedelta

    import numpy as np
    import polars as pl

    from tradewind.core import stream

    rng = stream(7, "bars")
    names = [f"S{number:04}" for number in range(symbols)]
    close = 100 * np.exp(rng.normal(0, 0.02, (symbols, days)).cumsum(axis=1)).ravel()
    first = datetime(2014, 1, 1, 21, tzinfo=UTC)
    stamps = pl.datetime_range(
        first, first + timedelta(days=days - 1), "1d", time_unit="us", eager=True
    )
    stamp = pl.concat([stamps] * symbols)
    return pl.DataFrame(
        {
            "symbol": pl.Series(np.repeat(names, days)).cast(pl.Enum(names)),
            "timestamp": stamp,
            "known_at": stamp,
            "session": stamp.dt.date(),
            "open": close * 0.999,
            "high": close * 1.01,
            "low": close * 0.99,
            "close": close,
            "volume": rng.lognormal(13, 0.5, symbols * days),
        }
    )


def revised_bars(symbols: int, days: int) -> "pl.DataFrame":
    """The same with one row in twenty corrected one to nine days later, in the order of a Panel.

    >>> len(revised_bars(2, 100))
    210
    """
    import polars as pl

    from tradewind.core import stream

    rng = stream(7, "revisions")
    bars = made_bars(symbols, days)
    chosen = rng.choice(len(bars), len(bars) // 20, replace=False)
    lag = pl.duration(days=pl.lit(rng.integers(1, 10, len(chosen))))
    late = bars[chosen].with_columns(pl.col("close") * 1.01, pl.col("known_at") + lag)
    return pl.concat([bars, late]).sort(KEYS)
