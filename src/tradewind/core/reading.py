"""From a frame as people have it to the table of a Panel: names, shape, clocks, types, order.

Nothing is guessed in silence: what was assumed comes back as findings, and a stamp that cannot say when
its row was complete is refused.
"""

from collections.abc import Sequence
from datetime import time, timedelta
from typing import Any, Literal

import numpy as np
import polars as pl

from tradewind.core.calendar import Calendar, find_calendar
from tradewind.core.errors import BadStamp, BadTable
from tradewind.core.finding import Finding
from tradewind.core.tables import UTC_TIME, micros, physical

Stamps = Literal["session", "start", "end"]
Read = tuple[pl.DataFrame, tuple[Finding, ...]]

ALIASES: dict[str, tuple[str, ...]] = {
    "symbol": (
        "symbol", "ticker", "tic", "instrument", "unique_id", "asset", "security", "secid", "code",
        "pair", "series", "region",
    ),
    "timestamp": (
        "timestamp", "date", "datetime", "time", "ds", "trade_date", "period", "open_time", "index",
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
) -> Read:
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
        level = 1 if {"close", "Close"} & set(frame.columns.get_level_values(0)) else 0
        index = frame.index.name or "date"
        frame = frame.rename_axis(index=index).stack(level, future_stack=True)
        frame.index.names = [index, "symbol"]
        return frame.reset_index()
    plain = frame.index.nlevels == 1 and frame.index.name is None
    if plain and frame.index.dtype.kind in "iu":
        return frame.reset_index(drop=True)
    return frame.rename_axis(index="date").reset_index() if plain else frame.reset_index()


def with_known_names(table: pl.DataFrame) -> pl.DataFrame:
    """Columns by the names of the design, whatever people call them.

    >>> with_known_names(pl.DataFrame({"Date": [1], "tic": ["A"], "Adj Close": [1.0]})).columns
    ['timestamp', 'symbol', 'adj_close']
    """
    named: dict[str, str] = {}
    for column in table.columns:
        name = CANONICAL.get(column.strip().lower().replace(" ", "_").replace("-", "_"))
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


def long(table: pl.DataFrame, symbol: str | None, value: str) -> pl.DataFrame:
    """One row per symbol and moment: as it is, or with a symbol given, or unpivoted from wide."""
    if "symbol" in table.columns:
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


def stamped(
    table: pl.DataFrame,
    calendar: Calendar,
    stamps: Stamps | None,
    bar: timedelta | None,
    tz: str | None,
) -> Read:
    """Give each row the moment it was complete, its session, and the moment it could be known."""
    notes: list[Finding] = []
    if "known_at" in table.columns:
        table = table.with_columns(known_at=as_moments(table["known_at"], tz, calendar))
    when = as_stamps(table["timestamp"], tz)
    if when.dtype == UTC_TIME and {"known_at", "session"} <= set(table.columns):
        return table.with_columns(when, pl.col("session").cast(pl.Date)), ()
    if when.null_count():
        row = int(when.is_null().arg_max() or 0)
        raise BadStamp(
            f"row {row} has no timestamp ({table['timestamp'][row]!r} could not be read)",
            "write dates as 2024-01-31 and moments as 2024-01-31T16:00:00-05:00",
        )
    if when.dtype == pl.Date or stamps == "session" or (stamps is None and _daily(when)):
        table = _at_close(table, when, calendar, notes)
    else:
        complete = _completed(table, when, stamps, bar, notes)
        table = table.with_columns(timestamp=complete, session=calendar.sessions_of(complete))
    if "known_at" not in table.columns:
        lag = calendar.publication_lag
        table = table.with_columns(known_at=pl.col("timestamp") + lag)
    return table, tuple(notes)


def _at_close(
    table: pl.DataFrame, when: pl.Series, calendar: Calendar, notes: list[Finding]
) -> pl.DataFrame:
    """Dates as sessions: complete at their close, by the calendar that was declared."""
    days = when.dt.date()
    labels = days.unique().sort()
    closes = pl.DataFrame({"session": labels, "timestamp": calendar.closes(labels)})
    missing = closes.filter(pl.col("timestamp").is_null())["session"]
    weekend = missing.filter(missing.dt.weekday() > 5)
    if len(weekend) > len(labels) / 20:
        raise BadStamp(
            f"{len(weekend)} of {len(labels)} dates are weekends, first {weekend[0]}, and no "
            f"sessions of {calendar.name}",
            "declare the calendar the data keeps: 24/7 for crypto, 24/5 for FX, or an exchange's code",
        )
    if len(missing):
        closes = closes.with_columns(pl.col("timestamp").fill_null(_like_neighbours(closes)))
        notes.append(
            Finding(
                "stamps.not_a_session",
                "warning",
                calendar.name,
                f"{len(missing)} dates are no sessions, first {missing[0]}; stamped at the usual hour",
                "check the calendar, or drop those rows",
            )
        )
    if when.dtype != pl.Date:
        notes.append(
            Finding(
                "stamps.midnight",
                "warning",
                "timestamp",
                "daily rows stamped at midnight were read as dates: taken literally each would be "
                "known about a day too early",
                "give dates, or the moment of the close",
            )
        )
    notes.append(
        Finding(
            "stamps.session",
            "info",
            calendar.name,
            f"dates are sessions of {calendar.name}, complete at its close",
            "declare another calendar if that is not so",
        )
    )
    table = table.with_columns(session=days).drop("timestamp")
    table = table.join(closes, on="session", how="left", maintain_order="left")
    if "known_at" in table.columns:
        early = int((table["known_at"] < table["timestamp"]).sum())
        if early and when.dtype != pl.Date:
            notes.append(
                Finding(
                    "stamps.known_before_close",
                    "warning",
                    "known_at",
                    f"{early} rows said to be known before their session's close count as known at it",
                    "stamp known_at with the hour at which the row arrived",
                )
            )
            latest = pl.max_horizontal("known_at", "timestamp")
            table = table.with_columns(known_at=latest)
    return table


def _like_neighbours(closes: pl.DataFrame) -> pl.Expr:
    """The latest hour of the day at which this calendar closes, on a date that is no session."""
    day = pl.col("session").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    usual = closes.select((pl.col("timestamp") - day).max()).item() or timedelta(days=1)
    return day + usual


def _completed(
    table: pl.DataFrame,
    when: pl.Series,
    stamps: Stamps | None,
    bar: timedelta | None,
    notes: list[Finding],
) -> pl.Series:
    """The moment each bar was complete, from its start or its end."""
    if stamps == "start":
        if not bar:
            raise BadStamp("stamps='start' needs the length of a bar", "pass bar=timedelta(...)")
        return when + bar
    if stamps is None and "known_at" not in table.columns:
        notes.append(
            Finding(
                "stamps.assumed_end",
                "warning",
                "timestamp",
                f"stamps such as {when[0]} were taken for the end of a bar; if they are its start, "
                "every row is known one bar too early",
                "declare stamps='end', or stamps='start' with the length of a bar",
            )
        )
    return when


def as_stamps(column: pl.Series, tz: str | None) -> pl.Series:
    """Dates stay dates; everything else becomes moments in UTC, or is refused."""
    if column.dtype == pl.Date:
        return column
    if column.dtype == pl.String:
        days = _days(column)
        return days if days is not None else _parsed_moments(column, tz)
    if column.dtype.is_integer() or column.dtype.is_float():
        return _from_numbers(column)
    if isinstance(column.dtype, pl.Datetime):
        return _in_utc(column.dt.cast_time_unit("us"), tz)
    raise BadStamp(
        f"a timestamp cannot be {column.dtype}", "give dates, date-times or text of either"
    )


def as_moments(column: pl.Series, tz: str | None, calendar: Calendar) -> pl.Series:
    """A known_at column in UTC; one of dates counts as known at the end of that day."""
    when = as_stamps(column, tz)
    if when.dtype == pl.Date:
        day_end = when.cast(pl.Datetime("us")).dt.replace_time_zone("UTC") + timedelta(days=1)
        return pl.select(pl.max_horizontal(day_end, calendar.closes(when))).to_series()
    return when


def _days(column: pl.Series) -> pl.Series | None:
    """Text that is a day and no more, as 2024-01-31 or 20240131."""
    text = column.drop_nulls()
    for pattern, form in ((r"^\d{4}-\d{2}-\d{2}$", "%Y-%m-%d"), (r"^\d{8}$", "%Y%m%d")):
        if text.str.contains(pattern).all():
            return column.str.to_date(form, strict=False)
    if text.str.contains(r"^\d{1,2}[/.]\d{1,2}[/.]\d{4}$").any():
        raise BadStamp(
            f"{text[0]!r} could be day or month first", "write dates as 2024-01-31 (year first)"
        )
    return None


def _parsed_moments(column: pl.Series, tz: str | None) -> pl.Series:
    """Text with hours: all with an offset of one zone, or all without and a zone declared."""
    text = column.str.replace(" ", "T").str.replace(r"[zZ]$", "+00:00")
    offsets = text.str.extract(r"([+-]\d{2}:?\d{2})$")
    aware = offsets.is_not_null() | column.is_null()
    if aware.any() and not aware.all() and not offsets.is_null().all():
        bare = column.filter(~aware)[0]
        raise BadStamp(
            f"some timestamps carry an offset and some do not, such as {bare!r}",
            "write them all with their offset",
        )
    if offsets.is_null().all():
        naive = text.str.to_datetime(time_unit="us", strict=False)
        return _in_utc(naive, tz)
    hours = offsets.drop_nulls().str.slice(0, 3).cast(pl.Int32).unique().sort()
    if tz is None and len(hours) and hours[-1] - hours[0] > 1:
        found = ", ".join(offsets.drop_nulls().unique().sort())
        raise BadStamp(
            f"timestamps mix the time zones {found}",
            "write them all in one zone (UTC is best), or pass tz= to say that the mix is meant",
        )
    local = text.str.replace(r"[+-]\d{2}:?\d{2}$", "").str.to_datetime(time_unit="us", strict=False)
    sign = offsets.str.slice(0, 1).replace({"-": "-1", "+": "1"}).cast(pl.Int64)
    minutes = offsets.str.slice(1, 2).cast(pl.Int64) * 60 + offsets.str.slice(-2).cast(pl.Int64)
    return (
        (local - (sign * minutes * 60_000_000).cast(pl.Duration("us")))
        .dt.cast_time_unit("us")
        .dt.replace_time_zone("UTC")
    )


def _from_numbers(column: pl.Series) -> pl.Series:
    """20240131 is a date; a count of s, ms, us or ns since 1970 is a moment in UTC."""
    numbers = column.cast(pl.Int64)
    smallest, largest = (int(x) for x in (numbers.min() or 0, numbers.max() or 0))  # type: ignore[arg-type]
    if smallest >= 1900_01_01 and largest <= 2200_12_31:
        return numbers.cast(pl.String).str.to_date("%Y%m%d", strict=False)
    for per_second in (1, 10**3, 10**6, 10**9):  # s, ms, us, ns: by size, safe from 1970 to 2286
        if largest < 10**10 * per_second:
            microseconds = (
                numbers * 1_000_000 // per_second if per_second < 10**9 else numbers // 1000
            )
            return microseconds.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    raise BadStamp(f"{largest} is no moment", "give seconds, ms, us or ns since 1970, or dates")


def _in_utc(column: pl.Series, tz: str | None) -> pl.Series:
    """Moments in UTC. Naive ones need the zone they were read in, unless they are plain days."""
    zone = column.dtype.time_zone if isinstance(column.dtype, pl.Datetime) else None
    if zone:
        return column.dt.convert_time_zone("UTC")
    if tz is None:
        if _midnights(column):
            return column.dt.replace_time_zone("UTC")
        raise BadStamp(
            f"timestamps such as {column.drop_nulls()[0]} have no time zone",
            "pass tz= (--tz on the command line), the zone of the clock that wrote them, such as "
            "America/New_York or UTC",
        )
    try:
        local = column.dt.replace_time_zone(tz, ambiguous="earliest", non_existent="null")
    except pl.exceptions.ComputeError as error:
        raise BadStamp(f"there is no time zone {tz!r}", "use an IANA name such as UTC") from error
    return local.dt.convert_time_zone("UTC")


def _midnights(column: pl.Series) -> bool:
    return bool((column.drop_nulls().dt.time() == time(0)).all()) if len(column) else False


def _daily(when: pl.Series) -> bool:
    """At most one period a day and all at midnight: dates that were widened to date-times."""
    return not (micros(when) % 86_400_000_000).any()


def with_types(table: pl.DataFrame) -> pl.DataFrame:
    """Symbols as an Enum, bars as float64, NaN as null, times in microseconds."""
    schema = table.schema
    if table["symbol"].null_count():
        raise BadTable(f"{table['symbol'].null_count()} rows have no symbol", "drop or name them")
    casts: list[pl.Expr] = []
    if not isinstance(schema["symbol"], pl.Enum):
        names = table["symbol"].cast(pl.String)
        casts.append(pl.lit(names.cast(pl.Enum(names.unique().sort()))).alias("symbol"))
    for name, dtype in schema.items():
        if isinstance(dtype, pl.Decimal) or (name in BARS and dtype.is_integer()):
            casts.append(pl.col(name).cast(pl.Float64))
        elif name in BARS and not dtype.is_numeric():
            raise BadTable(
                f"column {name!r} holds {dtype}, such as {table[name].drop_nulls().first()!r}",
                "make it numbers",
            )
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
