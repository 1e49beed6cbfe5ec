"""No training label reaches into a test block."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.core import Dataset
from tradewind.core.errors import BadTable, Misuse
from tradewind.evaluation.splits import PurgedFolds, PurgedWalkForward, later_part, purged

START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def dataset(days: int, horizons: list[int] | int = 3) -> Dataset:
    spans = [horizons] * days if isinstance(horizons, int) else horizons
    rows = {
        "decided_at": [START + DAY * i for i in range(days)],
        "resolved_at": [START + DAY * (i + spans[i]) for i in range(days)],
        "symbol": ["A"] * days,
        "y": [0.0] * days,
    }
    return Dataset(pl.DataFrame(rows, schema_overrides={"symbol": pl.Enum(["A"])}), (), "y")


def test_the_known_answer_of_twenty_rows_in_four_folds() -> None:
    decided = np.arange(20)
    first = purged(decided, decided + 3, np.arange(5), embargo=2)
    second = purged(decided, decided + 3, np.arange(5, 10), embargo=2)
    assert first.tolist() == list(range(9, 20))
    assert second.tolist() == [0, 1, 2, *range(14, 20)]


def test_folds_count_the_embargo_from_the_end_of_the_last_label() -> None:
    splits = list(PurgedFolds(4, embargo=2 * DAY).split(dataset(20)))
    assert [train.tolist() for train, _ in splits][:2] == [
        list(range(9, 20)),
        [0, 1, 2, *range(14, 20)],
    ]


@given(st.lists(st.integers(1, 9), min_size=40, max_size=40))
def test_walk_forward_never_trains_on_what_was_not_resolved(horizons: list[int]) -> None:
    rows = dataset(40, horizons)
    decided, resolved = rows.spans()
    for train, test in PurgedWalkForward(folds=3).split(rows):
        assert len(train)
        assert resolved[train].max() <= decided[test].min()


def test_walk_forward_tests_every_moment_after_the_warm_up_once() -> None:
    tested = np.concatenate([test for _, test in PurgedWalkForward(3, 0.4).split(dataset(40))])
    assert tested.tolist() == list(range(16, 40))


def test_the_part_that_calibrates_lies_after_the_labels_of_the_part_that_learns() -> None:
    rows = dataset(40)
    learn, calibrate = later_part(rows, np.arange(30), 0.25)
    decided, resolved = rows.spans()
    assert resolved[learn].max() <= decided[calibrate].min()
    assert calibrate.tolist() == list(range(22, 30))


@pytest.mark.parametrize(("folds", "warm_up"), [(0, 0.4), (3, 0.0), (3, 1.0)])
def test_a_walk_forward_that_cannot_be_is_refused(folds: int, warm_up: float) -> None:
    with pytest.raises(Misuse, match="use at least one fold, and a share between 0 and 1"):
        PurgedWalkForward(folds, warm_up)


def test_too_short_a_history_is_refused() -> None:
    with pytest.raises(Misuse, match="2 moments are too few for 4 folds"):
        list(PurgedWalkForward().split(dataset(2)))


def test_rows_without_an_outcome_cannot_be_split() -> None:
    rows = dataset(5)
    open_end = Dataset(
        rows.table.with_columns(resolved_at=pl.lit(None, dtype=pl.Datetime("us", "UTC"))), (), "y"
    )
    with pytest.raises(BadTable, match="some rows are not resolved"):
        next(PurgedFolds(2).split(open_end))
