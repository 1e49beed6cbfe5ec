"""Symbols side by side at each moment as they were known then, and never as they came to be."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import Panel, find_calendar
from tradewind.core.clock import EPOCH, MICROSECOND
from tradewind.core.errors import BadStamp, BadTable, Misuse
from tradewind.core.tables import UTC_TIME
from tradewind.data.alignment import AlignedView, align, grid
from tradewind.data.alignment.publications import publications
from tradewind.data.synthetic import Revisions, make_market

COLUMNS = ("close", "volume")
CALENDARS = {"equity": "XNYS", "crypto": "24/7", "fx": "24/5"}
MIXED = {
    kind: make_market(kind, 3, 90, seed=seed, plants=[Revisions(0.05)]).panel
    for seed, kind in enumerate(CALENDARS)
}
EVERY = sorted({at for panel in MIXED.values() for at in panel.table["known_at"]})
TIMES = grid([*CALENDARS.values()], EVERY[0], EVERY[-1])
MONDAY = datetime(2024, 1, 8, 21, tzinfo=UTC)
DAY = timedelta(days=1)


def view_of(panels: Mapping[str, Panel], times: tuple[datetime, ...] = TIMES) -> AlignedView:
    return align(panels, times, COLUMNS, calendars=CALENDARS, fill_limit=2)


def rows_of(view: AlignedView, *columns: str) -> list[tuple[object, ...]]:
    return view.table.select(*columns).rows()


def bars(*rows: tuple[str, int, float | None, float]) -> Panel:
    """Rows of (symbol, day complete, close, day known), days counted from Monday."""
    return Panel(
        pl.DataFrame(
            [
                (name, MONDAY + day * DAY, MONDAY + known * DAY, MONDAY.date(), close)
                for name, day, close, known in rows
            ],
            schema={
                "symbol": pl.Enum(sorted({row[0] for row in rows})),
                "timestamp": UTC_TIME,
                "known_at": UTC_TIME,
                "session": pl.Date,
                "close": pl.Float64,
            },
            orient="row",
        ).sort("symbol", "timestamp", "known_at")
    )


def days(*which: float) -> list[datetime]:
    return [MONDAY + day * DAY for day in which]


def slowly(panels: Mapping[str, Panel], times: tuple[datetime, ...], limit: int) -> list[object]:
    """The same one snapshot at a time; every moment ages every bar."""
    found: list[object] = []
    first_seen: dict[tuple[str, datetime], int] = {}
    for k, at in enumerate(times):
        for panel in panels.values():
            newest = dict(panel.as_of(at).by_symbol())
            for symbol in panel.names.categories:
                if symbol not in newest:
                    found.append((at, symbol, None, None, None, None))
                    continue
                row = newest[symbol].row(-1, named=True)
                fill = k - first_seen.setdefault((symbol, row["timestamp"]), k)
                values = [row.get(column) for column in COLUMNS]
                if fill > limit or values == [None, None]:
                    found.append((at, symbol, None, None, None, None))
                else:
                    found.append((at, symbol, *values, row["timestamp"], fill))
    return found


def test_it_is_what_one_snapshot_after_another_would_say_to_the_bit() -> None:
    view = align(MIXED, TIMES, COLUMNS, fill_limit=2)
    assert view.table["fill"].max() == 2
    assert len(view) == len(TIMES) * 9 > 1_000
    assert view.table.rows() == slowly(MIXED, TIMES, 2)


def counted_by_hand(kind: str, times: Sequence[datetime], at: datetime) -> dict[str, list[int]]:
    """The fill and the age of each symbol's newest bar, moment by moment."""
    span = publications(find_calendar(CALENDARS[kind]), EVERY[0], EVERY[-1])
    published = [EPOCH + int(moment) * MICROSECOND for moment in span]
    line = sorted({*(moment for moment in published if moment < times[0]), *times})
    counted = {}
    for symbol, rows in MIXED[kind].as_of(at).by_symbol():
        first = MIXED[kind].table.filter(symbol=symbol, timestamp=rows["timestamp"][-1])["known_at"]
        since = [moment for moment in line if first[0] <= moment <= at]
        due = [any(one < p <= two for p in published) for one, two in pairwise(since)]
        counted[symbol] = [len(since) - 1, sum(due)]
    return counted


