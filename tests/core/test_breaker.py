"""What keeps failing is left alone, and is tried again by one call at a time."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.core.breaker import CircuitBreaker
from tradewind.core.errors import Misuse


@dataclass
class Hand:
    """A stopwatch that is moved by hand."""

    at: float = 0.0

    def __call__(self) -> float:
        return self.at


def shut(hand: Hand) -> CircuitBreaker:
    breaker = CircuitBreaker(hand)
    for _ in range(5):
        assert breaker.admits()
        breaker.failed()
    return breaker


def test_circuit_breaker_functionality() -> None:
    """Closed, open within five failures, half open after its rest, closed again within ten seconds."""
    hand = Hand()
    breaker = CircuitBreaker(hand)
    assert (breaker.state, breaker.admits()) == ("closed", True)
    breaker = shut(hand)
    assert (breaker.state, breaker.admits()) == ("open", False)
    hand.at = 4.9
    assert not breaker.admits()
    hand.at = 5.0
    assert breaker.state == "half_open"
    assert breaker.admits()
    breaker.failed()
    assert (breaker.state, breaker.admits()) == ("open", False)
    hand.at = 10.0
    assert breaker.admits()
    breaker.succeeded()
    assert (breaker.state, breaker.admits()) == ("closed", True)
    breaker.failed()
    assert breaker.state == "closed"  # what was before is forgiven


def test_while_half_open_one_call_of_fifty_at_once_is_let_through() -> None:
    hand = Hand()
    breaker = shut(hand)
    hand.at = 6.0
    with ThreadPoolExecutor(50) as threads:
        let = list(threads.map(lambda _: breaker.admits(), range(50)))
    assert let.count(True) == 1


def test_a_try_that_is_never_heard_of_again_does_not_keep_it_shut() -> None:
    hand = Hand()
    breaker = shut(hand)
    hand.at = 5.0
    assert breaker.admits()
    hand.at = 9.9
    assert (breaker.state, breaker.admits()) == ("half_open", False)
    hand.at = 10.0
    assert breaker.admits()


def test_stragglers_from_before_it_opened_neither_close_it_nor_keep_it_open() -> None:
    hand = Hand()
    breaker = shut(hand)
    breaker.succeeded()
    assert breaker.state == "open"
    hand.at = 4.0
    for _ in range(20):
        breaker.failed()
    hand.at = 5.0
    assert breaker.admits()
    breaker.succeeded()
    for _ in range(4):
        breaker.failed()
    assert breaker.state == "closed"


@pytest.mark.parametrize(("every", "state"), [(2, "open"), (3, "closed")])
def test_half_of_the_calls_failing_opens_it_and_a_third_does_not(every: int, state: str) -> None:
    breaker = CircuitBreaker(Hand())
    for call in range(60):
        breaker.failed() if call % every == 0 else breaker.succeeded()
    assert breaker.state == state


def test_it_is_forced_either_way_until_it_is_freed() -> None:
    hand = Hand()
    breaker = CircuitBreaker(hand)
    breaker.force("open")
    assert (breaker.state, breaker.admits()) == ("forced_open", False)
    hand.at = 100.0
    assert not breaker.admits()
    breaker.force(None)
    assert (breaker.state, breaker.admits()) == ("closed", True)
    breaker = shut(hand)
    breaker.force("closed")
    assert (breaker.state, breaker.admits()) == ("forced_closed", True)
    breaker.force(None)
    assert breaker.state == "open"


@given(st.lists(st.sampled_from(["failed", "succeeded", "wait"]), max_size=80))
def test_whatever_happens_it_lets_a_call_through_again_within_ten_seconds(told: list[str]) -> None:
    hand = Hand()
    breaker = CircuitBreaker(hand)
    for event in told:
        if event == "wait":
            hand.at += 1.0
        elif breaker.admits():
            breaker.failed() if event == "failed" else breaker.succeeded()
    hand.at += 10.0
    assert breaker.admits()
    breaker.succeeded()
    assert breaker.state == "closed"


def test_a_breaker_that_cannot_be_is_refused() -> None:
    with pytest.raises(
        Misuse, match=r"of 0 failures that rests for 5.0 s: give one failure or more"
    ):
        CircuitBreaker(failures=0)
    with pytest.raises(Misuse, match=r"rests for nan s: .* a rest above 0"):
        CircuitBreaker(rest_s=float("nan"))
    with pytest.raises(
        Misuse, match=r"forced 'ajar': force it 'open' or 'closed', or free it \(None\)"
    ):
        CircuitBreaker().force("ajar")  # type: ignore[arg-type]
