"""Rows that no panel can hold, as the quarantine keeps them: what was written, and why it is no row."""

from dataclasses import dataclass, field

import polars as pl

from tradewind.core import Finding
from tradewind.core.panel import KEYS
from tradewind.core.tables import UTC_TIME


@dataclass
class Unread:
    """Takes the rows that a source cannot read, and tells of them.

    >>> unread = Unread()
    >>> unread(pl.DataFrame({"symbol": ["A"], "check": ["row.close"], "reason": ["'cheap'"]}))
    >>> unread.count, unread.findings("bars.csv")[0].detail
    (1, "1 rows cannot be in any panel and were set aside, first: 'cheap'")
    """

    rows: list[pl.DataFrame] = field(default_factory=list)

    def __call__(self, rows: pl.DataFrame) -> None:
        self.rows.append(as_written(rows))

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(map(len, self.rows))

    @property
    def doubtful(self) -> pl.DataFrame:
        """The keys under which rows came that differ; another one under them is no clearer."""
        nothing = pl.DataFrame(schema={"symbol": pl.String, **dict.fromkeys(KEYS[1:], UTC_TIME)})
        return pl.concat(
            [nothing, *(rows.filter(check="row.key").select(KEYS) for rows in self.rows)]
        )

    def findings(self, name: str) -> tuple[Finding, ...]:
        """What is said of them, if there are any."""
        if not self.rows:
            return ()
        why = f"first: {self.rows[0]['reason'][0]}"
        detail = f"{self.count:,} rows cannot be in any panel and were set aside, {why}"
        remedy = "see `tradewind quarantine list`, mend the file and ingest it again"
        return (Finding("source.aside", "error", name, detail, remedy),)


def as_written(rows: pl.DataFrame) -> pl.DataFrame:
    """(symbol, timestamp, known_at, check, reason, quarantined_at, written) of rows as a source hands
    them over; a key that could not be read is null, and `written` is all of the row as JSON.

    >>> came = pl.DataFrame({"symbol": ["A"], "timestamp": ["soon"], "close": [1.5],
    ...     "check": ["row.timestamp"], "reason": ["its timestamp cannot be read"]})
    >>> as_written(came).select("symbol", "timestamp", "written").rows()
    [('A', None, '{"symbol":"A","timestamp":"soon","close":"1.5"}')]
    """
    about = ("check", "reason")
    plain = [_plain(name, dtype) for name, dtype in rows.schema.items() if name not in about]
    return rows.select(
        _read(rows, "symbol", pl.String),
        *[_read(rows, name, UTC_TIME) for name in KEYS[1:]],
        *about,
        pl.lit(None, dtype=UTC_TIME).alias("quarantined_at"),
        pl.struct(plain).struct.json_encode().alias("written"),
    )


def _plain(name: str, dtype: pl.DataType) -> pl.Expr:
    """A column as text; a vector as its numbers."""
    column = pl.col(name)
    return column.arr.to_list() if isinstance(dtype, pl.Array) else column.cast(pl.String)


def _read(rows: pl.DataFrame, name: str, dtype: type[pl.DataType] | pl.DataType) -> pl.Expr:
    """A key where it was read, else null."""
    found = rows.schema.get(name)
    text = dtype == pl.String and found is not None
    return (pl.col(name) if found == dtype or text else pl.lit(None)).cast(dtype).alias(name)