@pytest.mark.parametrize("kind", CALENDARS)
def test_bars_age_as_a_count_by_hand_has_it(kind: str) -> None:
    keep, panels, seen = {kind: CALENDARS[kind]}, {kind: MIXED[kind]}, 0
    times = TIMES[60::2]
    views = [align(panels, times, COLUMNS, calendars=keep, fill_limit=n).table for n in range(4)]
    for at in times[::5]:
        for symbol, (fill, age) in counted_by_hand(kind, times, at).items():
            for limit, view in enumerate(views):
                [told] = view.filter(pl.col("at") == at, pl.col("symbol") == symbol)["fill"]
                assert told == (fill if age <= limit else None)
                seen += 1
    assert seen > 100


def test_a_view_of_the_market_cut_at_a_moment_is_the_view_up_to_it() -> None:
    whole, rng = view_of(MIXED), np.random.default_rng(7)
    cuts = [EVERY[place] for place in rng.choice(len(EVERY), 12, replace=False)]
    for cut in cuts:
        then = view_of({name: panel.until(cut) for name, panel in MIXED.items()})
        upto = pl.col("at") <= cut
        assert then.table.filter(upto).equals(whole.table.filter(upto))


def test_a_grid_that_ends_earlier_says_the_same_up_to_its_end() -> None:
    whole = view_of(MIXED)
    for moments in (1, 40, 111):
        part = view_of(MIXED, TIMES[:moments])
        assert part.table.equals(whole.table.head(len(part)))


def test_what_the_future_holds_changes_nothing_before_it() -> None:
    cut = EVERY[len(EVERY) // 2]
    later = pl.col("known_at") > cut
    garbled = {
        name: Panel(
            panel.table.with_columns(
                pl.when(later).then(-1e9).otherwise("close").alias("close"),
                pl.when(later).then(None).otherwise("volume").alias("volume"),
            )
        )
        for name, panel in MIXED.items()
    }
    upto = pl.col("at") <= cut
    whole, other = view_of(MIXED), view_of(garbled)
    assert other.table.filter(upto).equals(whole.table.filter(upto))
    assert not other.table.equals(whole.table)


def test_the_order_of_symbols_and_panels_changes_nothing_but_the_order() -> None:
    view = view_of(MIXED)
    shuffled = [str(one) for one in np.random.default_rng(7).permutation(view.symbols)]
    backwards = dict(reversed(MIXED.items()))
    other = align(
        backwards, TIMES, COLUMNS, symbols=shuffled, calendars=CALENDARS, fill_limit=2
    ).table
    assert other["symbol"].to_list()[:9] == shuffled
    plain = pl.col("symbol").cast(pl.String)
    assert (
        other.with_columns(plain)
        .sort("at", "symbol")
        .equals(view.table.with_columns(plain).sort("at", "symbol"))
    )


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 8), st.booleans()),
        min_size=1, max_size=25, unique_by=lambda row: (row[0], row[0] + row[1]),
    ),
    st.integers(0, 3),
)  # fmt: skip
def test_late_bars_corrections_and_withdrawals_are_seen_as_snapshots_see_them(
    facts: list[tuple[int, int, bool]], limit: int
) -> None:
    rows = [
        ("A", day, None if gone else float(place), day + lag)
        for place, (day, lag, gone) in enumerate(facts)
    ]
    panel, times = bars(*rows), tuple(days(*np.arange(-1, 16, 0.5)))
    volume = pl.lit(None, pl.Float64).alias("volume")
    panels = {"bars": Panel(panel.table.with_columns(volume))}
    view = align(panels, times, COLUMNS, fill_limit=limit)
    assert view.table.rows() == slowly(panels, times, limit)


def test_a_correction_is_believed_from_its_moment_and_is_not_fresh() -> None:
    panel = bars(("A", 0, 1.0, 0), ("A", 0, 1.5, 2))
    view = align(panel, days(0, 1, 2), ["close"])
    assert rows_of(view, "close", "fill") == [(1.0, 0), (1.0, 1), (1.5, 2)]


