"""From a frame as people have it to the table of a Panel: names, shape, types, order."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl

from tradewind.core.calendar import Calendar, find_calendar
from tradewind.core.errors import BadTable
from tradewind.core.stamps import Stamped, Stamps, stamped
from tradewind.core.tables import physical

ALIASES: dict[str, tuple[str, ...]] = {
    "symbol": (
        "symbol", "ticker", "tic", "instrument", "unique_id", "asset", "security", "secid", "code",
        "pair", "series", "region",
    ),
    "timestamp": (
        "timestamp", "date", "datetime", "time", "ds", "trade_date", "period", "open_time",
    ),
    "known_at": ("known_at", "collected_at", "published_at", "available_at", "release_date"),
    "session": ("session",),
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "close": ("close", "last", "price_close"),
    "volume": ("volume", "vol"),
    "adj_close": ("adj_close", "adjclose", "adjusted_close", "adj_closing_price"),
}  # fmt: skip
CANONICAL = {alias: name for name, aliases in ALIASES.items() for alias in aliases}
CONTROL = r"\p{Cc}"  # what no screen shows, such as NUL
BARS = ("open", "high", "low", "close", "volume", "adj_close")


def read_frame(
    frame: Any,
    *,
    calendar: str | Calendar,
    stamps: Stamps | None,
    bar: timedelta | None,
    tz: str | None,
    symbol: str | None,
    value: str,
) -> Stamped:
    """The table of a Panel, and what was assumed on the way."""
    table = with_known_names(as_polars(frame))
    if not len(table):
        raise BadTable("the table is empty", "give it at least one row")
    if "timestamp" not in table.columns and "session" in table.columns:
        table = table.rename({"session": "timestamp"})
    if "timestamp" not in table.columns:
        raise BadTable(
            f"no column says when: the columns are {_listed(table.columns)}",
            "name one 'timestamp' or 'date' (also read: "
            + ", ".join(ALIASES["timestamp"][2:])
            + ")",
        )
    table = long(table, symbol, value)
    _require_names_apart(table.columns)
    keeper = find_calendar(calendar) if isinstance(calendar, str) else calendar
    table, findings = stamped(table, keeper, stamps, bar, tz)
    return in_order(with_types(table)), findings


def as_polars(frame: Any) -> pl.DataFrame:
    """A pandas, polars or arrow frame as polars; neither pandas nor pyarrow is imported for it."""
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if isinstance(frame, pl.DataFrame):
        return frame
    package = type(frame).__module__.partition(".")[0]
    if package == "pyarrow":
        table = pl.from_arrow(frame)
        return table if isinstance(table, pl.DataFrame) else table.to_frame()
    if package == "pandas":
        return pl.from_pandas(_flat_pandas(frame))
    raise BadTable(
        f"a {type(frame).__name__} is no frame", "pass a pandas, polars or pyarrow table"
    )


def _flat_pandas(frame: Any) -> Any:
    """Index levels as columns, and (field, ticker) columns, as yfinance gives them, as long rows."""
    if frame.columns.nlevels == 2:
        fields = [plain_name(name) in CANONICAL for name in frame.columns.get_level_values(0)]
        level = 1 if all(fields) else 0
        index = frame.index.name or "date"
        frame = frame.rename_axis(index=index).stack(level, future_stack=True)
        frame.index.names = [index, "symbol"]
        return frame.reset_index()
    return _with_labels(frame)


def _with_labels(frame: Any) -> Any:
    """Labels without a name count the rows, or say when; a level that repeats a column is that column."""
    index, flat = frame.index, frame.reset_index(drop=True)
    for level in reversed(range(index.nlevels)):
        values = index.get_level_values(level).to_series(index=flat.index)
        name = index.names[level]
        if name is None and values.dtype.kind in "iu":
            continue
        if name is None:
            says_when = index.nlevels == 1 or values.dtype.kind == "M"
            name = "date" if says_when else f"level_{level}"
        if name not in flat.columns or not values.equals(flat[name]):
            flat.insert(0, name, values)
    return flat


def with_known_names(table: pl.DataFrame) -> pl.DataFrame:
    """Columns by the names of the design, whatever people call them.

    >>> with_known_names(pl.DataFrame({"Date": [1], "tic": ["A"], "Adj Close": [1.0]})).columns
    ['timestamp', 'symbol', 'adj_close']
    """
    named: dict[str, str] = {}
    for column in table.columns:
        name = CANONICAL.get(plain_name(column))
        if name and name in named.values() and name != column:
            rival = next(old for old, new in named.items() if new == name)
            if rival == name:
                continue
            raise BadTable(
                f"columns {rival!r} and {column!r} both mean {name!r}", "drop or rename one of them"
            )
        if name and name != column and name in table.columns:
            continue
        named[column] = name or column
    return table.rename(named)


def plain_name(name: object) -> str:
    """A name of a column without its case, spaces and hyphens."""
    return str(name).strip().lower().replace(" ", "_").replace("-", "_")


def long(table: pl.DataFrame, symbol: str | None, value: str) -> pl.DataFrame:
    """One row per symbol and moment: as it is, or with a symbol given, or unpivoted from wide."""
    if "symbol" in table.columns:
        if symbol:
            raise BadTable(
                f"symbol={symbol!r} was given for a table that names its own",
                "drop the one or the other",
            )
        return table
    if symbol:
        return table.with_columns(symbol=pl.lit(symbol))
    others = [name for name in table.columns if name not in ("timestamp", "known_at", "session")]
    numeric = all(table.schema[name].is_numeric() for name in others)
    if set(others) & set(BARS) or not others or not numeric:
        raise BadTable(
            f"no column names the symbol: the columns are {_listed(table.columns)}",
            "add a 'symbol' column, or pass symbol='NAME' for a table of one",
        )
    index = [name for name in table.columns if name not in others]
    rows = table.unpivot(others, index=index, variable_name="symbol", value_name=value)
    return rows.filter(pl.col(value).is_not_null())


def with_types(table: pl.DataFrame) -> pl.DataFrame:
    """Symbols as an Enum, bars as float64, NaN as null, times in microseconds."""
    schema = table.schema
    if table["symbol"].null_count():
        raise BadTable(f"{table['symbol'].null_count()} rows have no symbol", "drop or name them")
    casts: list[pl.Expr] = []
    if not isinstance(schema["symbol"], pl.Enum):
        names = table["symbol"].cast(pl.String)
        distinct = names.unique().sort()
        _require_readable(distinct)
        casts.append(pl.lit(names.cast(pl.Enum(distinct))).alias("symbol"))
    for name, dtype in schema.items():
        if isinstance(dtype, pl.Decimal) or (
            name in BARS and dtype.is_numeric() and dtype != pl.Float64
        ):
            casts.append(pl.col(name).cast(pl.Float64).fill_nan(None))
        elif name in BARS and not dtype.is_numeric():
            raise BadTable(_no_number(table[name]), "make it numbers")
        elif dtype.is_float():
            casts.append(pl.col(name).fill_nan(None))
        elif isinstance(dtype, pl.Date | pl.Datetime) and name not in (
            "timestamp",
            "known_at",
            "session",
        ):
            casts.append(pl.col(name).cast(pl.String))
    keys = ["symbol", "timestamp", "known_at", "session"]
    table = table.with_columns(casts)
    return table.select(*keys, *[name for name in table.columns if name not in keys])


def _require_names_apart(columns: Sequence[str]) -> None:
    """Refuse names that a table of the store, which has no capitals, cannot tell apart."""
    said: dict[str, str] = {}
    for column in columns:
        other = said.setdefault(column.strip().lower(), column)
        if other != column:
            raise BadTable(
                f"columns {other!r} and {column!r} differ in how they are written alone",
                "drop or rename one of them",
            )


def _require_readable(names: pl.Series) -> None:
    odd = names.filter(names.str.contains(CONTROL))
    if len(odd):
        raise BadTable(f"the symbol {odd[0]!r} holds a control character", "write it without")


def _no_number(column: pl.Series) -> str:
    """What is no number in a column of prices, and where."""
    numbers = column.cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)
    wrong = numbers.is_null() & column.is_not_null()
    row = int(wrong.arg_max() or 0)
    return f"column {column.name!r} holds {column.dtype}, such as {column[row]!r} in row {row}"


def in_order(table: pl.DataFrame) -> pl.DataFrame:
    """Sorted by symbol, timestamp and known_at, without a sort where it is so already."""
    equal = np.ones(max(len(table) - 1, 0), dtype=bool)
    for key in ("symbol", "timestamp", "known_at"):
        values = physical(table[key])
        if (equal & (values[1:] < values[:-1])).any():
            return table.sort("symbol", "timestamp", "known_at", maintain_order=True)
        equal &= values[1:] == values[:-1]
    return table


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:12]) + (" ..." if len(names) > 12 else "")
