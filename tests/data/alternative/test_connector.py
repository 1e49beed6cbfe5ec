"""On real filings, prices and macro figures: what was known, and how much of it there was."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from tradewind.core import Dataset, Panel, stream
from tradewind.core.joining import with_sides
from tradewind.data.alternative.connector import AlternativeDataConnector
from tradewind.data.alternative.coverage import coverage
from tradewind.data.alternative.spec import AlternativeDataConfig, AlternativeDataSpec
from tradewind.data.files import read_bars
from tradewind.data.sources.stamping import Stamping

FILINGS = AlternativeDataSpec(
    "filings",
    "fundamentals",
    "equities/fundamentals_vintages.parquet",
    ("revenues", "net_income"),
    entity="symbol",
    timestamp="period_end",
    known_at="collected_at",
    stamping=Stamping("session", "24/7"),
    stale_after=timedelta(days=200),
)
CPI = AlternativeDataSpec(
    "cpi",
    "macro",
    "macro/macro_monthly.parquet",
    ("value",),
    entity="series",
    of="CPIAUCSL",
    stamping=Stamping("session", "month"),
    lag=timedelta(days=45),
)


@pytest.fixture(scope="module")
def connector(shared: Path) -> AlternativeDataConnector:
    return AlternativeDataConnector(AlternativeDataConfig((FILINGS, CPI)), shared / "data")


@pytest.fixture(scope="module")
def bars(shared: Path) -> Panel:
    return read_bars(shared / "data/equities/equity_daily_us.parquet")


def test_filings_that_end_after_they_were_collected_are_left_out(
    connector: AlternativeDataConnector,
) -> None:
    told = {found.detail for found in connector.findings}
    assert "2 rows were left out: it was known before it was complete" in told
    assert connector.panels()["filings"].revised == 2923


def test_each_price_reads_the_filing_that_its_day_knew(
    connector: AlternativeDataConnector, bars: Panel
) -> None:
    keys = bars.table.filter(pl.col("session").dt.year() >= 2015)
    chosen = sorted(stream(2, "rows").choice(len(keys), 300, replace=False))
    keys = keys[chosen].select(decided_at="known_at", symbol="symbol")
    asked = Dataset(keys.sort("decided_at", "symbol"), ())
    rows = with_sides(asked, connector.panels(), connector.sides).table
    filings, cpi = connector.panels()["filings"], connector.panels()["cpi"]
    compared = 0
    for at, symbol, revenues, _, age, index, _ in rows.iter_rows():
        known = filings.as_of(at).table.filter(pl.col("symbol").cast(pl.String) == symbol)
        fresh = len(known) and at - known["timestamp"][-1] <= timedelta(days=200)
        assert revenues == (known["revenues"][-1] if fresh else None)
        assert (age is None) == (not len(known))
        assert index == cpi.as_of(at).table["value"][-1]
        compared += bool(fresh)
    assert compared > 150


def test_coverage_counts_what_reaches_the_bars(
    connector: AlternativeDataConnector, bars: Panel
) -> None:
    first = bars.table.filter(~pl.Series(bars.corrections))
    keys = first.select(decided_at="known_at", symbol="symbol").unique()
    asked = Dataset(keys.sort("decided_at", "symbol"), ())
    rows = with_sides(asked, connector.panels(), connector.sides)
    found = coverage(rows, connector.panels(), connector.sides)
    filings, _, cpi = found.to_dict()
    assert (filings["source"], filings["column"], filings["rows"]) == (
        "filings",
        "revenues",
        323720,
    )
    assert filings["covered"] == pytest.approx(0.406, abs=1e-3)
    assert filings["symbols"] == 324
    assert (cpi["covered"], cpi["stale"], cpi["symbols"]) == (1.0, 0.0, 336)
    assert 45 < cpi["median_age_days"] < cpi["p95_age_days"] < 45 + 31
    said = "cpi.value: 100% of 323,720 rows have a value, 60.8 days old in the median and 74.8"
    assert said in str(found.findings[2])
