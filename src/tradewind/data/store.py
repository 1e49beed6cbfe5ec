"""`MarketStore`: where panels lie for good. It only grows, and remembers when each fact was known.

A row is named by (symbol, timestamp, known_at) and added once: the same again adds nothing, another
content under the same name is refused, and a column that does not come says nothing. So a file that is read twice, shuffled or in pieces leaves the
same table, and no answer about the past ever changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from tradewind.core import Finding, Panel
from tradewind.core.clock import utc
from tradewind.core.errors import BadTable
from tradewind.core.panel import KEYS
from tradewind.core.reading import in_order
from tradewind.storage.delta_schema import storable
from tradewind.storage.delta_tables import LakeTable, NewFile
from tradewind.storage.lake import ATTEMPTS, Lake, again, too_busy
from tradewind.storage.retention import LetGo, Retained
from tradewind.storage.workspace import Workspace

FILE_ROWS = 1_000_000
OWN_KNOWN_AT = "give a correction its own known_at; what was known is never overwritten"


class MarketStore:
    """The panels of a workspace, as tables that other processes may read and write at the same time.

    >>> from tempfile import TemporaryDirectory
    >>> bars = Panel.from_frame(pl.DataFrame({
    ...     "date": ["2024-01-02", "2024-01-03"], "symbol": "ACME", "close": [100.0, 101.0]}))
    >>> with TemporaryDirectory() as folder:
    ...     store = MarketStore(folder)
    ...     version = store.append(bars)
    ...     again = store.append(bars)
    ...     version, again, store.read() == bars, store.read().findings[0].detail
    (1, 1, True, "version 1 of table 'bars'")
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Workspace(Path(path)).create().path
        self.lake = Lake(self.path)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that hold something."""
        return self.lake.names

    @property
    def version(self) -> int:
        """The newest version of the bars; 0 where nothing was ever appended."""
        return self.version_of("bars") if "bars" in self.tables else 0

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was damaged when a table was opened, and is put aside."""
        return self.lake.findings()

    def damage(self) -> tuple[Finding, ...]:
        """What is not on the disk as it was acknowledged; every byte is read."""
        return self.lake.damage()

    def is_panel(self, table: str) -> bool:
        """Does a table hold a panel? Others hold what was found in one, such as episodes."""
        return {*KEYS} <= {*self.lake.table(table).schema}

    def version_of(self, table: str) -> int:
        """The newest version of a table."""
        return self.lake.table(table).settle()

    def count(self, table: str = "bars") -> int:
        """How many rows a table holds, every version of each; told by the log, so nothing is read."""
        if table not in self.tables:
            return 0
        lake = self.lake.table(table)
        lake.settle()
        return int(lake.files()["num_records"].sum())

    def content_hash(self, table: str = "bars", version: int | None = None) -> str:
        """The rows of a table as one short text, the same however they came and however they lie.

        It tells accidents, not forgeries: the rows are mixed and summed, not signed.
        """
        lake = self.lake.table(table)
        lake.settle()
        return str(lake.sum(version))

    def append(self, panel: Panel, table: str = "bars") -> int:
        """Add what is new in a panel; the version that holds it all, on the disk for good.

        A column that the table lacks is added to it, and is null in the rows from before.
        """
        return self.append_parts((panel,), table)

    def append_parts(self, panels: Iterable[Panel], table: str = "bars") -> int:
        """The same for panels that share no key and need not be in memory together: all of them come
        in one version, or none does."""
        files: list[NewFile] = []
        try:
            version, columns = -1, dict[str, pl.DataType]()  # those that the panels have
            for panel in panels:
                rows = panel.table.cast(storable(panel.table.schema))  # type: ignore[arg-type]
                lake = self.lake.table(table, rows.schema)
                if version < 0:
                    version = lake.settle()
                columns = {**rows.schema, **columns}
                columns |= {name: lake.schema[name] for name in columns if name in lake.schema}
                fresh = _unknown(lake, _typed(table, rows, columns))
                files += _written(lake, _filled(fresh, {**lake.schema, **columns}))
            return self._committed(table, files, version, columns)
        except BaseException:
            if files:
                self.lake.table(table).discard(files)
            raise

    def _committed(
        self, table: str, files: list[NewFile], version: int, columns: Mapping[str, pl.DataType]
    ) -> int:
        """The version that holds the files; they were compared with what this one holds. The table gets
        columns that it lacks when nothing is left to be refused."""
        for _ in range(ATTEMPTS):
            if not files:
                return self.version_of(table)
            lake = self.lake.table(table)
            lake.widen(columns)
            if lake.version != version:
                _require_types(lake, columns)
                files[:], version = _rechecked(lake, files, columns), lake.version
            elif lake.commit(version, files):
                lake.settle()
                lake.checkpoint_if_due()
                return version + 1
            else:
                lake.settle()
        raise too_busy(table)

    def added(self, after: int, table: str = "bars", version: int | None = None) -> Panel:
        """The rows of a version (the newest) that version `after` does not hold; files that both have
        are not read."""
        lake = self.lake.table(table)

        def read() -> pl.DataFrame:
            lake.settle()
            before, now = lake.files(after), lake.files(version)
            gone, come = before.join(now, "path", "anti"), now.join(before, "path", "anti")
            rows = lake.collect(lake.rows(come, version), come)
            known = lake.collect(lake.rows(gone, after).select(KEYS), gone)
            return rows.join(known, KEYS, "anti") if len(known) else rows

        found = again(table, read)
        names = pl.Enum(found["symbol"].unique().sort())
        return Panel(in_order(found.with_columns(pl.col("symbol").cast(names))))

    def rows_by_symbol(self, table: str = "bars") -> pl.DataFrame:
        """(symbol, rows) of a table, every version of each row; only the symbols are read."""
        if table not in self.tables:
            return pl.DataFrame(schema={"symbol": pl.String, "rows": pl.UInt32})
        lake = self.lake.table(table)

        def counted() -> pl.DataFrame:
            lake.settle()
            rows = lake.rows().group_by("symbol").agg(pl.len().alias("rows")).sort("symbol")
            return lake.collect(rows, lake.files())

        return again(table, counted)

    def read(
        self,
        table: str = "bars",
        symbols: Sequence[str] | None = None,
        since: datetime | None = None,
        as_of: datetime | None = None,
        version: int | None = None,
    ) -> Panel:
        """The rows of some symbols (all), complete at `since` or later, known at `as_of` or before.

        Every version of a row that was known then is in it, for `panel.as_of` to choose from. The first
        finding says which version of the table was read.
        """
        lake = self.lake.table(table)
        asked = _asked(symbols, since, as_of)

        def read() -> tuple[int, pl.DataFrame]:
            newest = lake.settle()
            files = lake.files(version).filter(*(file for file, _ in asked))
            rows = lake.rows(files, version).filter(*(row for _, row in asked))
            return newest if version is None else version, lake.collect(rows, files)

        read_at, found = again(table, read)
        names = pl.Enum(found["symbol"].unique().sort())
        detail = f"version {read_at} of table {table!r}"
        finding = Finding(
            "store.version", "info", f"{self.path}", detail, "none: it names the data"
        )
        return Panel(in_order(found.with_columns(pl.col("symbol").cast(names))), (finding,))

    def compact(self, table: str = "bars") -> int:
        """Write the rows anew, sorted by symbol into few files, so that a symbol's history is one
        short read. The rows stay what they are, and every older version stays readable."""
        lake = self.lake.table(table)
        for _ in range(ATTEMPTS):
            version = lake.settle()
            old = lake.files()
            if _is_compact(old):
                return version
            files: list[NewFile] = []
            try:
                files.extend(lake.write(rows, KEYS) for rows in _by_symbol(lake, old))
            except LetGo:
                lake.discard(files)
                continue
            if lake.commit(version, files, removed=old):
                lake.settle()
                lake.checkpoint_if_due()
                return version + 1
            lake.discard(files)
        raise too_busy(table)

    def retain(
        self, table: str = "bars", versions: int | None = None, since: datetime | None = None
    ) -> Retained:
        """Keep the newest `versions`, those that were the newest at `since` or later, and the pinned;
        data files that none of these needs are removed. No row and no answer of `as_of` is lost by it,
        only the numbers of older versions.
        """
        return self.lake.retain(table, versions, since)

    def pin(self, version: int, by: str, table: str = "bars") -> None:
        """Keep a version readable, whatever is retained, until `by` lets go of it."""
        self.lake.pin(table, version, by)

    def unpin(self, by: str, table: str = "bars") -> None:
        """Let go of every version of a table that `by` holds."""
        self.lake.unpin(table, by)


