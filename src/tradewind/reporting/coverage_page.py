"""`render(coverage)`: what a workspace holds, as one HTML file with a heat strip for each table."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from tradewind.reporting.coverage import Coverage, TableCoverage
from tradewind.reporting.figures import MISSING, count, day, number, percent
from tradewind.reporting.filling import filled
from tradewind.reporting.heat import heat_strip, heat_words
from tradewind.reporting.verdict import SEVERITIES, gravest_first

WIDE, NARROW = 900.0, 358.0
SHOWN, MOST = 12, 500  # symbols in sight, and listed at all; coverage.json has them all


def render(coverage: Coverage) -> str:
    """The page as one string, which asks for nothing from outside.

    >>> "Nothing is here yet" in render(Coverage("my-market", (), ()))
    True
    """
    return filled("coverage.html", seen(coverage))


def seen(coverage: Coverage) -> dict[str, Any]:
    """Everything the template shows, as text and drawings."""
    return {
        "subject": coverage.workspace,
        "told": told(coverage),
        "tables": [_table(table) for table in coverage.tables],
        "findings": gravest_first(coverage.findings),
        "severities": SEVERITIES,
        "shown": SHOWN,
    }


def told(coverage: Coverage) -> str:
    """All of it in one line.

    >>> told(Coverage("my-market", (), ()))
    '0 tables, 0 rows'
    """
    rows = sum(table.rows for table in coverage.tables)
    return f"{count(len(coverage.tables), 'table', 'tables')}, {count(rows, 'row', 'rows')}"


def _table(table: TableCoverage) -> dict[str, Any]:
    listed = _listed(table)
    return {
        "name": table.name,
        "version": table.version,
        "span": f"{day(table.first)} to {day(table.last)}",
        "keeps": ", ".join(table.calendars),
        "facts": _facts(table),
        "trainable": table.trainable,
        "missing": {name: rare(share) for name, share in table.missing.items() if share},
        "words": heat_words(table.strip) if table.calendars else "",
        "grouped": table.strip["line"].n_unique() < len(table.symbols),
        "wide": heat_strip(table.strip, table.name, WIDE),
        "narrow": heat_strip(table.strip, table.name, NARROW),
        "symbols": [_symbol(row) for row in listed.iter_rows(named=True)],
        "unlisted": len(table.symbols) - len(listed),
    }


def gap_words(row: Mapping[str, Any]) -> str:
    """How many sessions of a symbol are missing, and since when the most of them in a row.

    >>> from datetime import date
    >>> gap_words({"gaps": 3, "longest": 2, "after": date(2024, 1, 2)})
    '3, of them 2 after 2 Jan 2024'
    """
    if not row["gaps"]:
        return number(row["gaps"], 0)
    together = f"{row['longest']:,} after {day(row['after'])}"
    return together if row["gaps"] == row["longest"] else f"{row['gaps']:,}, of them {together}"


def rare(share: float) -> str:
    """A share that may be small, and is not nothing then.

    >>> rare(0.0), rare(0.00002), rare(0.05)
    ('0 %', 'under 0.1 %', '5.0 %')
    """
    if share == 0:
        return "0 %"
    return "under 0.1 %" if share < 0.001 else percent(share)


def _facts(table: TableCoverage) -> tuple[tuple[str, str, str], ...]:
    """The figures of a table: what, how much, and what it means."""
    expected = f"of {table.expected:,} expected" if table.expected else "none is expected"
    ends = (
        f"{table.behind:,} end before the table does" if table.expected else "none has a calendar"
    )
    return (
        ("Rows", f"{table.rows:,}", f"{table.corrections:,} correct an earlier one"),
        ("Symbols", f"{len(table.symbols):,}", ends),
        ("Sessions with a row", percent(table.present, 2), expected),
        (
            "Sessions missing",
            f"{table.gaps:,}" if table.expected else MISSING,
            "inside a symbol's span",
        ),
    )


def _listed(table: TableCoverage) -> pl.DataFrame:
    """The symbols by their gaps, those without any by their names."""
    order = ["gaps", "behind", "symbol"]
    return table.symbols.sort(order, descending=[True, True, False], nulls_last=True)[:MOST]


def _symbol(row: dict[str, Any]) -> dict[str, str]:
    usable = "" if "usable" not in row else f"{row['usable']:,} of {row['decisions']:,}"
    return {
        "symbol": row["symbol"],
        "span": f"{day(row['first'])} to {day(row['last'])}",
        "rows": f"{row['rows']:,}",
        "gaps": gap_words(row),
        "behind": number(row["behind"], 0),
        "thin": f"{row['thin']:,}",
        "missing": rare(row["missing"]),
        "usable": usable,
    }
