"""The regimes a market moves through, and the path it takes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core.arrays import Floats
from tradewind.core.rng import Rng
from tradewind.data.synthetic.kinds import Freq

Codes = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Regime:
    """What a regime does to the bar it governs; all but the drift and the dwelling are multiples."""

    name: str
    drift: float  # of the market, a year
    volatility: float
    autocorrelation: float  # of the market's return
    volume: float
    spread: float
    dwell: float  # mean number of days
    visits: float  # how often it is chosen when another ends


REGIMES = (
    Regime("calm", 0.12, 0.6, 0.0, 0.9, 0.8, dwell=100, visits=0.30),
    Regime("volatile", -0.15, 2.0, 0.0, 1.8, 1.6, dwell=40, visits=0.20),
    Regime("trending", 0.20, 0.9, 0.35, 1.2, 1.0, dwell=60, visits=0.20),
    Regime("mean_reverting", 0.00, 1.0, -0.35, 1.0, 1.0, dwell=60, visits=0.20),
    Regime("illiquid", -0.05, 1.4, 0.0, 0.4, 2.5, dwell=30, visits=0.10),
)
NAMES = pl.Enum([regime.name for regime in REGIMES])
BARS_A_DAY_OF_DWELLING: dict[Freq, float] = {"1d": 1.0, "1h": 2.0, "1m": 5.0, "1mo": 0.2}


def transition_matrix(freq: Freq) -> Floats:
    """(regimes, regimes) the probability of each regime at the next bar; a row sums to 1.

    >>> matrix = transition_matrix("1d")
    >>> bool(np.allclose(matrix.sum(axis=1), 1)), float(matrix[0, 0])
    (True, 0.99)
    """
    dwell = np.array([regime.dwell for regime in REGIMES]) * BARS_A_DAY_OF_DWELLING[freq]
    visits = np.array([regime.visits for regime in REGIMES])
    matrix = np.tile(visits, (len(REGIMES), 1))
    np.fill_diagonal(matrix, 0.0)
    matrix *= (1 / dwell / matrix.sum(axis=1))[:, None]
    np.fill_diagonal(matrix, 1 - 1 / dwell)
    return matrix


def occupancy() -> Floats:
    """(regimes,) the share of bars that each regime governs in the long run, at any frequency.

    From one sojourn to the next the chain moves to j with weight visits_j, so the sojourns are shared
    out as visits x (1 - visits), each as long as its regime dwells.
    """
    visits = np.array([regime.visits for regime in REGIMES])
    weight = visits * (1 - visits) * np.array([regime.dwell for regime in REGIMES])
    return np.asarray(weight / weight.sum())


def regime_path(bars: int, freq: Freq, rng: Rng) -> Codes:
    """(bars,) the regime that governs each bar, drawn sojourn by sojourn.

    >>> from tradewind.core import stream
    >>> path = regime_path(1000, "1d", stream(7, "regimes"))
    >>> bool((np.diff(path) != 0).sum() < 50)
    True
    """
    matrix = transition_matrix(freq)
    path = np.empty(bars, dtype=np.intp)
    now, filled = int(rng.choice(len(REGIMES), p=occupancy())), 0
    while filled < bars:
        leaving = 1 - matrix[now, now]
        until = min(filled + int(rng.geometric(leaving)), bars)
        path[filled:until] = now
        others = np.where(np.arange(len(REGIMES)) == now, 0.0, matrix[now]) / leaving
        now, filled = int(rng.choice(len(REGIMES), p=others / others.sum())), until
    return path


def along(path: Codes, trait: Callable[[Regime], float]) -> Floats:
    """(bars,) one trait of the regime at each bar.

    >>> along(np.array([0, 1, 1]), lambda regime: regime.volatility)
    array([0.6, 2. , 2. ])
    """
    return np.array([trait(regime) for regime in REGIMES])[path]
