"""The families in a line each, and a feature in words, with its last values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from tradewind.core.errors import Misuse, nearest
from tradewind.features.bar_length import too_long
from tradewind.features.coarser import Coarser
from tradewind.features.config import FeaturesConfig
from tradewind.features.families import CarriedFamily, Family, StepFamily
from tradewind.features.naming import feature_of
from tradewind.features.spec import FeatureSpec
from tradewind.pipelines.explaining.at_hand import bars_at, families_at
from tradewind.pipelines.explaining.stretch import values_at
from tradewind.pipelines.tell import Tell
from tradewind.storage.workspace import Workspace

SHOWN = 10  # symbols
UNITS: Mapping[str, str] = {
    "log": "a log return or a log ratio",
    "ratio": "a ratio",
    "share": "a share",
    "percent": "percent",
    "sd": "standard deviations",
    "bars": "bars",
    "price": "the price's own",
    "variance": "a variance of log returns",
    "value": "those of its inputs",
}


def listed(workspace: Workspace, config: FeaturesConfig) -> list[dict[str, Any]]:
    """A row for each family that there is.

    >>> from pathlib import Path
    >>> [row["features"] for row in listed(Workspace(Path("nowhere")), FeaturesConfig())][:2]
    [10, 158]
    """
    return [
        {
            "family": family.name,
            "features": len(family.specs),
            "lookback": max(spec.lookback for spec in family.specs),
            "inputs": sorted({name for spec in family.specs for name in spec.inputs}),
            "doc": family.doc,
            "names": [spec.name for spec in family.specs],
        }
        for family in families_at(workspace, config)
    ]


@dataclass(frozen=True, eq=False)
class Shown:
    """What a feature is, and its value at each symbol's newest bar."""

    spec: FeatureSpec
    facts: Mapping[str, str]
    origin: str
    lacking: tuple[str, ...]  # columns that it reads and the bars have not
    too_long: tuple[str, ...]  # symbols whose bars are longer than those that it reads
    last: pl.DataFrame  # symbol, timestamp, value

    @property
    def summary(self) -> str:
        """The facts, the values of the first symbols, and how many more there are."""
        facts = [f"{name}: {told}" for name, told in self.facts.items()]
        values = [
            f"{row['symbol']} {row['timestamp']:%Y-%m-%d %H:%M} {_said(row['value'])}"
            for row in self.last.head(SHOWN).iter_rows(named=True)
        ]
        if (more := len(self.last) - SHOWN) > 0:
            values.append(f"and {more:,} more: one is told with --symbol, all are with --json")
        lacking = [f"The bars have no {', no '.join(self.lacking)}."] if self.lacking else []
        if self.too_long:
            others = f" and {len(self.too_long) - 1:,} more" if len(self.too_long) > 1 else ""
            whose = f"{self.too_long[0]}{others}"
            lacking.append(f"The bars of {whose} are longer than those that it reads.")
        return "\n".join(
            [f"{self.spec.name}: {self.spec.doc}", *facts, self.origin, *lacking, *values]
        )

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        rows = self.last.with_columns(pl.col("timestamp").dt.to_string("iso:strict"))
        spec = {**vars(self.spec), "inputs": list(self.spec.inputs)}
        told = {"spec": spec, "origin": self.origin, "lacking": list(self.lacking)}
        return {**told, "too_long": list(self.too_long), "last": rows.to_dicts()}


def shown(
    workspace: Workspace,
    config: FeaturesConfig,
    name: str,
    tell: Tell,
    symbol: str | None = None,
) -> Shown:
    """A feature, and its values on the bars of a workspace or on a made market: of one symbol, or of each."""
    spec, family = found(families_at(workspace, config, [name]), name)
    bars = bars_at(workspace)
    symbols = bars.panel.symbols if symbol is None else (bars.chosen(symbol),)
    newest = bars.panel.table["known_at"].sort()[-1:].to_list()
    with tell.stage(computing(family)):
        last = values_at(family, bars.panel, newest)
    last = last.select(pl.col("symbol").cast(pl.String), "timestamp", value=spec.name)
    last = last.filter(pl.col("symbol").is_in(symbols))
    lacking = tuple(one for one in spec.inputs if one not in bars.panel.columns)
    long = too_long(bars.panel, family.every) if isinstance(family, Coarser) else ()
    long = tuple(one for one in long if one in symbols)
    return Shown(spec, facts(spec, family), bars.origin, lacking, long, last)


def computing(family: Family) -> str:
    """The stage that takes seconds the first time, and says why."""
    return f"{family.name}, compiled the first time"


def facts(spec: FeatureSpec, family: Family) -> dict[str, str]:
    """What a feature is made of, in words.

    >>> from tradewind.features.registry import BARS
    >>> facts(BARS.specs[0], BARS)["Reads"]
    'close, of 2 bars'
    """
    bars = "1 bar" if spec.lookback == 1 else f"{spec.lookback:,} bars"
    if isinstance(family, Coarser):
        bars, family = f"{bars} of {family.every}", family.longer
    inputs = ", ".join(spec.inputs) or "the calendar"
    reads = f"{inputs}, of {bars}"
    if isinstance(family, StepFamily) and spec.inputs:
        reads = f"{inputs}, of all bars; after {bars} the rest is forgotten"
    exact = "to the bit" if spec.tolerance == 0 else f"to {spec.tolerance:g}, relative"
    kept = "in batch, refreshed and online" if isinstance(family, CarriedFamily) else "in batch"
    return {
        "Family": f"{family.name}: {family.doc}",
        "Formula": spec.formula,
        "Reads": reads,
        "Units": UNITS[spec.units],
        "Agrees": f"{exact}, {kept}",
    }


def found(families: Iterable[Family], name: str) -> tuple[FeatureSpec, Family]:
    """A feature, and its family."""
    families = tuple(families)
    if family := next((family for family in families if family.name == name), None):
        raise Misuse(
            f"{name!r} is a family of {len(family.specs)} features",
            f"name one of them, such as {family.specs[0].name}, or see all with "
            f"`tradewind features explain {name}`",
        )
    home = {spec.name: (spec, family) for family in families for spec in family.specs}
    if feature_of(name) not in home:
        known = [*home, *(family.name for family in families)]
        raise Misuse(f"there is no feature or family {name!r}", nearest(name, known))
    return home[feature_of(name)]


def _said(value: float | None) -> str:
    return "null" if value is None else f"{value:.6g}"
