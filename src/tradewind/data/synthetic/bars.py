"""Bars around the returns: open, high, low, close, volume, spread, and the state of each name."""

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core.arrays import Floats
from tradewind.core.rng import Rng, stream
from tradewind.data.synthetic.grid import Grid
from tradewind.data.synthetic.instruments import Roster
from tradewind.data.synthetic.regimes import along
from tradewind.data.synthetic.returns import Backdrop, smile
from tradewind.data.synthetic.trading import Trading

Codes = npt.NDArray[np.uint8]
Columns = dict[str, Floats]

STATUS = pl.Enum(["normal", "ssr", "luld", "halt"])
FALL = 0.9  # of the last session's close: short sales are restricted


def make_bars(
    trading: Trading, roster: Roster, backdrop: Backdrop, grid: Grid, seed: int
) -> Columns:
    """The columns of the panel, each (symbols, periods)."""
    level = np.cumsum(trading.paths.returns, axis=1)
    level += np.log(roster.price)[:, None]
    close = np.exp(level)
    volume = _volume(trading, roster, backdrop, grid, stream(seed, "volume"))
    if not roster.kind.trades_continuously:
        return {"close": close, "volume": volume}
    shape = _shape(trading, backdrop, close, seed)
    spread = trading.half_spread[:, :-1] * 2e4
    spread *= np.exp(0.2 * stream(seed, "spread").standard_normal(spread.shape))
    return {**shape, "close": close, "volume": volume, "spread_bps": spread}


def _shape(trading: Trading, backdrop: Backdrop, close: Floats, seed: int) -> Columns:
    """Open, high and low of a Brownian path whose end is the close.

    After a closure the open is drawn from the bridge at the share of the variance that fell while the
    market was shut; the extremes from the law of a bridge's maximum, exact for each of the two.
    """
    before = backdrop.opening[:-1]
    sd = np.where(trading.halted[:, :-1], 0.0, trading.paths.sd[:, :-1])
    start = stream(seed, "open").standard_normal(close.shape)
    start *= sd
    start *= np.sqrt(before * (1 - before))
    start -= trading.paths.returns * (1 - before)  # now the log of open over close
    opens, square, spread = close * np.exp(start), start**2, 2 * (1 - before) * sd**2
    rng = stream(seed, "range")
    up = np.sqrt(square + spread * rng.standard_exponential(close.shape))
    down = np.sqrt(square + spread * rng.standard_exponential(close.shape))
    high = close * np.exp((start + up) / 2)
    low = close * np.exp((start - down) / 2)
    return {
        "open": opens,
        "high": np.maximum(high, np.maximum(opens, close)),
        "low": np.minimum(low, np.minimum(opens, close)),
    }


def _volume(trading: Trading, roster: Roster, backdrop: Backdrop, grid: Grid, rng: Rng) -> Floats:
    """More in a busy regime, at the edges of a session and when the price moves; none in a halt."""
    busy = along(backdrop.regime, lambda one: one.volume)[:-1]
    busy = busy * smile(grid, roster.kind.smile)[:-1] * grid.column("share")[:-1]
    size = 0.3 * rng.standard_normal(trading.limited.shape)
    size += 0.3 * np.abs(trading.paths.surprise)
    volume = np.exp(size)
    volume *= busy
    volume *= roster.volume[:, None]
    volume = np.maximum(np.rint(volume), 1.0)
    volume[trading.halted[:, :-1]] = 0.0
    return volume


def make_status(trading: Trading, close: Floats, sessions: pl.Series) -> Codes:
    """(symbols, periods) codes of STATUS; a halt hides a limit state, which hides a restriction."""
    status = np.zeros(close.shape, dtype=np.uint8)
    labels = sessions.to_physical().to_numpy()[:-1]
    ends = np.append(np.flatnonzero(labels[1:] != labels[:-1]), len(labels) - 1)
    nth = np.searchsorted(ends, np.arange(len(labels)))  # the session of each bar
    reference = close[:, ends][:, nth - 1]
    fallen = close <= FALL * reference
    fallen[:, nth == 0] = False
    for row, bar in np.argwhere(fallen).tolist():
        status[row, bar : ends[min(nth[bar] + 1, len(ends) - 1)] + 1] = 1
    status[trading.limited] = 2
    status[trading.halted[:, :-1]] = 3
    return status
