"""Rows that no panel can hold: said once where they repeat, and set aside with their reason.

A `Panel` has one row a key, finite numbers and honest clocks, so a source meets what breaks that before
any inspector can. Without somebody to hand such rows to, the source refuses; it never drops them.
"""

from collections.abc import Callable

import polars as pl

from tradewind.core import Finding
from tradewind.core.panel import KEYS
from tradewind.core.reading import BARS, CONTROL
from tradewind.core.tables import differences, physical
from tradewind.data.sources.csv_blocks import BLANK

Aside = Callable[[pl.DataFrame], None]
"""Takes rows with their `check` and `reason`: a quarantine."""


def sifted_text(table: pl.DataFrame, aside: Aside) -> pl.DataFrame:
    """A table as it came, without the rows whose symbol or price cannot be read.

    >>> kept = []
    >>> came = pl.DataFrame({"timestamp": ["2024-01-02"] * 2, "close": ["1.5", "cheap"]})
    >>> sifted_text(came, kept.append)["close"].to_list(), kept[0]["reason"][0]
    ([1.5], "its close 'cheap' is no number")
    """
    if "symbol" in table.columns:
        table = without(table, pl.col("symbol").is_null(), "row.symbol", "it has no symbol", aside)
        odd = pl.col("symbol").cast(pl.String).str.contains(CONTROL)
        reason = "its symbol holds a control character"
        table = without(table, odd, "row.symbol", reason, aside)
    for name in BARS:
        if table.schema.get(name) == pl.String:
            table = _numeric(table, name, aside)
    return table


def sifted(
    table: pl.DataFrame, name: str, aside: Aside | None
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """The sorted table of a panel without the rows that it cannot hold, and what is to be said.

    A row that comes twice the same is one row; two that differ under one key are both set aside, for
    nobody here knows which is right.
    """
    table, repeated = once(table)
    told = (repeats(name, repeated),) if repeated else ()
    if aside is None:
        return table, told
    before = len(table)
    table = unique_keys(table, aside)
    floats = [one for one, dtype in table.schema.items() if dtype.is_float()]
    endless = pl.any_horizontal(pl.col(floats).is_infinite(), pl.lit(False))
    table = without(table, endless, "row.infinite", "a value is infinite", aside)
    early = pl.col("known_at") < pl.col("timestamp")
    table = without(table, early, "row.early", "it was known before it was complete", aside)
    return table, (*told, *([_aside(name, before - len(table))] if len(table) < before else []))


def without(
    table: pl.DataFrame, wrong: pl.Expr | pl.Series, check: str, reason: str, aside: Aside
) -> pl.DataFrame:
    """The table without the rows that are wrong, which are handed over with the reason."""
    mask = table.select(wrong=wrong).to_series().fill_null(False)
    if not mask.any():
        return table
    aside(table.filter(mask).with_columns(check=pl.lit(check), reason=pl.lit(reason)))
    return table.filter(~mask)


def unique_keys(table: pl.DataFrame, aside: Aside) -> pl.DataFrame:
    """A sorted table without the rows that share a key; each says in what it differs from another.

    >>> kept = []
    >>> twins = pl.DataFrame({"symbol": ["A", "A"], "close": [1.0, 2.0]}).with_columns(
    ...     [pl.lit(0).cast(pl.Datetime).alias(name) for name in ("timestamp", "known_at")])
    >>> len(unique_keys(twins, kept.append)), kept[0]["reason"].to_list()[0]
    (0, 'another row has the same key, with another close (1.0 and 2.0)')
    """
    twins = _same_key(table)
    if not twins.any():
        return table
    rows = table.filter(twins)
    with_last = rows.select(pl.struct(KEYS).eq(pl.struct(KEYS).shift(1))).to_series()
    others = [nth - 1 if last else nth + 1 for nth, last in enumerate(with_last.fill_null(False))]
    told = [differences(rows[nth], rows[other]) for nth, other in enumerate(others)]
    reason = pl.Series("reason", [f"another row has the same key, {one}" for one in told])
    aside(rows.with_columns(reason, check=pl.lit("row.key")))
    return table.filter(~twins)


def _numeric(table: pl.DataFrame, name: str, aside: Aside) -> pl.DataFrame:
    """One price column as numbers, without the rows in which it is none."""
    text = table[name].str.strip_chars()
    blank = text.str.to_lowercase().is_in(BLANK).fill_null(True)
    number = text.cast(pl.Float64, strict=False)
    for value in text.filter(number.is_null() & ~blank).unique(maintain_order=True):
        reason = f"its {name} {value!r} is no number"
        table = without(
            table, pl.col(name).str.strip_chars() == value, f"row.{name}", reason, aside
        )
    return table.with_columns(
        pl.col(name).str.strip_chars().cast(pl.Float64, strict=False).fill_nan(None)
    )


def _same_key(table: pl.DataFrame) -> pl.Series:
    """Where a row of a sorted table has the key of a neighbour."""
    same = pl.repeat(True, max(len(table) - 1, 0), eager=True, dtype=pl.Boolean)
    for key in KEYS:
        values = physical(table[key])
        same &= pl.Series(values[1:] == values[:-1], dtype=pl.Boolean)
    edge = pl.Series([False] if len(table) else [], dtype=pl.Boolean)
    return pl.concat([edge, same]) | pl.concat([same, edge])


def once(table: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The table with rows that are the same in everything kept once, and how many were more."""
    same = _same_key(table)
    if not same.any():
        return table, 0
    once = table.filter(same).unique(maintain_order=True)
    kept = pl.concat([table.filter(~same), once]).sort(KEYS, maintain_order=True)
    return kept, len(table) - len(kept)


def repeats(name: str, rows: int) -> Finding:
    """What is said of rows that came again."""
    detail = f"{rows:,} rows came again, the same in everything, and were kept once"
    return Finding("source.repeated", "warning", name, detail, "ask the source why it repeats rows")


def _aside(name: str, rows: int) -> Finding:
    detail = f"{rows:,} rows cannot be in any panel and were set aside with their reason"
    return Finding("source.aside", "error", name, detail, "look at them, then release or drop them")
