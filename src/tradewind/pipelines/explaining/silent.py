"""Features that were kept and say nothing, as the bars have not the columns that they read."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from tradewind.data.store import MarketStore
from tradewind.features.config import FeaturesConfig
from tradewind.features.spec import FeatureSpec
from tradewind.pipelines.explaining.at_hand import families_at
from tradewind.pipelines.features import Refreshed
from tradewind.storage.workspace import Workspace


@dataclass(frozen=True)
class Silent:
    """How many features of a family say nothing, and which columns the bars lack of those they read.

    >>> print(Silent("alpha158", 1, 158, ("vwap",)))
    alpha158: 1 of 158 features is null throughout; the bars have no vwap
    """

    family: str
    features: int
    of: int
    lacking: tuple[str, ...]

    def __str__(self) -> str:
        verb = "is" if self.features == 1 else "are"
        told = f"{self.family}: {self.features} of {self.of} features {verb} null throughout"
        return f"{told}; the bars have no {', no '.join(self.lacking)}"


def silent(
    workspace: Workspace, config: FeaturesConfig, refreshed: Sequence[Refreshed]
) -> tuple[Silent, ...]:
    """The families some of whose features say nothing of the symbol that has the most bars, though
    those are as many as they read."""
    store = MarketStore(workspace.path)
    columns = {*store.lake.table("bars").schema}
    specs = {family.name: family.specs for family in families_at(workspace, config)}
    rows = store.rows_by_symbol().sort("rows", "symbol")
    longest = rows["symbol"].cast(pl.String)[-1:].to_list()
    told = []
    for one in refreshed:
        partial = [spec for spec in specs[one.family] if not columns.issuperset(spec.inputs)]
        if partial and (null := _null(partial, store.read(one.table, symbols=longest).table)):
            lacking = {name for spec in null for name in spec.inputs} - columns
            family = specs[one.family]
            told.append(Silent(one.family, len(null), len(family), tuple(sorted(lacking))))
    return tuple(told)


def _null(specs: Sequence[FeatureSpec], table: pl.DataFrame) -> list[FeatureSpec]:
    """Those without a value, whose window was full."""
    bars = table["timestamp"].n_unique()
    return [spec for spec in specs if spec.lookback <= bars and not table[spec.name].count()]
