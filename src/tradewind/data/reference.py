"""docs/contracts.md: what tables from outside must be, and as what they then lie in the store."""

from collections.abc import Mapping
from dataclasses import dataclass

from tradewind.data.quality.contracts import contract_reference


@dataclass(frozen=True)
class Stored:
    """One table of the store: what its rows are of, what their symbol names, and who brings them."""

    table: str
    means: str
    symbol: str
    columns: Mapping[str, str]  # besides the keys
    brought_by: str


STORED: tuple[Stored, ...] = (
    Stored(
        "bars",
        "prices and volume of a period; the one table that passes the quality gate",
        "the instrument",
        {
            "open": "first price of the period",
            "high": "highest price",
            "low": "lowest price",
            "close": "last price",
            "volume": "what was traded",
        },
        "CSV, Parquet, frames, `series` of SQLite, Alpha Vantage",
    ),
    Stored(
        "observations",
        "values that are no bars: rates, prices of goods, surveys",
        "the series",
        {"value": "what was observed"},
        "FRED, BLS, economic series of Alpha Vantage",
    ),
    Stored(
        "actions",
        "splits and dividends as dated facts, stamped at the close of the ex-date",
        "the instrument",
        {"split": "how many shares one became, 1 where none did", "dividend": "cash a share"},
        "Alpha Vantage",
    ),
    Stored(
        "indicators",
        "values delivered beside the bars, each indicator a column of its name",
        "the instrument",
        {},
        "`indicators` of SQLite",
    ),
    Stored(
        "sectors",
        "the sector of each instrument from `timestamp` on, until it is said to be in another",
        "the instrument",
        {"sector": "its name; null: in none"},
        "a table `sectors` of SQLite, or `MarketStore.append`",
    ),
    Stored(
        "regimes",
        "the state of the market, or of one instrument, as somebody else saw it",
        "the instrument, or `market`",
        {"regime": "its name", "probability": "how sure, from 0 to 1"},
        "`regimes` of SQLite",
    ),
    Stored(
        "trades",
        "what was bought and sold",
        "the trade's number",
        {
            "asset": "the instrument",
            "side": "buy or sell",
            "quantity": "how much",
            "price": "at which price",
            "fee": "what it cost",
        },
        "`trades` of SQLite",
    ),
    Stored(
        "benchmarks",
        "what results are held against",
        "the benchmark",
        {"close": "its level"},
        "`benchmarks` of SQLite",
    ),
)


def store_reference() -> str:
    """Every table of the store as Markdown.

    >>> print(store_reference().partition(" Brought")[0])
    ## bars
    Prices and volume of a period; the one table that passes the quality gate. `symbol` is the instrument.
    """
    return "\n\n".join(_section(stored) for stored in STORED) + "\n"


def _section(stored: Stored) -> str:
    means = f"{stored.means[0].upper()}{stored.means[1:]}"
    head = f"{means}. `symbol` is {stored.symbol}. Brought by: {stored.brought_by}."
    rows = [f"| `{name}` | {what} |" for name, what in stored.columns.items()]
    table = ["", "| column | what it is |", "|---|---|", *rows] if rows else []
    return "\n".join([f"## {stored.table}", head, *table])


def page() -> str:
    """docs/contracts.md."""
    return PAGE.format(outside=contract_reference().rstrip(), store=store_reference().rstrip())


PAGE = """\
# Tables: what they must be, and what becomes of them

Written by

    python -c "from tradewind.data.reference import page; print(page(), end='')" > docs/contracts.md

# From outside

What whoever delivers a table promises. `tradewind.data.quality.pandera_contracts.check_tables` says what
breaks a contract, table by table and column by column. A `moment` is a time with its zone, or text such as
2024-01-02T21:00:00Z; a `number` is never infinite, and null where it is missing.

{outside}

# In the store

Every table of a workspace has four columns first, and a row is named by the first three of them:

| column | what it is |
|---|---|
| `symbol` | what the row is of |
| `timestamp` | the moment, in UTC, at which the row's period was complete |
| `known_at` | the moment from which it could be known, never before `timestamp` |
| `session` | its trading day, as a date |

A correction is a new row with a later `known_at`; nothing is overwritten. Columns that a source has besides
are kept as they come, and any other table of SQLite that has a time keeps its name. What a workspace
holds is told by `tradewind data coverage`.

{store}
"""
