"""Tables from outside are what their contracts say, or it is said what they are not."""

import re
from datetime import UTC, datetime

import polars as pl
import pytest

from tradewind.core.errors import Misuse
from tradewind.data.quality.contracts import CONTRACTS, contract_reference
from tradewind.data.quality.pandera_contracts import check_tables

WHEN = [datetime(2024, 1, day, tzinfo=UTC) for day in (2, 3)]


def good() -> dict[str, pl.DataFrame]:
    """A small example of every table that has a contract."""
    bar = {"asset_id": [1, 1], "timestamp": WHEN}
    return {
        "assets": pl.DataFrame({"asset_id": [1, 2], "symbol": ["ACME", "EMCA"]}),
        "series": pl.DataFrame({**bar, "known_at": WHEN, "close": [9.0, None], "volume": [1, 0]}),
        "indicators": pl.DataFrame({**bar, "indicator": "rsi", "value": [50.0, None]}),
        "regimes": pl.DataFrame({"timestamp": WHEN, "regime": ["calm", "crisis"]}),
        "trades": pl.DataFrame(
            {**bar, "trade_id": ["a", "b"], "side": "buy", "quantity": 1.0, "price": -37.63}
        ),
        "benchmarks": pl.DataFrame({"benchmark": "SPX", "timestamp": WHEN, "close": [1.0, 2.0]}),
        "alternative": pl.DataFrame(
            {"source": "FRED", "field": "CPI", "timestamp": WHEN, "known_at": WHEN, "value": 1.0}
        ),
        "cross_asset": pl.DataFrame({"view": "pairs", **bar, "value": [1.0, None]}),
    }


def test_good_tables_keep_every_contract() -> None:
    assert set(good()) == set(CONTRACTS)
    assert check_tables(good()) == []


@pytest.mark.parametrize(
    ("table", "change", "told"),
    [
        ("assets", {"symbol": pl.lit(None, dtype=pl.String)}, "contract.null in assets.symbol: 2 rows"),
        ("assets", {"asset_id": pl.lit(1)}, r"contract.duplicate in assets: 2 rows repeat a key \(asset_id"),
        ("series", {"volume": pl.lit(-1.0)}, "contract.value in series.volume: 2 rows are not .*at least 0"),
        ("series", {"close": pl.lit("cheap")}, "contract.type in series.close: 2 rows are no number, first 'ch"),
        ("series", {"timestamp": pl.lit("soon")}, "contract.type in series.timestamp: 2 rows are no moment"),
        ("series", {"asset_id": pl.lit(9)}, "contract.refers in series.asset_id: 2 rows are not in assets"),
        ("series", {"timestamp": pl.col("timestamp").reverse()}, "contract.order in series.timestamp: 1 rows"),
        ("regimes", {"probability": pl.lit(1.5)}, "contract.value in regimes.probability: 2 rows are not"),
        ("trades", {"side": pl.lit("hold")}, "contract.value in trades.side: 2 rows are not one of buy, sell"),
        ("trades", {"quantity": pl.lit(0.0)}, "contract.value in trades.quantity: 2 rows are not above 0"),
        ("benchmarks", {"close": pl.lit(-1.0)}, "contract.value in benchmarks.close: 2 rows are not above 0"),
        ("alternative", {"field": pl.lit(None, dtype=pl.String)}, "contract.null in alternative.field"),
        ("cross_asset", {"timestamp": WHEN[0]}, r"contract.duplicate in cross_asset: 2 rows repeat a key"),
    ],
)  # fmt: skip
def test_a_table_that_breaks_its_contract_is_told_where(
    table: str, change: dict[str, pl.Expr], told: str
) -> None:
    tables = good()
    tables[table] = tables[table].with_columns(**change)
    found = [
        str(one).partition(" ")[2] for one in check_tables(tables) if one.where.startswith(table)
    ]
    assert any(re.match(told, one) for one in found), found


def test_a_column_that_is_absent_is_told() -> None:
    tables = {"benchmarks": good()["benchmarks"].drop("close")}
    assert [str(one) for one in check_tables(tables)] == [
        "error contract.column in benchmarks.close: it is absent (remedy: add it)"
    ]


def test_moments_as_text_are_read() -> None:
    text = good()["benchmarks"].with_columns(
        timestamp=pl.Series(["2024-01-02T21:00:00Z", "2024-01-03 21:00:00Z"])
    )
    assert check_tables({"benchmarks": text}) == []


def test_the_tables_of_a_made_market_keep_their_contracts() -> None:
    from tradewind.data.synthetic import make_market

    market = make_market("equity", 3, 50)
    assets = market.instruments.with_row_index("asset_id", offset=1)
    series = market.panel.table.join(assets.select("symbol", "asset_id"), on="symbol")
    regimes = market.truth.regimes if market.truth else pl.DataFrame()
    assert check_tables({"assets": assets, "series": series, "regimes": regimes}) == []


def test_a_table_without_a_contract_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(Misuse, match="no contract is for a table 'trade': did you mean 'trades'"):
        check_tables({"trade": pl.DataFrame()})


def test_the_reference_names_every_table_and_column() -> None:
    text = contract_reference()
    for contract in CONTRACTS.values():
        assert f"## {contract.table}\n" in text
        assert all(f"| `{one.name}` | {one.rule} |" in text for one in contract.fields)
