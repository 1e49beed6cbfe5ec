"""A panel answers what it knew, refuses what it cannot hold, and comes and goes in any frame."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import Panel, Snapshot, stream
from tradewind.core.errors import BadStamp, BadTable

NEW_YORK_CLOSE = datetime(2024, 1, 2, 21, tzinfo=UTC)
DAYS = [date(2024, 1, 2), date(2024, 1, 3), date(2024, 1, 4)]


def frame(**columns: Any) -> pl.DataFrame:
    return pl.DataFrame({"date": DAYS, "symbol": "ACME", "close": [1.0, 2.0, 3.0], **columns})


def at(*days: int) -> list[datetime]:
    return [datetime(2024, 1, day, 22, tzinfo=UTC) for day in days]


@st.composite
def versions(draw: st.DrawFn) -> pl.DataFrame:
    """Rows of a few symbols and days, each known on some day, some in several versions."""
    keys = st.tuples(st.sampled_from("ABC"), st.integers(1, 9), st.integers(0, 9))
    rows = draw(st.lists(keys, min_size=1, max_size=40, unique=True))
    return pl.DataFrame(
        {
            "symbol": [symbol for symbol, _, _ in rows],
            "timestamp": [datetime(2024, 1, day, tzinfo=UTC) for _, day, _ in rows],
            "known_at": [datetime(2024, 1, day + late, tzinfo=UTC) for _, day, late in rows],
            "close": [float(i) for i in range(len(rows))],
        }
    )


@given(versions(), st.integers(1, 19))
@settings(max_examples=200)
def test_as_of_is_the_last_version_known_by_then(rows: pl.DataFrame, day: int) -> None:
    when = datetime(2024, 1, day, tzinfo=UTC)
    panel = Panel.from_frame(rows, calendar="24/7", stamps="end")
    last: dict[tuple[str, datetime], tuple[datetime, float]] = {}
    for symbol, stamp, known, close in rows.sort("known_at").iter_rows():
        if known <= when:
            last[symbol, stamp] = (known, close)
    found = panel.as_of(when).table
    assert found["close"].to_list() == [last[key][1] for key in sorted(last)]


@given(versions(), st.integers(1, 19), st.integers(1, 19))
@settings(max_examples=100)
def test_a_later_arrival_never_changes_an_earlier_answer(
    rows: pl.DataFrame, day: int, other: int
) -> None:
    early, late = (datetime(2024, 1, d, tzinfo=UTC) for d in sorted((day, other)))
    panel = Panel.from_frame(rows, calendar="24/7", stamps="end")
    assert panel.until(late).as_of(early) == panel.as_of(early)


@given(versions(), st.integers(0, 19))
@settings(max_examples=100)
def test_arrivals_are_the_rows_known_in_between(rows: pl.DataFrame, day: int) -> None:
    panel = Panel.from_frame(rows, calendar="24/7", stamps="end")
    start = datetime(2024, 1, 1, tzinfo=UTC)
    cut, end = start + timedelta(days=day), start + timedelta(days=day + 3)
    known = pl.col("known_at")
    assert panel.arrivals(None, cut).equals(panel.table.filter(known <= cut))
    assert panel.arrivals(cut, end).equals(panel.table.filter((known > cut) & (known <= end)))


def test_a_snapshot_gives_each_symbol_as_one_slice() -> None:
    wide = pl.DataFrame({"date": DAYS, "B": [1.0, None, 3.0], "A": [4.0, 5.0, 6.0]})
    snapshot = Panel.from_frame(wide).as_of(datetime(2024, 2, 1, tzinfo=UTC))
    assert {
        name: snapshot.numpy("close")[rows].tolist() for name, rows in snapshot.segments.items()
    } == {
        "A": [4.0, 5.0, 6.0],
        "B": [1.0, 3.0],
    }


def test_a_snapshot_refuses_a_row_from_after_its_moment() -> None:
    panel = Panel.from_frame(frame())
    with pytest.raises(BadTable, match="holds a row known at 2024-01-04 21:00"):
        Snapshot(panel.table, datetime(2024, 1, 3, tzinfo=UTC))


@pytest.mark.parametrize("kind", ["polars", "lazy", "pandas", "arrow"])
def test_a_panel_comes_back_from_every_frame_it_went_to(kind: str) -> None:
    panel = Panel.from_frame(frame(volume=[10.0, 20.0, 30.0]))
    gone = {
        "polars": lambda: panel.table,
        "lazy": lambda: panel.table.lazy(),
        "pandas": panel.to_pandas,
        "arrow": panel.to_arrow,
    }[kind]()
    assert Panel.from_frame(gone) == panel


def test_long_and_wide_are_the_same_panel() -> None:
    panel = Panel.from_frame(frame())
    assert (
        Panel.from_frame(panel.to_wide().rename({"timestamp": "date"}), stamps="session") == panel
    )


@pytest.mark.parametrize(
    ("stamp", "name", "close"),
    [
        ("Date", "Ticker", "Close"),
        ("date", "tic", "close"),
        ("Datetime", "instrument", "CLOSE"),
        ("ds", "unique_id", "close"),
        ("timestamp", "symbol", "last"),
    ],
)
def test_columns_go_by_the_names_that_people_have(stamp: str, name: str, close: str) -> None:
    named = frame().rename({"date": stamp, "symbol": name, "close": close})
    assert Panel.from_frame(named) == Panel.from_frame(frame())


def test_the_frames_that_yfinance_gives_are_read() -> None:
    index = pd.DatetimeIndex(DAYS, name="Date")
    columns = pd.MultiIndex.from_product(
        [["Close", "Volume"], ["ACME", "WILE"]], names=["Price", "Ticker"]
    )
    table = pd.DataFrame(np.arange(12.0).reshape(3, 4), index, columns)
    panel = Panel.from_frame(table)
    assert panel.symbols == ("ACME", "WILE")
    assert panel.table["close"].to_list() == [0.0, 4.0, 8.0, 1.0, 5.0, 9.0]


def test_dates_are_sessions_complete_at_the_close_even_on_a_half_day() -> None:
    days = pl.DataFrame({"date": [date(2024, 7, 2), date(2024, 7, 3)], "symbol": "A", "close": 1.0})
    panel = Panel.from_frame(days)
    assert [stamp.hour for stamp in panel.moments] == [20, 17]
    assert [finding.check for finding in panel.findings] == ["stamps.session"]


def test_midnights_are_read_as_dates_and_it_is_said() -> None:
    stamps = [datetime(2024, 1, d, tzinfo=UTC) for d in (2, 3, 4)]
    panel = Panel.from_frame(frame().with_columns(date=pl.Series(stamps)))
    assert panel == Panel.from_frame(frame())
    assert "known about a day too early" in str(panel.findings[0])


def test_naive_moments_need_a_zone() -> None:
    stamps = [datetime(2024, 1, d, 16) for d in (2, 3, 4)]
    naive = frame().with_columns(date=pl.Series(stamps))
    with pytest.raises(BadStamp, match="have no time zone: pass tz="):
        Panel.from_frame(naive, stamps="end")
    panel = Panel.from_frame(naive, stamps="end", tz="America/New_York")
    assert panel.moments[0] == NEW_YORK_CLOSE


def test_a_bar_stamped_at_its_start_is_complete_a_bar_later() -> None:
    minutes = frame(time=[datetime(2024, 1, 2, 14, 30 + i, tzinfo=UTC) for i in range(3)]).drop(
        "date"
    )
    panel = Panel.from_frame(minutes, stamps="start", bar=timedelta(minutes=1))
    assert panel.moments[0] == datetime(2024, 1, 2, 14, 31, tzinfo=UTC)
    assert panel.table["session"].unique().to_list() == [DAYS[0]]


def test_weekends_are_refused_on_a_calendar_that_has_none() -> None:
    days = pl.DataFrame(
        {"date": pl.date_range(date(2024, 1, 2), date(2024, 1, 20), eager=True), "symbol": "BTC"}
    ).with_columns(close=1.0)
    with pytest.raises(
        BadStamp, match="weekends, first 2024-01-06, and no sessions of XNYS: declare"
    ):
        Panel.from_frame(days)
    assert Panel.from_frame(days, calendar="24/7").moments[0] == datetime(2024, 1, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (pl.DataFrame({"symbol": [], "date": [], "close": []}), "the table is empty"),
        (pl.DataFrame({"symbol": ["A"], "close": [1.0]}), "no column says when"),
        (pl.DataFrame({"date": ["2024-01-02"], "Close": [1.0], "last": [2.0]}), "both mean 'close'"),
        (pl.DataFrame({"date": ["2024-01-02"], "close": [1.0]}), "no column names the symbol"),
        (frame().with_columns(close=pl.lit(np.inf)), "column 'close' of a Panel is inf for ACME at 2024-01-02 21:00"),
        (pl.concat([frame(), frame()]), r"3 rows of a Panel repeat a key .* first \(ACME, 2024-01-02"),
        (frame().with_columns(close=pl.lit("n/a")), "column 'close' holds String, such as 'n/a'"),
        (frame(known_at=at(2, 1, 4)).with_columns(known_at=pl.col("known_at") - timedelta(days=1)), "known before"),
        (frame().with_columns(symbol=pl.lit(None, dtype=pl.String)), "3 rows have no symbol"),
        (frame().with_columns(date=pl.Series(["2024-01-02", "soon", "2024-01-04"])), "row 1 has no timestamp"),
        (frame().with_columns(date=pl.Series(["01/02/2024"] * 3)), "could be day or month first"),
        (
            frame().with_columns(
                date=pl.Series(["2024-01-02T10:00Z", "2024-01-02T10:00-05:00", "2024-01-03T10:00Z"])
            ),
            r"mix the time zones \+00:00, -05:00",
        ),
        (
            frame().with_columns(date=pl.Series(["2024-01-02T10:00Z", "2024-01-02T10:00", "2024-01-03T10:00Z"])),
            "some timestamps carry an offset and some do not",
        ),
        ([1, 2], "a list is no frame"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_panel_is_refused_with_its_reason(bad: Any, message: str) -> None:
    with pytest.raises((BadTable, BadStamp), match=message):
        Panel.from_frame(bad)


def test_nan_becomes_missing_and_is_never_a_number() -> None:
    panel = Panel.from_frame(frame(x=[1.0, float("nan"), 2.0]))
    assert panel.table["x"].null_count() == 1


def test_rows_in_any_order_make_the_same_panel() -> None:
    rng = stream(1, "shuffle")
    table = pl.concat([frame(), frame().with_columns(symbol=pl.lit("WILE"))])
    assert Panel.from_frame(table[rng.permutation(6)]) == Panel.from_frame(table)


def test_a_table_that_is_not_sorted_is_refused_by_the_constructor() -> None:
    table = Panel.from_frame(frame()).table
    with pytest.raises(
        BadTable, match=r"not sorted by .* first at row 1: sort them, or read them with"
    ):
        Panel(table.reverse())


def test_describe_tells_span_corrections_and_what_is_missing() -> None:
    twice = pl.concat([frame(known_at=at(2, 3, 4)), frame(known_at=at(9, 9, 9))[:1]])
    row = Panel.from_frame(twice).describe().row(0, named=True)
    assert (row["rows"], row["corrections"], row["missing"]) == (4, 1, 0.0)
    assert "1 corrections" in Panel.from_frame(twice)._repr_html_()


def test_a_vector_with_nan_is_refused() -> None:
    vectors = pl.Series(
        [[1.0, 2.0], [float("nan"), 0.0], [0.0, 0.0]], dtype=pl.Array(pl.Float64, 2)
    )
    with pytest.raises(BadTable, match="a vector in 'embedding' of a Panel is not finite"):
        Panel.from_frame(frame(embedding=vectors))


@pytest.mark.parametrize("calendar", ["XTKS", "XNYS", "XLON"])
def test_a_midnight_is_a_date_on_the_clock_that_wrote_it(calendar: str) -> None:
    zone = {"XTKS": "Asia/Tokyo", "XNYS": "America/New_York", "XLON": "Europe/London"}[calendar]
    days = pl.DataFrame({"date": [date(2024, 7, 3)], "symbol": "A", "close": 1.0})
    wide = days.with_columns(date=pl.col("date").cast(pl.Datetime("us")))
    text = days.with_columns(date=pl.lit("2024-07-03T00:00:00+09:00"))
    wanted = Panel.from_frame(days, calendar=calendar)
    aware = wide.with_columns(pl.col("date").dt.replace_time_zone(zone))
    assert Panel.from_frame(aware, calendar=calendar) == wanted
    assert Panel.from_frame(aware, calendar=calendar, stamps="session") == wanted
    assert Panel.from_frame(wide, calendar=calendar, tz=zone) == wanted
    assert Panel.from_frame(text, calendar=calendar) == wanted


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"stamps": "begin"}, "stamps='begin': choose from"),
        ({"stamps": "start"}, "stamps='start' with a bar of None: pass its length"),
        (
            {"stamps": "start", "bar": timedelta(minutes=-5)},
            r"with a bar of -1 day, 23:55:00: pass",
        ),
        (
            {"stamps": "end", "bar": timedelta(minutes=5)},
            "a bar of 0:05:00 was given, and stamps are end",
        ),
        ({"bar": timedelta(minutes=5)}, "stamps are not declared: pass stamps='start'"),
        (
            {"stamps": "start", "bar": timedelta(days=7)},
            "dates such as 2024-01-02 were declared as the start",
        ),
        ({"symbol": "WILE"}, "symbol='WILE' was given for a table that names its own"),
    ],
)
def test_a_declaration_that_cannot_be_followed_is_refused(
    declared: dict[str, Any], message: str
) -> None:
    with pytest.raises((BadStamp, BadTable), match=message):
        Panel.from_frame(frame(), **declared)


def test_rows_without_a_known_at_are_refused_even_where_dates_were_widened() -> None:
    stamps = pl.Series([datetime(2024, 1, d) for d in (2, 3, 4)])
    unknown = frame(known_at=[*at(2, 3), None]).with_columns(date=stamps)
    with pytest.raises(BadStamp, match="row 2 has no known_at"):
        Panel.from_frame(unknown)


@pytest.mark.parametrize("numbers", [[2020, 2021, 2022], [0, 1, 2], [45292, 45293, 45294]])
def test_numbers_that_are_years_rows_or_serial_dates_are_no_moments(numbers: list[int]) -> None:
    with pytest.raises(BadStamp, match="are no moments: give dates as 20240131"):
        Panel.from_frame(frame().with_columns(date=pl.Series(numbers)))


@pytest.mark.parametrize("per_second", [1, 10**3, 10**6, 10**9])
def test_counts_since_1970_are_moments_in_utc(per_second: int) -> None:
    counts = pl.Series([int(stamp.timestamp()) * per_second for stamp in at(2, 3, 4)])
    panel = Panel.from_frame(frame().with_columns(date=counts), stamps="end")
    assert list(panel.moments) == at(2, 3, 4)


def test_weekly_dates_are_read_with_a_warning() -> None:
    weekly = pl.DataFrame(
        {"date": [date(2024, 1, d) for d in (2, 9, 16, 23)], "symbol": "A", "close": 1.0}
    )
    assert "rows are 7 days apart" in str(Panel.from_frame(weekly).findings[0])


def test_a_moment_is_known_to_the_microsecond() -> None:
    odd = [datetime(2005, 6, 1, 12, 0, 0, us, tzinfo=UTC) for us in range(999_900, 1_000_000)]
    rows = pl.DataFrame({"timestamp": odd, "known_at": odd, "symbol": "A", "close": 1.0})
    panel = Panel.from_frame(rows, calendar="24/7")
    assert [len(panel.as_of(stamp)) for stamp in odd] == list(range(1, 101))


def test_text_that_is_never_a_moment_is_refused_by_its_first_row() -> None:
    with pytest.raises(BadStamp, match="row 0 has no timestamp"):
        Panel.from_frame(frame().with_columns(date=pl.Series(["soon", "later", "never"])))


@pytest.mark.parametrize(
    ("column", "hour", "message"),
    [
        (
            "time",
            "2024-03-31 02:30:00",
            "row 0 has no timestamp .* does not exist in Europe/Berlin",
        ),
        ("time", "2024-10-27 02:30:00", "row 0 has no timestamp .* exists twice in Europe/Berlin"),
        (
            "known_at",
            "2024-10-27 02:30:00",
            "row 0 has no known_at .* exists twice in Europe/Berlin",
        ),
    ],
)
def test_an_hour_that_a_clock_skipped_or_showed_twice_is_no_moment(
    column: str, hour: str, message: str
) -> None:
    rows = {"time": "2024-10-26 12:00:00", "known_at": "2024-10-28 12:00:00", column: hour}
    frame = pl.DataFrame({**rows, "symbol": "A", "close": [1.0]})
    with pytest.raises(BadStamp, match=message):
        Panel.from_frame(frame, stamps="end", tz="Europe/Berlin", calendar="24/7")
