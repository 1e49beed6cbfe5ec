"""`Spool`: the rows of a file on their way to the gate, taken out symbol by symbol.

A file comes in parts that hold many symbols each; the gate wants all rows of a symbol at once. What fits
stays in memory, and what does not lies in the workspace until the job is over, however it ends. What a
killed job left behind is swept by the next one: a folder whose lock nobody holds is nobody's.
"""

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import polars as pl

from tradewind.core import Panel
from tradewind.core.reading import in_order
from tradewind.core.tables import physical
from tradewind.storage.disk_errors import named
from tradewind.storage.holding import held, hold
from tradewind.storage.workspace import Workspace

MOST_ROWS = 2_000_000  # judged at once; they take about 1 GB
PRINT_FILES = 16
Spans = Mapping[str, tuple[int, int]]


class Spool:
    """Rows put in as panels, and taken out by symbol.

    >>> from tempfile import TemporaryDirectory
    >>> from tradewind.data.synthetic import make_market
    >>> panel = make_market("fx", 3, 20).panel
    >>> with TemporaryDirectory() as folder:
    ...     spool = Spool(Path(folder), most_rows=30)
    ...     for moment in panel.moments:
    ...         spool.add(Panel(panel.table.filter(timestamp=moment)))
    ...     table = spool.take(panel.symbols[1:])
    ...     spool.rows, len(table), table["symbol"].unique(maintain_order=True).to_list()
    (60, 40, ['FX2', 'FX3'])
    """

    def __init__(self, folder: Path, most_rows: int) -> None:
        self.folder, self.most_rows = folder, most_rows
        self.rows = 0
        self.first: datetime | None = None  # the earliest moment of a row
        self._parts: list[tuple[Spans, pl.DataFrame | Path]] = []

    def add(self, panel: Panel) -> None:
        """Keep a panel, on the disk from the moment at which they are too many for memory."""
        self.rows += len(panel)
        first = panel.table["timestamp"].min()
        assert isinstance(first, datetime)
        self.first = min(first, self.first or first)
        self._parts.append((_spans(panel), panel.table.drop("symbol")))
        if self.rows > self.most_rows:
            self._parts = [(spans, self._laid_down(rows)) for spans, rows in self._parts]

    def _laid_down(self, rows: pl.DataFrame | Path) -> Path:
        if isinstance(rows, Path):
            return rows
        file = self.folder / f"{len(list(self.folder.iterdir()))}.arrow"
        with named(file):
            rows.write_ipc(file)
        return file

    @property
    def parts(self) -> int:
        """How many panels were put in."""
        return len(self._parts)

    @property
    def counts(self) -> pl.DataFrame:
        """(symbol, rows) in the order of the symbols."""
        spans = [item for spans, _ in self._parts for item in spans.items()]
        names, rows = [name for name, _ in spans], [length for _, (_, length) in spans]
        counted = pl.DataFrame({"symbol": names, "rows": rows}, {"symbol": pl.String, "rows": int})
        return counted.group_by("symbol").sum().sort("symbol")

    def prints(self) -> "Prints":
        """A place for the prints of its bars, empty."""
        return Prints(Path(mkdtemp(dir=self.folder)))

    def hashed(self, columns: Sequence[str]) -> pl.Series:
        """64 bits of these columns of each row, in no order."""
        parts = [self._read(rows).select(columns).hash_rows() for _, rows in self._parts]
        return pl.concat(parts).unique()

    def _read(self, rows: pl.DataFrame | Path) -> pl.DataFrame:
        return rows if isinstance(rows, pl.DataFrame) else pl.read_ipc(rows)

    def take(self, names: Iterable[str]) -> pl.DataFrame:
        """The rows of these symbols in the order of a panel; a key may be there more than once."""
        wanted = sorted(names)
        pieces = [self._read(rows).clear() for _, rows in self._parts[:1]]
        codes, lengths = [], []
        for spans, rows in self._parts:
            found = [(code, *spans[name]) for code, name in enumerate(wanted) if name in spans]
            if found:
                table = self._read(rows)
                pieces += [table[start : start + length] for _, start, length in found]
                codes += [code for code, _, _ in found]
                lengths += [length for _, _, length in found]
        symbol = pl.Series("symbol", wanted, dtype=pl.Enum(wanted)).gather(
            np.repeat(codes, lengths)
        )
        table = pl.concat(pieces, how="diagonal_relaxed")
        return in_order(table.insert_column(0, symbol))


