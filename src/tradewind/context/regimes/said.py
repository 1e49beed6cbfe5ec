"""`Said`: the regimes that were said, for how long each, and what came after it."""

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from tradewind.core.errors import BadTable
from tradewind.core.tables import UTC_TIME, by_value, require_columns, require_keys_in_order


@dataclass(frozen=True, eq=False)
class Said:
    """A table by (at, symbol): the `regime`, and `since` when; null where nothing was known.

    >>> from datetime import UTC, datetime
    >>> day = [datetime(2024, 1, d, tzinfo=UTC) for d in range(1, 6)]
    >>> said = Said(pl.DataFrame({"at": day, "symbol": "A", "regime": list("ccwwc"),
    ...     "since": [day[0], day[0], day[2], day[2], day[4]]}, schema_overrides={
    ...     "symbol": pl.Enum(["A"]), "regime": pl.Enum(["c", "w"]), "at": UTC_TIME, "since": UTC_TIME}))
    >>> said.changes["share"].to_list(), said.occupancy
    ([0.5], {'c': 0.6, 'w': 0.4})
    >>> said.dwelling.select("regime", "spells", "mean").rows()
    [('c', 2, 1.5), ('w', 1, 2.0)]
    >>> said.transitions.rows()
    [('c', 0.5, 0.5), ('w', 0.5, 0.5)]
    """

    table: pl.DataFrame

    __eq__ = by_value

    def __post_init__(self) -> None:
        require_columns(self.table, "Said", {"at": UTC_TIME, "symbol": pl.Enum})
        if not isinstance(self.table.schema.get("regime"), pl.Enum):
            raise BadTable(
                "a Said whose regime is no Enum", "cast it to one of all that can be said"
            )
        require_keys_in_order(self.table, "Said", ("at", "symbol"))

    @property
    def regimes(self) -> tuple[str, ...]:
        """All that can be said."""
        dtype = self.table.schema["regime"]
        assert isinstance(dtype, pl.Enum)
        return tuple(dtype.categories)

    @cached_property
    def _known(self) -> pl.DataFrame:
        """By symbol then moment, with what was said before (null for a first row)."""
        known = self.table.drop_nulls("regime").sort("symbol", "at")
        return known.with_columns(before=pl.col("regime").shift(1).over("symbol"))

    @property
    def changes(self) -> pl.DataFrame:
        """By symbol: of how many steps from row to row how many changed what is said, and their share."""
        changed = (pl.col("regime") != pl.col("before")).sum()
        table = self._known.group_by("symbol", maintain_order=True).agg(
            steps=pl.len() - 1, changes=changed
        )
        return table.with_columns(
            share=pl.when(pl.col("steps") > 0).then(pl.col("changes") / pl.col("steps"))
        )

    @property
    def occupancy(self) -> dict[str, float]:
        """The share of rows of which each is said, all symbols together."""
        counts = dict(self._known["regime"].value_counts().rows())
        return {name: counts.get(name, 0) / max(len(self._known), 1) for name in self.regimes}

    @property
    def dwelling(self) -> pl.DataFrame:
        """By regime: how many spells of it there were, and their rows; the last of each symbol goes on."""
        spells = self._known.group_by("symbol", "regime", "since", maintain_order=True).len()
        told = spells.group_by("regime").agg(
            spells=pl.len(),
            mean=pl.col("len").mean(),
            median=pl.col("len").median(),
            longest=pl.col("len").max(),
        )
        return told.sort("regime")

    @property
    def transitions(self) -> pl.DataFrame:
        """From each regime that was said, the share of next rows on which each was."""
        steps = self._known.drop_nulls("before")
        wide = steps.group_by("before").agg(
            (pl.col("regime") == name).mean().alias(name) for name in self.regimes
        )
        return wide.sort("before").rename({"before": "from"})
