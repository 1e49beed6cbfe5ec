"""A file is read in panels of bounded size, or is refused with what is wrong with it."""

import gzip
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from tradewind.core.errors import BadStamp, BadTable
from tradewind.data.sources.battery import check_source
from tradewind.data.sources.csv_blocks import as_numbers
from tradewind.data.sources.files import FileSource
from tradewind.data.sources.stamping import Stamping
from tradewind.data.synthetic import make_market
from tradewind.data.writing import Layout, write_market

MARKET = make_market("crypto", 4, 60, "1d", 7, ["revisions"])
MINUTE = timedelta(minutes=1)


def rows_of(source: FileSource) -> pl.DataFrame:
    panels = [panel.table.with_columns(pl.col("symbol").cast(pl.String)) for panel in source.read()]
    return pl.concat(panels).sort("symbol", "timestamp", "known_at")


@pytest.mark.parametrize("layout", ["csv", "parquet"])
@pytest.mark.parametrize("batch_rows", [7, 100_000])
def test_a_file_reads_the_same_in_batches_of_any_size(
    layout: Layout, batch_rows: int, tmp_path: Path
) -> None:
    (file,) = write_market(MARKET, tmp_path / f"bars.{layout}", layout)
    source = FileSource(file, Stamping(calendar="24/7"), batch_rows=batch_rows)
    want = MARKET.panel.table.with_columns(pl.col("symbol").cast(pl.String))
    got = rows_of(source).select(want.columns)
    if layout == "csv":
        got = got.cast(dict(want.schema))  # text does not say that a count is an integer
    assert got.equals(want)
    assert check_source(source) == ()


def test_small_batches_really_are_several(tmp_path: Path) -> None:
    (file,) = write_market(MARKET, tmp_path / "bars.parquet", "parquet")
    panels = list(FileSource(file, Stamping(calendar="24/7"), batch_rows=50).read())
    assert len(panels) > 3
    assert max(map(len, panels)) <= 100


