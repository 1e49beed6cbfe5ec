"""A plan says what would be read, and `since` is the moment up to which all is had."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from tradewind.data.sources.declared import plan
from tradewind.data.sources.files import FileSource
from tradewind.data.sources.frames import FrameSource
from tradewind.data.sources.stamping import Stamping

BARS = pl.DataFrame(
    {
        "date": ["2024-01-02", "2024-01-03", "2024-01-02"],
        "symbol": "A",
        "close": [1.0, 2.0, 1.5],
        "known_at": ["2024-01-02T22:00Z", "2024-01-03T22:00Z", "2024-01-05T12:00Z"],
    }
)


def test_since_brings_what_became_known_later_corrections_of_old_rows_included() -> None:
    [later] = FrameSource(BARS, Stamping()).read(datetime(2024, 1, 4, tzinfo=UTC))
    assert later.table["close"].to_list() == [1.5]


def test_since_the_last_arrival_there_is_nothing() -> None:
    assert list(FrameSource(BARS, Stamping()).read(datetime(2024, 1, 5, 12, tzinfo=UTC))) == []


def test_a_plan_tells_rows_and_bytes_and_the_declaration(tmp_path: Path) -> None:
    file = tmp_path / "bars.parquet"
    BARS.write_parquet(file)
    told = plan(FileSource(file, Stamping("session")))
    assert str(told) == (
        "bars.parquet -> bars: stamps are sessions, complete at the close; sessions of XNYS\n"
        f"  bars.parquet: 3 rows, {file.stat().st_size:,} bytes"
    )
    assert told.to_ask == 1
