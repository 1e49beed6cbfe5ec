"""`with_liquidity`: how much money changed hands for each unit that the price moved, as known then."""

import math

import numba
import numpy as np
import polars as pl

from tradewind.core import Dataset, Market
from tradewind.core.arrays import Flags, Floats, Ints
from tradewind.core.tables import floats, micros, physical
from tradewind.features.windows import windows_of

NAME = "liquidity_20"
BARS = 20
LEAST_TRADED = 10


def with_liquidity(rows: Dataset, market: Market) -> Dataset:
    """Add `liquidity_20`: minus the log of Amihud's mean of |log return| / money traded, over 20 bars.

    Bars without a trade, or of more or less money than there are numbers for, do not count, and fewer than
    ten that do say nothing. Like every feature it is
    a function of the bars believed at `decided_at`, to the bit. A price that moves by 1 % on each
    hundred dollars:

    >>> from tradewind.core import Panel
    >>> days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 1, 21), eager=True)
    >>> close = np.exp(np.arange(21) / 100)
    >>> bars = pl.DataFrame({"date": days, "symbol": "ACME", "close": close, "volume": 100 / close})
    >>> market = Market({"bars": Panel.from_frame(bars, calendar="24/7")})
    >>> last = market.panel.table.select("symbol", decided_at="known_at").tail(1)
    >>> rows = with_liquidity(Dataset(last, ()), market)
    >>> bool(np.isclose(rows.matrix[0, 0], np.log(100 / 0.01)))
    True
    """
    panel = market.panel
    times = rows.table["decided_at"].unique().sort()
    seen = windows_of(panel, times.to_list(), BARS + 1)
    moment = np.searchsorted(micros(times), micros(rows.table["decided_at"]))
    symbol = physical(rows.table["symbol"].cast(pl.String).cast(panel.names))
    place = seen.last[moment, symbol]
    bars = panel.table[seen.rows]
    missing = np.full(len(bars), np.nan)
    volumes = floats(bars["volume"]) if "volume" in bars.columns else missing
    wanted = np.zeros(len(bars), dtype=bool)
    wanted[place[place >= 0]] = True
    values = np.append(_liquidity(floats(bars["close"]), volumes, seen.offsets, wanted), np.nan)
    column = pl.Series(NAME, values[place]).fill_nan(None)
    return Dataset(rows.table.with_columns(column), (*rows.features, NAME), rows.outcome)


@numba.njit(cache=True, nogil=True)
def _liquidity(
    closes: Floats,
    volumes: Floats,
    offsets: Ints,
    wanted: Flags,
) -> Floats:
    """(rows,) NaN where too few bars traded, and where the price did not move at all."""
    out = np.full(len(closes), np.nan)
    for segment in range(len(offsets) - 1):
        for row in range(offsets[segment] + BARS, offsets[segment + 1]):
            if not wanted[row]:
                continue
            moved, traded = 0.0, 0
            for i in range(row - BARS + 1, row + 1):
                money = closes[i] * volumes[i]
                if closes[i] > 0.0 and closes[i - 1] > 0.0 and 0.0 < money < math.inf:
                    moved += abs(math.log(closes[i] / closes[i - 1])) / money
                    traded += 1
            if traded >= LEAST_TRADED and 0.0 < moved < math.inf:
                out[row] = -math.log(moved / traded)
    return out
