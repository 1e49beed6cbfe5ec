"""Across the symbols of one moment: ranks, z-scores, and what is left beside a sector or a covariate.

Each stage is called with a Dataset and returns it with more features, each a function of the rows that
share its `decided_at`: the symbols that speak then. `CrossSection` puts stages behind a FeatureReader.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from tradewind.core import Dataset, Market
from tradewind.core.arrays import Floats, Ints
from tradewind.core.errors import BadTable, Misuse, nearest
from tradewind.core.roles import FeatureReader
from tradewind.core.tables import floats, micros
from tradewind.features.across.among import residuals_among, spread_among
from tradewind.features.across.sectors import with_sector

Stage = Callable[[Dataset], Dataset]
MAD_OF_NORMAL = 0.6744897501960817  # the median of |x - median| of a Normal, in standard deviations


@dataclass(frozen=True)
class CrossSection:
    """A FeatureReader of another's rows, with `sector` beside them and what the stages add.

    >>> from tradewind.core import Panel
    >>> from tradewind.features.bars import BarFeatures
    >>> bars = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02"] * 3, "symbol": ["A", "B", "C"],
    ...     "close": [1.0, 2.0, 3.0], "size": [10.0, 30.0, 50.0], "sector": ["metals", "metals", "food"]}))
    >>> reader = CrossSection(BarFeatures(extra=("size",)), (Neutral(("size",), least=2), Ranks(("size_less_sector",))))
    >>> reader(Market({"bars": bars}), bars.moments).table.select(
    ...     "symbol", "size_less_sector", "rank_size_less_sector").rows()  # one of its sector: against all
    [('A', -10.0, 0.25), ('B', 10.0, 0.5), ('C', 20.0, 0.75)]
    """

    reader: FeatureReader
    stages: tuple[Stage, ...]

    def __call__(self, market: Market, times: Sequence[datetime]) -> Dataset:
        rows = with_sector(self.reader(market, times), market)
        for stage in self.stages:
            rows = stage(rows)
        return rows


@dataclass(frozen=True)
class Ranks:
    """Add `rank_x`: the place of x among the others, in (0, 1); equal values share theirs."""

    names: tuple[str, ...]

    def __call__(self, rows: Dataset) -> Dataset:
        require_numbers(rows, self.names)
        place = pl.col(self.names).rank() / (pl.col(self.names).count() + 1)
        ranks = rows.table.select(place.over("decided_at"))
        return with_features(rows, {f"rank_{name}": ranks[name] for name in self.names})


@dataclass(frozen=True)
class ZScores:
    """Add `z_x`: how many standard deviations x lies from the mean of its moment.

    `robust` takes the median and the usual distance from it instead, which no outlier moves. Where
    nobody differs there is none.
    """

    names: tuple[str, ...]
    robust: bool = False

    def __call__(self, rows: Dataset) -> Dataset:
        require_numbers(rows, self.names)
        moments = _numbered(rows)
        return with_features(
            rows, {f"z_{name}": self._scores(rows, name, moments) for name in self.names}
        )

    def _scores(self, rows: Dataset, name: str, moments: Ints) -> pl.Series:
        values = floats(rows.table[name])
        if self.robust:
            middle = _middle(values, moments)
            with np.errstate(over="ignore"):
                distance = _middle(np.abs(values - middle), moments) / MAD_OF_NORMAL
        else:
            _, middle, distance = spread_among(values, moments)
        with np.errstate(over="ignore"):
            return _column((values - middle) / np.where(distance > 0, distance, np.nan))


@dataclass(frozen=True)
class Neutral:
    """Add `x_less_sector`: x less the mean of its sector, or of another column `by`.

    With fewer than `least` members, or none named, the mean is that of all; where all are fewer, there
    is none.
    """

    names: tuple[str, ...]
    by: str = "sector"
    least: int = 3

    def __call__(self, rows: Dataset) -> Dataset:
        require_numbers(rows, self.names)
        if self.by not in rows.table.columns:
            rule = f"the rows have no column {self.by!r} to be neutral to"
            raise BadTable(rule, nearest(self.by, rows.table.columns))
        moments = _numbered(rows)
        of = rows.table[self.by].rank("dense").fill_null(0).cast(pl.Int64).to_numpy()
        groups = moments * (int(of.max(initial=0)) + 1) + of
        return with_features(
            rows,
            {
                f"{name}_less_{self.by}": self._less(floats(rows.table[name]), groups, of, moments)
                for name in self.names
            },
        )

    def _less(self, values: Floats, groups: Ints, of: Ints, moments: Ints) -> pl.Series:
        members, near, _ = spread_among(values, groups)
        everybody, far, _ = spread_among(values, moments)
        mean = np.where(everybody >= self.least, far, np.nan)
        with np.errstate(over="ignore"):
            return _column(values - np.where((members >= self.least) & (of > 0), near, mean))


@dataclass(frozen=True)
class Residuals:
    """Add `x_residual`: what a regression on the columns `on`, over the symbols of the moment, leaves of x.

    Where fewer than `least` symbols have all of them there is none. What is left is free of both:

    >>> size = pl.Series("size", [1.0, 2.0, 3.0, 4.0])
    >>> at = pl.datetime(2024, 1, 2, time_zone="UTC")
    >>> rows = pl.DataFrame({"size": size, "x": [3.0, 7.0, 9.0, 12.0]}).with_columns(
    ...     symbol=pl.Series(list("ABCD"), dtype=pl.Enum(list("ABCD"))), decided_at=at)
    >>> left = Residuals(("x",), on=("size",), least=4)(Dataset(rows, ("size", "x"))).table["x_residual"]
    >>> left.round(6).to_list(), bool(abs((left * size).sum()) < 1e-12)
    ([-0.4, 0.7, -0.2, -0.1], True)
    """

    names: tuple[str, ...]
    on: tuple[str, ...]
    least: int = 10

    def __post_init__(self) -> None:
        if not self.on:
            raise Misuse("a regression on no column", "name one, such as beta_market_60")

    def __call__(self, rows: Dataset) -> Dataset:
        require_numbers(rows, (*self.names, *self.on))
        moments = _numbered(rows)
        on = np.vstack([floats(rows.table[name]) for name in self.on])
        return with_features(
            rows,
            {
                f"{name}_residual": _column(
                    residuals_among(floats(rows.table[name]), on, moments, self.least)
                )
                for name in self.names
            },
        )


def require_numbers(rows: Dataset, names: Sequence[str]) -> None:
    """Refuse a name that is no column of numbers of the rows."""
    numbers = [name for name, dtype in rows.table.schema.items() if dtype.is_numeric()]
    for name in names:
        if name not in numbers:
            raise BadTable(f"the rows have no number {name!r}", nearest(name, numbers))


def with_features(rows: Dataset, columns: Mapping[str, pl.Series]) -> Dataset:
    """The rows with these columns as further features."""
    if clash := sorted({*columns} & {*rows.table.columns}):
        raise BadTable(f"the rows have a column {clash[0]!r} already", "drop one of the two")
    table = rows.table.with_columns(column.alias(name) for name, column in columns.items())
    return Dataset(table, (*rows.features, *columns), rows.outcome)


def _numbered(rows: Dataset) -> Ints:
    """(rows,) the number of each row's moment."""
    return np.cumsum(np.diff(micros(rows.table["decided_at"]), prepend=0) != 0).astype(np.int64)


def _middle(values: Floats, moments: Ints) -> Floats:
    """(rows,) the median of each row's moment; order statistics are exact in any order."""
    table = pl.DataFrame({"value": values, "moment": moments}).with_columns(
        pl.col("value").fill_nan(None)
    )
    return floats(table.select(pl.col("value").median().over("moment"))["value"])


def _column(values: Floats) -> pl.Series:
    return pl.Series(np.where(np.isfinite(values), values, np.nan)).fill_nan(None)
