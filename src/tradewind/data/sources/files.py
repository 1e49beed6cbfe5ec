"""`FileSource`: a CSV or Parquet file, long or wide, in panels of bounded size."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import polars as pl

from tradewind.core import Panel
from tradewind.core.reading import with_known_names
from tradewind.data.sources.batches import batches, kind_of, readable
from tradewind.data.sources.declared import Part, known_after
from tradewind.data.sources.parquet_rows import parquet_length
from tradewind.data.sources.sifting import Aside
from tradewind.data.sources.stamping import Stamping

ROWS = 500_000  # a batch of bars takes some 150 MB on its way from text to a panel


@dataclass(frozen=True)
class FileSource:
    """One file as one table. A file of bars without a symbol is named after itself.

    Rows that no panel can hold go to `aside`; without one, the file is refused. `columns` says what
    names that nobody could guess stand for: {"px_last": "close"}.
    A file came from elsewhere, so its moments must be declared, or carry their own `known_at`:

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "SPY.csv")
    ...     _ = file.write_text("Date,Open,High,Low,Close\\n2024-01-02,1,2,1,2\\n")
    ...     [panel] = FileSource(file, Stamping(stamps="session")).read()
    ...     panel.symbols, panel.moments[0].isoformat()
    (('SPY',), '2024-01-02T21:00:00+00:00')
    """

    path: Path
    stamping: Stamping
    table: str = "bars"
    symbol: str | None = None
    batch_rows: int = ROWS
    aside: Aside | None = None
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.path.name

    def parts(self, since: datetime | None = None) -> tuple[Part, ...]:  # noqa: ARG002 (of the role)
        """The file: its size, and its rows where its footer tells them."""
        kind, rows = kind_of(self.path), None
        if kind == "parquet":
            with readable(self.path, kind):
                rows = parquet_length(self.path)
        return (Part(self.name, rows, self.path.stat().st_size),)

    def read(self, since: datetime | None = None) -> Iterator[Panel]:
        """The file in panels of about `batch_rows` rows; what the first says of its stamps holds."""
        stamping = self.stamping
        for frame in batches(self.path, self.batch_rows, self.columns):
            symbol = self._symbol_of(frame)
            panel = stamping.read(frame, name=self.name, symbol=symbol, aside=self.aside)
            stamping = _pinned(stamping, panel)
            yield from known_after(panel, since)

    def whole(self) -> Panel:
        """The file as one panel, for what fits into memory."""
        frame = pl.concat(
            list(batches(self.path, self.batch_rows, self.columns)), how="vertical_relaxed"
        )
        symbol = self._symbol_of(frame)
        return self.stamping.read(frame, name=self.name, symbol=symbol, aside=self.aside)

    def _symbol_of(self, frame: pl.DataFrame) -> str | None:
        known = set(with_known_names(frame).columns)
        bars = "symbol" not in known and known & {"open", "high", "low", "close"}
        return self.symbol or (self.path.stem if bars else None)


def _pinned(stamping: Stamping, first: Panel) -> Stamping:
    """The stamping that the first rows have shown, so that a few at midnight do not become dates."""
    if stamping.stamps or not len(first):
        return stamping
    dates = any(finding.check == "stamps.session" for finding in first.findings)
    return replace(stamping, stamps="session" if dates else "end")
