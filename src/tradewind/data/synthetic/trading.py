"""What trading does to returns: the bounce between bid and ask, pauses after a jump, halts for news."""

from dataclasses import dataclass, replace

import numpy as np

from tradewind.core.arrays import Flags, Floats
from tradewind.core.rng import Rng, stream
from tradewind.data.synthetic.grid import Grid
from tradewind.data.synthetic.instruments import Roster
from tradewind.data.synthetic.kinds import Freq
from tradewind.data.synthetic.regimes import along
from tradewind.data.synthetic.returns import Backdrop, Paths, smile

LIMIT = 4.0  # sd of a bar's return at which a name enters a limit state
PAUSE: dict[Freq, int] = {"1d": 0, "1h": 0, "1m": 5}
NEWS_A_BAR: dict[Freq, float] = {"1d": 2e-4, "1h": 1e-4, "1m": 2e-5}
NEWS_LASTS: dict[Freq, int] = {"1d": 1, "1h": 2, "1m": 30}


@dataclass(frozen=True)
class Trading:
    """The paths as they were traded, and how: N symbols, `halted` and `half_spread` one bar ahead.

    A halted bar is flat, and no outlook speaks of it; whether a halt comes does not depend on the
    return it stops, so the outlook of the bars that trade stays exact.
    """

    paths: Paths
    half_spread: Floats  # (N, periods + 1) as a share of the price
    halted: Flags  # (N, periods + 1)
    limited: Flags  # (N, periods) a jump so large that the name entered a limit state


def trade(
    paths: Paths, roster: Roster, backdrop: Backdrop, grid: Grid, freq: Freq, seed: int
) -> Trading:
    """Bounce within a day (a day's close is an auction's, one price), and halts where there are any."""
    width = along(backdrop.regime, lambda one: one.spread)
    width *= smile(grid, abs(roster.kind.smile) / 2)
    half = roster.half_spread[:, None] * width
    none = np.zeros(half.shape, dtype=bool)
    trading = Trading(paths, half, none, none[:, 1:])
    bounces = freq in ("1m", "1h")
    if bounces:
        trading = replace(trading, paths=_widened(paths, half, seed))
    if roster.kind.has_limits:
        trading = _interrupted(trading, freq, stream(seed, "halts"))
    if bounces:
        trading = replace(trading, paths=_bounced(trading, seed))
    flat = np.where(trading.halted[:, :-1], 0.0, trading.paths.returns)
    return replace(trading, paths=replace(trading.paths, returns=flat))


def _widened(paths: Paths, half: Floats, seed: int) -> Paths:
    """Each bar's surprise made wider by what the side of its last trade adds."""
    rng = stream(seed, "bounce")
    shock = paths.surprise * paths.sd[:, :-1] + half[:, :-1] * rng.standard_normal(
        paths.surprise.shape
    )
    sd = np.sqrt(paths.sd**2 + half**2)
    return replace(paths, sd=sd, surprise=shock / sd[:, :-1])


def _bounced(trading: Trading, seed: int) -> Paths:
    """Observed = efficient price + half spread x side of the last trade (Roll 1984).

    The side is the sign of an order flow that leans with the bar's surprise, just so much that the
    efficient price moves independently (in covariance) of the side. Observed returns then have Roll's
    autocovariance of minus the half spread squared, and each is still exactly Normal given the past,
    which an independent side would not leave it.
    """
    paths, half = trading.paths, trading.half_spread[:, :-1]
    lean = np.minimum(half / paths.sd[:, :-1] * np.sqrt(np.pi / 2), 1.0)
    flow = stream(seed, "flow").standard_normal(half.shape)
    side = np.sign(lean * paths.surprise + np.sqrt(1 - lean**2) * flow)
    bounce = half * side
    mean = paths.mean.copy()
    mean[:, 1:] -= bounce
    return replace(paths, mean=mean, returns=mean[:, :-1] + paths.surprise * paths.sd[:, :-1])


def _interrupted(trading: Trading, freq: Freq, rng: Rng) -> Trading:
    """Pauses that follow a jump, and halts for news at any time but the first bar."""
    jumps = np.abs(trading.paths.surprise) > LIMIT
    halted = np.zeros_like(trading.halted)
    for row, bar in np.argwhere(jumps).tolist():
        halted[row, bar + 1 : bar + 1 + PAUSE[freq]] = True
    count = rng.poisson(NEWS_A_BAR[freq] * halted.size)
    starts = zip(
        rng.integers(0, halted.shape[0], count),
        rng.integers(0, halted.shape[1], count),
        strict=True,
    )
    for row, bar in starts:
        halted[row, bar : bar + NEWS_LASTS[freq]] = True
    halted[:, 0] = False
    return replace(trading, halted=halted, limited=jumps & ~halted[:, :-1])
