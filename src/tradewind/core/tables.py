"""What every noun asks of its table: columns that are there, types that fit, keys in order."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core.arrays import Floats, Ints
from tradewind.core.errors import BadTable, nearest

UTC_TIME = pl.Datetime("us", "UTC")
Columns = Mapping[str, type[pl.DataType] | pl.DataType]


def require_columns(table: pl.DataFrame, noun: str, columns: Columns) -> None:
    """Refuse a table that lacks a column, has it in another type, or has nulls in it.

    >>> require_columns(pl.DataFrame({"att": [1]}), "Forecast", {"at": pl.Int64})
    Traceback (most recent call last):
    tradewind.core.errors.BadTable: a Forecast has no column 'at': did you mean 'att'?
    """
    schema = table.schema  # polars builds it anew each time
    for name, dtype in columns.items():
        if name not in schema:
            raise BadTable(f"a {noun} has no column {name!r}", nearest(name, table.columns))
        if schema[name] != dtype:
            raise BadTable(
                f"column {name!r} of a {noun} is {schema[name]}, not {dtype}",
                f"cast it with pl.col({name!r}).cast(...)",
            )
        if nulls := table[name].null_count():
            raise BadTable(
                f"column {name!r} of a {noun} has {nulls} nulls", "drop or fill those rows"
            )


def require_keys_in_order(table: pl.DataFrame, noun: str, keys: Sequence[str]) -> None:
    """Refuse a table whose rows are not strictly ascending by its keys.

    >>> require_keys_in_order(pl.DataFrame({"at": [2, 1]}), "Decision", ["at"])
    Traceback (most recent call last):
    tradewind.core.errors.BadTable: rows of a Decision are not sorted by (at), first at row 1: ...
    """
    equal = np.ones(max(len(table) - 1, 0), dtype=bool)
    ascending = np.zeros_like(equal)
    for key in keys:
        values = physical(table[key])
        ascending |= equal & (values[1:] > values[:-1])
        equal &= values[1:] == values[:-1]
    broken = ~ascending
    if broken.any():
        row = int(broken.argmax()) + 1
        listed = ", ".join(keys)
        if equal.any():
            row = int(equal.argmax()) + 1
            key = ", ".join(str(table[name][row]) for name in keys)
            raise BadTable(
                f"{int(equal.sum())} rows of a {noun} repeat a key ({listed}), first ({key}), "
                f"{differences(table[row - 1], table[row])}",
                "keep one of each, or give a correction its own known_at",
            )
        raise BadTable(
            f"rows of a {noun} are not sorted by ({listed}), first at row {row}",
            f"sort them, or read them with {noun}.from_frame where there is one",
        )


def differences(one: pl.DataFrame, other: pl.DataFrame) -> str:
    """Where two rows differ, with both values.

    >>> row = pl.DataFrame({"symbol": ["A"], "close": [1.0]})
    >>> differences(row, row.with_columns(close=2.0))
    'with another close (1.0 and 2.0)'
    """
    pairs = zip(one.columns, one.row(0), other.row(0), strict=True)
    told = [f"{name} ({a} and {b})" for name, a, b in pairs if a != b]
    return "with another " + ", ".join(told) if told else "the same in everything"


def require_finite(table: pl.DataFrame, noun: str) -> None:
    """Refuse NaN and infinity: a missing value is null, and nothing else is missing.

    >>> require_finite(pl.DataFrame({"close": [1.0, float("inf")]}), "Panel")
    Traceback (most recent call last):
    tradewind.core.errors.BadTable: column 'close' of a Panel is inf at row 1: ...
    """
    floats = [name for name, dtype in table.schema.items() if dtype.is_float()]
    finite = table.select(pl.col(floats).is_finite().all()) if floats else pl.DataFrame()
    for name, dtype in table.schema.items():
        if (
            isinstance(dtype, pl.Array)
            and not np.isfinite(table[name].drop_nulls().to_numpy()).all()
        ):
            raise BadTable(f"a vector in {name!r} of a {noun} is not finite", "make it null")
    for name in finite.columns:
        if finite[name][0] is False:
            row = int((~table[name].is_finite()).fill_null(False).arg_max() or 0)
            place = f"at row {row}"
            if {"symbol", "timestamp"} <= set(table.columns):
                place = f"for {table['symbol'][row]} at {table['timestamp'][row]}"
            raise BadTable(
                f"column {name!r} of a {noun} is {table[name][row]} {place}",
                "make a missing value null, and find out where an infinity came from",
            )


def physical(column: pl.Series) -> npt.NDArray[np.integer[Any]]:
    """The integers behind a time, a date or an Enum, as numpy sees them (no copy where possible)."""
    values: npt.NDArray[np.integer[Any]] = column.to_physical().to_numpy()
    return values


def micros(column: pl.Series) -> Ints:
    """A UTC time column as microseconds since 1970."""
    return physical(column).astype(np.int64, copy=False)


def floats(column: pl.Series) -> Floats:
    """A number column as float64, null as NaN, contiguous: what a kernel reads."""
    numbers = column if column.dtype == pl.Float64 else column.cast(pl.Float64)
    return np.ascontiguousarray(numbers.to_numpy())


def by_value(one: Any, other: Any) -> bool:
    """Equality of two nouns that hold tables: the same type, and every field the same to the bit."""
    if type(one) is not type(other):
        return False
    compared = [field.name for field in fields(one) if field.compare]
    return all(_same(getattr(one, name), getattr(other, name)) for name in compared)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, pl.DataFrame):
        return isinstance(other, pl.DataFrame) and one.schema == other.schema and one.equals(other)
    if isinstance(one, np.ndarray):
        return bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))
    return bool(one == other)
