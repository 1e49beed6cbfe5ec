"""As-of joins: what each row of a Dataset could know of another panel when it was decided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import polars as pl

from tradewind.core.dataset import Dataset
from tradewind.core.errors import BadTable, Misuse, nearest
from tradewind.core.panel import Panel

WHOLE_MARKET = "market"
"""The symbol of what is observed of no symbol in particular; a panel of it alone holds for every row."""


@dataclass(frozen=True)
class Side:
    """Which columns of a named panel are joined, and from what age on a value is not believed any more.

    >>> Side("cpi", ("value",), stale_after=timedelta(0))
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: 'cpi' is stale after 0:00:00: give an age above zero, or none
    """

    panel: str
    columns: tuple[str, ...]
    stale_after: timedelta | None = None

    def __post_init__(self) -> None:
        if not self.columns:
            raise Misuse(f"no column of {self.panel!r} is joined", "name at least one")
        if self.stale_after is not None and self.stale_after <= timedelta():
            raise Misuse(
                f"{self.panel!r} is stale after {self.stale_after}",
                "give an age above zero, or none",
            )

    @property
    def age(self) -> str:
        """The name of the column that says how old the observation is, in days since it was complete."""
        return f"{self.panel}_age_days"

    def features(self, panel: Panel) -> dict[str, tuple[str, ...]]:
        """The features that each column becomes: one, or of a vector one for each of its places."""
        found: dict[str, tuple[str, ...]] = {}
        for name in self.columns:
            if name not in panel.columns:
                rule = f"the panel {self.panel!r} has no column {name!r}"
                raise BadTable(rule, nearest(name, panel.columns))
            dtype, feature = panel.table.schema[name], f"{self.panel}_{name}"
            if isinstance(dtype, pl.Array) and dtype.shape == (dtype.size,):
                found[name] = tuple(f"{feature}_{place}" for place in range(dtype.size))
            elif dtype.is_numeric() or dtype == pl.Boolean:
                found[name] = (feature,)
            else:
                raise BadTable(
                    f"column {name!r} of the panel {self.panel!r} is {dtype}",
                    "join numbers or vectors of a fixed size",
                )
        return found


def joined(rows: Dataset, panel: Panel, side: Side) -> Dataset:
    """The rows with what was known of the panel when each was decided, as features, and its age.

    Of the observations known by then it is the one of the newest period, in the version that was then
    the last: news of an older period displaces nothing, however late it comes. A value that is older
    than `stale_after` is missing; its age is told all the same.

    >>> from tradewind.core.panel import Panel
    >>> observed = Panel.from_frame(pl.DataFrame({
    ...     "date": ["2024-01-02", "2024-01-03", "2024-01-02"], "symbol": "ACME", "mood": [1.0, 2.0, 1.5],
    ...     "known_at": ["2024-01-02T22:00Z", "2024-01-05T22:00Z", "2024-01-06T22:00Z"]}))
    >>> moments = pl.Series(observed.table["known_at"].unique().sort())
    >>> rows = pl.DataFrame({"decided_at": moments}).with_columns(
    ...     symbol=pl.lit("ACME", pl.Enum(["ACME"])))
    >>> joined(Dataset(rows, ()), observed, Side("news", ("mood",))).table["news_mood"].to_list()
    [1.0, 2.0, 2.0]
    """
    features = side.features(panel)
    added = (*(name for names in features.values() for name in names), side.age)
    if clash := sorted(set(added) & set(rows.table.columns)):
        raise BadTable(
            f"the rows have a column {clash[0]!r} already", f"call the panel {side.panel!r} another"
        )
    names = rows.table.schema["symbol"]
    by = None if tuple(panel.names.categories) == (WHOLE_MARKET,) else "symbol"
    keys = rows.table.select("decided_at", "symbol").with_row_index("row")
    found = keys.join_asof(
        _newest(panel, names if by else panel.names, side.columns),
        left_on="decided_at",
        right_on="known_at",
        by=by,
        check_sortedness=False,
    ).sort("row")
    age = (pl.col("decided_at") - pl.col("observed_at")).dt.total_microseconds() / 86_400e6
    values = [
        value.alias(feature)
        for name, names_of in features.items()
        for feature, value in zip(names_of, _numbers(name, len(names_of), panel), strict=True)
    ]
    if side.stale_after is not None:
        fresh = pl.col("decided_at") - pl.col("observed_at") <= side.stale_after
        values = [pl.when(fresh).then(value) for value in values]
    table = rows.table.hstack(found.select(*values, age.alias(side.age)))
    return replace(rows, table=table, features=(*rows.features, *added))


def with_sides(rows: Dataset, panels: Mapping[str, Panel], sides: Iterable[Side]) -> Dataset:
    """The rows with what was known of each of the panels that the sides name.

    >>> from tradewind.core.tables import UTC_TIME
    >>> with_sides(Dataset(pl.DataFrame(schema={"decided_at": UTC_TIME, "symbol": pl.Enum([])}), ()),
    ...     {}, [Side("cpi", ("value",))])
    Traceback (most recent call last):
    tradewind.core.errors.BadTable: the market has no panel 'cpi': ...
    """
    for side in sides:
        if side.panel not in panels:
            rule = f"the market has no panel {side.panel!r}"
            raise BadTable(rule, nearest(side.panel, panels))
        rows = joined(rows, panels[side.panel], side)
    return rows


def newest_as_known(rows: pl.DataFrame) -> pl.DataFrame:
    """Of (symbol, timestamp, known_at) each row that was its symbol's newest once it was known, in the
    order of coming: what an as-of join may look up.

    News of an older period displaces nothing:

    >>> rows = pl.DataFrame({"symbol": "ACME", "timestamp": [2, 1, 3], "known_at": [3, 4, 5]})
    >>> newest_as_known(rows)["timestamp"].to_list()
    [2, 3]
    """
    rows = rows.sort("known_at", "timestamp", maintain_order=True)
    newest = pl.col("timestamp") == pl.col("timestamp").cum_max().over("symbol")
    return rows.filter(newest).unique(["symbol", "known_at"], keep="last", maintain_order=True)


def _newest(panel: Panel, names: pl.DataType, columns: tuple[str, ...]) -> pl.DataFrame:
    """The panel as it is looked up: its symbols by the names of the rows, and what is joined."""
    rows = panel.table.select(
        pl.col("symbol").cast(pl.String).cast(names, strict=False),
        "known_at",
        "timestamp",
        *(pl.col(name).alias(f"value {name}") for name in columns),
    )
    rows = newest_as_known(rows.filter(pl.col("symbol").is_not_null()))
    return rows.rename({"timestamp": "observed_at"})


def _numbers(name: str, places: int, panel: Panel) -> list[pl.Expr]:
    value = pl.col(f"value {name}")
    if isinstance(panel.table.schema[name], pl.Array):
        return [value.arr.get(place).cast(pl.Float64) for place in range(places)]
    return [value.cast(pl.Float64)]
