"""`Membership`: who belonged to a universe, as it was known then; so nobody is chosen for surviving."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

import polars as pl

from tradewind.core.clock import utc
from tradewind.core.dataset import Dataset
from tradewind.core.errors import BadTable
from tradewind.core.tables import UTC_TIME, by_value, require_columns


@dataclass(frozen=True, eq=False)
class Membership:
    """Intervals (symbol, start, end, known_at): a member from `start` up to, not including, `end`; null
    where it still is one.

    A later row of the same (symbol, start) corrects the earlier one from its `known_at` on: a name joins
    without an end, and gets one when that is known.

    >>> from datetime import UTC
    >>> joined, left, told = (datetime(year, 1, 1, tzinfo=UTC) for year in (2000, 2004, 2005))
    >>> rows = pl.DataFrame({"symbol": ["ACME", "ACME"], "start": [joined, joined], "end": [None, left],
    ...     "known_at": [joined, told]}, schema_overrides={"end": UTC_TIME})
    >>> [Membership(rows).members(datetime(year, 6, 1, tzinfo=UTC)) for year in (1999, 2003, 2004, 2005)]
    [(), ('ACME',), ('ACME',), ()]
    """

    table: pl.DataFrame

    __eq__ = by_value

    def __post_init__(self) -> None:
        noun = "Market's universe"
        require_columns(self.table, noun, {"start": UTC_TIME, "known_at": UTC_TIME})
        for name in ("symbol", "end"):
            if name not in self.table.columns:
                raise BadTable(
                    f"a {noun} has no column {name!r}",
                    "give it symbol, start, end (null: a member still) and known_at",
                )
        require_columns(self.table.drop_nulls("end"), noun, {"end": UTC_TIME})
        if (backward := self.table.filter(pl.col("end") < pl.col("start"))).height:
            row = backward.row(0, named=True)
            raise BadTable(
                f"{row['symbol']!r} left the universe at {row['end']}, before it joined at "
                f"{row['start']}",
                "let `end` be no earlier than `start` (the same: it never was a member)",
            )

    def members(self, at: datetime) -> tuple[str, ...]:
        """Who was one, as known at that moment."""
        moment = utc(at)
        believed = self._spells.filter((pl.col("begin") <= moment) & (pl.col("stop") > moment))
        return tuple(believed["symbol"].unique().sort())

    def holds(self, symbols: pl.Series, moments: pl.Series) -> pl.Series:
        """(rows,) whether each symbol was a member at each moment, as known then."""
        asked = pl.DataFrame({"symbol": symbols.cast(pl.String), "at": moments.cast(UTC_TIME)})
        rows = asked.with_row_index("row").sort("at")
        found = rows.join_asof(
            self._spells, left_on="at", right_on="begin", by="symbol", check_sortedness=False
        )
        return (
            found.sort("row").select((pl.col("stop") > pl.col("at")).fill_null(False)).to_series()
        )

    def of(self, rows: Dataset) -> Dataset:
        """The rows of those who were members when they were decided on."""
        inside = self.holds(rows.table["symbol"], rows.table["decided_at"])
        return Dataset(rows.table.filter(inside), rows.features, rows.outcome)

    @cached_property
    def _spells(self) -> pl.DataFrame:
        """(symbol, begin, stop) by begin: while each row was believed, and true by itself; `stop` is the
        latest of its own and of those that began before."""
        rows = self.table.with_columns(pl.col("symbol").cast(pl.String))
        rows = rows.sort("symbol", "start", "known_at")
        never = pl.lit(datetime(9999, 1, 1, tzinfo=UTC)).cast(UTC_TIME)
        corrected = pl.col("known_at").shift(-1).over("symbol", "start").fill_null(never)
        spells = rows.select(
            "symbol",
            begin=pl.max_horizontal("start", "known_at"),
            stop=pl.min_horizontal(pl.col("end").fill_null(never), corrected),
        ).sort("begin")
        return spells.with_columns(pl.col("stop").cum_max().over("symbol"))
