"""Which bars regimes are told of: each as it was first known, none out of its turn."""

from datetime import UTC, datetime, timedelta

import polars as pl

from tradewind.core.tables import UTC_TIME
from tradewind.pipelines.regimes.rows import Rows, first_known, of_whole_moments

FIRST = datetime(2024, 1, 1, tzinfo=UTC)


def table(*bars: tuple[str, int, int, float]) -> pl.DataFrame:
    """(symbol, day, day on which it was known, value), in the order of a panel."""
    rows = [
        (name, FIRST + timedelta(days=day), FIRST + timedelta(days=known), value)
        for name, day, known, value in bars
    ]
    schema = {
        "symbol": pl.Enum(["A", "B"]),
        "timestamp": UTC_TIME,
        "known_at": UTC_TIME,
        "x": pl.Float64,
    }
    made = pl.DataFrame(rows, schema=schema, orient="row")  # type: ignore[arg-type]
    session = pl.col("timestamp").dt.date().alias("session")
    return made.with_columns(session).sort("symbol", "timestamp", "known_at")


def values(rows: Rows) -> list[float]:
    return rows.table["x"].to_list()


def test_a_bar_is_what_it_was_when_it_was_first_known() -> None:
    assert values(
        first_known([table(("A", 1, 1, 1.0), ("A", 1, 4, 9.0), ("A", 2, 2, 2.0))], ["x"])
    ) == [1, 2]


def test_a_bar_that_comes_after_a_later_one_of_its_symbol_is_passed_over() -> None:
    late = table(("A", 1, 1, 1.0), ("A", 2, 5, 2.0), ("A", 3, 3, 3.0), ("B", 2, 5, 4.0))
    assert values(first_known([late], ["x"])) == [1.0, 4.0, 3.0]


def test_bars_that_came_together_are_all_told() -> None:
    assert values(first_known([table(("A", 1, 9, 1.0), ("A", 2, 9, 2.0))], ["x"])) == [1.0, 2.0]


def test_a_moment_of_all_is_what_was_known_when_its_first_bar_was() -> None:
    ragged = table(
        ("A", 1, 1, 1.0), ("B", 1, 2, 2.0), ("A", 3, 3, 3.0), ("B", 3, 3, 4.0), ("B", 2, 4, 5.0)
    )
    assert values(of_whole_moments(first_known([ragged], ["x"]))) == [1.0, 3.0, 4.0]


def test_what_another_table_tells_is_known_with_the_later_of_both() -> None:
    other = table(("A", 1, 3, 7.0)).rename({"x": "y"})
    both = first_known([table(("A", 1, 1, 1.0)), other], ["x", "y", "z"])
    assert both.table.select("x", "y", "z").row(0) == (1.0, 7.0, None)
    assert both.table["known_at"][0] == FIRST + timedelta(days=3)
