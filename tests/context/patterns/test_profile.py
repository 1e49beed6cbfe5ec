"""Distances of every stretch of a series to many patterns are those of the definition."""

import numpy as np
import pytest

from tradewind.context.patterns import profile
from tradewind.core import stream
from tradewind.core.arrays import Floats
from tradewind.core.errors import Misuse


def by_definition(series: Floats, query: Floats) -> Floats:
    """The Euclidean distance of the two, each less its mean and by its spread."""
    windows = np.lib.stride_tricks.sliding_window_view(series, len(query))
    spread = windows.std(axis=1, keepdims=True)
    normal = (windows - windows.mean(axis=1, keepdims=True)) / spread
    found: Floats = np.linalg.norm(normal - (query - query.mean()) / query.std(), axis=1)
    return found


def test_distances_are_those_of_the_definition_at_every_length() -> None:
    rng = stream(1, "profile")
    series = np.cumsum(rng.standard_normal(9000))
    queries = [np.cumsum(rng.standard_normal(length)) for length in (3, 17, 64, 64, 1500)]
    for query, distances in zip(queries, profile(series, queries), strict=True):
        np.testing.assert_allclose(distances, by_definition(series, query), atol=1e-4)


def test_a_wild_point_spoils_no_stretch_without_it() -> None:
    rng = stream(2, "profile")
    series = np.cumsum(rng.standard_normal(3000))
    series[1000] += 1e9
    query = np.cumsum(rng.standard_normal(50))
    distances = profile(series, [query])[0]
    np.testing.assert_allclose(distances[1001:], by_definition(series, query)[1001:], atol=1e-4)


def test_a_stretch_with_a_missing_point_is_infinitely_far() -> None:
    series = np.sin(np.arange(100.0))
    series[50] = np.nan
    distances = profile(series, [series[:10]])[0]
    assert np.flatnonzero(np.isinf(distances)).tolist() == list(range(41, 51))
    assert np.isinf(profile(series, [np.array([1.0, np.nan, 2.0])])[0]).all()
    assert np.isinf(profile(np.full(9, np.nan), [np.arange(3.0)])[0]).all()


def test_what_does_not_move_is_at_no_distance_from_what_does_not_move() -> None:
    series = np.concatenate([np.full(30, 0.1), np.sin(np.arange(30.0))])
    still, moving = profile(series, [np.full(10, 7.7), np.arange(10.0)])
    assert still[:21].tolist() == [0.0] * 21
    assert still[21:] == pytest.approx(10**0.5)
    assert moving[:21] == pytest.approx(10**0.5)


def test_a_query_is_no_longer_than_the_series() -> None:
    with pytest.raises(Misuse, match="a query of 5 points against 4: give at least two"):
        profile(np.arange(4.0), [np.arange(5.0)])
    with pytest.raises(Misuse, match="a query of 1 points"):
        profile(np.arange(4.0), [np.arange(1.0)])
