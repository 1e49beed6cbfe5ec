"""The catalogue of planted leaks: columns that know what nobody knew then, each in its own way.

Audits are judged against these. None changes a price, and each takes its noise from its own stream.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import Floats
from tradewind.core.errors import Misuse, nearest
from tradewind.core.rng import stream
from tradewind.data.synthetic.kinds import Freq
from tradewind.data.synthetic.regimes import (
    NAMES,
    REGIMES,
    along,
    occupancy,
    transition_matrix,
)
from tradewind.data.synthetic.returns import Backdrop

REACH = 5  # bars that a centred window looks ahead
MONTH, QUARTER = 21, 63  # bars
RARE = 2.8  # sd: about one bar in 200


@dataclass(frozen=True)
class Leak:
    """A leak by its name, blurred by noise of so many times its own sd (None: as the catalogue has it).

    >>> Leak("centered_window")
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: no leak is called 'centered_window': did you mean 'centred_window'?
    """

    name: str
    noise: float | None = None

    def __post_init__(self) -> None:
        if self.name not in CATALOGUE:
            raise Misuse(f"no leak is called {self.name!r}", nearest(self.name, CATALOGUE))
        if self.noise is not None and not self.noise >= 0:
            raise Misuse(f"a leak with noise {self.noise}", "give 0 or more")

    @property
    def column(self) -> str:
        return f"leak_{self.name}"

    @property
    def detail(self) -> str:
        return CATALOGUE[self.name].detail


@dataclass(frozen=True)
class Everything:
    """All that there will ever be to know: what leaks draw from. N symbols, T bars."""

    returns: Floats  # (N, T) log returns into each bar
    surprise: Floats  # (N, T) the same in sd from what was expected
    backdrop: Backdrop
    market_vol: float
    freq: Freq
    fingerprint: Floats  # (N,) a number for each symbol that says nothing of it


@dataclass(frozen=True)
class Entry:
    """One leak of the catalogue: how it is made, how noisy it is, and what it knows too early."""

    make: Callable[[Everything], Floats]
    noise: float
    detail: str


def future_return(market: Everything) -> Floats:
    """The next log return; nothing at the last bar, as after a shift by one row."""
    return np.concatenate([market.returns[:, 1:], np.full_like(market.returns[:, :1], np.nan)], 1)


def centred_window(market: Everything) -> Floats:
    """The mean return of the bars around this one, half of them still to come."""
    return _mean_between(market.returns, -REACH, REACH + 1)


def full_sample_scaling(market: Everything) -> Floats:
    """The log price, standardised by the mean and sd of the whole history."""
    level = np.cumsum(market.returns, axis=1)
    spread = level.std(axis=1, keepdims=True)
    scaled = (level - level.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0)
    return np.asarray(scaled)


def back_fill(market: Everything) -> Floats:
    """A month's mean return, known on its last bar and filled back to its first."""
    bars = market.returns.shape[1]
    starts = np.arange(0, bars, MONTH)
    lengths = np.diff(np.append(starts, bars))
    means = np.add.reduceat(market.returns, starts, axis=1) / lengths
    return np.repeat(means, lengths, axis=1)


def restated_value(market: Everything) -> Floats:
    """A quarterly figure as restated a month later, shown from the day it was first published.

    The figure is the quarter's mean return; its restatement takes in the month that followed. Nothing
    before the first quarter is complete.
    """
    restated = _mean_between(market.returns, 1 - QUARTER, MONTH + 1)
    quarters = (np.arange(market.returns.shape[1]) + 1) // QUARTER
    published = np.maximum(quarters * QUARTER - 1, 0)
    return np.where(quarters > 0, restated[:, published], np.nan)


def rare_event_flag(market: Everything) -> Floats:
    """1 on the bar before a move beyond 2.8 sd, else 0."""
    flag = np.zeros_like(market.returns)
    flag[:, :-1] = np.abs(market.surprise[:, 1:]) > RARE
    return flag


def identity_fingerprint(market: Everything) -> Floats:
    """A number that names the symbol rather than describing it."""
    return np.repeat(market.fingerprint[:, None], market.returns.shape[1], axis=1)


