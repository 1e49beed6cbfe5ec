"""A file of alternative data by the columns that were declared, its days read as the days they are."""

from pathlib import Path

import polars as pl

from tradewind.core import Panel
from tradewind.core.errors import BadTable, nearest
from tradewind.core.joining import WHOLE_MARKET
from tradewind.core.moments import all_midnight
from tradewind.core.panel import RESERVED
from tradewind.core.reading import with_known_names
from tradewind.data.alternative.spec import AlternativeDataSpec, names_a_symbol
from tradewind.data.sources.batches import batches
from tradewind.data.sources.files import ROWS
from tradewind.data.sources.sifting import Aside
from tradewind.data.sources.stamping import Stamping, moments


def file_panel(spec: AlternativeDataSpec, path: Path, aside: Aside) -> Panel:
    """The file by the columns that were declared; the names of its values are nobody else's to read."""
    came = pl.concat(list(batches(path, ROWS)), how="vertical_relaxed")
    given = {"timestamp": spec.timestamp, "known_at": spec.known_at, "symbol": spec.entity}
    declared = {column: name for name, column in given.items() if column}
    for column in (*declared, *spec.values):
        if column not in came.columns:
            raise BadTable(f"{path.name} has no column {column!r}", nearest(column, came.columns))
    slots = {column: f"value {place}" for place, column in enumerate(spec.values)}
    rest = with_known_names(came.drop(*declared, *slots))
    if spec.entity is None and "symbol" in rest.columns:
        raise names_a_symbol(spec)
    keys = [name for name in RESERVED if name in rest.columns and name not in declared.values()]
    frame = came.select(*declared, *slots).rename({**declared, **slots}).hstack(rest.select(keys))
    frame = frame.with_columns(_value(path, came[column], slots[column]) for column in slots)
    if not {"known_at", "session"} <= set(frame.columns):  # those are ours, and say it to the hour
        frame = _by_days(frame, spec.stamping)
    symbol = WHOLE_MARKET if spec.entity is None else None
    panel = spec.stamping.read(frame, name=path.name, symbol=symbol, aside=aside)
    return Panel(panel.table.rename({slot: name for name, slot in slots.items()}), panel.findings)


def _value(path: Path, column: pl.Series, slot: str) -> pl.Series:
    """A column of numbers, or of vectors that are all as long as the first."""
    dtype = column.dtype
    if isinstance(dtype, pl.List) and dtype.inner.is_numeric():
        widths = column.list.len().drop_nulls().unique().sort().to_list()
        if len(widths) != 1:
            raise BadTable(
                f"vectors of {column.name!r} in {path.name} have {widths} places",
                "give them all as many",
            )
        column = column.list.to_array(widths[0])
    elif not (dtype.is_numeric() or dtype == pl.Boolean or isinstance(dtype, pl.Array)):
        raise BadTable(
            f"column {column.name!r} of {path.name} is {dtype}", "give numbers, or lists of them"
        )
    return column.alias(slot)


def _by_days(frame: pl.DataFrame, stamping: Stamping) -> pl.DataFrame:
    """What is told to the day alone: periods as dates, publications as the ends of their days."""
    if "timestamp" in frame.columns and stamping.stamps in (None, "session"):
        frame = frame.with_columns(_days_as_dates(frame["timestamp"], stamping.tz))
    if "known_at" in frame.columns:
        frame = frame.with_columns(_by_the_end_of_the_day(frame["known_at"], stamping.tz))
    return frame


def _days_as_dates(column: pl.Series, tz: str | None) -> pl.Series:
    """Days that were widened to midnights as the days they are, so that one that is not over yet when
    its row is known is seen for the error that it is."""
    _, shown = moments(column, tz)
    return shown.dt.date() if _of_days(shown) else column


def _by_the_end_of_the_day(column: pl.Series, tz: str | None) -> pl.Series:
    """Days of publication as the moments at which they were over: nobody says at which hour it came."""
    when, shown = moments(column, tz)
    if not _of_days(shown):
        return when
    over = shown.cast(pl.Date).cast(pl.Datetime("us")).dt.offset_by("1d")
    over = over.dt.replace_time_zone(tz or "UTC", ambiguous="latest", non_existent="null")
    return over.dt.convert_time_zone("UTC")


def _of_days(shown: pl.Series) -> bool:
    return shown.dtype == pl.Date or all_midnight(shown)