def test_a_correction_of_an_older_bar_displaces_nothing() -> None:
    panel = bars(("A", 0, 1.0, 0), ("A", 0, 1.5, 2), ("A", 1, 2.0, 1))
    view = align(panel, days(0, 1, 2), ["close"])
    assert rows_of(view, "close", "fill") == [(1.0, 0), (2.0, 0), (2.0, 1)]


def test_a_bar_that_comes_after_a_newer_one_is_never_seen() -> None:
    panel = bars(("A", 0, 1.0, 3), ("A", 1, 2.0, 1))
    assert rows_of(align(panel, days(1, 3), ["close"]), "close") == [(2.0,), (2.0,)]


def test_a_bar_is_unseen_until_it_is_known() -> None:
    panel = bars(("A", 0, 1.0, 0), ("A", 1, 2.0, 3))
    view = align(panel, days(1, 2, 3), ["close"])
    assert rows_of(view, "close", "stamp") == [
        (1.0, MONDAY), (1.0, MONDAY), (2.0, MONDAY + DAY),
    ]  # fmt: skip


def test_a_withdrawn_bar_is_missing_and_the_one_before_it_is_not_asked() -> None:
    panel = bars(("A", 0, 1.0, 0), ("A", 1, 2.0, 1), ("A", 1, None, 2))
    view = align(panel, days(0, 1, 2), ["close"])
    assert rows_of(view, "close", "stamp", "fill")[-1] == (None, None, None)


def test_a_column_that_is_null_is_missing_and_the_others_stay() -> None:
    table = bars(("A", 0, 1.0, 0)).table.with_columns(volume=pl.lit(None, pl.Float64))
    view = align(Panel(table), days(0), COLUMNS)
    assert rows_of(view, "close", "volume", "fill") == [(1.0, None, 0)]


def test_a_value_is_carried_on_to_its_limit_and_no_further() -> None:
    view = align(bars(("A", 0, 1.0, 0)), days(0, 1, 2, 3), ["close"], fill_limit=2)
    assert rows_of(view, "close", "fill") == [(1.0, 0), (1.0, 1), (1.0, 2), (None, None)]


def test_a_limit_of_nothing_carries_nothing_on() -> None:
    view = align(bars(("A", 0, 1.0, 0)), days(0, 1), ["close"], fill_limit=0)
    assert rows_of(view, "close") == [(1.0,), (None,)]


def test_a_weekend_and_a_holiday_are_told_and_do_not_age_a_share() -> None:
    friday_to_tuesday = days(4, 5, 6, 7, 8)  # Monday, 15 January 2024, is a holiday in New York
    panel = bars(("SHARE", 4, 1.0, 4))
    view = align(panel, friday_to_tuesday, ["close"], fill_limit=0, calendars={"bars": "XNYS"})
    assert view.table["fill"].to_list() == [0, 1, 2, 3, None]
    assert view.table["close"].to_list() == [1.0, 1.0, 1.0, 1.0, None]


def test_a_symbol_may_keep_another_calendar_than_its_panel() -> None:
    panel = bars(("COIN", 4, 9.0, 4), ("SHARE", 4, 1.0, 4))
    calendars = {"bars": "XNYS", "COIN": "24/7"}
    view = align(panel, days(4, 5), ["close"], fill_limit=0, calendars=calendars)
    assert rows_of(view, "close") == [(9.0,), (1.0,), (None,), (1.0,)]


def test_a_name_that_was_gone_before_the_first_moment_is_not_taken_for_fresh() -> None:
    panel = bars(("DEAD", -40, 1.0, -40), ("LIVE", 0, 2.0, 0))
    view = align(panel, days(0), ["close"], calendars={"bars": "24/7"})
    assert rows_of(view, "symbol", "close") == [("DEAD", None), ("LIVE", 2.0)]


def test_one_moment_alone_says_what_a_long_grid_of_its_sessions_says_of_it() -> None:
    times = grid(["XNYS"], EVERY[0], EVERY[-1])
    equity, keep = {"equity": MIXED["equity"]}, {"equity": "XNYS"}
    whole = align(equity, times, COLUMNS, calendars=keep).table
    for at in times[5:60:9]:
        alone = align(equity, [at], COLUMNS, calendars=keep).table
        assert alone.equals(whole.filter(pl.col("at") == at))


