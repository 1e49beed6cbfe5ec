"""The roles: what one room asks of another without knowing which room it is.

Stages are called like functions, nouns in and a noun out, so a plain function can play any of them;
things that keep something have methods. The roles of the spine have a battery of
checks each in `tradewind.evaluation.contracts`, for our implementations and for yours; the others get
theirs with their first implementation.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core.arrays import Floats
from tradewind.core.calendar import Calendar
from tradewind.core.clock import Clock
from tradewind.core.dataset import Dataset
from tradewind.core.decision import Decision
from tradewind.core.finding import Finding
from tradewind.core.forecast import Forecast
from tradewind.core.ledger import Ledger
from tradewind.core.market import Market
from tradewind.core.panel import Panel
from tradewind.core.pattern import Pattern
from tradewind.core.state import MarketState

__all__ = [
    "Allocator",
    "Broker",
    "Calendar",
    "CalibrationLearner",
    "Calibrator",
    "Clock",
    "Decider",
    "DocumentStore",
    "FeatureReader",
    "Flags",
    "Forecaster",
    "Guard",
    "Inspector",
    "Learner",
    "PatternSearch",
    "RegimeDetector",
    "RegimeLearner",
    "Source",
    "Splitter",
    "StateReader",
    "TableStore",
]  # fmt: skip

# The stages of the spine, in order.


class FeatureReader(Protocol):
    """Market -> rows to forecast: the features of each symbol as they were known at each moment."""

    def __call__(self, market: Market, times: Sequence[datetime], /) -> Dataset: ...


class StateReader(Protocol):
    """Market -> what surrounds those rows: filtered regimes, similar episodes, what is degraded."""

    def __call__(self, market: Market, times: Sequence[datetime], /) -> MarketState: ...


class Forecaster(Protocol):
    """Rows and their state -> Forecast. Fitted and frozen."""

    def __call__(self, rows: Dataset, state: MarketState | None, /) -> Forecast: ...


class Calibrator(Protocol):
    """Forecast -> Forecast whose probabilities mean what they say."""

    def __call__(self, forecast: Forecast, /) -> Forecast: ...


class Allocator(Protocol):
    """A forecast of one moment, and the book -> target weights."""

    def __call__(self, forecast: Forecast, book: Ledger, /) -> Decision: ...


class Guard(Protocol):
    """Decision -> Decision, never riskier; each change says why."""

    def __call__(self, decision: Decision, book: Ledger, /) -> Decision: ...


class Broker(Protocol):
    """Turns decisions into fills: in simulation, on paper, or for real."""

    def settle(self, book: Ledger, market: Market, at: datetime) -> Ledger:
        """The book brought to `at`: open orders filled by what happened since, everything marked."""
        ...

    def place(self, book: Ledger, decision: Decision) -> Ledger:
        """The book with the decision and the orders that serve it."""
        ...


class Decider(Protocol):
    """A Strategy, or a Schedule of them."""

    def forecast(self, market: Market, times: Sequence[datetime]) -> Forecast: ...

    def allocate(self, forecast: Forecast, book: Ledger) -> Decision: ...

    def decide(self, market: Market, at: datetime, book: Ledger) -> Decision: ...


# What makes the fitted stages.


class Learner(Protocol):
    """Labelled rows -> a fitted forecaster."""

    def __call__(self, rows: Dataset, rng: np.random.Generator, /) -> Forecaster: ...


class CalibrationLearner(Protocol):
    """Forecasts and what came of them -> a fitted calibrator."""

    def __call__(self, forecast: Forecast, rows: Dataset, /) -> Calibrator: ...


class Splitter(Protocol):
    """Row numbers of (train, test), purged so that no training label reaches into the test."""

    def split(
        self, rows: Dataset
    ) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]: ...


class RegimeLearner(Protocol):
    """Features -> a detector of the regimes that were found in them."""

    def fit(self, features: Dataset, /) -> "RegimeDetector": ...


class RegimeDetector(Protocol):
    """Names of states, and their probabilities filtered (never smoothed) along a history.

    `step` goes on from a state, and `filter` is one step from the beginning; to `fit` anew keeps the
    names. What `smooth` gives looks ahead: it is for pictures, and no MarketState.
    """

    @property
    def names(self) -> tuple[str, ...]: ...

    def fit(self, features: Dataset, /) -> "RegimeDetector": ...

    def filter(self, features: Dataset, /) -> MarketState: ...

    def begin(self) -> Any: ...

    def step(self, state: Any, features: Dataset, /) -> tuple[MarketState, Any]: ...

    def smooth(self, features: Dataset, /) -> Any: ...


# What brings data in and keeps it.


class Source(Protocol):
    """Somewhere panels come from; it knows how its stamps were made complete."""

    @property
    def name(self) -> str: ...

    def read(self, since: datetime | None = None) -> Iterable[Panel]: ...


class Inspector(Protocol):
    """Looks at a panel and says what it found; it never raises and never mends."""

    def __call__(self, panel: Panel, /) -> Sequence[Finding]: ...


class TableStore(Protocol):
    """Tables that only grow; each version of a table is a data version."""

    def append(self, table: str, rows: pl.DataFrame) -> int: ...

    def read(self, table: str, version: int | None = None) -> pl.DataFrame: ...


class DocumentStore(Protocol):
    """JSON documents by collection and key."""

    def put(self, collection: str, key: str, document: Mapping[str, Any]) -> None: ...

    def get(self, collection: str, key: str) -> Mapping[str, Any] | None: ...

    def find(self, collection: str, **equal: Any) -> Iterator[Mapping[str, Any]]: ...


class PatternSearch(Protocol):
    """Past episodes like this one, none whose outcome was unknown at `as_of`."""

    def search(
        self, query: Floats, k: int, as_of: datetime, regime: str | None = None
    ) -> Sequence[tuple[Pattern, float]]: ...


class Flags(Protocol):
    """Is a feature on, for this key?"""

    def enabled(self, name: str, key: str | None = None) -> bool: ...
