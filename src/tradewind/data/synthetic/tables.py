"""From arrays of (symbols, periods) to the tables of a market, symbol by symbol, so nothing is sorted."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from tradewind.core.arrays import Floats
from tradewind.core.market import Truth
from tradewind.data.synthetic.bars import STATUS, make_status
from tradewind.data.synthetic.episodes import episodes_table
from tradewind.data.synthetic.grid import Grid
from tradewind.data.synthetic.instruments import Roster
from tradewind.data.synthetic.leaks import Leak
from tradewind.data.synthetic.regimes import NAMES
from tradewind.data.synthetic.returns import Backdrop
from tradewind.data.synthetic.trading import Trading


def keys(roster: Roster, grid: Grid) -> pl.DataFrame:
    """(symbol, timestamp, known_at, session) of every bar."""
    bar = np.tile(np.arange(grid.periods), len(roster.names))
    symbol = np.repeat(np.arange(len(roster.names)), grid.periods)
    return pl.DataFrame(
        {
            "symbol": roster.symbols.gather(symbol),
            "timestamp": grid.ends.gather(bar),
            "known_at": (grid.ends + grid.lag).gather(bar),
            "session": grid.bars["session"].gather(bar),
        }
    )


def bars_table(
    roster: Roster, grid: Grid, trading: Trading, columns: dict[str, Floats]
) -> pl.DataFrame:
    """The table of the panel of bars."""
    table = keys(roster, grid).with_columns(
        pl.Series(name, values.ravel()) for name, values in columns.items()
    )
    if roster.kind.has_limits:
        status = make_status(trading, columns["close"], grid.bars["session"])
        named = pl.Series("status", STATUS.categories, dtype=STATUS).gather(status.ravel())
        table = table.with_columns(named)
    if trading.paths.signal is not None:
        table = table.with_columns(pl.Series("signal", trading.paths.signal.ravel()))
    return table


def make_truth(
    table: pl.DataFrame,
    grid: Grid,
    backdrop: Backdrop,
    trading: Trading,
    faults: pl.DataFrame,
    leaks: Sequence[Leak],
) -> Truth:
    """What only the maker knows, for the rows of a table before anything was revised or spoiled."""
    rows = table.select("symbol", "timestamp")
    paths = trading.paths
    signal = pl.Series("signal", [], dtype=pl.Float64)
    if paths.signal is not None:
        signal = table["signal"]
    outlook = rows.with_columns(
        mean=pl.Series(paths.mean[:, 1:].ravel()), sd=pl.Series(paths.sd[:, 1:].ravel())
    )
    halted = trading.halted[:, 1:]
    if halted.any():
        outlook = outlook.filter(pl.Series(~halted.ravel()))
    episodes = pl.DataFrame()
    if paths.episodes is not None:
        episodes = episodes_table(paths.episodes, trading.halted, rows["symbol"], grid.ends)
    told = [(leak.column, leak.name, leak.detail) for leak in leaks]
    named = pl.Series("regime", NAMES.categories, dtype=NAMES)
    return Truth(
        regimes=pl.DataFrame({"timestamp": grid.ends, "regime": named.gather(backdrop.regime[1:])}),
        signal=rows.head(len(signal)).with_columns(signal),
        outlook=outlook,
        faults=faults,
        leaks=pl.DataFrame(
            told, schema={"column": pl.String, "leak": pl.String, "detail": pl.String}, orient="row"
        ),
        episodes=episodes,
    )
