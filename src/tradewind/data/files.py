"""A CSV or Parquet file that fits into memory: as bars, or as the frame that it is."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import polars as pl

from tradewind.core import Panel
from tradewind.core.stamps import Stamps
from tradewind.data.sources.batches import kind_of, readable
from tradewind.data.sources.files import FileSource
from tradewind.data.sources.parquet_rows import parquet_in_pandas
from tradewind.data.sources.stamping import Stamping


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
    return FileSource(path, Stamping(stamps, calendar, bar, tz), symbol=symbol).whole()


def read_frame(path: Path, package: Literal["pandas", "polars"]) -> Any:
    """The table of a file as a frame of that package, by the columns that it has; nothing is judged.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "bars.csv")
    ...     _ = file.write_text("date,close\\n2024-01-02,1.5\\n")
    ...     read_frame(file, "polars").rows()
    [(datetime.date(2024, 1, 2), 1.5)]
    """
    kind = kind_of(path)
    with readable(path, kind):
        if kind == "csv":
            frame = pl.read_csv(path, try_parse_dates=True)
            return frame.to_pandas() if package == "pandas" else frame
        return parquet_in_pandas(path) if package == "pandas" else pl.read_parquet(path)
