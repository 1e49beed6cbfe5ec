"""Two answers differ where a value does, by more than its column allows, or where a row is missing."""

import polars as pl
import pytest

from tradewind.evaluation.causality.comparing import ROWS, changes, unequal
from tradewind.evaluation.causality.subject import Answer, Claim, keyed


def answer(values: dict[int, float]) -> Answer:
    at = pl.Series([*values], dtype=pl.Int64)
    return Answer(
        keyed(pl.Series(["A"] * len(at)), at, at), pl.DataFrame({"x": [*values.values()]})
    )


def exact(column: str) -> Claim:
    return Claim()


def test_rows_are_matched_by_their_key_whatever_their_order() -> None:
    assert not changes(answer({2: 4.0, 1: 3.0}), answer({1: 3.0, 2: 4.0}), exact)


def test_a_row_that_one_of_them_lacks_is_told_unless_only_common_rows_count() -> None:
    one, other = answer({1: 3.0}), answer({1: 3.0, 2: 4.0})
    assert changes(one, other, exact)[ROWS]["at"].to_list() == [2]
    assert not changes(one, other, exact, of_common_rows=True)


def test_a_column_that_one_of_them_lacks_differs_where_it_has_a_value() -> None:
    other = answer({1: 3.0, 2: 4.0})
    one = Answer(other.keys, pl.DataFrame({"y": [None, 1.0]}))
    assert {name: len(keys) for name, keys in changes(one, other, exact).items()} == {
        "x": 2,
        "y": 1,
    }


@pytest.mark.parametrize(
    ("one", "other", "tolerance", "differs"),
    [
        (1.0, 1.0 + 2e-16, 0.0, True),
        (1.0, 1.0 + 2e-16, 1e-9, False),
        (1e-17, 0.0, 1e-9, False),  # beside values of usual size, cancellation is no change
        (1.0, 1.0001, 1e-9, True),
        (float("inf"), float("inf"), 0.0, False),
        (float("inf"), 1.0, 1e-9, True),
        (float("nan"), None, 0.0, False),
        (float("nan"), 1.0, 1e-9, True),
    ],
)
def test_numbers_differ_by_more_than_the_tolerance_of_what_is_usual(
    one: float, other: float | None, tolerance: float, differs: bool
) -> None:
    usual = [2.0, 3.0, 4.0]
    found = unequal(
        pl.Series([one, *usual]), pl.Series([other, *usual], dtype=pl.Float64), tolerance
    )
    assert found.tolist() == [differs, False, False, False]


def test_text_differs_from_other_text_and_from_nothing() -> None:
    assert unequal(pl.Series(["a", None, "b"]), pl.Series(["a", None, None]), 0.0).tolist() == [
        False, False, True,
    ]  # fmt: skip
