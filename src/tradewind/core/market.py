"""`Market`: what is known of a market, and `Truth`: what only its maker knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import polars as pl

from tradewind.core.errors import BadTable, nearest
from tradewind.core.membership import Membership
from tradewind.core.panel import Panel
from tradewind.core.tables import by_value


@dataclass(frozen=True, eq=False)
class Truth:
    """What a made market knows of itself, and no strategy may see.

    `regimes` is the regime at each timestamp, `signal` the planted signal, `outlook` the true
    distribution of each symbol's next log return given all that precedes it (`mean`, `sd`), `faults`,
    `leaks` and `episodes` where each was planted. It is beside the market and never in it:

    >>> bars = pl.DataFrame({"date": ["2024-01-02"], "symbol": ["ACME"], "close": [1.0]})
    >>> nothing = pl.DataFrame()
    >>> outlook = pl.DataFrame({"symbol": ["ACME"], "mean": [0.5], "sd": [0.01]})  # a fortune
    >>> truth = Truth(nothing, nothing, outlook, nothing, nothing)
    >>> market = Market({"bars": Panel.from_frame(bars)}, truth=truth)
    >>> market.as_of(market.panel.moments[-1]).truth is None
    True
    """

    regimes: pl.DataFrame
    signal: pl.DataFrame
    outlook: pl.DataFrame
    faults: pl.DataFrame
    leaks: pl.DataFrame
    episodes: pl.DataFrame = field(default_factory=pl.DataFrame)

    __eq__ = by_value


@dataclass(frozen=True, eq=False)
class Market:
    """Named panels, the instruments, the universe over time (symbol, start, end, known_at: see
    `Membership`; None where all belong), and the calendars they keep.

    What a strategy is given. `as_of` applies to all of it, and takes the truth away:

    >>> bars = Panel.from_frame(pl.DataFrame(
    ...     {"date": ["2024-01-02", "2024-01-03"], "symbol": "ACME", "close": [1.0, 2.0]}
    ... ))
    >>> market = Market({"bars": bars})
    >>> len(market.as_of(bars.moments[0]).panel), market.as_of(bars.moments[0]).truth
    (1, None)
    """

    panels: Mapping[str, Panel]
    instruments: pl.DataFrame = field(default_factory=lambda: pl.DataFrame({"symbol": []}))
    universe: pl.DataFrame | None = None
    calendars: Mapping[str, str] = field(default_factory=dict)
    truth: Truth | None = None

    __eq__ = by_value

    def __post_init__(self) -> None:
        if "bars" not in self.panels:
            raise BadTable(
                "a Market needs a panel named 'bars'", nearest("bars", [*self.panels, "bars"])
            )
        if self.universe is not None:
            Membership(self.universe)
        if unknown := set(self.calendars) - set(self.panels):
            name = min(unknown)
            raise BadTable(
                f"a calendar for {name!r}, and no such panel", nearest(name, self.panels)
            )

    @property
    def panel(self) -> Panel:
        """The bars."""
        return self.panels["bars"]

    @property
    def membership(self) -> Membership | None:
        """Who belongs to the universe; None where all do."""
        return None if self.universe is None else Membership(self.universe)

    def as_of(self, when: datetime) -> "Market":
        """The market as it was known at `when`, with every version known by then."""
        panels = {name: panel.until(when) for name, panel in self.panels.items()}
        universe = self.universe
        if universe is not None:
            universe = universe.filter(pl.col("known_at") <= when)
        return replace(self, panels=panels, universe=universe, truth=None)
