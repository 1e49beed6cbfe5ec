"""From days of joining and leaving to a universe that knows what was known."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from tradewind.core import Membership, Panel
from tradewind.core.errors import BadTable
from tradewind.data.membership import entries_and_exits, universe_of

SPELLS = pl.DataFrame(
    {
        "symbol": ["AAL", "AAL", "ZTS"],
        "start": [date(1996, 1, 2), date(2015, 3, 23), date(2013, 6, 24)],
        "end": [date(1997, 1, 15), None, None],
    }
)


def members(universe: pl.DataFrame, year: int, month: int = 6) -> tuple[str, ...]:
    return Membership(universe).members(datetime(year, month, 30, tzinfo=UTC))


def test_days_of_joining_and_leaving_become_a_universe() -> None:
    universe = universe_of(entries_and_exits(SPELLS))
    assert [members(universe, year) for year in (1995, 1996, 1997, 2014, 2016)] == [
        (),
        ("AAL",),
        (),
        ("ZTS",),
        ("AAL", "ZTS"),
    ]


def test_an_exit_is_not_known_before_it_happens() -> None:
    universe = universe_of(entries_and_exits(SPELLS))
    before = universe.filter(pl.col("known_at") < datetime(1997, 1, 15, tzinfo=UTC))
    assert before["end"].to_list() == [None]


def test_an_exit_that_is_taken_back_was_none_from_then_on() -> None:
    told = Panel.from_frame(
        pl.DataFrame(
            {
                "date": ["2024-01-02", "2024-03-01", "2024-03-01"],
                "symbol": "ACME",
                "member": [1, 0, 1],
                "known_at": ["2024-01-02T22:00Z", "2024-03-01T22:00Z", "2024-05-01T22:00Z"],
            }
        )
    )
    universe = universe_of(told)
    assert [bool(members(universe, 2024, month)) for month in (1, 4, 6)] == [True, False, True]


def test_a_table_that_is_no_membership_is_refused() -> None:
    bars = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02"], "symbol": "A", "close": 1.0}))
    with pytest.raises(BadTable, match="a membership has no column 'member': choose from close"):
        universe_of(bars)


def test_the_real_index_has_about_five_hundred_members_whenever_it_is_asked(shared: Path) -> None:
    spells = pl.read_parquet(shared / "data" / "equities" / "sp500_membership.parquet")
    spells = spells.rename({"start_date": "start", "end_date": "end"})
    universe = universe_of(entries_and_exits(spells))
    counts = [len(members(universe, year)) for year in range(1997, 2017)]
    assert min(counts) > 480
    assert max(counts) < 510
    gone = set(members(universe, 2007)) - set(members(universe, 2016))
    assert len(gone) > 100
