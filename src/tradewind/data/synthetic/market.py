"""`make_market`: a market whose truth is known, to the bit the same for the same seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl

from tradewind.core.errors import Misuse
from tradewind.core.market import Market
from tradewind.core.panel import Panel
from tradewind.core.rng import stream
from tradewind.data.synthetic.bars import make_bars
from tradewind.data.synthetic.facts import plant_actions
from tradewind.data.synthetic.faults import Fault, plant_faults, read_faults
from tradewind.data.synthetic.grid import Grid, make_grid
from tradewind.data.synthetic.instruments import Roster, make_roster
from tradewind.data.synthetic.kinds import Freq, Kind, find_freq, find_kind
from tradewind.data.synthetic.leaks import Everything, Leak, leak_values, read_leaks
from tradewind.data.synthetic.plants import Plant, Plants, read_plants
from tradewind.data.synthetic.returns import Backdrop, make_backdrop, make_paths
from tradewind.data.synthetic.sales import make_sales
from tradewind.data.synthetic.tables import bars_table, make_truth
from tradewind.data.synthetic.trading import Trading, trade
from tradewind.data.synthetic.turnover import make_universe, until_they_left
from tradewind.data.synthetic.versions import revise

T = TypeVar("T")


def make_market(
    kind: str,
    symbols: int | Sequence[str],
    periods: int,
    freq: str = "1d",
    seed: int = 0,
    plants: Sequence[str | Plant] = (),
    faults: Sequence[str | Fault] = (),
    leaks: Sequence[str | Leak] = (),
) -> Market:
    """A made market of so many bars: what a strategy may see, and in `.truth` what it may not.

    Kinds are equity, etf, crypto, fx and property; bars are 1d, 1h or 1m, and 1mo for property, whose
    individual sales are in `.panels["sales"]`. What is planted changes only what it is about; the
    truth speaks of the bars as they stand once corrected, and before faults.

    >>> market = make_market("equity", 50, 500, seed=7, plants=["signal"], leaks=["future_return"])
    >>> market.panel.columns[-2:], len(market.panel)
    (('signal', 'leak_future_return'), 25000)

    The outlook is the Normal from which each next return was drawn, so a model can be told how far it
    is from the best there is. Here, the share of returns within one sd of their true mean (0.683):

    >>> known = market.panel.table.join(market.truth.outlook, on=["symbol", "timestamp"])
    >>> price = pl.col("close").log()
    >>> surprise = (price.shift(-1) - price).over("symbol") - pl.col("mean")
    >>> bool(abs(known.select((surprise.abs() < pl.col("sd")).mean()).item() - 0.683) < 0.02)
    True
    """
    periods, seed = _whole("periods", periods, 1), _whole("a seed", seed, 0)
    sort = find_kind(kind)
    roster = make_roster(sort, symbols, seed)
    planted = read_plants(_listed("plants", plants), roster.names)
    spoiling = read_faults(_listed("faults", faults))
    leaking = read_leaks(_listed("leaks", leaks))
    made = _made(roster, find_freq(freq, sort), periods, seed, planted)

    table = made.with_leaks(leaking)
    panels, calendars, universe = {}, {"bars": sort.calendar}, None
    if planted.actions:
        require_shares(sort)
        config, rng = planted.actions, stream(seed, "actions")
        table, facts = plant_actions(table, made.grid, config, rng)
        panels["actions"], calendars["actions"] = Panel(facts), sort.calendar
    if planted.revisions:
        table = revise(table, periods, planted.revisions, stream(seed, "revisions"))
    if planted.turnover:
        rng = stream(seed, "turnover")
        universe = make_universe(roster, made.grid, planted.turnover, rng)
        table = until_they_left(table, universe)
    table, spoiled = plant_faults(table, spoiling, seed)
    truth = make_truth(made.table, made.grid, made.backdrop, made.trading, spoiled, leaking)
    panels = {"bars": Panel(table), **panels}
    if not sort.trades_continuously:
        panels["sales"] = make_sales(roster, made.grid, made.table["close"], seed)
        calendars["sales"] = "24/7"
    return Market(panels, roster.table, universe, calendars, truth)


@dataclass(frozen=True)
class _Made:
    """A market before anything about it is told: its bars, and all that lies behind them."""

    roster: Roster
    freq: Freq
    seed: int
    grid: Grid
    backdrop: Backdrop
    trading: Trading
    table: pl.DataFrame

    def with_leaks(self, leaks: Sequence[Leak]) -> pl.DataFrame:
        """The table with a column for each leak."""
        paths = self.trading.paths
        all_of_it = Everything(
            paths.returns,
            paths.surprise,
            self.backdrop,
            self.roster.market_vol,
            self.freq,
            stream(self.seed, "fingerprint").standard_normal(len(self.roster.names)),
        )
        return self.table.with_columns(
            pl.Series(leak.column, leak_values(leak, all_of_it, self.seed).ravel()).fill_nan(None)
            for leak in leaks
        )


def _made(roster: Roster, freq: Freq, periods: int, seed: int, plants: Plants) -> _Made:
    grid = make_grid(roster.kind, freq, periods)
    backdrop = make_backdrop(roster, grid, freq, seed)
    paths = make_paths(roster, backdrop, plants, seed)
    trading = trade(paths, roster, backdrop, grid, freq, seed)
    columns = make_bars(trading, roster, backdrop, grid, seed)
    table = bars_table(roster, grid, trading, columns)
    return _Made(roster, freq, seed, grid, backdrop, trading, table)


def require_shares(kind: Kind) -> None:
    """Refuse splits and dividends of what has none."""
    if not kind.has_limits:
        raise Misuse(f"splits and dividends of {kind.name}", "ask for a market of equity or etf")


def _whole(what: str, value: int, at_least: int) -> int:
    if not isinstance(value, int | np.integer) or value < at_least:
        raise Misuse(f"{what} of {value!r}", f"give a whole number of {at_least} or more")
    return int(value)


def _listed(what: str, asked: Sequence[T]) -> Sequence[T]:
    """Refuse a text where a list is meant: its letters are names of nothing."""
    if isinstance(asked, str):
        raise Misuse(f"{what} is the text {asked!r}", f"give a list, such as {what}=[{asked!r}]")
    return asked
