"""A rename joins, a name taken up again comes apart, and no row is lost on the way."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from tradewind.core import Panel
from tradewind.core.errors import BadTable
from tradewind.data.identity import InstrumentMap
from tradewind.data.sources.lean import instruments_of

Row = tuple[str, str, date, date | None]
EARLY, MIDDLE, LATE = date(2024, 1, 3), date(2024, 1, 5), date(2024, 1, 9)


def mapped(*rows: Row) -> InstrumentMap:
    columns = ["instrument", "ticker", "first", "until"]
    schema = dict(zip(columns, [pl.String, pl.String, pl.Date, pl.Date], strict=True))
    return InstrumentMap(pl.DataFrame(rows, schema=schema, orient="row"))


def bars(symbol: str = "OLD") -> Panel:
    days = pl.date_range(date(2024, 1, 2), date(2024, 1, 12), eager=True)
    days = days.filter(days.dt.weekday() <= 5)
    frame = pl.DataFrame({"date": days, "symbol": symbol, "close": range(1, len(days) + 1)})
    return Panel.from_frame(frame)


def rows_of(panel: Panel) -> dict[str, list[int]]:
    grouped = panel.table.group_by("symbol", maintain_order=True).agg("close")
    return {str(name): values for name, values in grouped.rows()}


def test_a_rename_joins_the_rows_of_two_tickers() -> None:
    names = pl.Enum(["NEW", "OLD"])
    renamed = pl.when(pl.col("session") < MIDDLE).then(pl.lit("OLD")).otherwise(pl.lit("NEW"))
    table = bars().table.with_columns(symbol=renamed.cast(names))
    panel = Panel(table.sort("symbol", "timestamp"))
    firm = mapped(("Firm", "OLD", date(2000, 1, 1), MIDDLE), ("Firm", "NEW", MIDDLE, None))
    assert rows_of(firm.named(panel)) == {"Firm": [1, 2, 3, 4, 5, 6, 7, 8, 9]}


def test_a_name_taken_up_again_comes_apart() -> None:
    firms = mapped(("One", "OLD", date(2000, 1, 1), MIDDLE), ("Two", "OLD", MIDDLE, None))
    assert rows_of(firms.named(bars())) == {"One": [1, 2, 3], "Two": [4, 5, 6, 7, 8, 9]}


def test_rows_that_belong_to_nobody_known_are_named_so_and_told() -> None:
    named = mapped(("One", "OLD", EARLY, MIDDLE), ("Two", "OLD", LATE, None)).named(bars())
    assert rows_of(named) == {
        "OLD?": [1],
        "OLD?2024-01-05": [4, 5],
        "One": [2, 3],
        "Two": [6, 7, 8, 9],
    }
    assert named.findings[-1].detail == (
        "3 rows are of tickers that then meant no instrument of the map"
    )


def test_a_ticker_of_which_nothing_is_said_keeps_its_name() -> None:
    assert mapped(("One", "ELSE", EARLY, None)).named(bars()).symbols == ("OLD",)


def test_a_ticker_is_not_taken_for_the_instrument_that_bears_its_name() -> None:
    assert mapped(("OLD", "NEW", EARLY, None)).named(bars()).symbols == ("OLD?",)


def test_naming_what_was_known_is_what_was_known_of_the_named() -> None:
    names, panel = mapped(("One", "OLD", EARLY, MIDDLE), ("Two", "OLD", LATE, None)), bars()
    for at in panel.moments:
        assert names.named(panel.until(at)) == names.named(panel).until(at)


def test_a_map_that_is_stored_comes_back() -> None:
    names = mapped(("One", "OLD", EARLY, MIDDLE), ("Two", "OLD", LATE, None))
    stored = Panel.from_frame(
        pl.DataFrame(
            {
                "date": [EARLY, MIDDLE, LATE],
                "symbol": "OLD",
                "instrument": ["One", None, "Two"],
            }
        )
    )
    assert InstrumentMap.from_panel(stored) == names


def test_a_table_that_is_no_map_is_refused() -> None:
    with pytest.raises(BadTable, match="no column 'instrument': choose from close"):
        InstrumentMap.from_panel(bars())


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [("One", "OLD", EARLY, None), ("Two", "OLD", LATE, None)],
            "the ticker 'OLD' has two intervals that hold 2024-01-09: end the earlier one",
        ),
        (
            [("One", "OLD", EARLY, LATE), ("One", "NEW", MIDDLE, None)],
            "the instrument 'One' has two intervals that hold 2024-01-05",
        ),
        (
            [("One", "OLD", LATE, LATE)],
            "'OLD' is 'One' from 2024-01-09 until 2024-01-09: let an interval end after it begins",
        ),
    ],
)
def test_a_map_that_says_two_things_is_refused(rows: list[Row], message: str) -> None:
    with pytest.raises(BadTable, match=message):
        mapped(*rows)


@pytest.mark.parametrize(
    ("ticker", "since"),
    [
        ("FB", date(2012, 5, 18)),
        ("WM", date(2009, 8, 5)),
        ("USO", date(2006, 4, 10)),
        ("BNO", date(2010, 6, 2)),
    ],
)
def test_real_tickers_that_were_reused_come_apart_and_the_years_between_are_nobodys(
    shared: Path, ticker: str, since: date
) -> None:
    folder = shared / "data" / "equities"
    raw = pl.read_parquet(folder / "etf_equity_daily_unadjusted.parquet")
    panel = Panel.from_frame(raw.filter(pl.col("symbol") == ticker), stamps="session")
    names = instruments_of(pl.read_parquet(folder / "symbol_map.parquet"))
    assert longest_gap(panel) > timedelta(days=300)
    named = names.named(panel)
    assert named.symbols == (ticker, f"{ticker}?")
    assert named.as_of(panel.moments[-1]).table["session"][0] == since
    assert len(named) == len(panel)
    assert longest_gap(named) < timedelta(days=80)


def longest_gap(panel: Panel) -> timedelta:
    gaps = panel.table.select(pl.col("session").diff().over("symbol")).to_series()
    longest = gaps.max()
    assert isinstance(longest, timedelta)
    return longest


def test_a_real_rename_joins_two_tickers_into_one_history(shared: Path) -> None:
    folder = shared / "data" / "equities"
    raw = pl.read_parquet(folder / "etf_equity_daily_unadjusted.parquet")
    two = Panel.from_frame(raw.filter(pl.col("symbol").is_in(["WM", "WMI"])), stamps="session")
    names = instruments_of(pl.read_parquet(folder / "symbol_map.parquet"))
    named = names.named(two)
    assert named.symbols == ("WM", "WM?")
    firm = Panel(named.table.filter(pl.col("symbol") == "WM"))
    assert firm.table["session"].min() == date(1998, 7, 17)
    assert longest_gap(firm) < timedelta(days=10)
