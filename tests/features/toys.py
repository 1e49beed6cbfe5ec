"""Made families and panels that several tests of this folder share."""

import numpy as np

from tradewind.core import Panel
from tradewind.core.arrays import Floats
from tradewind.data.synthetic import Revisions, make_market
from tradewind.features.families import StepFamily
from tradewind.features.runs import Runs
from tradewind.features.spec import FeatureSpec


def smooth(bars: Floats, runs: Runs, states: Floats) -> Floats:
    """An exponential mean of the closes, and how many bars it has read: the order of bars matters."""
    values = np.full((2, bars.shape[1]), np.nan)
    for run in range(len(runs.resume)):
        resume = runs.resume[run]
        mean, read = states[resume] if resume >= 0 else (0.0, 0.0)
        for place in range(runs.offsets[run], runs.offsets[run + 1]):
            mean, read = 0.9 * mean + 0.1 * np.log(bars[0, place]), read + 1.0
            values[:, place] = mean, read
            if runs.keep[place] >= 0:
                states[runs.keep[place]] = mean, read
    return values


SMOOTH = StepFamily(
    "smooth",
    "a recursion",
    ("close",),
    (
        FeatureSpec("mean", "smooth", ("close",), 200, "log", "smoothed price", "ewm(log c, 0.1)"),
        FeatureSpec("read", "smooth", ("close",), 200, "bars", "bars so far", "count(c)"),
    ),
    smooth,
    state=2,
)


def corrected(symbols: int = 9, bars: int = 700, seed: int = 5) -> Panel:
    """Equity bars of which one in twenty is corrected."""
    panel = make_market("equity", symbols, bars, seed=seed, plants=[Revisions(0.05)]).panel
    assert panel.revised > symbols * bars / 25
    return panel
