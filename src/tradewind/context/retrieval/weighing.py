"""How much each episode counts, and how many they are really: what happened at one time happened once."""

from collections.abc import Sequence

import numpy as np

from tradewind.core.arrays import Floats
from tradewind.core.clock import micros_of
from tradewind.core.pattern import Outcome, Pattern

SHARPNESS = 4  # between 2 and 8 it hardly matters, with 32 to 256 episodes (docs/retrieval.md)
SHARED = 0.3  # correlation of two names' returns: the mean over 317 large US shares, 2013 to 2016


def kinship(patterns: Sequence[Pattern], outcomes: Sequence[Outcome]) -> Floats:
    """(n, n) the correlation of what followed, as far as it followed at the same time.

    Two sums of independent returns of one symbol correlate as the part of their spans that they share,
    and of two symbols `SHARED` times that.
    """
    begins = np.array([micros_of(one.known_at) for one in patterns], dtype=np.float64)
    ends = np.array([micros_of(one.resolved_at) for one in outcomes], dtype=np.float64)
    length = ends - begins
    shared = np.minimum.outer(ends, ends) - np.maximum.outer(begins, begins)
    names = np.array([one.symbol for one in patterns])
    alike = np.where(names[:, None] == names, 1.0, SHARED)
    return np.asarray(alike * np.maximum(shared, 0.0) / np.sqrt(np.outer(length, length)))


def weights(similarity: Floats, kin: Floats) -> Floats:
    """(n,) the fourth power of the similarity, shared among those that tell of the same returns.

    Half as similar counts a sixteenth, and what is opposite nothing. Two episodes of one symbol at the
    same time count together as one of them would:

    >>> kin = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> weights(np.array([1.0, 1.0, 0.5]), kin)
    array([0.5   , 0.5   , 0.0625])
    """
    return np.asarray(np.maximum(similarity, 0.0) ** SHARPNESS / kin.sum(axis=1))


def effective(weight: Floats, kin: Floats) -> float:
    """Kish's (sum w)^2 / sum w^2, with the covariance of outcomes that overlap in its denominator.

    It is the number of independent outcomes whose plain mean is as sure as this weighted one; where no
    two overlap it is Kish's. (Kish's alone would not see that equal weights speak of one event.)

    >>> apart, one_event = np.eye(4), np.ones((4, 4))
    >>> effective(np.ones(4), apart), effective(np.ones(4), one_event)
    (4.0, 1.0)
    """
    spread = float((weight[:, None] * kin * weight).sum())
    return float(weight.sum()) ** 2 / spread if spread > 0 else 0.0


def quantiles(values: Floats, weight: Floats, levels: Sequence[float]) -> Floats:
    """(levels,) the least value at or below which so much of the weight lies.

    >>> quantiles(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 2.0]), [0.25, 0.26, 0.75, 1.0])
    array([1., 2., 2., 3.])
    """
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order])
    place = np.searchsorted(reached, np.asarray(levels) * reached[-1] * (1 - 1e-12))
    return np.asarray(values[order][place])
