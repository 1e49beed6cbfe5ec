"""The nouns. Nothing else is passed between rooms.

    source -> quality gate -> store -> Panel.as_of(t) -> features -> market state -> model -> Forecast
           -> calibration -> allocation -> guardrails -> Decision -> execution -> Ledger -> report

`Market` holds named `Panel`s; a `Panel` as of one moment is a `Snapshot`; features and outcomes are a
`Dataset`; what surrounds a forecast is a `MarketState` with the `Pattern`s it resembles. A `Strategy`
turns a market into a `Forecast` and a `Decision`, a `Schedule` is strategies over time, and `replay`
walks them into a `Ledger`. What is measured is a `Scorecard` of `Score`s and `Finding`s. The roles that
rooms play for each other are in `core.roles`, what can go wrong in `core.errors`.
"""

from tradewind.core.calendar import Calendar, find_calendar
from tradewind.core.clock import Clock, FixedClock, SystemClock
from tradewind.core.dataset import Dataset
from tradewind.core.decision import Decision
from tradewind.core.finding import Finding
from tradewind.core.forecast import Forecast
from tradewind.core.ledger import Ledger
from tradewind.core.market import Market, Truth
from tradewind.core.membership import Membership
from tradewind.core.panel import Panel, Snapshot
from tradewind.core.pattern import Outcome, Pattern, Patterns
from tradewind.core.rng import Rng, stream
from tradewind.core.scorecard import Score, Scorecard
from tradewind.core.state import MarketState
from tradewind.core.strategy import Schedule, Strategy, replay

__all__ = [
    "Calendar",
    "Clock",
    "Dataset",
    "Decision",
    "Finding",
    "FixedClock",
    "Forecast",
    "Ledger",
    "Market",
    "MarketState",
    "Membership",
    "Outcome",
    "Panel",
    "Pattern",
    "Patterns",
    "Rng",
    "Schedule",
    "Score",
    "Scorecard",
    "Snapshot",
    "Strategy",
    "SystemClock",
    "Truth",
    "find_calendar",
    "replay",
    "stream",
]
