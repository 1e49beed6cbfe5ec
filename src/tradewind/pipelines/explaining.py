"""What there is of features, and what one of them is: in a line, in words with values, and as a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from tradewind.core import Panel
from tradewind.core.errors import Misuse, nearest
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import make_market
from tradewind.features.config import FeaturesConfig, every_family
from tradewind.features.families import CarriedFamily, Family, StepFamily
from tradewind.features.registry import spec_named
from tradewind.features.seen import Seen
from tradewind.features.spec import FeatureSpec
from tradewind.reporting.explained import Explained
from tradewind.reporting.explained_page import render
from tradewind.storage.files import publish_folder
from tradewind.storage.workspace import Workspace

MADE = 20, 500  # symbols and bars of the market that stands in where there are no bars
DRAWN = 500  # bars
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
        for family in every_family(config, workspace.path, _columns(workspace))
    ]


@dataclass(frozen=True, eq=False)
class Shown:
    """What a feature is, and its value at each symbol's newest bar."""

    spec: FeatureSpec
    facts: Mapping[str, str]
    origin: str
    last: pl.DataFrame  # symbol, timestamp, value

    @property
    def summary(self) -> str:
        """The facts, and the values of the first symbols."""
        facts = [f"{name}: {told}" for name, told in self.facts.items()]
        values = [
            f"{row['symbol']} {row['timestamp']:%Y-%m-%d %H:%M} {_said(row['value'])}"
            for row in self.last.head(10).iter_rows(named=True)
        ]
        return "\n".join([f"{self.spec.name}: {self.spec.doc}", *facts, self.origin, *values])

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        rows = self.last.with_columns(pl.col("timestamp").dt.to_string("iso:strict"))
        spec = {**vars(self.spec), "inputs": list(self.spec.inputs)}
        return {"spec": spec, "origin": self.origin, "last": rows.to_dicts()}


def shown(workspace: Workspace, config: FeaturesConfig, name: str) -> Shown:
    """A feature, and its values on the bars of a workspace or on a made market."""
    spec, family = _found(workspace, config, name)
    panel, origin = _bars(workspace)
    last = _values(family, panel, name, panel.table["known_at"].sort()[-1:].to_list())
    last = last.select(pl.col("symbol").cast(pl.String), "timestamp", "value")
    return Shown(spec, facts(spec, family), origin, last)


@dataclass(frozen=True)
class Explanation:
    """A feature in words, and the page on which it is drawn."""

    spec: FeatureSpec
    page: Path

    @property
    def summary(self) -> str:
        """Three lines: what it is, its formula, where the page is."""
        return f"{self.spec.name}: {self.spec.doc}\n{self.spec.formula}\n{self.page}"

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        spec = self.spec
        told = {"name": spec.name, "doc": spec.doc, "formula": spec.formula}
        return {**told, "page": str(self.page)}


def explained(
    workspace: Workspace, config: FeaturesConfig, name: str, symbol: str | None = None
) -> Explanation:
    """Publish the page of a feature, drawn for one symbol: the first, unless told."""
    spec, family = _found(workspace, config, name)
    panel, origin = _bars(workspace)
    chosen = panel.symbols[0] if symbol is None else symbol
    if chosen not in panel.symbols:
        raise Misuse(f"there are no bars of {chosen!r}", nearest(chosen, panel.symbols))
    one = Panel(panel.table.filter(pl.col("symbol") == chosen))
    times = one.table["known_at"].unique().sort()[-DRAWN:].to_list()
    values = _values(family, one if isinstance(family, CarriedFamily) else panel, name, times)
    rows = (
        values.filter(pl.col("symbol") == chosen).unique("timestamp", keep="last").sort("timestamp")
    )
    page = Explained(name, spec.doc, facts(spec, family), chosen, origin, rows)
    folder = workspace.reports / "features" / name
    folder.parent.mkdir(exist_ok=True)
    publish_folder(folder, {"index.html": render(page)})
    return Explanation(spec, folder / "index.html")


def facts(spec: FeatureSpec, family: Family) -> dict[str, str]:
    """What a feature is made of, in words.

    >>> from tradewind.features.registry import BARS
    >>> facts(BARS.specs[0], BARS)["Reads"]
    'close, of 2 bars'
    """
    bars = "1 bar" if spec.lookback == 1 else f"{spec.lookback} bars"
    reads = f"{', '.join(spec.inputs)}, of {bars}"
    if isinstance(family, StepFamily):
        reads = f"{', '.join(spec.inputs)}, of all bars; after {bars} the rest is forgotten"
    exact = "to the bit" if spec.tolerance == 0 else f"to {spec.tolerance:g}, relative"
    kept = "in batch, refreshed and online" if isinstance(family, CarriedFamily) else "in batch"
    return {
        "Family": f"{family.name}: {family.doc}",
        "Formula": spec.formula,
        "Reads": reads,
        "Units": UNITS.get(spec.units, spec.units),
        "Agrees": f"{exact}, {kept}",
    }


def _found(workspace: Workspace, config: FeaturesConfig, name: str) -> tuple[FeatureSpec, Family]:
    families = every_family(config, workspace.path, _columns(workspace))
    spec = spec_named(name, families)
    return spec, next(family for family in families if spec in family.specs)


def _store(workspace: Workspace) -> MarketStore | None:
    """Where the bars of a workspace lie, if it is one and has any."""
    if not workspace.marker.exists():
        return None
    store = MarketStore(workspace.path)
    return store if "bars" in store.tables else None


def _columns(workspace: Workspace) -> tuple[str, ...]:
    store = _store(workspace)
    return tuple(store.lake.table("bars").schema) if store else ()


def _bars(workspace: Workspace) -> tuple[Panel, str]:
    """The bars of a workspace, or made ones, and where they are from."""
    if store := _store(workspace):
        panel = store.read("bars")
        return panel, f"On {panel.findings[0].detail} of {workspace.path.name}."
    return make_market("equity", *MADE, seed=7).panel, "On a made market: there are no bars here."


def _values(family: Family, panel: Panel, name: str, times: Sequence[datetime]) -> pl.DataFrame:
    """symbol, timestamp, close and the value of one feature, of each newest bar at these moments."""
    seen = Seen(panel, times)
    place = [spec.name for spec in family.specs].index(name)
    value = pl.Series("value", family.values(seen)[place]).fill_nan(None)
    return panel.table[seen.newest].select("symbol", "timestamp", "close").with_columns(value)


def _said(value: float | None) -> str:
    return "null" if value is None else f"{value:.6g}"
