"""Individual sales of homes: each home has attributes, sells now and then, and follows its region."""

import numpy as np
import polars as pl

from tradewind.core.panel import Panel
from tradewind.core.rng import stream
from tradewind.core.tables import UTC_TIME, floats
from tradewind.data.synthetic.grid import Grid
from tradewind.data.synthetic.instruments import Roster

ATTRIBUTES = ("area_m2", "bedrooms", "built", "condition")
HOMES = 50  # a region
SELLS = 1 / 60  # the chance of a home, a month
HAGGLING = 0.08  # sd of the log price around what the home is worth
DAY = 86_400_000_000  # microseconds
REGISTERED = (20, 76)  # days from sale to register, at least and below


def make_sales(roster: Roster, grid: Grid, index: pl.Series, seed: int) -> Panel:
    """Repeat sales, one row each: `symbol` is the home, `known_at` when the register shows it.

    log price = log index of the region at the end of the sale's month + what the home is + haggling;
    what the home is depends on its attributes (area with elasticity 0.7, 5 % a step of condition,
    0.2 % a year of age) and on a lasting part that no attribute tells (sd 0.1).
    """
    homes = _homes(roster, seed)
    rng = stream(seed, "sales")
    home, month = np.nonzero(rng.random((len(homes), grid.periods)) < SELLS)
    region = home // HOMES
    level = floats(index)[region * grid.periods + month]
    worth = homes["worth"].to_numpy()[home] + np.log(level / roster.kind.price)
    starts = grid.bars["session"][:-1].to_physical().to_numpy().astype(np.int64)
    lengths = grid.ends.dt.date().to_physical().to_numpy().astype(np.int64) - starts
    day = starts[month] + rng.integers(0, lengths[month])
    complete = (day + 1) * DAY
    known = complete + rng.integers(*REGISTERED, len(day)) * DAY
    columns = {
        "timestamp": pl.Series(complete).cast(UTC_TIME),
        "known_at": pl.Series(known).cast(UTC_TIME),
        "session": pl.Series(day.astype(np.int32)).cast(pl.Date),
        "price": np.round(np.exp(worth + HAGGLING * rng.standard_normal(len(day))), -2),
    }
    rows = homes.drop("worth")[home].with_columns(**columns)
    return Panel(rows.select("symbol", *columns, "region", *ATTRIBUTES))


def _homes(roster: Roster, seed: int) -> pl.DataFrame:
    """Every home of every region, sorted by its name."""
    rng, count = stream(seed, "homes"), len(roster.names) * HOMES
    names = [f"{region}-{number:03}" for region in roster.names for number in range(1, HOMES + 1)]
    area = np.round(100 * np.exp(0.4 * rng.standard_normal(count)))
    built = rng.integers(1900, 2000, count)
    condition = rng.integers(1, 6, count)
    lasting = 0.1 * rng.standard_normal(count)
    worth = np.log(250_000) + 0.7 * np.log(area / 100) + 0.05 * (condition - 3)
    worth += 0.002 * (built - 1950) + lasting
    return pl.DataFrame(
        {
            "symbol": pl.Series(names, dtype=pl.Enum(names)),
            "region": pl.Series(np.repeat(roster.names, HOMES)).cast(pl.Enum(roster.names)),
            "area_m2": area,
            "bedrooms": np.clip(np.round(area / 35 + rng.normal(0, 0.7, count)), 1, 8),
            "built": built.astype(np.float64),
            "condition": condition.astype(np.float64),
            "worth": worth,
        }
    )
