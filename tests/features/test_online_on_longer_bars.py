"""Live, a family on longer bars says what a history says at each moment: it is told the bars that they are made of."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.features.test_realised import intraday_panel
from tests.features.toys import corrected
from tradewind.core import Panel
from tradewind.core.errors import BadTable, TradewindError
from tradewind.data.synthetic import Revisions, make_market
from tradewind.features.calendars import USUAL, Calendars
from tradewind.features.coarser import Coarser
from tradewind.features.kept.online import Online
from tradewind.features.naming import family_named
from tradewind.features.registry import ALPHA158, BARS, FAMILIES, OBSERVED, REALISED, TECHNICAL
from tradewind.features.seasons.kept_calendars import seasonal_of
from tradewind.features.seen import Seen

AT = datetime(2024, 1, 2, 21, tzinfo=UTC)
COINS = Calendars("24/7")
MINUTES = make_market("crypto", 2, 1500, "1m", 3, plants=[Revisions(0.05)]).panel
HOURS = make_market("crypto", 2, 300, "1h", 3, plants=[Revisions(0.05)]).panel


def uneven(panel: Panel) -> Panel:
    """The same with volumes whose sum tells in which order they were added: those that are made are whole."""
    volume = np.random.default_rng(2).lognormal(9.0, 2.0, len(panel))
    return Panel(panel.table.with_columns(volume=volume))


CASES = {
    "weeks of corrected days": (uneven(corrected(3, 250)), Coarser(ALPHA158, "1w")),
    "months": (uneven(corrected(3, 250)), Coarser(TECHNICAL, "1mo")),
    "weeks of a coin": (make_market("crypto", 2, 300).panel, Coarser(BARS, "1w", COINS)),
    "hours of minutes": (uneven(MINUTES), Coarser(TECHNICAL, "1h", COINS)),
    "four hours of hours": (uneven(HOURS), Coarser(TECHNICAL, "4h", COINS)),
    "hours as they are": (HOURS, Coarser(TECHNICAL, "1h", COINS)),
    "days of minutes": (uneven(intraday_panel()), Coarser(REALISED, "1d", COINS)),
    "the season of weeks": (corrected(3, 250), Coarser(seasonal_of(USUAL), "1w")),
}


@pytest.mark.parametrize("case", CASES)
def test_online_and_batch_agree_to_the_bit(case: str) -> None:
    panel, family = CASES[case]
    moments = panel.table["known_at"].unique().sort()
    seen = Seen(panel, moments.to_list())
    batch = np.concatenate([one.values(seen) for one in (BARS, family)])
    online, compared = Online([family, BARS]), 0
    for row, moment, symbol in told(panel):
        values = online.push(row["symbol"], row["timestamp"], row)
        if row["whole"]:
            place = np.flatnonzero((seen.moment == moment) & (seen.symbol == symbol))[0]
            assert np.array_equal(values, batch[:, place], equal_nan=True)
            compared += int(np.isfinite(values[len(BARS.specs) :]).sum())
    assert compared > 1_500


def test_days_are_no_hours_live_either_until_hours_come() -> None:
    days, hours = (timedelta(days=1) * n for n in range(9)), (timedelta(hours=n) for n in range(30))
    stamps = [AT + one for one in days] + [AT + timedelta(days=9) + one for one in hours]
    frame = pl.DataFrame({"timestamp": stamps, "symbol": "A"}).with_row_index("close", 1)
    panel = Panel.from_frame(frame, calendar="24/7", stamps="end")
    family = Coarser(BARS, "1h", COINS)
    batch, online = family.values(Seen(panel, panel.moments)), Online([family])
    for cut in (5, 9, 10, 20):
        begun = Online.after([family], panel.until(stamps[cut]))
        for place, row in enumerate(panel.table.iter_rows(named=True)):
            if place > cut:
                values = begun.push("A", row["timestamp"], row)
                assert np.array_equal(values, batch[:, place], equal_nan=True)
    for place, row in enumerate(panel.table.iter_rows(named=True)):
        values = online.push("A", row["timestamp"], row)
        assert np.array_equal(values, batch[:, place], equal_nan=True)
    assert np.isnan(batch[0, :11]).all()
    assert np.isfinite(batch[0, 11:]).all()


def told(panel: Panel) -> list[tuple[dict[str, Any], int, int]]:
    """Row after row as they came to be known, with the numbers of the moment and of the symbol."""
    rows = panel.table.with_columns(
        moment=pl.col("known_at").rank("dense").cast(pl.Int64) - 1,
        number=pl.col("symbol").to_physical(),
    ).sort("known_at", "symbol", "timestamp")
    whole = pl.struct("known_at", "symbol").is_last_distinct()  # all that came at once is told
    rows = rows.with_columns(whole=whole)
    return [(row, row["moment"], row["number"]) for row in rows.iter_rows(named=True)]


@pytest.mark.parametrize("names", [("bars@1w",), ("bars", "technical@1mo")])
def test_it_goes_on_from_a_panel_as_if_it_had_been_told_each_of_its_rows(
    names: tuple[str, ...],
) -> None:
    panel = corrected(2, 200)
    cut = panel.moments[150]
    families = [family_named(name, [*FAMILIES.values()]) for name in names]
    whole, begun = Online(families), Online.after(families, panel.until(cut))
    compared = 0
    for row, _, _ in told(panel):
        values = whole.push(row["symbol"], row["timestamp"], row)
        if row["known_at"] > cut:
            later = begun.push(row["symbol"], row["timestamp"], row)
            assert np.array_equal(values, later, equal_nan=True)
            compared += 1
    assert compared > 90


def test_a_bar_that_is_refused_leaves_no_trace() -> None:
    online = Online([Coarser(BARS, "1w")])
    for bar, said in (
        ({"close": float("inf")}, "'close' of the bar is inf"),
        ({}, "has no 'close'"),
    ):
        with pytest.raises(BadTable, match=said):
            online.push("A", AT, bar)
    friday, values = AT + timedelta(days=3), online.names.index("return_1_1w")
    online.push("A", friday, {"close": 1.0})
    week_later = online.push("A", friday + timedelta(days=7), {"close": math.e})
    assert week_later[values] == 1.0


@pytest.mark.parametrize(
    ("at", "bar", "said"),
    [
        (AT, {"close": 9.0, "spread_bps": math.inf}, "'spread_bps' of the bar is inf"),
        (AT.replace(year=2150), {"close": 9.0}, "the calendar XNYS ends at"),
    ],
)
def test_what_one_family_refuses_leaves_no_trace_in_the_others(
    at: datetime, bar: dict[str, float], said: str
) -> None:
    asked, spared = (Online([BARS, Coarser(BARS, "1h"), Coarser(OBSERVED, "1w")]) for _ in "ab")
    with pytest.raises(TradewindError, match=said):
        asked.push("A", at, bar)
    for day in range(1, 9):
        later = "A", AT + timedelta(days=day), {"close": float(day)}
        assert np.array_equal(asked.push(*later), spared.push(*later), equal_nan=True)


@pytest.mark.parametrize("name", ["high", "low", "volume"])
def test_what_a_bar_says_is_not_a_number_the_longer_one_lacks_as_it_does_in_a_history(
    name: str,
) -> None:
    table = uneven(corrected(1, 150)).table
    holed = pl.when(pl.int_range(pl.len()) == 90).then(None).otherwise(pl.col(name))
    panel, family = Panel(table.with_columns(holed.alias(name))), Coarser(ALPHA158, "1w")
    online, last = Online([family]), max(table["known_at"])
    for row in panel.table.sort("known_at", "timestamp").iter_rows(named=True):
        missing = math.nan if row[name] is None else row[name]
        values = online.push(row["symbol"], row["timestamp"], {**row, name: missing})
    batch = family.values(Seen(panel, [last]))[:, 0]
    assert np.array_equal(values, batch, equal_nan=True)


def test_before_a_longer_bar_is_complete_nothing_is_said_and_then_the_same_until_the_next() -> None:
    online = Online([Coarser(BARS, "1h", COINS)])
    said = [
        online.push("BTC", datetime(2024, 1, 1, minute // 60, minute % 60, tzinfo=UTC),
            {"close": 1.0 + minute})[0]
        for minute in range(30, 240, 30)
    ]  # fmt: skip
    assert np.isnan(said[:3]).all()
    assert said[3] == said[4] == np.log(121 / 61)
    assert said[5] == np.log(181 / 121)
