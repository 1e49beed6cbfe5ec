"""The reference of tables is fresh, and true of what a database becomes in the store."""

import sqlite3
from pathlib import Path

import pytest

from tools.rooms import ROOT
from tradewind.core.panel import RESERVED
from tradewind.data.reference import STORED, page
from tradewind.data.sources.sqlite import SqliteDatabase
from tradewind.data.sources.stamping import Stamping

TYPES: dict[type, str] = {int: "INTEGER", float: "REAL", str: "TEXT"}
WHEN = "2024-01-02T21:00:00Z"
ROWS = {
    "assets": {"asset_id": 1, "symbol": "ACME"},
    "series": {
        "asset_id": 1, "timestamp": WHEN, "open": 1.0, "high": 1.0, "low": 1.0, "close": 1.0,
        "volume": 1.0,
    },
    "indicators": {"asset_id": 1, "timestamp": WHEN, "indicator": "rsi", "value": 50.0},
    "regimes": {"timestamp": WHEN, "regime": "calm", "probability": 0.9},
    "trades": {
        "asset_id": 1, "timestamp": WHEN, "trade_id": "a", "side": "buy", "quantity": 1.0,
        "price": 9.5, "fee": 0.1,
    },
    "benchmarks": {"benchmark": "SPX", "timestamp": WHEN, "close": 1.0},
}  # fmt: skip


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """One row of each table in the layout of the contracts."""
    path = tmp_path / "market.db"
    with sqlite3.connect(path) as made:
        for name, row in ROWS.items():
            columns = ", ".join(f"{key} {TYPES[type(value)]}" for key, value in row.items())
            made.execute(f"CREATE TABLE {name} ({columns})")
            made.execute(
                f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", [*row.values()]
            )
    made.close()
    return path


def test_the_page_is_what_the_tables_say() -> None:
    said = (ROOT / "docs/contracts.md").read_text(encoding="utf-8")
    assert said == page(), "write it again with the command at its head"


def test_each_table_of_a_database_lies_in_the_store_as_the_page_says(database: Path) -> None:
    told = {stored.table: stored for stored in STORED}
    sources = SqliteDatabase(database).sources(Stamping("end", "24/7"))
    assert len(sources) == 5
    for source in sources:
        [panel] = source.read()
        columns = set(panel.columns) - set(RESERVED)
        wanted = set(told[source.table].columns) or {"rsi"}
        assert columns == wanted, source.table
