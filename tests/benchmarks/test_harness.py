"""The harness measures what it says: pairs in random order, one fresh process a measurement."""

import random
from dataclasses import replace

import pytest

from benchmarks import harness
from benchmarks.__main__ import NotMeasured, ask_child
from benchmarks.bars import revised_bars
from benchmarks.cases import CASES, as_of
from benchmarks.harness import Case, measure, own_peak_mb
from tradewind.core import Panel


def recorded(calls: list[str]) -> Case:
    """A case that writes down who was called."""
    return Case(
        name="recorded",
        what="append a word",
        prepare=lambda size: calls,
        run=lambda given: given.append("ours"),
        reference=lambda given: given.append("reference"),
        reference_is="the same",
    )


def test_ours_and_the_reference_alternate_in_pairs_of_random_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(harness.gc, "collect", int)  # a hundred times over all that tests keep
    calls: list[str] = []
    pairs = measure(recorded(calls), 1, float("inf"), random.Random(7))
    timed = calls[2:]
    orders = {tuple(timed[at : at + 2]) for at in range(0, len(timed), 2)}
    assert orders == {("ours", "reference"), ("reference", "ours")}
    assert len(pairs) == len(timed) / 2 == harness.MOST


def test_one_run_of_each_is_not_timed() -> None:
    calls: list[str] = []
    pairs = measure(recorded(calls), 1, 0.0, random.Random(7))
    assert calls[:2] == ["ours", "reference"]
    assert len(pairs) == harness.LEAST


def test_time_goes_to_whom_it_belongs() -> None:
    busy = replace(recorded([]), run=lambda given: sum(range(2_000_000)))
    ours, reference = measure(busy, 1, 0.0, random.Random(7))[0]
    assert ours.cpu_s > 10 * reference.cpu_s


def test_a_fresh_process_does_not_inherit_the_peak_of_the_one_that_asked() -> None:
    held = bytearray(400_000_000)
    told = ask_child(CASES["panel_sorted"], 1, 0)
    assert own_peak_mb() > len(held) / 1e6
    assert 10 < told["prepared_mb"] <= told["peak_mb"] < 300


def test_a_case_that_fails_says_its_last_line() -> None:
    with pytest.raises(NotMeasured, match="KeyError: 'unheard of'"):
        ask_child(replace(recorded([]), name="unheard of"), 1, 0)


@pytest.mark.parametrize("case", [case for case in CASES.values() if case.dial])
def test_sizes_are_one_four_and_sixteen_fold(case: Case) -> None:
    first = case.sizes[0]
    assert [round(size / first) for size in case.sizes] == [1, 4, 16]


def test_the_reference_of_as_of_answers_the_same_question() -> None:
    panel = Panel(revised_bars(3, as_of.DAYS))
    assert panel.revised == 3 * as_of.DAYS // 20
    assert as_of.first_question(panel).equals(as_of.unique(panel))
