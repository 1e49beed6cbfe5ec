"""What was heard at a moment stays what was known at it, whatever is heard later."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import Panel
from tradewind.data.sources.answers import Answer
from tradewind.data.sources.seen import as_seen

FIRST = datetime(2024, 1, 1, tzinfo=UTC)


def panel_of(payload: Any) -> Panel:
    rows = pl.DataFrame({"day": [*payload], "value": [float(one) for one in payload.values()]})
    dates = rows.select(
        date=pl.lit(FIRST.date()) + pl.duration(days=pl.col("day").cast(pl.Int64)),
        symbol=pl.lit("A"),
        value="value",
    )
    return Panel.from_frame(dates, calendar="24/7")


def answers(told: list[dict[int, int]]) -> list[Answer]:
    """One answer every two days, in the middle of the day."""
    return [
        Answer(FIRST + timedelta(days=2 * number + 2.5), json.dumps({0: 1} | values).encode())
        for number, values in enumerate(told)
    ]


VALUES = st.dictionaries(st.integers(1, 12), st.integers(1, 3), max_size=8)


@settings(max_examples=80)
@given(st.lists(VALUES, min_size=2, max_size=5))
def test_later_answers_do_not_change_what_was_known_before(told: list[dict[int, int]]) -> None:
    heard = answers(told)
    whole = as_seen(heard, panel_of)
    for number, answer in enumerate(heard, 1):
        assert whole.until(answer.at) == as_seen(heard[:number], panel_of)


@settings(max_examples=40)
@given(st.lists(VALUES, min_size=1, max_size=5))
def test_the_latest_answer_is_what_is_believed_after_it(told: list[dict[int, int]]) -> None:
    heard = answers(told)
    last = panel_of(heard[-1].payload).table.filter(pl.col("timestamp") <= heard[-1].at)
    believed = as_seen(heard, panel_of).as_of(heard[-1].at).table
    assert last.select("timestamp", "value").rows() == [
        row
        for row in believed.select("timestamp", "value").rows()
        if row[0] in set(last["timestamp"])
    ]


def test_the_same_answer_twice_says_nothing_new() -> None:
    heard = answers([{1: 1}, {1: 1}])
    assert as_seen(heard, panel_of) == as_seen(heard[:1], panel_of)


def test_older_history_that_comes_later_is_known_as_it_was_published() -> None:
    short = Answer(FIRST + timedelta(days=5), b'{"3": 1}')
    full = Answer(FIRST + timedelta(days=6), b'{"1": 1, "3": 1}')
    rows = as_seen([short, full], panel_of).table
    assert rows["known_at"].to_list() == [FIRST + timedelta(days=2), FIRST + timedelta(days=4)]
