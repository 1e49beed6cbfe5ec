"""Detectors of regimes: fitted on the past, told online, named by what they are.

    GaussianHMM, GaussianMixture     how states are learnt; `fit` of each gives FittedRegimes
    KMeans, JumpModel
    RuleRegimes                      nothing to learn: the labels by rule, as a detector
    MarketWide, BySymbol             any of them for the market as one; parameters of each symbol's own
    FittedRegimes, FilterState       what filters a history, or goes on from a state that is kept
    document, restored               a fitted detector as JSON, and back
    model, models, resuming          with what it was calibrated on, in a workspace; where it was left off
    Live                             the same, a row of a symbol at a time
    Smoothed                         hindsight, for pictures; nothing else takes it
    Hysteresis, Said                 what is said of the probabilities, how long it lasts, what follows
    LiveSaying                       the same, a row of a symbol at a time
    choose                           kind and number of states, by rows that were not seen

All but the rules come to one thing, a `Chain` of Gaussian states, filtered by one kernel.
"""

from tradewind.context.regimes.by_symbol import BySymbol
from tradewind.context.regimes.choosing import choose
from tradewind.context.regimes.filter_state import FilterState
from tradewind.context.regimes.fitted import FittedRegimes
from tradewind.context.regimes.hmm import GaussianHMM
from tradewind.context.regimes.jump import JumpModel
from tradewind.context.regimes.keeping import document, restored
from tradewind.context.regimes.kmeans import KMeans
from tradewind.context.regimes.live import Live
from tradewind.context.regimes.live_saying import LiveSaying
from tradewind.context.regimes.market_wide import MarketWide
from tradewind.context.regimes.mixture import GaussianMixture
from tradewind.context.regimes.rules import RuleRegimes
from tradewind.context.regimes.said import Said
from tradewind.context.regimes.saying import Hysteresis
from tradewind.context.regimes.smoothed import Smoothed

__all__ = [
    "BySymbol",
    "FilterState",
    "FittedRegimes",
    "GaussianHMM",
    "GaussianMixture",
    "Hysteresis",
    "JumpModel",
    "KMeans",
    "Live",
    "LiveSaying",
    "MarketWide",
    "RuleRegimes",
    "Said",
    "Smoothed",
    "choose",
    "document",
    "restored",
]
