"""What no panel can hold is set aside with its reason, or refused; it is never dropped."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core.errors import BadTable
from tradewind.data.sources.files import FileSource
from tradewind.data.sources.frames import FrameSource
from tradewind.data.sources.stamping import Stamping

HEADER = "date,symbol,close,known_at\n"
GOOD = "2024-01-02,A,1,2024-01-03T00:00Z\n2024-01-03,A,2,2024-01-04T00:00Z\n"


@pytest.mark.parametrize(
    ("line", "check", "reason"),
    [
        ("soon,A,1,2024-01-05T00:00Z\n", "row.timestamp", "its timestamp cannot be read"),
        ("2024-01-04,,1,2024-01-05T00:00Z\n", "row.symbol", "it has no symbol"),
        ("9999-12-31,A,1,2024-01-05T00:00Z\n", "row.timestamp", "its timestamp cannot be read"),
        (
            "2024-01-04,A\x07,1,2024-01-05T00:00Z\n",
            "row.symbol",
            "its symbol holds a control character",
        ),
        ("2024-01-04,A,cheap,2024-01-05T00:00Z\n", "row.close", "its close 'cheap' is no number"),
        ("2024-01-04,A,inf,2024-01-05T00:00Z\n", "row.infinite", "a value is infinite"),
        ("2024-01-04,A,1,2024-01-01T00:00Z\n", "row.early", "it was known before it was complete"),
    ],
)
@pytest.mark.parametrize("batch_rows", [1, 1000])
def test_a_row_that_no_panel_can_hold_is_set_aside_with_its_reason(
    line: str, check: str, reason: str, batch_rows: int, tmp_path: Path
) -> None:
    file = tmp_path / "bars.csv"
    file.write_text(HEADER + GOOD + line)
    kept: list[pl.DataFrame] = []
    source = FileSource(file, Stamping("session"), batch_rows=batch_rows, aside=kept.append)
    assert sum(len(panel) for panel in source.read()) == 2
    [rows] = kept
    assert rows.select("check", "reason").rows() == [(check, reason)]


def test_without_somebody_to_hand_it_to_such_a_row_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bars.csv"
    file.write_text(HEADER + GOOD + "2024-01-04,A,inf,2024-01-05T00:00Z\n")
    with pytest.raises(BadTable, match="column 'close' of a Panel is inf for A at 2024-01-04"):
        list(FileSource(file, Stamping("session")).read())


def test_two_rows_that_differ_under_one_key_are_both_set_aside() -> None:
    rows = pl.DataFrame({"date": ["2024-01-02"] * 2 + ["2024-01-03"], "symbol": "A"})
    rows = rows.with_columns(close=pl.Series([1.0, 2.0, 3.0]))
    kept: list[pl.DataFrame] = []
    [panel] = FrameSource(rows, Stamping("session"), aside=kept.append).read()
    assert panel.table["close"].to_list() == [3.0]
    assert kept[0]["close"].to_list() == [1.0, 2.0]
    assert panel.findings[-1].check == "source.aside"
    with pytest.raises(BadTable, match="1 rows of a Panel repeat a key"):
        list(FrameSource(rows, Stamping("session")).read())


def test_a_row_that_comes_again_the_same_is_one_row_and_is_told() -> None:
    rows = pl.DataFrame({"date": ["2024-01-02"] * 3, "symbol": "A", "close": 1.0})
    [panel] = FrameSource(rows, Stamping("session")).read()
    assert len(panel) == 1
    assert "2 rows came again, the same in everything" in panel.findings[-1].detail


VALUES = st.sampled_from(["1", "2.5", "", "inf", "-inf", "nan", "cheap", "1e400"])
DATES = st.sampled_from(["2024-01-02", "2024-01-03", "2024-01-04", "never", ""])


@settings(max_examples=60)
@given(st.lists(st.tuples(DATES, st.sampled_from(["A", "B", ""]), VALUES), min_size=1, max_size=12))
def test_no_row_is_lost(cells: list[tuple[str, str, str]]) -> None:
    rows = pl.DataFrame(cells, schema=["date", "symbol", "close"], orient="row")
    rows = rows.with_columns(pl.all().replace("", None), row=pl.arange(len(rows)))
    kept: list[pl.DataFrame] = []
    panels = list(FrameSource(rows, Stamping("session"), aside=kept.append).read())
    told = [row for part in [*kept, *(panel.table for panel in panels)] for row in part["row"]]
    assert sorted(told) == list(range(len(rows)))
