"""The filter, the look back and the learning, against sums over every path there is."""

from itertools import pairwise, product

import numpy as np
import pytest

from tradewind.context.regimes.backward import expect, look_back
from tradewind.context.regimes.chain import Chain
from tradewind.context.regimes.forward import NOT_BEGUN, advance_all
from tradewind.context.regimes.learning import Rows, maximise
from tradewind.context.regimes.sequences import Floats
from tradewind.core import stream

STATES, WIDTH, LENGTH = 3, 2, 6
GAP = 2  # the row that is missing


def chain(best: bool = False) -> Chain:
    rng = stream(1, "chain")
    start, moves = rng.dirichlet(np.ones(STATES)), rng.dirichlet(np.ones(STATES), STATES)
    roots = rng.normal(size=(STATES, WIDTH, WIDTH))
    covariances = roots @ np.swapaxes(roots, 1, 2) + np.eye(WIDTH) / 2
    return Chain(start, moves, rng.normal(size=(STATES, WIDTH)), covariances, best)


def scaled() -> Floats:
    rows = stream(2, "rows").normal(size=(LENGTH, WIDTH))
    rows[GAP, 1] = np.nan
    return rows


def densities(one: Chain) -> Floats:
    """(rows, states) by the textbook; 1 where the row is missing."""
    away = scaled()[:, None] - one.means
    squares = np.einsum("tki,kij,tkj->tk", away, np.linalg.inv(one.covariances), away)
    norm = np.sqrt((2 * np.pi) ** WIDTH * np.linalg.det(one.covariances))
    told = np.exp(-squares / 2) / norm
    told[GAP] = 1.0
    return told


def over_paths(one: Chain, length: int) -> dict[tuple[int, ...], float]:
    """What each path of so many rows weighs."""
    dense = densities(one)
    weights = {}
    for path in product(range(STATES), repeat=length):
        weight = one.start[path[0]] * dense[0, path[0]]
        for t in range(1, length):
            weight *= one.moves[path[t - 1], path[t]] * dense[t, path[t]]
        weights[path] = weight
    return weights


def by_state(weights: dict[tuple[int, ...], float], at: int, best: bool) -> Floats:
    """(states,) the sum, or the largest, of the paths through each state at a row."""
    fold = max if best else sum
    totals = [fold(w for path, w in weights.items() if path[at] == k) for k in range(STATES)]
    return np.array(totals) / sum(totals)


def filtered(one: Chain) -> tuple[Floats, float]:
    out, weights = np.empty((LENGTH, STATES)), np.full((1, STATES), NOT_BEGUN)
    usual = np.array([[[0.0] * WIDTH, [1.0] * WIDTH]])
    offsets = np.array([0, LENGTH])
    density = advance_all(scaled(), offsets, usual, *one.arrays, one.best, weights, out)
    return out, density


@pytest.mark.parametrize("best", [False, True])
def test_the_filter_weighs_every_path_up_to_the_row(best: bool) -> None:
    out, _ = filtered(chain(best))
    for t in range(LENGTH):
        want = by_state(over_paths(chain(), t + 1), t, best)
        assert out[t] == pytest.approx(want, rel=1e-12)


def test_the_density_of_the_rows_is_the_weight_of_all_paths() -> None:
    _, density = filtered(chain())
    assert density == pytest.approx(np.log(sum(over_paths(chain(), LENGTH).values())), rel=1e-12)


@pytest.mark.parametrize("best", [False, True])
def test_the_look_back_weighs_every_path_of_the_whole(best: bool) -> None:
    out, known = np.empty((LENGTH, STATES)), np.isfinite(scaled()).all(axis=1)
    one = chain(best)
    look_back(scaled(), known, np.array([0, LENGTH]), *one.arrays, best, out)
    for t in range(LENGTH):
        assert out[t] == pytest.approx(by_state(over_paths(chain(), LENGTH), t, best), rel=1e-9)


def test_learning_counts_what_the_paths_say() -> None:
    one, known = chain(), np.isfinite(scaled()).all(axis=1)
    first, went, held = np.empty(STATES), np.empty((STATES, STATES)), np.empty(STATES)
    sums, squares = np.empty((STATES, WIDTH)), np.empty((STATES, WIDTH, WIDTH))
    expect(scaled(), known, np.array([0, LENGTH]), *one.arrays, first, went, held, sums, squares)
    weights = over_paths(one, LENGTH)
    total = sum(weights.values())
    moved = np.zeros((STATES, STATES))
    for path, weight in weights.items():
        for j, k in pairwise(path):
            moved[j, k] += weight / total
    gamma = np.array([by_state(weights, t, False) for t in range(LENGTH)])
    assert went == pytest.approx(moved, rel=1e-9)
    assert first == pytest.approx(gamma[0], rel=1e-9)
    assert held == pytest.approx(gamma[known].sum(axis=0), rel=1e-9)
    assert sums == pytest.approx(gamma[known].T @ scaled()[known], rel=1e-9)


def test_each_round_makes_the_rows_likelier() -> None:
    rng = stream(4, "learn")
    rows = np.repeat([[0.0, 0.0], [3.0, -1.0]], 150, axis=0) + rng.normal(size=(300, 2))
    given = Rows(rows, np.ones(300, dtype=bool), np.array([0, 300]))
    begin = Chain(
        np.array([0.5, 0.5]), np.full((2, 2), 0.5), rows[[0, 10]], np.tile(np.eye(2), (2, 1, 1))
    )
    likelihoods = [maximise(given, begin, rounds=n, gain=-np.inf).likelihood for n in range(1, 12)]
    assert (
        np.diff(likelihoods).min() > -1e-4
    )  # the little that is taken to have been seen costs as much
    learnt = maximise(given, begin)
    assert learnt.converged
    assert sorted(learnt.chain.means[:, 0]) == pytest.approx([0, 3], abs=0.3)
