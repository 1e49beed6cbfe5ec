"""Bars from a CSV or Parquet file, with the messages that a person needs when it is not one."""

from datetime import timedelta
from pathlib import Path

import polars as pl

from tradewind.core import Panel
from tradewind.core.errors import BadStamp, BadTable, nearest
from tradewind.core.reading import CANONICAL, with_known_names
from tradewind.core.stamps import Stamps

READERS = {".csv": "csv", ".txt": "csv", ".parquet": "parquet", ".pq": "parquet"}


def read_bars(
    path: Path,
    *,
    calendar: str = "XNYS",
    stamps: Stamps | None = None,
    bar: timedelta | None = None,
    tz: str | None = None,
    symbol: str | None = None,
) -> Panel:
    """The panel of a file. A file that cannot say how its stamps were made complete is refused.

    `Panel.from_frame` takes the word of a frame that you made; a file came from elsewhere, so its
    moments must be declared: a bar's end, or its start and length. A file of one symbol is named after
    itself.
    """
    table = with_known_names(_table(path))
    plain = {"symbol"}.isdisjoint(table.columns) and not symbol
    if plain and {"open", "high", "low", "close"} & set(table.columns):
        symbol = path.stem
    panel = Panel.from_frame(table, calendar=calendar, stamps=stamps, bar=bar, tz=tz, symbol=symbol)
    for finding in panel.findings:
        if finding.check == "stamps.assumed_end":
            raise BadStamp(
                f"{path.name} does not say whether its stamps, such as {panel.table['timestamp'][0]}, "
                "are the start or the end of a bar",
                "pass --stamps end, or --stamps start --bar 5m",
            )
    return panel


def _table(path: Path) -> pl.DataFrame:
    kind = READERS.get(path.suffix.lower())
    if not path.exists():
        raise BadTable(f"there is no file {path}", _near(path))
    if path.is_dir() or kind is None:
        raise BadTable(
            f"{path} is no CSV or Parquet file", "give a file that ends in .csv or .parquet"
        )
    try:
        if kind == "parquet":
            return pl.read_parquet(path)
        return _numbers(pl.read_csv(path, infer_schema=False))
    except pl.exceptions.NoDataError as error:
        raise BadTable(f"{path.name} is empty", "give it a header and at least one row") from error
    except (pl.exceptions.PolarsError, OSError, UnicodeError) as error:
        first = str(error).splitlines()[0]
        raise BadTable(f"{path.name} cannot be read as {kind}: {first}", "repair it") from error


def _numbers(table: pl.DataFrame) -> pl.DataFrame:
    """Text columns of a CSV as numbers where every value is one; stamps and symbols stay text."""
    kept = {"symbol", "timestamp", "known_at", "session"}
    numbers: list[pl.Series] = []
    for column in table.iter_columns():
        name = CANONICAL.get(column.name.strip().lower().replace(" ", "_"), column.name)
        text = column.str.strip_chars()
        blank = text.str.to_lowercase().is_in(["", "na", "n/a", "nan", "null", "none", "-"])
        number = text.set(blank.fill_null(False), None).cast(pl.Float64, strict=False)
        if name not in kept and number.null_count() == (blank | text.is_null()).sum():
            numbers.append(number)
    return table.with_columns(numbers)


def _near(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder {folder} either"
    files = [file.name for file in folder.iterdir() if file.suffix.lower() in READERS]
    return nearest(path.name, files) if files else f"{folder} holds no CSV or Parquet file"
