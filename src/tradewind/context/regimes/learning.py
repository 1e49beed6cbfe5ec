"""How chains are learnt: rounds of expectation, from several starts, of which the likeliest is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from tradewind.context.regimes.backward import expect
from tradewind.context.regimes.chain import RAREST, Chain
from tradewind.context.regimes.clusters import centres_apart, settle
from tradewind.core import Rng
from tradewind.core.arrays import Flags, Floats, Ints

ROUNDS = 200
GAIN = 1e-6  # of the log likelihood of a row, below which another round is not worth it
WEIGHT = 10.0  # rows of the whole's spread that each state is taken to have seen already
STAY = 0.95
AVERAGED = (1, 20, 5)  # rows, over which one start after the other clusters


@dataclass(frozen=True, eq=False)
class Rows:
    """What a chain is learnt from: scaled rows of sequences, and where they are complete."""

    scaled: Floats  # (rows, D)
    known: Flags  # (rows,)
    offsets: Ints  # (sequences + 1,)

    @property
    def complete(self) -> Floats:
        """(complete rows, D)."""
        return self.scaled[self.known]


@dataclass(frozen=True, eq=False)
class Learnt:
    """A chain, how likely it makes a row of its training, and whether it had settled by then."""

    chain: Chain
    likelihood: float
    rounds: int
    converged: bool


def maximise(
    rows: Rows,
    chain: Chain,
    *,
    diagonal: bool = False,
    tied: bool = False,
    rounds: int = ROUNDS,
    gain: float = GAIN,
) -> Learnt:
    """From this chain to the likeliest near it (Dempster et al. 1977), told to have seen a little before.

    `diagonal` leaves features within a state uncorrelated; `tied` makes the next state independent of
    the last, which is a mixture. A state's covariance is drawn to the whole's as if `WEIGHT` rows of it
    had been seen there, so a state of a single row cannot shrink to it.
    """
    states, width = chain.means.shape
    counts = [np.empty(shape) for shape in ((states,), (states, states), (states,))]
    moments = [np.empty((states, width)), np.empty((states, width, width))]
    size, before = max(int(rows.known.sum()), 1), -np.inf
    for done in range(1, rounds + 1):
        likelihood = expect(rows.scaled, rows.known, rows.offsets, *chain.arrays, *counts, *moments)
        if likelihood - before < gain * size:
            return Learnt(chain, likelihood / size, done - 1, converged=True)
        chain = _likeliest(*counts, *moments, diagonal=diagonal, tied=tied)
        before = likelihood
    return Learnt(chain, before / size, rounds, converged=False)


def _likeliest(
    first: Floats,
    went: Floats,
    held: Floats,
    sums: Floats,
    squares: Floats,
    *,
    diagonal: bool,
    tied: bool,
) -> Chain:
    """The chain under which those counts are likeliest."""
    width = sums.shape[1]
    means = sums / np.maximum(held, RAREST)[:, None]
    lower = squares - held[:, None, None] * means[:, :, None] * means[:, None, :]
    scatter = np.tril(lower) + np.swapaxes(np.tril(lower, -1), 1, 2)
    scatter *= np.eye(width) if diagonal else 1.0
    covariances = (scatter + WEIGHT * np.eye(width)) / (held + WEIGHT)[:, None, None]
    if tied:
        first = first + went.sum(axis=0)
        went = np.tile(first, (len(first), 1))
    return Chain(_shares(first), _shares(went), means, covariances)


def _shares(counts: Floats) -> Floats:
    floored = np.maximum(counts, RAREST * max(float(counts.sum()), 1.0))
    return np.asarray(floored / floored.sum(axis=-1, keepdims=True))


def likeliest(starts: int, rng: Rng, learn: Callable[[Rng, int], Learnt]) -> Learnt:
    """The best of several starts, which are told their number."""
    return max((learn(rng, start) for start in range(starts)), key=lambda one: one.likelihood)


def from_clusters(rows: Rows, states: int, rng: Rng, over: int = 1) -> Chain:
    """A chain to begin with: what k-means finds, and a habit of staying.

    Rows are clustered by their mean `over` the last so many: states that differ by less than a row's
    noise, as a trending and a mean-reverting one do, come apart in the average of the rows that share
    one.
    """
    scaled = rows.complete
    begins = np.concatenate([[0], np.cumsum(rows.known)])[rows.offsets]
    smooth = _averaged(scaled, begins.tolist(), over)
    nearest = settle(smooth, centres_apart(smooth, states, rng)).nearest
    member = np.zeros((len(nearest), states))
    member[np.arange(len(nearest)), nearest] = 1.0
    held = member.sum(axis=0)
    squares = np.einsum("nk,ni,nj->kij", member, scaled, scaled)
    counts = (held, staying(states, STAY), held, member.T @ scaled, squares)
    return _likeliest(*counts, diagonal=False, tied=False)


def _averaged(scaled: Floats, offsets: Sequence[int], over: int) -> Floats:
    """(rows, D) the mean over the last rows of the same sequence, as many as there are up to `over`."""
    out = np.empty_like(scaled)
    for begin, end in pairwise(offsets):
        total = np.cumsum(scaled[begin:end], axis=0)
        total[over:] -= total[:-over].copy()
        out[begin:end] = total / np.minimum(np.arange(1, end - begin + 1), over)[:, None]
    return out


def round_states(moves: Floats, centres: Floats, variance: float) -> Chain:
    """States of one size, of which each is as likely to be the first."""
    states, width = centres.shape
    covariances = np.tile(variance * np.eye(width), (states, 1, 1))
    return Chain(np.full(states, 1 / states), moves, centres, covariances)


def staying(states: int, share: float) -> Floats:
    """(K, K) stay with that share, and move to each other alike."""
    if states == 1:
        return np.ones((1, 1))
    moves = np.full((states, states), (1 - share) / (states - 1))
    np.fill_diagonal(moves, share)
    return moves


def without_memory(chain: Chain) -> Chain:
    """The same states, each next one drawn anew."""
    return replace(chain, moves=np.tile(chain.start, (len(chain.start), 1)))
