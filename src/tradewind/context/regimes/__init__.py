"""Detectors of regimes: fitted on the past, told online, named by what they are.

GaussianHMM, GaussianMixture, KMeans, JumpModel   how states are learnt; `fit` gives
FittedRegimes                                     what filters a history or goes on row by row
"""

from tradewind.context.regimes.filter_state import FilterState
from tradewind.context.regimes.fitted import FittedRegimes
from tradewind.context.regimes.hmm import GaussianHMM
from tradewind.context.regimes.jump import JumpModel
from tradewind.context.regimes.kmeans import KMeans
from tradewind.context.regimes.mixture import GaussianMixture
from tradewind.context.regimes.smoothed import Smoothed

__all__ = [
    "FilterState",
    "FittedRegimes",
    "GaussianHMM",
    "GaussianMixture",
    "JumpModel",
    "KMeans",
    "Smoothed",
]
