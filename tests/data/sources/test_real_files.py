"""Real files with real faults: read by what they declare, or refused for what they do not."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from tradewind.core.errors import BadStamp, BadTable, Misuse, TradewindError
from tradewind.data.sources.files import FileSource
from tradewind.data.sources.frames import FrameSource
from tradewind.data.sources.stamping import Stamping

MINUTE = timedelta(minutes=1)
DAYS = Stamping("session")


def read(file: Path, stamping: Stamping, table: str = "bars") -> pl.DataFrame:
    panels = FileSource(file, stamping, table).read()
    return pl.concat([panel.table.cast({"symbol": pl.String}) for panel in panels])


def test_an_hourly_file_with_an_unstated_clock_is_refused(shared: Path) -> None:
    hours = pl.read_parquet(shared / "data/intraday/fx_1h.parquet")
    hours = hours.rename({"timestamp_naive": "timestamp"})
    with pytest.raises(BadStamp, match="timestamps such as 2012-11-16 10:00:00 have no time zone"):
        list(FrameSource(hours, Stamping("end", "24/5")).read())


def test_minutes_stamped_at_their_start_are_complete_a_minute_later(shared: Path) -> None:
    rows = read(shared / "data/intraday/btcusd_1m.parquet", Stamping("start", "24/7", MINUTE))
    assert len(rows) == 1_058_220
    assert rows["timestamp"][0].isoformat() == "2016-01-01T00:01:00+00:00"


def test_minutes_stamped_at_their_end_stay(shared: Path) -> None:
    rows = read(shared / "data/intraday/spy_1m.parquet", Stamping("end"))
    assert rows["timestamp"][0].isoformat() == "2011-01-03T09:01:00+00:00"


def test_minutes_that_declare_nothing_are_refused(shared: Path) -> None:
    with pytest.raises(BadStamp, match="does not say whether its stamps"):
        read(shared / "data/intraday/spy_1m.parquet", Stamping())


@pytest.mark.parametrize(
    ("file", "rows"),
    [
        ("equity_daily_us", 323_720),
        ("equity_daily_us_adjusted", 63_228),
        ("equity_daily_us_long_close", 95_270),
        ("etf_equity_daily_unadjusted", 40_419),
    ],
)
def test_daily_bars_at_midnight_are_complete_at_the_close(
    file: str, rows: int, shared: Path
) -> None:
    read_rows = read(shared / f"data/equities/{file}.parquet", DAYS)
    assert len(read_rows) == rows
    assert read_rows["timestamp"].dt.hour().min() >= 17  # type: ignore[operator]


@pytest.mark.parametrize(
    ("file", "calendar"), [("macro/macro_monthly", "month+45d"), ("markets/rates", "24/7")]
)
def test_series_are_observations(file: str, calendar: str, shared: Path) -> None:
    rows = read(shared / f"data/{file}.parquet", Stamping("session", calendar), "observations")
    lag = timedelta(days=45 if calendar == "month+45d" else 0)
    assert (rows["known_at"] - rows["timestamp"]).unique().to_list() == [lag]


def test_vintages_keep_each_version_and_hand_over_what_contradicts_itself(shared: Path) -> None:
    file = shared / "data/equities/equity_daily_vintages.parquet"
    with pytest.raises(BadTable, match="3 rows of a Panel repeat a key"):
        read(file, DAYS)
    kept: list[pl.DataFrame] = []
    [panel] = FileSource(file, DAYS, aside=kept.append).read()
    assert [rows["check"][0] for rows in kept] == ["row.key"]
    assert sum(map(len, kept)) == 6
    assert [one.detail[:5] for one in panel.findings if one.check == "source.repeated"] == ["1,539"]
    assert panel.revised > 0


def test_every_broken_parquet_file_gives_one_typed_error_or_no_bars(shared: Path) -> None:
    told: dict[str, TradewindError] = {}
    for file in sorted((shared / "vectors/parquet_bad").glob("*.parquet")):
        with pytest.raises(Misuse) as caught:
            read(file, DAYS)
        told[file.name] = caught.value
    assert len(told) == 8
    assert all(isinstance(error, BadTable) for error in told.values())
    assert sum("cannot be read as parquet" in str(error) for error in told.values()) >= 5