def _typed(table: str, rows: pl.DataFrame, columns: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The rows in the types of these columns; a number that does not fit is refused."""
    try:
        return rows.cast({name: columns[name] for name in rows.columns})
    except pl.exceptions.InvalidOperationError as error:
        raise _other_types(table, str(error).splitlines()[0]) from error


def _require_types(lake: LakeTable, columns: Mapping[str, pl.DataType]) -> None:
    """Refuse a column that another writer has just added in another type."""
    for name, kind in columns.items():
        if lake.schema[name] != kind:
            raise _other_types(lake.name, f"{name} is {lake.schema[name]}, and here {kind}")


def _other_types(table: str, said: str) -> BadTable:
    rule = f"table {table!r} keeps other types: {said}"
    return BadTable(rule, "cast the column, or name it anew")


def _filled(rows: pl.DataFrame, columns: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The rows with every column of the table, in its order; what they do not say is null."""
    lacking = {name: kind for name, kind in columns.items() if name not in rows.columns}
    return rows.with_columns(
        pl.lit(None, kind).alias(name) for name, kind in lacking.items()
    ).select(*columns)


def _written(lake: LakeTable, rows: pl.DataFrame) -> list[NewFile]:
    """The rows in new files that no version names yet."""
    return [lake.write(piece, KEYS) for piece in rows.iter_slices(FILE_ROWS) if len(piece)]


def _rechecked(
    lake: LakeTable, files: list[NewFile], columns: Mapping[str, pl.DataType]
) -> list[NewFile]:
    """The files, written anew where another writer has added some of their rows meanwhile; what they
    say, they say in these columns."""
    kept: list[NewFile] = []
    for file in files:
        written = pl.DataFrame({"path": [file.name]})
        rows = lake.collect(lake.rows(written).select(*columns), written)
        fresh = _unknown(lake, rows)
        if len(fresh) == file.rows:
            kept.append(file)
        else:
            lake.discard([file])
            kept += _written(lake, _filled(fresh, lake.schema))
    return kept


def _unknown(lake: LakeTable, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows whose key the newest version does not hold; one that it holds with other content is
    refused."""
    for _ in range(ATTEMPTS):
        try:
            return _not_held(lake, rows) if len(rows) else rows
        except LetGo:
            lake.settle()
    raise too_busy(lake.name)


def _not_held(lake: LakeTable, rows: pl.DataFrame) -> pl.DataFrame:
    files = lake.files().filter(_overlaps(rows))
    if not len(files):
        return rows
    within = [_between(key, rows[key].min(), rows[key].max()) for key in KEYS]
    held = lake.rows(files).filter(*within)
    known = lake.collect(held.select(KEYS).join(rows.lazy().select(KEYS), KEYS, "semi"), files)
    if not len(known):
        return rows
    same = lake.collect(held.join(rows.lazy().select(KEYS), KEYS, "semi"), files)
    _require_same(lake.name, rows, same)
    return rows.join(known, KEYS, "anti", maintain_order="left")


def _overlaps(rows: pl.DataFrame) -> pl.Expr:
    """Files that may hold one of these keys."""
    return pl.all_horizontal(_reaches(key, rows[key].min(), rows[key].max()) for key in KEYS)


def _reaches(key: str, low: Any, high: Any) -> pl.Expr:
    """Files that may hold a key from low to high; one that does not say may hold anything."""
    within = (pl.col(f"min.{key}") <= pl.lit(high)) & (pl.col(f"max.{key}") >= pl.lit(low))
    return within.fill_null(True)


def _between(key: str, low: Any, high: Any) -> pl.Expr:
    return pl.col(key).is_between(pl.lit(low), pl.lit(high))


def _require_same(table: str, rows: pl.DataFrame, held: pl.DataFrame) -> None:
    """Refuse rows that say something else than those held; a column that they lack says nothing."""
    values = [name for name in rows.columns if name not in KEYS]
    lacking = [pl.lit(None).alias(name) for name in values if name not in held.columns]
    both = held.with_columns(lacking).join(rows, KEYS, suffix=" anew")
    differs = [pl.col(name).ne_missing(pl.col(f"{name} anew")) for name in values]
    other = both.filter(pl.any_horizontal(differs)).sort(KEYS)
    if len(other):
        row = other.row(0, named=True)
        name = next(name for name in values if row[name] != row[f"{name} anew"])
        said = f"{name} is {row[name]}, and now {row[f'{name} anew']}"
        raise other_content(table, len(other), row, said)


def other_content(table: str, count: int, first: Mapping[str, Any], said: str) -> BadTable:
    """The error for so many rows that come with other values than are held under their keys."""
    return BadTable(
        f"{count} rows of table {table!r} are there with other content, first "
        f"{first['symbol']} at {first['timestamp']} known {first['known_at']}: {said}",
        OWN_KNOWN_AT,
    )


def _asked(
    symbols: Sequence[str] | None, since: datetime | None, as_of: datetime | None
) -> list[tuple[pl.Expr, pl.Expr]]:
    """What is asked, of files by their bounds and of rows."""
    asked: list[tuple[pl.Expr, pl.Expr]] = []
    if symbols is not None:
        files = [pl.lit(False), *(_reaches("symbol", name, name) for name in symbols)]
        asked.append((pl.any_horizontal(files), pl.col("symbol").is_in(list(symbols))))
    if since is not None:
        late = pl.col("max.timestamp") >= utc(since)
        asked.append((late.fill_null(True), pl.col("timestamp") >= utc(since)))
    if as_of is not None:
        early = pl.col("min.known_at") <= utc(as_of)
        asked.append((early.fill_null(True), pl.col("known_at") <= utc(as_of)))
    return asked


def _is_compact(files: pl.DataFrame) -> bool:
    """No symbol lies in two files, and no file is without bounds."""
    if len(files) < 2:
        return True
    low, high = files.sort("min.symbol")["min.symbol"], files.sort("min.symbol")["max.symbol"]
    return not low.null_count() and bool((low[1:] > high[:-1]).all())


def _by_symbol(lake: LakeTable, files: pl.DataFrame) -> Any:
    """The rows in order, a file's worth of symbols at a time, so that memory stays bounded."""
    counts = lake.collect(lake.rows(files).group_by("symbol").len().sort("symbol"), files)
    part = (counts["len"].cum_sum() - 1) // FILE_ROWS
    for _, names in counts.group_by(part.alias("part"), maintain_order=True):
        first, last = names["symbol"][0], names["symbol"][-1]
        some = files.filter(_reaches("symbol", first, last))
        rows = lake.rows(some).filter(_between("symbol", first, last))
        yield lake.collect(rows, some).sort(KEYS)
