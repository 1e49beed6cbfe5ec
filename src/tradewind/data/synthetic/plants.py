"""What can be planted in a market for a method to find or to bear: a signal, lead and lag, episodes that
recur, corrections, splits and dividends, names that come and go.

A catalogue of frozen configurations; a plain name stands for its default.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tradewind.core.errors import Misuse, nearest

T = TypeVar("T")


@dataclass(frozen=True)
class Signal:
    """A column `signal` that foretells the part of the next return that is a name's own.

    `ic` is the correlation across names of the signal with the next idiosyncratic return, exact in
    expectation; `half_life` the number of bars after which the signal has forgotten half of itself.

    >>> Signal(ic=1.2)
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: a signal of information coefficient 1.2: give a number between ...
    """

    ic: float = 0.05
    half_life: float = 10.0

    def __post_init__(self) -> None:
        if not abs(self.ic) < 0.9:
            raise Misuse(
                f"a signal of information coefficient {self.ic}",
                "give a number between -0.9 and 0.9; 0.05 is a good one",
            )
        if not self.half_life > 0:
            raise Misuse(f"a signal of half-life {self.half_life}", "give a number of bars above 0")

    @property
    def persistence(self) -> float:
        """The autocorrelation from one bar to the next."""
        return float(0.5 ** (1 / self.half_life))


@dataclass(frozen=True)
class LeadLag:
    """The follower's own return repeats the leader's, `lag` bars later, with correlation `strength`."""

    leader: str
    follower: str
    lag: int = 1
    strength: float = 0.3

    def __post_init__(self) -> None:
        if self.leader == self.follower:
            raise Misuse(f"{self.leader!r} leads itself", "name two symbols")
        if self.lag < 1:
            raise Misuse(f"a lag of {self.lag} bars", "give 1 or more")
        if not abs(self.strength) < 1:
            raise Misuse(
                f"a lead of strength {self.strength}", "give a correlation between -1 and 1"
            )


@dataclass(frozen=True)
class Episodes:
    """Shapes that recur in each name's price, each followed by a drift that is known of its template.

    From the end of one to the start of the next lie `every` bars on average. `size` is the height of the
    shape, in sd of what the price would wander meanwhile; for `horizon` bars after it each return is
    `drift` sd higher, or as much lower as the template says (see `episodes.TEMPLATES`).

    >>> Episodes(drift=2)
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: a drift of 2 sd a bar after an episode: give a number between ...
    """

    every: float = 100.0
    size: float = 1.0
    drift: float = 0.25
    horizon: int = 10

    def __post_init__(self) -> None:
        if not self.every >= 1:
            raise Misuse(f"{self.every} bars between episodes", "give 1 or more")
        if not 0 < self.size <= 3:
            raise Misuse(f"episodes of size {self.size}", "give a number above 0 and up to 3")
        if not abs(self.drift) < 1:
            raise Misuse(
                f"a drift of {self.drift} sd a bar after an episode",
                "give a number between -1 and 1; 0.25 is a good one",
            )
        if self.horizon < 1:
            raise Misuse(f"{self.horizon} bars after an episode", "give 1 or more")


@dataclass(frozen=True)
class Revisions:
    """A share of the bars is first published with wrong prices, and corrected one to nine bars later."""

    share: float = 0.05

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise Misuse(f"a share of {self.share} bars revised", "give a number between 0 and 1")


@dataclass(frozen=True)
class Actions:
    """So many splits and dividends of each name: prices fall by them, and the facts are in
    `market.panels["actions"]`. The returns that were asked for are those of a holding."""

    splits: int = 1
    dividends: int = 4

    def __post_init__(self) -> None:
        if min(self.splits, self.dividends) < 0 or self.splits + self.dividends == 0:
            raise Misuse(
                f"{self.splits} splits and {self.dividends} dividends of each name",
                "give whole numbers from 0 up, and one of them above it",
            )


@dataclass(frozen=True)
class Turnover:
    """A universe that changes: a share of the names joins it when they have long been traded, another
    leaves it with its last price, for good. `market.universe` tells when each was known."""

    entries: float = 0.2
    exits: float = 0.2

    def __post_init__(self) -> None:
        if min(self.entries, self.exits) < 0 or not 0 < self.entries + self.exits <= 1:
            raise Misuse(
                f"a share of {self.entries} names that join and of {self.exits} that leave",
                "give shares from 0 up that sum to 1 at most",
            )


Plant = Signal | LeadLag | Episodes | Revisions | Actions | Turnover
BY_NAME: Mapping[str, type[Signal | Episodes | Revisions | Actions | Turnover]] = {
    "signal": Signal,
    "episodes": Episodes,
    "revisions": Revisions,
    "actions": Actions,
    "turnover": Turnover,
}
NAMES = (*BY_NAME, "lead_lag")


@dataclass(frozen=True)
class Plants:
    """All that was asked for, by its kind."""

    signal: Signal | None = None
    leads: tuple[LeadLag, ...] = ()
    episodes: Episodes | None = None
    revisions: Revisions | None = None
    actions: Actions | None = None
    turnover: Turnover | None = None


def read_plants(asked: Sequence[str | Plant], symbols: Sequence[str]) -> Plants:
    """Names and configurations as one plan for these symbols.

    >>> read_plants(["lead_lag"], ["ACME", "BOLT"]).leads
    (LeadLag(leader='ACME', follower='BOLT', lag=1, strength=0.3),)
    >>> read_plants(["leadlag"], ["ACME", "BOLT"])
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: nothing called 'leadlag' can be planted: did you mean 'lead_lag'?
    """
    found = [_named(one, symbols) if isinstance(one, str) else one for one in asked]
    leads = tuple(one for one in found if isinstance(one, LeadLag))
    for name in (name for lead in leads for name in (lead.leader, lead.follower)):
        if name not in symbols:
            raise Misuse(f"no symbol {name!r} to lead or follow", nearest(name, symbols))
    return Plants(
        _only(Signal, found, "signals"),
        leads,
        _only(Episodes, found, "plans of episodes"),
        _only(Revisions, found, "shares of revisions"),
        _only(Actions, found, "plans of actions"),
        _only(Turnover, found, "turnovers"),
    )


def _only(kind: type[T], found: Sequence[Plant], what: str) -> T | None:
    """The one of its kind, or none."""
    mine = [one for one in found if isinstance(one, kind)]
    if len(mine) > 1:
        raise Misuse(f"{len(mine)} {what} in one market", "plant one")
    return mine[0] if mine else None


def _named(name: str, symbols: Sequence[str]) -> Plant:
    if name in BY_NAME:
        return BY_NAME[name]()
    if name != "lead_lag":
        raise Misuse(f"nothing called {name!r} can be planted", nearest(name, NAMES))
    if len(symbols) < 2:
        raise Misuse("'lead_lag' in a market of one symbol", "ask for two or more")
    return LeadLag(symbols[0], symbols[1])
