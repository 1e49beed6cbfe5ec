"""Ticks at round numbers, enough of them and not too many."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tradewind.reporting.axes import labelled, log_ticks, number_ticks, time_ticks
from tradewind.reporting.svg import apart

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-6)


@given(NUMBERS, NUMBERS, st.integers(2, 9))
def test_number_ticks_enclose_what_is_drawn_in_even_steps(
    one: float, other: float, most: int
) -> None:
    low, high = sorted((one, other))
    ticks = number_ticks(low, high, most)
    span = ticks[-1] - ticks[0]
    assert ticks[0] <= low + 1e-6 * span
    assert ticks[-1] >= high - 1e-6 * span
    assert 2 <= len(ticks) <= most + 1
    steps = [after - before for before, after in pairwise(ticks)]
    assert max(steps) - min(steps) < 1e-6 * span


@given(NUMBERS, NUMBERS)
def test_no_two_ticks_have_the_same_label(one: float, other: float) -> None:
    low, high = sorted((one, other))
    labels = [label for _, label in labelled(number_ticks(low, high, 6))]
    assert len(set(labels)) == len(labels)


@given(st.floats(1e-3, 1e3), st.floats(3.0, 1e6), st.integers(3, 8))
def test_log_ticks_lie_inside_and_are_few(low: float, times: float, most: int) -> None:
    ticks = log_ticks(low, low * times, most)
    assert all(low <= tick <= low * times for tick in ticks)
    assert 1 <= len(ticks) <= most


@given(
    st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)),
    st.timedeltas(timedelta(minutes=10), timedelta(days=40_000)),
    st.integers(3, 15),
)
def test_time_ticks_lie_inside_and_are_few(start: datetime, span: timedelta, most: int) -> None:
    low = start.replace(tzinfo=UTC)
    ticks = time_ticks(low, low + span, most)
    assert all(low <= when <= low + span for when, _ in ticks)
    assert len(ticks) <= most
    assert len({when for when, _ in ticks}) == len(ticks)


@given(st.lists(st.floats(0, 200), min_size=1, max_size=6))
def test_labels_are_moved_apart_and_stay_in_order(places: list[float]) -> None:
    moved = apart(places, 15.0, 0.0, 200.0)
    order = sorted(range(len(places)), key=places.__getitem__)
    for one, other in pairwise(order):
        assert moved[other] - moved[one] >= 15 - 1e-9
    assert min(moved) >= -1e-9
    assert max(moved) <= 200 + 1e-9
