"""What can be planted in a market for a method to find: a signal, lead and lag, corrections.

A catalogue of frozen configurations; a plain name stands for its default.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tradewind.core.errors import Misuse, nearest


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
class Revisions:
    """A share of the bars is first published with wrong prices, and corrected one to nine bars later."""

    share: float = 0.05

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise Misuse(f"a share of {self.share} bars revised", "give a number between 0 and 1")


Plant = Signal | LeadLag | Revisions
NAMES = ("signal", "lead_lag", "revisions")


@dataclass(frozen=True)
class Plants:
    """All that was asked for, by its kind."""

    signal: Signal | None = None
    leads: tuple[LeadLag, ...] = ()
    revisions: Revisions | None = None


def read_plants(asked: Sequence[str | Plant], symbols: Sequence[str]) -> Plants:
    """Names and configurations as one plan for these symbols.

    >>> read_plants(["lead_lag"], ["ACME", "BOLT"]).leads
    (LeadLag(leader='ACME', follower='BOLT', lag=1, strength=0.3),)
    >>> read_plants(["leadlag"], ["ACME", "BOLT"])
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: nothing called 'leadlag' can be planted: did you mean 'lead_lag'?
    """
    found = [_named(one, symbols) if isinstance(one, str) else one for one in asked]
    signals = [one for one in found if isinstance(one, Signal)]
    revisions = [one for one in found if isinstance(one, Revisions)]
    leads = tuple(one for one in found if isinstance(one, LeadLag))
    for several, what in ((signals, "signals"), (revisions, "shares of revisions")):
        if len(several) > 1:
            raise Misuse(f"{len(several)} {what} in one market", "plant one")
    for name in (name for lead in leads for name in (lead.leader, lead.follower)):
        if name not in symbols:
            raise Misuse(f"no symbol {name!r} to lead or follow", nearest(name, symbols))
    return Plants(next(iter(signals), None), leads, next(iter(revisions), None))


def _named(name: str, symbols: Sequence[str]) -> Plant:
    if name == "signal":
        return Signal()
    if name == "revisions":
        return Revisions()
    if name != "lead_lag":
        raise Misuse(f"nothing called {name!r} can be planted", nearest(name, NAMES))
    if len(symbols) < 2:
        raise Misuse("'lead_lag' in a market of one symbol", "ask for two or more")
    return LeadLag(symbols[0], symbols[1])
