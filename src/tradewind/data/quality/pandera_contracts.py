"""Contracts checked by Pandera, the one file that knows it; what it finds is told as our findings."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from tradewind.core import Finding
from tradewind.core.errors import Misuse, nearest
from tradewind.core.finding import Severity
from tradewind.core.tables import UTC_TIME
from tradewind.data.quality.contracts import CONTRACTS, Contract, Field, Kind

TYPES: Mapping[Kind, pl.DataType] = {
    "text": pl.String(),
    "number": pl.Float64(),
    "whole": pl.Int64(),
    "moment": pl.Datetime("us", "UTC"),
}


def check_tables(tables: Mapping[str, pl.DataFrame]) -> list[Finding]:
    """What breaks the contracts of these tables: each by itself, then its order, then what it refers to.

    >>> assets = pl.DataFrame({"asset_id": [1, 1], "symbol": ["ACME", None]})
    >>> trades = pl.DataFrame({"asset_id": [7], "timestamp": ["2024-01-02T15:00:00Z"],
    ...     "trade_id": ["a"], "side": ["hold"], "quantity": [1.0], "price": [9.5]})
    >>> for finding in check_tables({"assets": assets, "trades": trades}):
    ...     print(finding.check, "in", finding.where, "-", finding.detail)
    contract.duplicate in assets - 2 rows repeat a key (asset_id), first (1)
    contract.null in assets.symbol - 1 rows are null
    contract.value in trades.side - 1 rows are not one of buy, sell, first 'hold'
    contract.refers in trades.asset_id - 1 rows are not in assets.asset_id, first 7
    """
    found: list[Finding] = []
    for name in tables:
        if name not in CONTRACTS:
            raise Misuse(f"no contract is for a table {name!r}", nearest(name, CONTRACTS))
    for name, table in tables.items():
        contract = CONTRACTS[name]
        read, unread = _read(table, contract)
        found += [*unread, *_broken(read, contract), *_order(read, contract)]
        found += _strangers(read, contract, tables)
    return found


def _read(table: pl.DataFrame, contract: Contract) -> tuple[pl.DataFrame, list[Finding]]:
    """The table in the contract's types, and what could not be read as them."""
    found = []
    for one in contract.fields:
        if one.name not in table.columns:
            continue
        column = table[one.name]
        read = _as(column, one.kind)
        if lost := read.null_count() - column.null_count():
            first = column.filter(read.is_null() & column.is_not_null())[0]
            detail = f"{lost} rows are no {one.kind}, first {first!r}"
            found.append(_finding("type", contract, one.name, detail, f"make them a {one.kind}"))
        table = table.with_columns(read)
    return table, found


def _as(column: pl.Series, kind: Kind) -> pl.Series:
    if kind == "moment" and column.dtype == pl.String:
        plain = column.str.replace(" ", "T").str.replace("Z$", "+00:00")
        return plain.str.to_datetime(time_unit="us", time_zone="UTC", strict=False)
    if (
        kind == "moment"
        and isinstance(column.dtype, pl.Datetime)
        and column.dtype.time_zone is None
    ):
        return column.dt.replace_time_zone("UTC").dt.cast_time_unit("us")
    return column.cast(UTC_TIME if kind == "moment" else TYPES[kind], strict=False)


def _broken(table: pl.DataFrame, contract: Contract) -> list[Finding]:
    import pandera.errors

    try:
        _schema(table, contract).validate(table, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        return [_told(error, contract) for error in errors.schema_errors]
    return []


def _schema(table: pl.DataFrame, contract: Contract) -> Any:
    """The contract as Pandera's schema; what may be absent and is, is left out."""
    import pandera.polars as pa

    fields = [one for one in contract.fields if one.required or one.name in table.columns]
    key = [name for name in contract.key if name in table.columns]
    columns = {
        one.name: pa.Column(TYPES[one.kind], _checks(one), nullable=one.nullable, title=one.rule)
        for one in fields
    }
    return pa.DataFrameSchema(columns, unique=key or None, name=contract.table)


def _checks(one: Field) -> list[Any]:
    from pandera.polars import Check

    limits = ((Check.gt, one.above), (Check.ge, one.at_least), (Check.le, one.at_most))
    checks = [make(value) for make, value in limits if value is not None]
    return [*checks, Check.isin(list(one.one_of))] if one.one_of else checks


def _told(error: Any, contract: Contract) -> Finding:
    """One of Pandera's errors in our words."""
    reason, name = error.reason_code.name, getattr(error.schema, "name", None)
    cases = error.failure_cases if isinstance(error.failure_cases, pl.DataFrame) else pl.DataFrame()
    if reason == "COLUMN_NOT_IN_DATAFRAME":
        return _finding("column", contract, str(error.failure_cases), "it is absent", "add it")
    if reason == "DUPLICATES":
        keys = [key for key in contract.key if key in cases.columns]
        first = ", ".join(str(cell) for cell in cases.select(keys).row(0))
        detail = f"{len(cases)} rows repeat a key ({', '.join(keys)}), first ({first})"
        return _finding("duplicate", contract, None, detail, "keep one of each")
    if reason == "SERIES_CONTAINS_NULLS":
        return _finding("null", contract, name, f"{len(cases)} rows are null", "fill or drop them")
    rule = next(one for one in contract.fields if one.name == name).rule.partition(", ")[2]
    first = repr(cases.to_series()[0])
    detail = f"{len(cases)} rows are not {rule}, first {first}"
    return _finding("value", contract, name, detail, "correct them, or the contract")


def _order(table: pl.DataFrame, contract: Contract) -> list[Finding]:
    """Rows of one series that go back in time."""
    if "timestamp" not in table.columns or len(table) < 2:
        return []
    series = [name for name in contract.key if name not in ("timestamp", "known_at")]
    series = [name for name in series if name in table.columns]
    before = pl.col("timestamp").shift(1)
    back = table.select(
        (pl.col("timestamp") < (before.over(series) if series else before)).fill_null(False)
    ).to_series()
    if not back.any():
        return []
    detail = f"{back.sum()} rows go back in time, first row {back.arg_max()}"
    return [_finding("order", contract, "timestamp", detail, "sort them", "warning")]


def _strangers(
    table: pl.DataFrame, contract: Contract, tables: Mapping[str, pl.DataFrame]
) -> list[Finding]:
    """Values that are not in the table they refer to."""
    found = []
    for name, target in contract.refers.items():
        other, _, key = target.partition(".")
        if name not in table.columns or other not in tables or key not in tables[other].columns:
            continue
        known = tables[other][key].cast(table.schema[name], strict=False)
        strange = table[name].drop_nulls().filter(~table[name].drop_nulls().is_in(known.implode()))
        if len(strange):
            detail = f"{len(strange)} rows are not in {target}, first {strange[0]}"
            found.append(_finding("refers", contract, name, detail, f"add them to {other}"))
    return found


def _finding(
    check: str,
    contract: Contract,
    column: str | None,
    detail: str,
    remedy: str,
    severity: Severity = "error",
) -> Finding:
    where = f"{contract.table}.{column}" if column else contract.table
    return Finding(f"contract.{check}", severity, where, detail, remedy)
