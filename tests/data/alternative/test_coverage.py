"""Coverage is counted on the rows that are decided, and says what was too old."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from tradewind.core import Dataset, Panel
from tradewind.core.joining import Side, joined
from tradewind.core.tables import UTC_TIME
from tradewind.data.alternative.coverage import Coverage, coverage

START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def covered(observed: Panel) -> Coverage:
    """Two symbols over ten days, and a source of one of them that is believed for two days."""
    keys = [(START + DAY * day, symbol) for day in range(10) for symbol in ("A", "B")]
    schema = {"decided_at": UTC_TIME, "symbol": pl.Enum(["A", "B"])}
    rows = Dataset(pl.DataFrame(keys, schema=schema, orient="row"), ())
    side = Side("news", ("mood",), stale_after=2 * DAY)
    return coverage(joined(rows, observed, side), {"news": observed}, (side,))


def panel() -> Panel:
    table = pl.DataFrame({"timestamp": [START + DAY], "symbol": "A", "mood": 1.0})
    return Panel.from_frame(table, calendar="24/7", stamps="end")


def test_shares_and_ages_are_of_the_rows() -> None:
    [row] = covered(panel()).to_dict()
    assert row == {
        "source": "news",
        "column": "mood",
        "rows": 20,
        "covered": 3 / 20,
        "stale": 6 / 20,
        "median_age_days": 1.0,
        "p95_age_days": pytest.approx(1.9),
        "symbols": 1,
        "first": "2024-01-02T00:00:00.000000+00:00",
        "last": "2024-01-02T00:00:00.000000+00:00",
    }


def test_it_is_told_in_a_line_and_is_no_warning() -> None:
    [found] = covered(panel()).findings
    assert str(found) == (
        "info alternative.coverage in news.mood: 15% of 20 rows have a value, 1.0 days old in the "
        "median and 1.9 in one of twenty, for 1 symbols; 30.0% had one that was too old "
        "(remedy: give the history that lacks)"
    )


def test_a_source_that_reaches_no_row_says_so() -> None:
    nothing = Panel(panel().table.clear())
    [found] = covered(nothing).findings
    assert found.detail == "0% of 20 rows have a value"
