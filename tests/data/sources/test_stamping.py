"""A source says how its stamps were made complete, or it is refused."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from tradewind.core.errors import BadStamp
from tradewind.data.sources.stamping import Stamping

MINUTE = timedelta(minutes=1)


def bars(*times: str) -> pl.DataFrame:
    return pl.DataFrame({"time": times, "symbol": "A", "close": 1.0})


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"stamps": "begin"}, "stamps cannot be 'begin': choose from end, session, start"),
        ({"stamps": "start"}, "stamps='start' needs the length of a bar: pass bar="),
        ({"stamps": "start", "bar": -MINUTE}, "a bar cannot be .* long: give the time that it"),
        ({"calendar": "XNYC"}, "no installed package keeps a calendar named 'XNYC': use"),
    ],
)
def test_what_cannot_be_declared_is_refused(declared: dict[str, object], message: str) -> None:
    with pytest.raises(BadStamp, match=message):
        Stamping(**declared)  # type: ignore[arg-type]


def test_a_bar_stamped_at_its_start_is_complete_at_its_end() -> None:
    panel = Stamping("start", "24/7", MINUTE).read(bars("2024-01-06T15:00Z"))
    assert panel.moments == (datetime(2024, 1, 6, 15, 1, tzinfo=UTC),)


def test_a_naive_clock_is_refused_until_its_zone_is_declared() -> None:
    with pytest.raises(BadStamp, match="have no time zone: pass tz="):
        Stamping("end").read(bars("2024-07-01 16:00:00"))
    panel = Stamping("end", tz="America/New_York").read(bars("2024-07-01 16:00:00"))
    assert panel.moments == (datetime(2024, 7, 1, 20, tzinfo=UTC),)


def test_a_moment_that_says_nothing_is_refused() -> None:
    with pytest.raises(BadStamp, match=r"frame does not say whether its stamps.* start or the end"):
        Stamping().read(bars("2024-01-02T15:00Z"))


def test_a_moment_with_its_own_known_at_has_said_when() -> None:
    frame = bars("2024-01-02T15:00Z").with_columns(known_at=pl.lit("2024-01-02T15:00:03Z"))
    assert len(Stamping().read(frame)) == 1


def test_hours_under_a_stamp_declared_as_a_session_are_not_cut_off() -> None:
    with pytest.raises(BadStamp, match="stamped by session, and has stamps with hours such as"):
        Stamping("session").read(bars("2024-01-02T00:00Z", "2024-01-02T15:00Z"))


@pytest.mark.parametrize(
    "text",
    ["2024-07-01 20:00:00", "2024-07-01T20:00:00", "2024-07-01T20:00Z", "1719864000",
     "1719864000000", "2024-07-01T16:00:00-04:00"],
)  # fmt: skip
def test_a_moment_is_the_same_however_it_is_written(text: str) -> None:
    panel = Stamping("end", tz="UTC").read(bars(text))
    assert panel.moments == (datetime(2024, 7, 1, 20, tzinfo=UTC),)


def test_a_row_without_a_readable_stamp_is_named() -> None:
    with pytest.raises(
        BadStamp, match=r"row 1 of frame has no timestamp \('soon' could not be read\)"
    ):
        Stamping("end", tz="UTC").read(bars("2024-07-01 20:00:00", "soon"))


@pytest.mark.parametrize(
    ("hour", "message"),
    [
        (
            "2024-03-10 02:30:00",
            r"row 1 of frame has no timestamp \(2024-03-10 02:30:00 does not exist in "
            r"America/New_York: its clocks were put forward\): write such moments with their offset",
        ),
        (
            "2024-11-03 01:30:00",
            r"row 1 of frame has no timestamp \(2024-11-03 01:30:00 exists twice in "
            r"America/New_York: its clocks were put back\): .* as 2024-11-03T01:30:00-04:00",
        ),
    ],
)
def test_an_hour_that_a_clock_skipped_or_showed_twice_is_told(hour: str, message: str) -> None:
    with pytest.raises(BadStamp, match=message):
        Stamping("end", "24/7", tz="America/New_York").read(bars("2024-03-01 12:00:00", hour))


def test_rows_of_such_hours_are_set_aside_with_their_own_reason() -> None:
    aside: list[pl.DataFrame] = []
    times = ("2024-11-03 00:30:00", "2024-11-03 01:30:00", "soon", "2024-11-03 02:30:00")
    stamping = Stamping("end", "24/7", tz="America/New_York")
    assert len(stamping.read(bars(*times), aside=aside.append)) == 2
    assert [one["reason"].item() for one in aside] == [
        "its timestamp cannot be read",
        "its hour was skipped or came twice on the clocks of America/New_York",
    ]


def test_a_midnight_that_came_twice_is_still_its_day() -> None:
    days = bars(
        "2024-10-26 00:00:00", "2024-10-27 00:00:00"
    )  # Beirut put its clock back at midnight
    panel = Stamping("session", "24/7", tz="Asia/Beirut").read(days)
    assert [f"{day}" for day in panel.table["session"]] == ["2024-10-26", "2024-10-27"]
