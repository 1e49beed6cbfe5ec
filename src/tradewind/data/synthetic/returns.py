"""The returns of a made market, and the true distribution of each next one.

A return is what the market, the sector and the name itself contribute, each Gaussian once everything
up to the bar before is known: the regime, the market's last return, the planted signal, the leaders and
the episode that is under way.
So the outlook is a Normal, and not an approximation of one.
"""

from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import Floats
from tradewind.core.errors import Misuse
from tradewind.core.rng import Rng, stream
from tradewind.data.synthetic.episodes import Told, make_episodes
from tradewind.data.synthetic.grid import Grid
from tradewind.data.synthetic.instruments import Roster
from tradewind.data.synthetic.kinds import Freq
from tradewind.data.synthetic.plants import LeadLag, Plants, Signal
from tradewind.data.synthetic.regimes import Codes, along, regime_path


@dataclass(frozen=True)
class Backdrop:
    """What all names share, bar by bar and one bar ahead: all (periods + 1,), N symbols elsewhere.

    Bar j is governed by `regime[j]`, which was settled when bar j - 1 was complete.
    """

    regime: Codes
    scale: Floats  # sd of the bar, as a multiple of a session's
    expected: Floats  # return of the market given all before
    market: Floats  # return of the market
    opening: Floats  # share of the bar's variance that falls before its open


@dataclass(frozen=True)
class Paths:
    """Log returns into each bar, and the Normal from which each was drawn.

    `mean` and `sd` are (symbols, periods + 1): column j speaks of the return into bar j, the last of
    the bar to come. `surprise` is (return - mean) / sd before halts, and Gaussian.
    """

    returns: Floats  # (symbols, periods)
    mean: Floats
    sd: Floats
    surprise: Floats  # (symbols, periods)
    signal: Floats | None  # (symbols, periods)
    episodes: Told | None


def make_backdrop(roster: Roster, grid: Grid, freq: Freq, seed: int) -> Backdrop:
    """The regimes, and the market that moves by them."""
    kind = roster.kind
    regime = regime_path(grid.periods + 1, freq, stream(seed, "regimes"))
    busy = smile(grid, kind.smile)
    shut = kind.closed * grid.column("after_closure")
    variance = (1 - kind.closed) * grid.column("share") * busy + shut
    scale = along(regime, lambda one: one.volatility) * np.sqrt(variance)
    drift = along(regime, lambda one: one.drift) * variance / kind.sessions_a_year
    pull = along(regime, lambda one: one.autocorrelation)
    shocks = roster.market_vol * scale * stream(seed, "market").standard_normal(len(scale))
    expected, market = _follow(drift, pull, shocks)
    return Backdrop(regime, scale, expected, market, shut / variance)


def smile(grid: Grid, strength: float) -> Floats:
    """(periods + 1,) how busy each bar's part of its session is: a U when strength is above 0.

    The mean over the bar of 1 + strength (3 u^2 - 1), with u from -1 at the open to 1 at the close; so
    a bar that is a whole session is as busy as the average.

    >>> from tradewind.data.synthetic.grid import make_grid
    >>> from tradewind.data.synthetic.kinds import find_kind
    >>> hours = make_grid(find_kind("equity"), "1h", 6)
    >>> smile(hours, 0.6).round(2), float((smile(hours, 0.6) * hours.column("share")).sum().round(9))
    (array([1.7 , 0.94, 0.51, 0.42, 0.68, 1.28, 1.94]), 1.0)
    """
    middle = 2 * grid.column("place") - 1
    return 1 + strength * (3 * middle**2 + grid.column("share") ** 2 - 1)


def _follow(drift: Floats, pull: Floats, shocks: Floats) -> tuple[Floats, Floats]:
    """Each return is pulled by the one before: (expected, realised), both (periods + 1,)."""
    expected, market, last = [], [], 0.0
    for push, share, shock in zip(drift.tolist(), pull.tolist(), shocks.tolist(), strict=True):
        expected.append(push + share * last)
        last = expected[-1] + shock
        market.append(last)
    return np.array(expected), np.array(market)


