"""`Strategy` and `Schedule`: the spine, and the two drives of it that agree."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from tradewind.core.clock import utc
from tradewind.core.decision import Decision
from tradewind.core.errors import BadStamp, Misuse
from tradewind.core.forecast import Forecast, join_forecasts
from tradewind.core.ledger import Ledger
from tradewind.core.market import Market
from tradewind.core.roles import (
    Allocator,
    Broker,
    Calibrator,
    Decider,
    FeatureReader,
    Forecaster,
    Guard,
    StateReader,
)
from tradewind.core.state import MarketState


@dataclass(frozen=True)
class Strategy:
    """Everything between a market and a decision, fitted and frozen; each stage is one function.

    `forecast` speaks of many moments at once, `decide` of one; both begin by taking away whatever was
    not known, so a strategy that peeks finds nothing there:

    >>> import numpy as np, polars as pl
    >>> from datetime import UTC
    >>> from tradewind.core import Dataset, Panel
    >>> bars = Panel.from_frame(pl.DataFrame(
    ...     {"date": ["2024-01-02", "2024-01-03"], "symbol": "ACME", "close": [1.0, 2.0]}))
    >>> def peek(market, times):
    ...     print("the last close it can see:", market.panel.table["close"][-1])
    ...     rows = market.panel.table.select("symbol", decided_at="timestamp").unique(keep="last")
    ...     return Dataset(rows.sort("decided_at"), features=())
    >>> def coin(rows, state):
    ...     table = rows.table.select("symbol", at="decided_at", horizon=1, probabilities=[0.5, 0.5])
    ...     return Forecast.of(table, model="coin", target="up", unit="", classes=("down", "up"))
    >>> strategy = Strategy(peek, coin, allocator=lambda forecast, book: None)
    >>> _ = strategy.forecast(Market({"bars": bars}), [bars.moments[0]])
    the last close it can see: 1.0
    """

    features: FeatureReader
    forecaster: Forecaster
    allocator: Allocator
    calibrator: Calibrator | None = None
    guards: tuple[Guard, ...] = ()
    state: StateReader | None = None

    def forecast(self, market: Market, times: Sequence[datetime]) -> Forecast:
        """What it says at each of these moments, knowing at each only what was known then."""
        require_ascending(times)
        known = market.as_of(times[-1])
        rows = self.features(known, times)
        forecast = self.forecaster(rows, self._state(known, times))
        return self.calibrator(forecast) if self.calibrator else forecast

    def _state(self, known: Market, times: Sequence[datetime]) -> MarketState | None:
        """What surrounds those moments; whatever else a reader gives may look ahead, and is refused."""
        state = self.state(known, times) if self.state else None
        if not isinstance(state, MarketState | None):
            raise Misuse(
                f"a StateReader gave a {type(state).__name__}, not a MarketState",
                "give what is filtered; what is smoothed looks ahead and is for pictures",
            )
        return state

    def allocate(self, forecast: Forecast, book: Ledger) -> Decision:
        """From a forecast of one moment, and the book as it stands, to a guarded decision."""
        decision = self.allocator(forecast, book)
        for guard in self.guards:
            decision = guard(decision, book)
        return decision

    def decide(self, market: Market, at: datetime, book: Ledger) -> Decision:
        """What to hold from `at` on."""
        return self.allocate(self.forecast(market, [at]), book)


@dataclass(frozen=True)
class Schedule:
    """Walk-forward: each strategy speaks from its `valid_from` until the next one's.

    >>> Schedule(())
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: a Schedule of no strategies: give at least one ...
    """

    parts: tuple[tuple[datetime, Strategy], ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise Misuse("a Schedule of no strategies", "give at least one (valid_from, strategy)")
        require_ascending([valid_from for valid_from, _ in self.parts])

    def strategy_at(self, when: datetime) -> Strategy:
        """The strategy that speaks at that moment."""
        place = bisect_right([valid_from for valid_from, _ in self.parts], when) - 1
        if place < 0:
            first = self.parts[0][0]
            raise BadStamp(f"{when} is before the first strategy", f"ask from {first} on")
        return self.parts[place][1]

    def forecast(self, market: Market, times: Sequence[datetime]) -> Forecast:
        require_ascending(times)
        groups: list[tuple[Strategy, list[datetime]]] = []
        for when in times:
            speaker = self.strategy_at(when)
            if not groups or groups[-1][0] is not speaker:
                groups.append((speaker, []))
            groups[-1][1].append(when)
        return join_forecasts([speaker.forecast(market, span) for speaker, span in groups])

    def allocate(self, forecast: Forecast, book: Ledger) -> Decision:
        spoken = forecast.moments or (book.account.at,)
        return self.strategy_at(spoken[0]).allocate(forecast, book)

    def decide(self, market: Market, at: datetime, book: Ledger) -> Decision:
        return self.strategy_at(at).decide(market, at, book)


def replay(
    strategy: Decider,
    market: Market,
    times: Sequence[datetime],
    broker: Broker,
    *,
    cash: float = 1_000_000.0,
    tell: Callable[[int, int], None] | None = None,
) -> Ledger:
    """Walk the past: forecast all moments at once, then settle, allocate and place, one by one.

    The decisions are those that `strategy.decide` would have made at each moment, on that day's book:
    `strategy.decide(market, at, ledger.book_at(at))`. `tell(done, of)` is called as it goes.
    """
    require_ascending(times)
    forecast = strategy.forecast(market, times)
    book = Ledger.opening(cash, times[0], market.panel.names)
    for done, at in enumerate(times, start=1):
        book = broker.settle(book, market, at)
        book = broker.place(book, strategy.allocate(forecast.at(at), book))
        if tell:
            tell(done, len(times))
    return book


def require_ascending(times: Sequence[datetime]) -> None:
    """Refuse moments that are none, naive, or not strictly ascending."""
    if not times:
        raise Misuse("no moments were given", "give at least one")
    for when in times:
        utc(when)
    for one, other in pairwise(times):
        if one >= other:
            raise Misuse(f"moments are not ascending: {one} before {other}", "sort them, each once")
