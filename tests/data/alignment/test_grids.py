"""Moments of decision for calendars that differ: each is when something was published."""

from datetime import UTC, datetime, timedelta

import pytest

from tradewind.core import Market, find_calendar
from tradewind.core.errors import BadStamp, Misuse
from tradewind.data.alignment import grid
from tradewind.data.alignment.publications import publications
from tradewind.data.synthetic import make_market

START, END = datetime(2024, 6, 1, tzinfo=UTC), datetime(2024, 9, 1, tzinfo=UTC)
NAMES = ["XNYS", "XLON", "24/7", "24/5", "month+15d"]


def told(rule: str, names: list[str] = NAMES) -> list[str]:
    return [f"{at:%m-%d %H:%M}" for at in grid(names, START, END, rule)]


def test_a_union_holds_every_publication_once_in_order() -> None:
    moments = grid(NAMES, START, END)
    assert list(moments) == sorted(set(moments))
    each = {at for name in NAMES for at in grid([name], START, END, name)}
    assert set(moments) == each


def test_an_intersection_waits_for_the_last_to_close() -> None:
    assert told("intersection", ["XLON", "XNYS"])[:2] == ["06-03 20:00", "06-04 20:00"]


def test_an_intersection_has_no_day_on_which_one_is_shut() -> None:
    days = {at.date().isoformat() for at in grid(["XLON", "XNYS"], START, END, "intersection")}
    assert "2024-07-05" in days
    assert not days & {"2024-07-04", "2024-08-26"}  # New York's holiday, and London's


def test_months_take_no_day_from_an_intersection() -> None:
    assert told("intersection", ["XNYS", "month+15d"]) == told("XNYS", ["XNYS"])


def test_a_month_speaks_when_it_is_published() -> None:
    assert told("month+15d") == ["06-16 00:00", "07-16 00:00", "08-16 00:00"]


@pytest.mark.parametrize("rule", ["union", "intersection", "24/5"])
def test_a_grid_in_pieces_is_the_grid(rule: str) -> None:
    middle = datetime(2024, 7, 10, 20, tzinfo=UTC)
    late = middle + timedelta(microseconds=1)
    pieces = grid(NAMES, START, middle, rule) + grid(NAMES, late, END, rule)
    assert pieces == grid(NAMES, START, END, rule)


def test_both_ends_are_included() -> None:
    moments = grid(["24/7"], START, END)
    assert (moments[0], moments[-1], len(moments)) == (START, END, 93)


def test_a_market_brings_its_calendars() -> None:
    market = make_market("property", 2, 24)
    assert grid(market, START, END) == grid(["month+45d", "24/7"], START, END)


def test_publications_are_when_made_bars_are_known() -> None:
    for kind in ("equity", "fx", "property"):
        market = make_market(kind, 1, 50)
        known = market.panel.table["known_at"].to_list()
        calendar = find_calendar(market.calendars["bars"])
        found = publications(calendar, known[0], known[-1])
        assert found.tolist() == [round(at.timestamp() * 1e6) for at in known]


def test_a_rule_that_is_none_is_refused() -> None:
    with pytest.raises(Misuse, match="no rule is called 'unoin': did you mean 'union'"):
        grid(["XNYS"], START, END, "unoin")
    with pytest.raises(Misuse, match="a grid of no calendars: name them, such as XNYS or 24/7"):
        grid(Market({"bars": make_market("fx", 1, 20).panel}), START, END)
    with pytest.raises(Misuse, match="no day is a session of month: add a daily calendar, or use"):
        grid(["month"], START, END, "intersection")
    with pytest.raises(BadStamp, match="has no time zone"):
        grid(["XNYS"], datetime(2024, 1, 1), END)