def smoothed_regime(market: Everything) -> Floats:
    """The probability of the volatile regime given the whole history, later bars included."""
    posterior = _smoothed(market)[1:, NAMES.categories.to_list().index("volatile")]
    return np.repeat(posterior[None, :], len(market.returns), axis=0)


CATALOGUE: Mapping[str, Entry] = {
    "future_return": Entry(future_return, 3.0, "the next bar's log return"),
    "centred_window": Entry(centred_window, 0.0, f"returns of the next {REACH} bars"),
    "full_sample_scaling": Entry(full_sample_scaling, 0.0, "mean and sd of the whole history"),
    "back_fill": Entry(back_fill, 0.0, f"a mean known up to {MONTH - 1} bars later"),
    "restated_value": Entry(restated_value, 0.0, f"a restatement made {MONTH} bars later"),
    "rare_event_flag": Entry(rare_event_flag, 0.0, f"whether the next bar moves beyond {RARE} sd"),
    "identity_fingerprint": Entry(identity_fingerprint, 0.1, "which symbol the row belongs to"),
    "smoothed_regime": Entry(smoothed_regime, 0.0, "the regime as all later bars reveal it"),
}


def read_leaks(asked: Sequence[str | Leak]) -> tuple[Leak, ...]:
    """Names and configurations as leaks, each at most once."""
    found = tuple(Leak(one) if isinstance(one, str) else one for one in asked)
    names = [leak.name for leak in found]
    for name in names:
        if names.count(name) > 1:
            raise Misuse(f"the leak {name!r} is asked for twice", "ask for it once")
    return found


def leak_values(leak: Leak, market: Everything, seed: int) -> Floats:
    """(symbols, periods) the column of one leak; NaN where it has nothing to say."""
    entry, rng = CATALOGUE[leak.name], stream(seed, "leaks", leak.name)
    values = entry.make(market)
    noise = entry.noise if leak.noise is None else leak.noise
    if noise:
        spread = float(np.std(values[np.isfinite(values)])) if np.isfinite(values).any() else 0.0
        values = values + noise * spread * rng.standard_normal(values.shape)
    return values


def _mean_between(returns: Floats, first: int, last: int) -> Floats:
    """(symbols, periods) the mean of the bars from j + first to before j + last, cut at the edges."""
    bars = returns.shape[1]
    total = np.concatenate([np.zeros_like(returns[:, :1]), np.cumsum(returns, axis=1)], axis=1)
    low = np.clip(np.arange(bars) + first, 0, bars)
    high = np.clip(np.arange(bars) + last, 0, bars)
    return np.asarray((total[:, high] - total[:, low]) / (high - low))


def _smoothed(market: Everything) -> Floats:
    """(periods + 1, regimes) forward and backward through the market's returns, its drift left out."""
    backdrop, matrix = market.backdrop, transition_matrix(market.freq)
    likelihood = _likelihood(backdrop, market.market_vol)[:-1]  # the bar to come is nobody's to see
    forward = [occupancy()]
    for seen in likelihood:
        now = forward[-1] * seen
        forward.append(((now / now.sum())[:, None] * matrix).sum(axis=0))
    backward = [np.ones(len(REGIMES))]
    for seen in likelihood[::-1]:
        before = (matrix * backward[-1]).sum(axis=1) * seen
        backward.append(before / before.sum())
    both = np.array(forward) * np.array(backward[::-1])
    return np.asarray(both / both.sum(axis=1, keepdims=True))


def _likelihood(backdrop: Backdrop, market_vol: float) -> Floats:
    """(periods + 1, regimes) how likely each regime makes the market's return into each bar."""
    every = np.arange(len(REGIMES))
    governing = along(backdrop.regime, lambda one: one.volatility)
    sd = market_vol * np.outer(backdrop.scale / governing, along(every, lambda one: one.volatility))
    before = np.append(0.0, backdrop.market[:-1])
    pull = np.outer(before, along(every, lambda one: one.autocorrelation))
    shock = (backdrop.market[:, None] - pull) / sd
    return np.asarray(np.exp(-0.5 * shock**2) / sd * market_vol)
