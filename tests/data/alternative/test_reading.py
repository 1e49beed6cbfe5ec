"""Whatever the source, each row is known from when it was published, and not before."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tradewind.core import Market, Panel
from tradewind.core.errors import BadConfig, BadStamp, BadTable, Misuse
from tradewind.core.panel import KEYS
from tradewind.core.tables import UTC_TIME
from tradewind.data.alternative.reading import published
from tradewind.data.alternative.spec import AlternativeDataSpec
from tradewind.data.sources.stamping import Stamping
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import Revisions, make_market
from tradewind.data.writing import write_market

MONTH = Stamping("session", "month")
DAYS = Stamping("session", "24/7")
DAY = timedelta(days=1)


def written(folder: Path, **columns: list[Any]) -> Path:
    pl.DataFrame(columns).write_parquet(folder / "side.parquet")
    return folder


def spec(**changes: Any) -> AlternativeDataSpec:
    given = {
        "name": "side",
        "kind": "macro",
        "source": "side.parquet",
        "values": ("value",),
        "stamping": DAYS,
    }
    return AlternativeDataSpec(**(given | changes))


def test_a_row_is_known_after_its_period_and_the_lag_that_was_declared(tmp_path: Path) -> None:
    folder = written(tmp_path, date=["2024-01-01", "2024-02-01"], value=[1.0, 2.0])
    panel = published(spec(stamping=MONTH, lag=12 * DAY), folder)
    assert panel.table["timestamp"][0] == datetime(2024, 2, 1, tzinfo=UTC)
    assert panel.table["known_at"][0] == datetime(2024, 2, 13, tzinfo=UTC)
    assert panel == published(spec(stamping=Stamping("session", "month+12d")), folder)


def test_a_source_that_never_says_when_it_was_published_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path, date=["2024-01-01"], value=[1.0])
    message = "'side' does not say when its rows were published, 1 of 1: add a known_at column"
    with pytest.raises(BadStamp, match=message):
        published(spec(), folder)
    assert len(published(spec(lag=timedelta()), folder)) == 1


def test_a_lag_beside_rows_that_say_when_they_were_known_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path, date=["2024-01-01"], known_at=["2024-01-05T09:00Z"], value=[1.0])
    with pytest.raises(BadStamp, match="declares a lag of 1 day, 0:00:00, and its rows say when"):
        published(spec(lag=DAY), folder)


def revised(folder: Path, revised_on: datetime) -> Path:
    """Three months that do not say when they were published, and then a correction of the first."""
    months = ["2024-01-01", "2024-02-01", "2024-03-01"]
    first = Panel.from_frame(
        pl.DataFrame({"date": months, "symbol": "CPI", "value": [1.0, 2.0, 3.0]}), calendar="month"
    )
    when = pl.lit(revised_on).cast(UTC_TIME)
    again = first.table.head(1).with_columns(known_at=when, value=pl.lit(1.5))
    MarketStore(folder).append(Panel(pl.concat([first.table, again]).sort(KEYS)), "observations")
    return folder


CPI = {"source": "fred:CPI", "stamping": Stamping()}


def test_a_correction_says_nothing_of_when_first_versions_were_published(tmp_path: Path) -> None:
    folder = revised(tmp_path, datetime(2024, 5, 1, tzinfo=UTC))
    message = "'side' does not say when its rows were published, 3 of 4: add"
    with pytest.raises(BadStamp, match=message):
        published(spec(**CPI), folder)
    panel = published(spec(**CPI, lag=45 * DAY), folder)
    assert panel.table["known_at"].to_list() == [
        datetime(2024, 3, 17, tzinfo=UTC),
        datetime(2024, 5, 1, tzinfo=UTC),
        datetime(2024, 4, 15, tzinfo=UTC),
        datetime(2024, 5, 16, tzinfo=UTC),
    ]


def test_a_row_corrected_before_its_lag_was_over_is_never_believed(tmp_path: Path) -> None:
    panel = published(
        spec(**CPI, lag=45 * DAY), revised(tmp_path, datetime(2024, 3, 1, tzinfo=UTC))
    )
    assert panel.table["value"].to_list() == [1.5, 2.0, 3.0]
    assert panel.table["known_at"][0] == datetime(2024, 3, 1, tzinfo=UTC)


def test_the_lag_is_of_the_rows_that_do_not_say(tmp_path: Path) -> None:
    day, later = datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 1, 5, 9, tzinfo=UTC)
    folder = written(tmp_path, timestamp=[day, day + DAY], known_at=[day, later], value=[1.0, 2.0])
    panel = published(spec(stamping=Stamping("end", "24/7"), lag=2 * DAY), folder)
    assert panel.table["known_at"].to_list() == [day + 2 * DAY, later]


def test_what_was_published_by_a_moment_does_not_change_when_the_future_does(
    tmp_path: Path,
) -> None:
    made = make_market("equity", 3, 60, plants=[Revisions(0.2)]).panel
    table = made.table.select(*KEYS, "session", value="close")
    bars = Panel(
        table.with_columns(
            known_at=pl.when(pl.Series(made.corrections)).then("known_at").otherwise("timestamp")
        )
    )
    asked = spec(source="store:x", stamping=Stamping(), entity="symbol", lag=2 * DAY)
    MarketStore(tmp_path / "whole").append(bars, "x")
    whole = published(asked, tmp_path / "whole")
    assert bars.revised > 20
    for place in (10, 30, 50):
        at = bars.moments[place]
        MarketStore(tmp_path / str(place)).append(bars.until(at), "x")
        assert published(asked, tmp_path / str(place)).until(at) == whole.until(at)


@pytest.mark.parametrize("day", ["2024-01-05", datetime(2024, 1, 5, tzinfo=UTC)])
def test_a_day_of_publication_is_known_when_it_is_over(tmp_path: Path, day: Any) -> None:
    folder = written(tmp_path, date=["2024-01-01"], known_at=[day], value=[1.0])
    assert published(spec(), folder).table["known_at"][0] == datetime(2024, 1, 6, tzinfo=UTC)


def test_a_day_is_over_where_its_clock_stands(tmp_path: Path) -> None:
    folder = written(tmp_path, date=["2024-01-01"], known_at=["2024-01-05"], value=[1.0])
    panel = published(spec(stamping=replace(DAYS, tz="America/New_York")), folder)
    assert panel.table["known_at"][0] == datetime(2024, 1, 6, 5, tzinfo=UTC)


def test_a_row_known_before_its_period_was_over_is_left_out_and_told(tmp_path: Path) -> None:
    days = [datetime(2024, month, 1, tzinfo=UTC) for month in (1, 12)]
    known = [datetime(2024, 2, 1, tzinfo=UTC)] * 2
    panel = published(spec(), written(tmp_path, date=days, known_at=known, value=[1.0, 9.0]))
    assert panel.table["value"].to_list() == [1.0]
    told = "1 rows were left out: it was known before it was complete"
    assert told in {found.detail for found in panel.findings}
    assert {found.severity for found in panel.findings} == {"info", "warning"}


def test_columns_are_taken_by_the_names_that_were_declared(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        date=["1999-01-01"],
        period_end=["2024-01-01"],
        filed=["2024-02-01"],
        coin=["BTC"],
        vol=[0.7],
    )
    asked = spec(values=("vol",), entity="coin", timestamp="period_end", known_at="filed")
    panel = published(asked, folder)
    assert panel.columns == ("vol",)
    assert panel.table.select("symbol", "session", "vol").rows() == [
        ("BTC", datetime(2024, 1, 1).date(), 0.7)
    ]


def test_one_series_of_a_long_table_holds_for_the_whole_market(tmp_path: Path) -> None:
    folder = written(tmp_path, date=["2024-01-01"] * 2, series=["CPI", "GDP"], value=[1.0, 2.0])
    panel = published(spec(entity="series", of="GDP", lag=DAY), folder)
    assert panel.table.select("symbol", "value").rows() == [("market", 2.0)]
    with pytest.raises(BadTable, match=r"of 'GPD', and 'side.parquet' has no such rows: did you"):
        published(spec(entity="series", of="GPD", lag=DAY), folder)
    with pytest.raises(
        BadConfig, match=r"the rows of 'side.parquet' name a symbol, and 'side' says no"
    ):
        published(spec(lag=DAY), folder)


def test_a_source_of_which_nothing_can_be_used_is_refused_with_the_reason(tmp_path: Path) -> None:
    day = datetime(2024, 12, 1, tzinfo=UTC)
    folder = written(tmp_path, date=[day], known_at=[day - 40 * DAY], value=[9.0])
    message = "no row of 'side.parquet' can be joined: it was known before it was complete: mend"
    with pytest.raises(BadTable, match=message):
        published(spec(), folder)


def test_lists_of_one_length_are_vectors(tmp_path: Path) -> None:
    folder = written(tmp_path, date=["2024-01-01"], symbol=["A"], mood=[[0.5, 1.5]])
    panel = published(spec(values=("mood",), entity="symbol", lag=DAY), folder)
    assert panel.table.schema["mood"] == pl.Array(pl.Float64, 2)


def test_rows_without_any_of_the_values_are_left_out_and_told(tmp_path: Path) -> None:
    folder = written(tmp_path, date=["2024-01-01", "2024-01-02"], value=[None, 1.0])
    panel = published(spec(lag=DAY), folder)
    assert panel.table["value"].to_list() == [1.0]
    told = "1 rows have none of the values and were left out"
    assert told in {found.detail for found in panel.findings}


def test_a_value_that_was_taken_back_is_missing_from_then_on(tmp_path: Path) -> None:
    known = ["2024-01-05T09:00Z", "2024-01-20T09:00Z"]
    folder = written(tmp_path, date=["2024-01-01"] * 2, known_at=known, value=[100.0, None])
    panel = published(spec(), folder)
    read = [panel.as_of(datetime(2024, 1, day, tzinfo=UTC)).table["value"] for day in (10, 30)]
    assert [values.to_list() for values in read] == [[100.0], [None]]


def test_a_row_that_never_had_a_value_takes_nothing_back(tmp_path: Path) -> None:
    known = ["2024-01-05T09:00Z", "2024-01-20T09:00Z"]
    folder = written(
        tmp_path,
        date=["2024-01-01", "2024-01-02", "2024-01-02"],
        known_at=[known[0], *known],
        value=[1.0, None, None],
    )
    assert published(spec(), folder).table["value"].to_list() == [1.0]


@pytest.mark.parametrize(
    ("columns", "changes", "message"),
    [
        ({"value": ["up"]}, {}, "column 'value' of side.parquet is String: give numbers, or lists"),
        ({"v": [1.0]}, {}, "side.parquet has no column 'value': did you mean 'v"),
        (
            {"date": ["2024-01-01"] * 2, "value": [[1.0], [1.0, 2.0]]},
            {},
            "vectors of 'value' in side.parquet have [1, 2] places: give them all as many",
        ),
        ({"value": [1.0]}, {"source": "no.csv"}, "there is no file"),
        (
            {"value": [1.0]},
            {"source": "store:macro", "stamping": Stamping()},
            "'side' is read from 'store:macro', and there is no table: ingest it first",
        ),
    ],
)
def test_what_is_not_there_is_refused_by_name(
    tmp_path: Path, columns: dict[str, Any], changes: dict[str, Any], message: str
) -> None:
    folder = written(tmp_path, **{"date": ["2024-01-01"], **columns})
    with pytest.raises(Misuse, match=re.escape(message.removesuffix(": did you mean 'v"))):
        published(spec(lag=DAY, **changes), folder)


def test_a_side_table_of_a_database_is_read_by_its_name(tmp_path: Path) -> None:
    made = make_market("property", 2, 24)
    write_market(made, tmp_path / "homes.db", "sqlite")
    asked = spec(source="homes.db", table="sales", values=("price",), entity="symbol")
    panel = published(asked, tmp_path)
    want = made.panels["sales"].table.select("timestamp", "known_at", "price")
    assert panel.table.select("timestamp", "known_at", "price").equals(want)
    with pytest.raises(BadTable, match=r"homes.db has no table 'sale' with a time: did you mean"):
        published(replace(asked, table="sale"), tmp_path)


def test_a_panel_that_we_wrote_is_read_back_as_it_was(tmp_path: Path) -> None:
    made = make_market("property", 2, 24)
    write_market(made, tmp_path / "homes.parquet", "parquet")
    asked = spec(source="homes.sales.parquet", values=("price",), entity="symbol")
    want = made.panels["sales"].table.select("symbol", "timestamp", "known_at", "session", "price")
    assert (
        published(asked, tmp_path)
        .table.cast({"symbol": pl.String})
        .equals(want.cast({"symbol": pl.String}))
    )


def test_an_ingested_series_is_known_from_each_of_its_vintages(tmp_path: Path) -> None:
    stored = pl.DataFrame(
        {
            "date": ["2024-01-01", "2024-01-01", "2024-01-01"],
            "known_at": ["2024-02-13T13:30Z", "2024-03-12T12:30Z", "2024-02-01T12:30Z"],
            "series": ["CPI", "CPI", "RATE"],
            "value": [1.0, 1.1, 5.0],
        }
    )
    MarketStore(tmp_path).append(Panel.from_frame(stored, calendar="month"), "observations")
    panel = published(spec(source="fred:CPI", stamping=Stamping()), tmp_path)
    assert panel.table["value"].to_list() == [1.0, 1.1]
    assert panel.revised == 1
    assert panel.symbols == ("market",)
    by_name = spec(source="store:observations", entity="symbol", of="CPI", stamping=Stamping())
    assert published(by_name, tmp_path) == panel
    assert Market({"bars": panel, "cpi": panel}).panels["cpi"].names == pl.Enum(["market"])