def test_moments_at_which_few_are_fresh_are_dropped_and_named() -> None:
    panel = bars(("A", 0, 1.0, 0), ("B", 0, 1.0, 0), ("A", 1, 2.0, 1))
    view = align(panel, days(0, 1, 2), ["close"]).where_fresh(0.6)
    assert view.dropped == tuple(days(1, 2))
    assert view.times == tuple(days(0))


def test_a_symbol_that_has_no_rows_yet_has_its_place() -> None:
    panel = bars(("A", 0, 1.0, 0), ("B", 9, 1.0, 9))
    view = align(panel.until(MONDAY), days(0), ["close"])
    assert rows_of(view, "symbol", "close") == [("A", 1.0), ("B", None)]


def test_a_column_that_one_panel_lacks_is_missing_there() -> None:
    homes = make_market("property", 1, 24).panel
    cover = align({"homes": homes, "fx": MIXED["fx"]}, TIMES, ["open", "close"]).coverage()
    missing = cover.filter(pl.col("missing") == 1.0).select("symbol", "column").rows()
    assert ("RG1", "open") in missing
    assert not {("RG1", "close"), ("FX1", "open")} & set(missing)


def test_a_panel_without_rows_gives_nothing() -> None:
    nothing = Panel(MIXED["fx"].table.clear())
    view = align(nothing, TIMES, COLUMNS, calendars={"bars": "24/5"})
    assert (len(view), view.table["close"].count()) == (3 * len(TIMES), 0)


def test_real_vintages_are_seen_as_they_had_been_collected(shared: Path) -> None:
    table = pl.read_parquet(shared / "data" / "equities" / "equity_daily_vintages.parquet")
    some = table.filter(pl.col("symbol").is_in(["AAPL", "CUI", "MSFT"]))
    panel = Panel.from_frame(
        some.unique(["symbol", "timestamp", "collected_at"], keep="last", maintain_order=True)
    )
    times = grid(["XNYS", "24/7"], panel.moments[0], panel.moments[-1])
    view = align(panel, times, ["close", "adj_close"], calendars={"bars": "XNYS"}, fill_limit=99)
    assert panel.revised > 1_000
    for at in times[9::97]:
        newest = panel.as_of(at).table.group_by("symbol", maintain_order=True).last()
        told = view.table.filter(pl.col("at") == at).select("symbol", "close", "adj_close", "stamp")
        assert told.rows() == newest.select("symbol", "close", "adj_close", "timestamp").rows()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"columns": ["closse"]}, "no panel has a column 'closse': did you mean 'close'"),
        ({"columns": []}, "the columns of a view are none: name each once, and none of at, symbol"),
        ({"columns": ["close", "close"]}, "the columns of a view are close, close: name each once"),
        ({"columns": ["sector"]}, "column 'sector' is String, and a view holds numbers: leave it"),
        ({"symbols": ["AA"]}, "no panel has a symbol 'AA': "),
        ({"symbols": ["A", "A"]}, "'A' is asked for twice: name each symbol once"),
        ({"fill_limit": -1}, "a fill limit of -1 moments: give 0, which carries nothing on"),
        ({"calendars": {"bar": "XNYS"}}, "a calendar for 'bar', and no such panel or symbol: did"),
        ({"times": days(1, 0)}, "moments do not ascend: 2024-01-08 .* comes after 2024-01-09 .*: sort"),
        ({"times": [datetime(2024, 1, 8)]}, "2024-01-08 00:00:00 has no time zone"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(asked: dict[str, object], message: str) -> None:
    panel = Panel(bars(("A", 0, 1.0, 0)).table.with_columns(sector=pl.lit("Tools")))
    given_ = {"panels": panel, "times": days(0), "columns": ["close"]} | asked
    with pytest.raises((BadTable, BadStamp, Misuse), match=message):
        align(**given_)  # type: ignore[arg-type]


def test_a_symbol_in_two_panels_is_refused() -> None:
    panel = bars(("A", 0, 1.0, 0))
    with pytest.raises(BadTable, match="'A' is in the panels 'one' and 'two': rename it in one"):
        align({"one": panel, "two": panel}, days(0), ["close"])
