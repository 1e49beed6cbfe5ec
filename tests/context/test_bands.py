"""Bands are order statistics of the past, and of nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.context.bands import HIGH, LOW, NORMAL, UNKNOWN, Bands
from tradewind.core import stream
from tradewind.core.errors import BadConfig

NUMBERS = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=40)


def followed(bands: Bands, values: list[float]) -> list[int]:
    return bands.follow([], list(range(len(values))), values)


def test_a_small_series_has_the_labels_that_were_derived_by_hand() -> None:
    """With bands of 1/4 and 3/4 on at least four values:

    5 2 8 6          fewer than four values before each              unknown
    1 after 2 5 6 8      none is at most 1, and 0 <= 4 x 1/4             low
    2 after 1 2 5 6 8    two are at most 2, above 5 x 1/4; none of       normal
                         5 x 3/4 = 3.75 is below it
    9 after 1 2 2 5 6 8  all six are below it, at least 6 x 3/4 = 4.5    high
    6 after 1 2 2 5 6 8 9  four are below it, under 7 x 3/4 = 5.25       normal
    """
    values = [5.0, 2.0, 8.0, 6.0, 1.0, 2.0, 9.0, 6.0]
    said = followed(Bands(0.25, 0.75, least=4), values)
    assert said == [UNKNOWN] * 4 + [LOW, NORMAL, HIGH, NORMAL]


@given(NUMBERS)
def test_each_label_is_what_sorting_the_whole_past_anew_would_say(values: list[float]) -> None:
    bands = Bands(1 / 3, 2 / 3, least=3)
    for now, said in enumerate(followed(bands, values)):
        past, value = sorted(values[:now]), values[now]
        if len(past) < bands.least:
            assert said == UNKNOWN
            continue
        low = past[int(bands.low * len(past))]
        high = past[int(np.ceil(bands.high * len(past))) - 1]
        assert said == (LOW if value < low else HIGH if value > high else NORMAL)


@given(NUMBERS, st.integers(0, 40))
def test_what_comes_later_changes_no_label(values: list[float], cut: int) -> None:
    bands = Bands(least=2)
    assert followed(bands, values)[:cut] == followed(bands, values[:cut])


@pytest.mark.parametrize(("share", "past"), [(0.7, 90), (0.55, 100), (0.33, 300), (1 / 3, 99)])
def test_a_share_that_is_a_whole_number_of_values_is_met_by_that_number(
    share: float, past: int
) -> None:
    """0.7 x 90 = 63, and in floating point 62.99999999999999; 0.55 x 100 = 55.00000000000001."""
    whole = round(share * past)
    values = [float(value) for value in range(past)]
    low, high = Bands(share, share, least=1), Bands(0.01, share, least=1)
    assert low.judge(values, whole - 0.5) == LOW
    assert high.judge(values, whole - 0.5) == HIGH
    assert high.judge(values, whole - 1.5) == NORMAL


def test_a_series_that_never_moves_is_normal() -> None:
    assert followed(Bands(least=5), [1.0] * 20) == [UNKNOWN] * 5 + [NORMAL] * 15


def test_what_is_not_a_number_is_unknown_and_leaves_the_past_alone() -> None:
    past = [1.0, 2.0, 3.0]
    assert Bands(least=2).follow(past, [1, 2], [float("nan"), 0.5]) == [UNKNOWN, LOW]
    assert past == [0.5, 1.0, 2.0, 3.0]


def test_values_of_one_moment_are_judged_by_the_same_past() -> None:
    bands = Bands(least=2)
    assert bands.follow([1.0, 2.0], [7, 7], [3.0, 4.0]) == [HIGH, HIGH]
    assert bands.follow([1.0, 2.0], [7, 7], [4.0, 3.0]) == [HIGH, HIGH]


def test_bands_are_stable_once_the_past_is_long() -> None:
    """One more value moves an order statistic to a neighbour at most, so what is said of a steady
    series settles at the shares that were asked for: here 0.2 low and 0.3 high. The standard error of
    a share of 3,000 is below 0.009, and 0.035 is four of them."""
    said = np.array(followed(Bands(0.2, 0.7), stream(5, "steady").standard_normal(4000).tolist()))
    settled = said[1000:]
    assert (settled == LOW).mean() == pytest.approx(0.2, abs=0.035)
    assert (settled == HIGH).mean() == pytest.approx(0.3, abs=0.035)


@pytest.mark.parametrize("shares", [(0.7, 0.3), (0.0, 0.5), (0.5, 1.0)])
def test_bands_that_are_no_two_shares_in_order_are_refused(shares: tuple[float, float]) -> None:
    with pytest.raises(BadConfig, match=r"regime bands of .*: give two shares between 0 and 1"):
        Bands(*shares)


def test_bands_of_no_past_at_all_are_refused() -> None:
    with pytest.raises(BadConfig, match="bands fitted on 0 values: ask for 1 or more"):
        Bands(least=0)