def make_paths(roster: Roster, backdrop: Backdrop, plants: Plants, seed: int) -> Paths:
    """Every name's returns, before its exchange or its spread has a say."""
    count, periods = len(roster.names), len(backdrop.scale) - 1
    scale = backdrop.scale
    own = stream(seed, "prices").standard_normal((count, periods))
    signal = _signal(plants.signal, own.shape, stream(seed, "signal")) if plants.signal else None
    ahead, rest = _foretold(roster, plants, signal, own)
    mean = roster.beta[:, None] * backdrop.expected
    if ahead is not None:
        mean[:, 1:] += ahead * (roster.own_vol[:, None] * scale[1:])
    own *= (rest * roster.own_vol)[:, None]
    own += _shared(roster, backdrop, seed)
    total = np.sqrt(
        (roster.beta * roster.market_vol) ** 2 + roster.sector_vol**2 + (rest * roster.own_vol) ** 2
    )
    surprise = own / total[:, None]
    sd = total[:, None] * scale
    told = None
    if plants.episodes:
        told = make_episodes(plants.episodes, sd, stream(seed, "episodes"))
        mean += told.added
    own *= scale[:-1]
    own += mean[:, :-1]
    return Paths(own, mean, sd, surprise, signal, told)


def _shared(roster: Roster, backdrop: Backdrop, seed: int) -> Floats:
    """(symbols, periods) what the market and the sector add, in sessions' units."""
    scale = backdrop.scale[:-1]
    market = (backdrop.market - backdrop.expected)[:-1] / scale
    sectors = stream(seed, "sectors").standard_normal((len(roster.kind.sectors), len(scale)))
    shared = (roster.sector_vol * sectors)[roster.sector]
    shared += roster.beta[:, None] * market
    return shared


def _signal(config: Signal, shape: tuple[int, ...], rng: Rng) -> Floats:
    """(symbols, periods) a first-order autoregression of variance 1, from its first bar on.

    The filter 1 / (1 - aL) is applied as (1 + aL)(1 + a^2 L^2)(1 + a^4 L^4)...: few passes over whole
    rows, and no step that depends on how many threads there are.
    """
    decay = config.persistence
    values = rng.standard_normal(shape)
    values[:, 1:] *= np.sqrt(1 - decay**2)
    reach = 1
    while reach < shape[1] and decay**reach > 1e-18:
        values[:, reach:] += decay**reach * values[:, :-reach]
        reach *= 2
    return values


def _foretold(
    roster: Roster, plants: Plants, signal: Floats | None, own: Floats
) -> tuple[Floats | None, Floats]:
    """What is known at each bar of the next own return in its own sd (symbols, periods), and the sd of
    the rest (symbols,)."""
    loading = _loading(plants.signal, roster) if plants.signal else 0.0
    known = np.full(len(roster.names), loading**2)
    if signal is None and not plants.leads:
        return None, np.sqrt(1 - known)
    ahead = np.zeros_like(own) if signal is None else loading * signal
    steps = [_led(lead, roster, ahead, own, loading) for lead in plants.leads]
    for lead, step in zip(plants.leads, steps, strict=True):
        follower = roster.names.index(lead.follower)
        ahead[follower, lead.lag - 1 :] += step
        known[follower] += lead.strength**2
        if known[follower] >= 1:
            raise Misuse(
                f"{lead.follower!r} is foretold to {known[follower]:.3g} of its variance",
                "plant a weaker signal or fewer leaders",
            )
    return ahead, np.sqrt(1 - known)


def _loading(signal: Signal, roster: Roster) -> float:
    """The correlation within each name that gives `ic` across names of unequal volatility."""
    vol = roster.own_vol
    loading = float(signal.ic * np.sqrt((vol**2).mean()) / vol.mean())
    if abs(loading) >= 1:
        raise Misuse(
            f"an information coefficient of {signal.ic} across names this unequal",
            "plant a weaker signal",
        )
    return loading


def _led(lead: LeadLag, roster: Roster, ahead: Floats, own: Floats, loading: float) -> Floats:
    """What the leader's own return, in its own sd, tells of the follower's `lag` bars later."""
    leader = roster.names.index(lead.leader)
    returns = np.sqrt(1 - loading**2) * own[leader]
    returns[1:] += ahead[leader, :-1]
    return np.asarray(lead.strength * returns[: max(len(returns) - lead.lag + 1, 0)])
