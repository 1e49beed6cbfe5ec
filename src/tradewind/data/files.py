"""Bars from a CSV or Parquet file that fits into memory."""

from datetime import timedelta
from pathlib import Path

from tradewind.core import Panel
from tradewind.core.stamps import Stamps
from tradewind.data.sources.files import FileSource
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
