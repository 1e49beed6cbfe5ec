"""Columns as polars knows them and as a Delta table declares them, there and back.

Delta has no categories, no unsigned numbers and no vectors of a fixed size: categories become text,
unsigned numbers the signed ones that hold them, and the width of a vector is kept beside its column.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from tradewind.core.errors import BadTable

NAMES: Mapping[Any, str] = {
    pl.Boolean: "boolean",
    pl.Int8: "byte",
    pl.Int16: "short",
    pl.Int32: "integer",
    pl.Int64: "long",
    pl.Float32: "float",
    pl.Float64: "double",
    pl.String: "string",
    pl.Date: "date",
    pl.Datetime("us", "UTC"): "timestamp",
}
TYPES = {name: dtype for dtype, name in NAMES.items()}
SIGNED: Mapping[Any, Any] = {
    pl.UInt8: pl.Int16,
    pl.UInt16: pl.Int32,
    pl.UInt32: pl.Int64,
    pl.UInt64: pl.Int64,
}

REALS = (pl.Float32, pl.Float64)
WIDTH = "tradewind.width"
Field = dict[str, Any]  # a field of a Delta schema, as its JSON


def storable(schema: Mapping[str, pl.DataType]) -> dict[str, pl.DataType]:
    """The type in which each column is kept.

    >>> storable({"symbol": pl.Enum(["A"]), "lots": pl.UInt8()})
    {'symbol': String, 'lots': Int16}
    """
    return {name: _storable(name, dtype) for name, dtype in schema.items()}


def _storable(name: str, dtype: pl.DataType) -> pl.DataType:
    if isinstance(dtype, pl.Enum | pl.Categorical):
        return pl.String()
    if isinstance(dtype, pl.Array) and dtype.shape == (dtype.size,) and dtype.inner in REALS:
        return dtype
    signed = SIGNED.get(dtype.base_type())
    kept: pl.DataType = signed() if signed else dtype
    if kept not in NAMES:
        raise BadTable(
            f"column {name!r} is {dtype}, which a table cannot keep",
            "keep numbers, text, dates, UTC moments, or vectors of float32 or float64",
        )
    return kept


def to_field(name: str, dtype: pl.DataType) -> Field:
    """The declaration of a column.

    >>> to_field("v", pl.Array(pl.Float32, 3))["metadata"]
    {'tradewind.width': '3'}
    """
    if isinstance(dtype, pl.Array):
        inner = {"type": "array", "elementType": NAMES[dtype.inner], "containsNull": True}
        return _field(name, inner, {WIDTH: str(dtype.size)})
    return _field(name, NAMES[dtype], {})


def _field(name: str, kind: Any, metadata: Mapping[str, str]) -> Field:
    return {"name": name, "type": kind, "nullable": True, "metadata": dict(metadata)}


def to_dtype(field: Mapping[str, Any]) -> pl.DataType:
    """The type that a declaration means.

    >>> to_dtype(to_field("v", pl.Array(pl.Float32, 3)))
    Array(Float32, shape=(3,))
    """
    kind = field["type"]
    width = field["metadata"].get(WIDTH)
    if isinstance(kind, Mapping) and kind.get("type") == "array":
        inner = TYPES.get(kind["elementType"])
        if inner is not None:
            return pl.Array(inner, int(width)) if width else pl.List(inner)
    if not isinstance(kind, str) or kind not in TYPES:
        raise BadTable(
            f"column {field['name']!r} is a Delta {kind}, which we did not write",
            "read the table with the tool that wrote it",
        )
    return _instance(TYPES[kind])


def _instance(dtype: Any) -> pl.DataType:
    made: pl.DataType = dtype() if isinstance(dtype, type) else dtype
    return made
