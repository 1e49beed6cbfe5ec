"""How good: losses per row, calibration, and what an equity curve did."""

import numpy as np

from tradewind.core.arrays import Floats


def log_loss(up: Floats, outcomes: Floats) -> Floats:
    """(rows,) minus the log of the probability given to what happened, in nats.

    >>> log_loss(np.array([0.5]), np.array([1.0])).round(6).tolist()
    [0.693147]
    """
    safe = np.clip(up, 1e-12, 1 - 1e-12)
    return -np.where(outcomes > 0.5, np.log(safe), np.log1p(-safe))


def brier(up: Floats, outcomes: Floats) -> Floats:
    """(rows,) the squared error of the probability."""
    return (up - outcomes) ** 2


def crps(values: Floats, weights: Floats, outcome: float) -> float:
    """The continuous ranked probability score of a weighted ensemble, exactly: the area between its
    distribution function, squared, and the step at what happened.

    It is what an ensemble of one is off by; of more, less for whatever they disagree:

    >>> crps(np.array([2.0]), np.array([1.0]), outcome=5.0)
    3.0
    >>> crps(np.array([4.0, 6.0]), np.array([1.0, 1.0]), outcome=5.0)
    0.5
    """
    order = np.argsort(values)
    ascending, share = values[order], weights[order] / weights.sum()
    below = np.cumsum(share)[:-1]
    apart = float((np.diff(ascending) * below * (1 - below)).sum())
    return float((share * np.abs(ascending - outcome)).sum()) - apart


def reliability(up: Floats, outcomes: Floats, bins: int = 10) -> dict[str, Floats]:
    """Rows in bins of equal count by forecast: mean forecast, share that happened, rows, and the 95 %
    Wilson interval of that share.

    >>> table = reliability(np.array([0.2, 0.2, 0.8, 0.8]), np.array([0, 0, 1, 1.0]), bins=2)
    >>> table["observed"].tolist(), table["rows"].tolist()
    ([0.0, 1.0], [2.0, 2.0])
    """
    edges = np.unique(np.quantile(up, np.linspace(0, 1, bins + 1)))
    which = np.searchsorted(edges[1:-1], up, side="right")
    rows = np.bincount(which, minlength=1).astype(float)
    kept = rows > 0
    rows = rows[kept]
    predicted = np.bincount(which, up)[kept] / rows
    observed = np.bincount(which, outcomes)[kept] / rows
    low, high = wilson(observed, rows)
    return {"predicted": predicted, "observed": observed, "low": low, "high": high, "rows": rows}


def wilson(share: Floats, rows: Floats, z: float = 1.959964) -> tuple[Floats, Floats]:
    """The Wilson interval of a share."""
    middle = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    half = z * np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2)) / (1 + z**2 / rows)
    return middle - half, middle + half


def sharpe(returns: Floats, a_year: float) -> float:
    """Mean over standard deviation of returns, of which there are so many a year; 0 if nothing moved.

    >>> sharpe(np.array([0.02, 0.0] * 126), a_year=252.0).__round__(2)
    15.87
    """
    spread = float(returns.std())
    return float(returns.mean()) / spread * a_year**0.5 if spread > 1e-15 else 0.0


def max_drawdown(equity: Floats) -> float:
    """The deepest fall from a peak, as a share of the peak.

    >>> max_drawdown(np.array([1.0, 2.0, 1.5, 3.0]))
    0.25
    """
    return float((1 - equity / np.maximum.accumulate(equity)).max())