class Prints:
    """Prints of bars, (print, known), put in by group and taken out by what they are.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     kept = Prints(Path(folder))
    ...     for known in (1, 2):
    ...         both = pl.Series([7, 8], dtype=pl.UInt64)
    ...         kept.add(pl.DataFrame({"print": both, "known": [known, known]}))
    ...     [part.rows() for part in kept.parts()]
    [[(7, 1), (7, 2)], [(8, 1), (8, 2)]]
    """

    def __init__(self, folder: Path) -> None:
        self.files = tuple(folder / f"{nth}.prints" for nth in range(PRINT_FILES))

    def add(self, prints: pl.DataFrame) -> None:
        """Keep them on the disk, each print always in the same file."""
        rows = np.stack([prints["print"].to_numpy(), prints["known"].to_numpy().view(np.uint64)], 1)
        for nth, file in enumerate(self.files):
            mine = rows[rows[:, 0] % len(self.files) == nth]
            if len(mine):
                with named(file), file.open("ab") as end:
                    end.write(mine.tobytes())

    def parts(self) -> Iterator[pl.DataFrame]:
        """All that were kept, in parts that have no print in common."""
        for file in self.files:
            if file.exists():
                rows = np.fromfile(file, dtype=np.uint64).reshape(-1, 2)
                yield pl.DataFrame({"print": rows[:, 0], "known": rows[:, 1].view(np.int64)})


def _spans(panel: Panel) -> Spans:
    """Where the rows of each symbol begin in a panel, and how many they are."""
    symbol = physical(panel.table["symbol"])
    starts = np.concatenate([[0], np.flatnonzero(symbol[1:] != symbol[:-1]) + 1])
    lengths = np.diff(np.append(starts, len(symbol)))
    names = panel.table["symbol"].gather(starts).cast(pl.String)
    spans = zip(starts.tolist(), lengths.tolist(), strict=True)
    return dict(zip(names, spans, strict=True))


def grouped(counts: pl.DataFrame, most_rows: int) -> Iterator[Sequence[str]]:
    """The symbols in runs that have so many rows or less; a symbol that has more is alone.

    >>> counts = pl.DataFrame({"symbol": ["A", "B", "C", "D"], "rows": [2, 3, 9, 1]})
    >>> list(grouped(counts, 5))
    [['A', 'B'], ['C'], ['D']]
    """
    group: list[str] = []
    held = 0
    for name, rows in counts.select("symbol", "rows").iter_rows():
        if group and held + rows > most_rows:
            yield group
            group, held = [], 0
        group.append(name)
        held += rows
    if group:
        yield group


@contextmanager
def spooled(workspace: Workspace) -> Iterator[Spool]:
    """A spool in a workspace, gone when the block is left; those that nobody holds go first."""
    root = workspace.path / "spool"
    with named(root):
        root.mkdir(exist_ok=True)
        with held(root):  # nobody sweeps a folder that is not locked yet
            for left in root.iterdir():
                _sweep(left)
            folder = Path(mkdtemp(dir=root))
            lock = hold(folder)
    try:
        yield Spool(folder, MOST_ROWS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _sweep(folder: Path) -> None:
    """Remove a folder unless a living job holds it."""
    with suppress(BlockingIOError), held(folder, fcntl.LOCK_NB):
        shutil.rmtree(folder, ignore_errors=True)
