"""`AlignedView`: symbols side by side at the moments of a grid, each as it was known then."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from tradewind.core import Panel
from tradewind.core.errors import BadTable, Misuse
from tradewind.core.tables import (
    UTC_TIME,
    Columns,
    by_value,
    floats,
    require_columns,
    require_finite,
    require_keys_in_order,
)
from tradewind.data.alignment.tensor import Tensor

KEYS = ("at", "symbol")
TOLD = (*KEYS, "stamp", "fill")


@dataclass(frozen=True, eq=False)
class AlignedView:
    """One row per (at, symbol) of the whole grid: the columns as known at `at`, null where nothing was.

    `stamp` is the timestamp of the bar used, and `fill` for how many moments it had been carried on: 0
    is fresh. Both are null where no bar is used. `dropped` are the moments at which too few symbols
    were fresh.

    >>> from datetime import UTC
    >>> at = pl.Series([datetime(2024, 1, 2, 21, tzinfo=UTC)] * 2, dtype=UTC_TIME)
    >>> rows = pl.DataFrame({"at": at, "symbol": ["ACME", "BOLT"], "close": [9.5, None],
    ...     "stamp": at.set(pl.Series([False, True]), None), "fill": [2, None]}, schema_overrides={
    ...     "symbol": pl.Enum(["ACME", "BOLT"]), "fill": pl.Int32})
    >>> view = AlignedView("pair", ("close",), 5, rows)
    >>> view.tensor().values[0, :, 0]
    array([9.5, nan])
    >>> view.coverage().select("symbol", "fresh", "filled", "missing", "longest").rows()
    [('ACME', 0.0, 1.0, 0.0, 2), ('BOLT', 0.0, 0.0, 1.0, None)]
    """

    name: str
    columns: tuple[str, ...]
    fill_limit: int
    table: pl.DataFrame
    dropped: tuple[datetime, ...] = ()

    __eq__ = by_value

    def __post_init__(self) -> None:
        require_columns(self.table, "AlignedView", {"at": UTC_TIME, "symbol": pl.Enum})
        may_be_null: Columns = dict.fromkeys(self.columns, pl.Float64)
        told: Columns = {"stamp": UTC_TIME, "fill": pl.Int32}
        require_columns(self.table.clear(), "AlignedView", {**may_be_null, **told})
        require_keys_in_order(self.table, "AlignedView", KEYS)
        require_finite(self.table, "AlignedView")
        ahead = int((self.table["stamp"] > self.table["at"]).sum())
        if ahead:
            raise BadTable(f"{ahead} rows of an AlignedView look ahead", "make it with align(...)")
        if len(self.table) != len(self.times) * len(self.symbols):
            raise BadTable(
                f"an AlignedView of {len(self.times)} moments and {len(self.symbols)} symbols has "
                f"{len(self.table)} rows",
                "give every symbol a row at every moment, null where nothing was known",
            )

    @property
    def times(self) -> tuple[datetime, ...]:
        """The moments of the grid that were kept."""
        return tuple(self.table["at"].unique(maintain_order=True))

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols, in their order."""
        names = self.table.schema["symbol"]
        assert isinstance(names, pl.Enum)
        return tuple(names.categories)

    def tensor(self) -> Tensor:
        """The values as an array and a mask: (moments, symbols, columns)."""
        shape = (len(self.times), len(self.symbols), len(self.columns))
        values = np.empty(shape)
        for place, column in enumerate(self.columns):
            values[:, :, place] = floats(self.table[column]).reshape(shape[:2])
        return Tensor(values, ~np.isnan(values), self.times, self.symbols, self.columns)

    def coverage(self) -> pl.DataFrame:
        """Of each symbol and column the shares fresh, filled and missing, and the longest fill."""
        shares = [self._shares(column) for column in self.columns]
        names = self.table.schema["symbol"]
        return pl.concat(shares).sort(pl.col("symbol").cast(names), maintain_order=True)

    def long(self) -> pl.DataFrame:
        """The values that there are, one a row, as the contract `cross_asset` has it.

        An `asset_id` is the place of its symbol in `symbols`, counted from 1, as in `assets`.
        """
        tensor = self.tensor()
        cells = np.flatnonzero(tensor.mask)
        row, column = np.divmod(cells, len(self.columns))
        symbol = pl.col("symbol")
        return self.table.select(*KEYS, "fill")[row].select(
            pl.lit(self.name).alias("view"),
            pl.col("at").alias("timestamp"),
            (symbol.to_physical().cast(pl.Int64) + 1).alias("asset_id"),
            symbol.cast(pl.String),
            pl.Series("column", self.columns).gather(column),
            pl.Series("value", tensor.values.ravel()[cells]),
            pl.col("fill").cast(pl.Int64),
        )

    def where_fresh(self, least: float) -> "AlignedView":
        """The view without the moments at which a smaller share of its symbols than `least` is fresh."""
        if not 0 <= least <= 1:
            raise Misuse(f"a least share of {least} fresh symbols", "give a number from 0 to 1")
        fresh = (self.table["fill"] == 0).fill_null(False)
        thin = self.table.select("at").with_columns(fresh=fresh.cast(pl.Float64))
        thin = thin.group_by("at", maintain_order=True).agg(pl.col("fresh").mean())
        dropped = thin.filter(pl.col("fresh") < least)["at"]
        kept = self.table.filter(~pl.col("at").is_in(dropped.implode()))
        return replace(self, table=kept, dropped=(*self.dropped, *dropped))

    def panel(self) -> Panel:
        """The rows that have a value as a panel, to be kept in a store: each known at its moment.

        A row is complete when it is decided on, so its timestamp and its known_at are both `at`.
        """
        day = (pl.col("at") - timedelta(microseconds=1)).dt.date()
        real = self.table.filter(pl.col("stamp").is_not_null())
        rows = real.select(
            "symbol",
            pl.col("at").alias("timestamp"),
            pl.col("at").alias("known_at"),
            day.alias("session"),
            pl.lit(self.name).alias("view"),
            *self.columns,
            pl.col("fill").cast(pl.Int64),
        )
        return Panel(rows.sort("symbol", "timestamp"))

    def _shares(self, column: str) -> pl.DataFrame:
        real = pl.col(column).is_not_null()
        fill = pl.col("fill").filter(real)
        return self.table.group_by("symbol", maintain_order=True).agg(
            pl.lit(column).alias("column"),
            ((fill == 0).sum() / pl.len()).alias("fresh"),
            ((fill > 0).sum() / pl.len()).alias("filled"),
            (1 - real.mean()).alias("missing"),
            fill.max().alias("longest"),
        )

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        return (
            f"AlignedView({self.name!r}: {len(self.symbols)} symbols at {len(self.times)} moments, "
            f"{', '.join(self.columns)})"
        )
