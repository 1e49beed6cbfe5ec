"""A join as of each decision: the newest period that was known then, as it was known then."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tradewind.core import Dataset, Panel, stream
from tradewind.core.errors import BadTable, Misuse
from tradewind.core.joining import WHOLE_MARKET, Side, joined
from tradewind.core.tables import UTC_TIME

START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SYMBOLS = ("A", "B", "C")


def observed(rows: list[tuple[str, int, int, float]]) -> Panel:
    """(symbol, day it is of, day it was known, value) as a panel."""
    columns = ["symbol", "timestamp", "known_at", "value"]
    table = pl.DataFrame(rows, schema=columns, orient="row").with_columns(
        (pl.lit(START) + pl.duration(days=name)).alias(name) for name in ("timestamp", "known_at")
    )
    return Panel.from_frame(table, calendar="24/7", stamps="end")


def disorderly(seed: int = 3) -> Panel:
    """Observations that come late, out of order, and some of them twice."""
    rng = stream(seed, "late")
    rows = []
    for symbol in SYMBOLS:
        for day in range(0, 200, 3):
            known = day + int(rng.integers(0, 12))
            rows.append((symbol, day, known, float(rng.normal())))
            if rng.random() < 0.2:
                rows.append((symbol, day, known + int(rng.integers(1, 40)), float(rng.normal())))
    return observed(rows)


def decisions(days: list[int], symbols: tuple[str, ...] = SYMBOLS) -> Dataset:
    keys = [(START + DAY * day, symbol) for day in days for symbol in symbols]
    schema = {"decided_at": UTC_TIME, "symbol": pl.Enum(symbols)}
    return Dataset(pl.DataFrame(keys, schema=schema, orient="row"), ())


SIDE = Side("news", ("value",))


def test_each_row_reads_the_last_row_of_the_snapshot_of_its_moment() -> None:
    panel = disorderly()
    assert panel.revised > 20
    rows = joined(decisions(list(range(240))), panel, SIDE).table
    compared = 0
    for at, symbol, value, age in rows.iter_rows():
        snapshot = panel.as_of(at).table.filter(pl.col("symbol") == symbol)
        assert value == (snapshot["value"][-1] if len(snapshot) else None)
        assert age == ((at - snapshot["timestamp"][-1]) / DAY if len(snapshot) else None)
        compared += len(snapshot) > 0
    assert compared > 690


def test_a_panel_cut_at_a_moment_answers_as_the_whole_did_then() -> None:
    panel, whole = disorderly(), joined(decisions(list(range(240))), disorderly(), SIDE)
    for day in range(0, 240, 7):
        cut = joined(decisions(list(range(day + 1))), panel.until(START + DAY * day), SIDE)
        assert cut.table.equals(whole.table.head(len(cut)))


def test_news_of_an_older_period_displaces_nothing() -> None:
    amended = observed([("A", 10, 12, 1.0), ("A", 20, 22, 2.0), ("A", 10, 30, 1.5)])
    rows = joined(decisions([12, 22, 29, 30, 40], ("A",)), amended, SIDE)
    assert rows.table["news_value"].to_list() == [1.0, 2.0, 2.0, 2.0, 2.0]


def test_a_correction_of_the_newest_period_counts_from_when_it_was_known() -> None:
    corrected = observed([("A", 10, 12, 1.0), ("A", 10, 30, 1.5)])
    rows = joined(decisions([11, 12, 29, 30], ("A",)), corrected, SIDE)
    assert rows.table["news_value"].to_list() == [None, 1.0, 1.0, 1.5]


def test_of_two_periods_known_at_once_the_newer_is_read() -> None:
    both = observed([("A", 20, 22, 2.0), ("A", 10, 22, 1.0)])
    assert joined(decisions([22], ("A",)), both, SIDE).table["news_value"].to_list() == [2.0]


def test_what_is_of_the_whole_market_is_read_by_every_symbol() -> None:
    rows = joined(decisions([11, 12]), observed([(WHOLE_MARKET, 10, 12, 1.0)]), SIDE)
    assert rows.table["news_value"].to_list() == [None] * 3 + [1.0] * 3


def test_a_symbol_that_nobody_decides_on_is_passed_over() -> None:
    rows = joined(decisions([12]), observed([("B", 10, 11, 1.0), ("Z", 10, 11, 9.0)]), SIDE)
    assert rows.table["news_value"].to_list() == [None, 1.0, None]


def test_what_is_too_old_is_missing_and_its_age_is_told() -> None:
    side = Side("news", ("value",), stale_after=5 * DAY)
    rows = joined(decisions([12, 15, 16], ("A",)), observed([("A", 10, 12, 1.0)]), side)
    assert rows.table["news_value"].to_list() == [1.0, 1.0, None]
    assert rows.table["news_age_days"].to_list() == [2.0, 5.0, 6.0]


def test_a_vector_becomes_a_feature_for_each_of_its_places() -> None:
    plain = observed([("A", 10, 12, 1.0), ("B", 10, 12, 2.0)])
    vectors = pl.Series("mood", [[0.5, 1.5], [2.5, 3.5]], dtype=pl.Array(pl.Float32, 2))
    panel = Panel(plain.table.with_columns(vectors))
    rows = joined(decisions([12]), panel, Side("news", ("mood", "value"), stale_after=9 * DAY))
    assert rows.features == ("news_mood_0", "news_mood_1", "news_value", "news_age_days")
    expected = [[0.5, 1.5, 1.0, 2.0], [2.5, 3.5, 2.0, 2.0], [np.nan] * 4]
    assert np.array_equal(rows.matrix, expected, equal_nan=True)


def test_an_empty_panel_tells_nothing() -> None:
    rows = joined(decisions([12]), Panel(disorderly().table.clear()), SIDE)
    assert rows.table["news_value"].to_list() == [None] * 3


@pytest.mark.parametrize(
    ("side", "message"),
    [
        (Side("news", ("valeu",)), "the panel 'news' has no column 'valeu': did you mean 'value'?"),
        (Side("news", ("word",)), "column 'word' of the panel 'news' is String: join numbers or"),
    ],
)
def test_a_column_that_is_no_number_is_refused_by_name(side: Side, message: str) -> None:
    worded = Panel(disorderly().table.with_columns(word=pl.lit("up")))
    with pytest.raises(BadTable, match=message.replace("?", r"\?")):
        joined(decisions([12]), worded, side)


def test_a_name_that_is_taken_is_refused() -> None:
    once = joined(decisions([12]), disorderly(), SIDE)
    with pytest.raises(BadTable, match="the rows have a column 'news_age_days' already: call the"):
        joined(once, disorderly(), SIDE)


def test_a_side_without_columns_is_refused() -> None:
    with pytest.raises(Misuse, match="no column of 'news' is joined: name at least one"):
        Side("news", ())
