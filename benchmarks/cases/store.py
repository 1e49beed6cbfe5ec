"""The market store at up to sixteen million rows: a day appended for good, and one symbol read as it was known."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.bars import made_bars
from benchmarks.harness import Case, Demand

if TYPE_CHECKING:
    import polars as pl

SYMBOLS, DAYS = 1_000, 1_000
WHEN = datetime(2030, 1, 1, tzinfo=UTC)  # past the middle of sixteen million rows


@dataclass
class Stored:
    """A store with its handle kept, the day that comes next, and its folder, which goes with it."""

    store: Any
    bars: "pl.DataFrame"
    next_day: int
    folder: TemporaryDirectory[str]

    def a_day(self) -> "pl.DataFrame":
        """The bars of the day after the last."""
        self.next_day += 1
        first = self.bars.filter(self.bars["timestamp"] == self.bars["timestamp"][0])
        return later(first, self.next_day)


def later(bars: "pl.DataFrame", days: int) -> "pl.DataFrame":
    """The same bars some days later."""
    import polars as pl

    moved = pl.col("timestamp", "known_at") + timedelta(days=days)
    return bars.with_columns(moved, pl.col("session") + timedelta(days=days))


def stored(blocks: int) -> Stored:
    """Blocks of a million rows, each a thousand days of a thousand symbols."""
    from tradewind.core import Panel
    from tradewind.data.store import MarketStore

    folder = TemporaryDirectory()
    store, bars = MarketStore(folder.name), made_bars(SYMBOLS, DAYS)
    for block in range(blocks):
        store.append(Panel(later(bars, DAYS * block)))
    return Stored(store, bars, DAYS * blocks, folder)


def compacted(blocks: int) -> Stored:
    """The same, sorted by symbol."""
    made = stored(blocks)
    made.store.compact()
    return made


def append_day(made: Stored) -> int:
    """One day: keys checked, written, synced and recorded."""
    from tradewind.core import Panel

    version: int = made.store.append(Panel(made.a_day()))
    return version


def write_day(made: Stored) -> None:
    """The same rows to a Parquet file that nobody checks, syncs or names."""
    made.a_day().write_parquet(Path(made.folder.name, "day.parquet"))


def read_symbol(made: Stored) -> int:
    """One symbol as it was known."""
    return len(made.store.read(symbols=["S0500"], as_of=WHEN))


def scan_symbol(made: Stored) -> int:
    """The same with polars over every file of the table."""
    import polars as pl

    files = Path(made.folder.name, "market", "bars", "*.parquet")
    asked = (pl.col("symbol") == "S0500") & (pl.col("known_at") <= WHEN)
    return len(pl.scan_parquet(files).filter(asked).collect())


def _case(name: str, what: str, prepare: Any, run: Any, demand: float) -> Case:
    reading = run is read_symbol
    return Case(
        name=name,
        what=what,
        prepare=prepare,
        run=run,
        reference=scan_symbol if reading else write_day,
        reference_is="polars over all files" if reading else "a Parquet file, unchecked, unsynced",
        dial="million rows",
        sizes=(1, 4, 16),
        demand=Demand("wall_s", demand),
    )


CASES = (
    _case("store_append", "append a day of 1,000 symbols", stored, append_day, 0.060),
    _case("store_read", "read a symbol as of a moment", stored, read_symbol, 0.100),
    _case("store_read_compact", "the same after compaction", compacted, read_symbol, 0.050),
)