READER = """
import resource, sys
from pathlib import Path
from tradewind.data.sources.files import FileSource
from tradewind.data.sources.stamping import Stamping
source = FileSource(Path(sys.argv[1]), Stamping("end", "24/7", tz="UTC"))
print(sum(len(panel) for panel in source.read()))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.slow  # writes and reads half a gigabyte
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_ten_million_rows_are_read_in_less_than_two_gigabytes(suffix: str, tmp_path: Path) -> None:
    minutes = pl.datetime_range(
        pl.datetime(2000, 1, 1), pl.datetime(2000, 1, 1) + 99_999 * MINUTE, "1m", eager=True
    )
    bars = pl.DataFrame({"timestamp": minutes}).join(
        pl.DataFrame({"symbol": [f"S{number:03}" for number in range(100)]}), how="cross"
    )
    bars = bars.with_columns(close=pl.int_range(pl.len()) / 7, volume=pl.int_range(pl.len()))
    file = tmp_path / f"bars.{suffix}"
    bars.write_csv(file) if suffix == "csv" else bars.write_parquet(file)
    done = subprocess.run(
        [sys.executable, "-c", READER, str(file)], capture_output=True, text=True, check=True
    )
    rows, peak_mb = map(int, done.stdout.split())
    assert rows == 10_000_000
    assert peak_mb < 2_000


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_wide_file_has_a_symbol_in_each_column(suffix: str, tmp_path: Path) -> None:
    wide = pl.DataFrame({"Date": ["2024-01-02", "2024-01-03"], "A": [1.0, 2.0], "B": [3.0, None]})
    file = tmp_path / f"wide.{suffix}"
    wide.write_csv(file) if suffix == "csv" else wide.write_parquet(file)
    assert rows_of(FileSource(file, Stamping("session")))["close"].to_list() == [1.0, 2.0, 3.0]


def test_the_names_people_have_are_understood(tmp_path: Path) -> None:
    file = tmp_path / "yahoo.csv"
    file.write_text("Date,Ticker,Open,High,Low,Last,Adj Close,Vol\n20240102,A,1,2,1,2,2,10\n")
    [panel] = FileSource(file, Stamping("session")).read()
    assert panel.columns == ("open", "high", "low", "close", "adj_close", "volume")


def test_a_column_that_turns_to_text_midway_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "turns.csv"
    lines = [f"2024-01-{day:02},A,{'1' if day < 29 else 'new'}" for day in range(2, 30)]
    file.write_text("date,symbol,rating\n" + "\n".join(lines) + "\n")
    with pytest.raises(
        BadTable, match=r"'rating' of turns\.csv holds numbers first and later 'new'"
    ):
        list(FileSource(file, Stamping("session", "24/7"), batch_rows=10).read())


def test_dates_that_gain_hours_midway_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "gains.csv"
    days = [f"2024-01-{day:02}T00:00:00Z,A,1" for day in range(2, 25)]
    file.write_text("time,symbol,close\n" + "\n".join([*days, "2024-01-25T15:30:00Z,A,1"]) + "\n")
    with pytest.raises(BadStamp, match="is stamped by session, and has stamps with hours"):
        list(FileSource(file, Stamping(calendar="24/7"), batch_rows=10).read())


def test_the_last_bars_of_a_file_at_midnight_do_not_become_dates(tmp_path: Path) -> None:
    file = tmp_path / "midnight.csv"
    times = pl.datetime_range(
        pl.datetime(2024, 1, 1, 12), pl.datetime(2024, 1, 2), "1h", eager=True
    )
    rows = pl.DataFrame({"time": times, "symbol": "A", "close": 1.0})
    rows.with_columns(known_at=pl.col("time") + MINUTE).write_csv(file)
    source = FileSource(file, Stamping(calendar="24/7", tz="UTC"), batch_rows=12)
    assert [panel.moments[-1].hour for panel in source.read()][-1] == 0
    assert rows_of(source)["timestamp"].dt.date().max() == times.dt.date().max()


def test_numbers_with_blanks_are_numbers_and_words_are_not() -> None:
    blanks = as_numbers(pl.Series(["1e5", " 2.5", "NA", "-", "", None]))
    assert blanks is not None
    assert blanks.to_list() == [1e5, 2.5, None, None, None, None]
    assert as_numbers(pl.Series(["1", "two"])) is None


def test_a_line_end_inside_quotes_ends_no_row(tmp_path: Path) -> None:
    file = tmp_path / "notes.csv"
    row = '2024-01-{day:02},A,{day},"first ""line"", and\nsecond"\n'
    file.write_text("date,symbol,close,note\n" + "".join(row.format(day=d) for d in range(2, 30)))
    rows = rows_of(FileSource(file, Stamping("session", "24/7"), batch_rows=3))
    assert rows["close"].to_list() == list(range(2, 30))
    assert rows["note"].unique().to_list() == ['first "line", and\nsecond']


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_file_torn_in_the_middle_does_not_look_whole(suffix: str, tmp_path: Path) -> None:
    days = pl.date_range(pl.date(2000, 1, 1), pl.date(2020, 1, 1), eager=True)
    bars = pl.DataFrame(
        {"date": days, "symbol": "A", "close": pl.arange(len(days), eager=True) / 7}
    )
    file = tmp_path / f"torn.{suffix}"
    if suffix == "csv":
        bars.write_csv(file)
        file.write_bytes(file.read_bytes()[:90_000] + b"\n2020-01-01,A,1,1,1\n")
    else:
        bars.write_parquet(file, row_group_size=500, compression="uncompressed")
        whole = file.read_bytes()
        file.write_bytes(whole[:40_000] + bytes(20_000) + whole[60_000:])
    with pytest.raises(BadTable, match=r"torn\.\w+ cannot be read as"):
        list(FileSource(file, Stamping("session", "24/7"), batch_rows=500).read())


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("what.xlsx", b"x", "is no CSV or Parquet file: give a file that ends in"),
        ("empty.csv", b"", r"empty\.csv is empty: give it a header and at least one row"),
        (
            "header.csv",
            b"date,symbol,close\n",
            r"header\.csv: the table is empty: give it at least",
        ),
        ("torn.parquet", b"PAR1 not really", r"torn\.parquet cannot be read as parquet: .*repair"),
        (
            "bytes.csv",
            b"date,symbol,close\n2024-01-02,\xff\xfe,1\n",
            r"bytes\.csv cannot be read as",
        ),
        (
            "ragged.csv",
            b"date,symbol,close\n2024-01-02,A,1,2,3\n",
            r"ragged\.csv cannot be read as",
        ),
        (
            "again.csv",
            b"date,symbol,close,close\n2024-01-02,A,1,2\n",
            r"again\.csv has two columns 'close': drop or rename one of them",
        ),
        (
            "capital.csv",
            b"date,symbol,close,Close\n2024-01-02,A,1,2\n",
            "columns 'close' and 'Close' differ in how they are written alone: drop or rename",
        ),
        (
            "nul.csv",
            b"date,symbol,close\n2024-01-02,A\x00B,1\n",
            r"the symbol 'A\\x00B' holds a control character: write it without",
        ),
        ("twins.csv", b"date,time,symbol,close\n2024-01-02,9,A,1\n", "both mean 'timestamp'"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(
    name: str, content: bytes, message: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadTable, match=message):
        list(FileSource(tmp_path / name, Stamping("session")).read())


def test_two_unnamed_columns_are_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "bars.csv").write_bytes(b"date,symbol,close,,\n2024-01-02,A,1,,\n")
    assert len(rows_of(FileSource(tmp_path / "bars.csv", Stamping("session")))) == 1


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "0001-01-01T00:00:00Z"])
def test_a_day_that_is_centuries_away_is_refused_by_its_year(tmp_path: Path, day: str) -> None:
    (tmp_path / "bars.csv").write_text(f"date,symbol,close\n{day},A,1\n")
    message = f"row 0 of bars.csv has no timestamp \\('{day}' is not of the years 1700 to 2200\\)"
    with pytest.raises(BadStamp, match=message):
        list(FileSource(tmp_path / "bars.csv", Stamping(calendar="24/7")).read())


def test_a_file_that_is_not_there_is_refused_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text("x")
    with pytest.raises(
        BadTable, match=r"there is no file .*price\.csv: did you mean 'prices\.csv'"
    ):
        FileSource(tmp_path / "price.csv", Stamping("session")).parts()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"date;symbol;close\n2024-01-02;A;1,5\n", "is separated by semicolons: write it"),
        (b"date\tclose\n2024-01-02\t1\n", "is separated by tabs: write it with commas"),
        ("date,close\n2024-01-02,1\n".encode("utf-16"), "is UTF-16: save it as UTF-8"),
        (gzip.compress(b"date,close\n2024-01-02,1\n", mtime=0), "is compressed by gzip: unpack it"),
        (b"PK\x03\x04 and so on", "is a zip archive, or a spreadsheet: unpack it, or save"),
    ],
)
def test_what_is_no_plain_csv_is_told_as_what_it_is(
    tmp_path: Path, content: bytes, message: str
) -> None:
    file = tmp_path / "bars.csv"
    file.write_bytes(content)
    with pytest.raises(BadTable, match=message):
        list(FileSource(file, Stamping(stamps="session")).read())
