"""A feature as a page, drawn under its price, or a whole family, each of its features in small."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradewind.features.config import FeaturesConfig
from tradewind.features.families import Family, StepFamily
from tradewind.features.spec import FeatureSpec
from tradewind.pipelines.explaining.at_hand import Bars, bars_at, families_at
from tradewind.pipelines.explaining.stretch import as_read, silence, stretch
from tradewind.pipelines.explaining.telling import UNITS, computing, facts, found
from tradewind.pipelines.tell import Tell
from tradewind.reporting import explained_family, explained_page
from tradewind.reporting.explained import Explained, ExplainedFamily, Line
from tradewind.reporting.figures import count
from tradewind.storage.files import publish_folder
from tradewind.storage.workspace import Workspace


@dataclass(frozen=True)
class Explanation:
    """A feature in words, or a family and how many features it has, and the page where it is drawn."""

    name: str
    doc: str
    made_of: str | int
    page: Path

    @property
    def summary(self) -> str:
        """What it is, its formula or how many features it has, where the page is."""
        features = self.made_of
        made_of = features if isinstance(features, str) else count(features, "feature", "features")
        return f"{self.name}: {self.doc}\n{made_of}\n{self.page}"

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        made_of = "formula" if isinstance(self.made_of, str) else "features"
        told = {"name": self.name, "doc": self.doc, made_of: self.made_of}
        return {**told, "page": str(self.page)}


def explained(
    workspace: Workspace, config: FeaturesConfig, name: str, symbol: str | None, tell: Tell
) -> Explanation:
    """Publish the page of a feature or of a family, drawn for one symbol: the first, if none is told."""
    families, bars = families_at(workspace, config, [name]), bars_at(workspace)
    page = workspace.reports / "features" / name / "index.html"
    whole = next((family for family in families if family.name == name), None)
    if whole is None:
        spec, family = found(families, name)
        told = Explanation(name, spec.doc, spec.formula, page)
        chosen = bars.chosen(symbol)
        with tell.stage(computing(family)):
            drawn = of_feature(spec, family, bars, chosen)
        html = explained_page.render(drawn)
    else:
        told = Explanation(name, whole.doc, len(whole.specs), page)
        chosen = bars.chosen(symbol)
        with tell.stage(computing(whole)):
            small = of_family(whole, bars, chosen)
        html = explained_family.render(small)
    page.parent.parent.mkdir(exist_ok=True)
    publish_folder(page.parent, {page.name: html})
    return told


def of_feature(spec: FeatureSpec, family: Family, bars: Bars, symbol: str) -> Explained:
    """What the page of a feature shows."""
    told = facts(spec, family)
    bars, family = as_read(bars, family)
    rows = stretch(bars, family, symbol)
    why = silence(spec, family, bars.of(symbol), rows)
    return Explained(
        name=spec.name,
        doc=spec.doc,
        units=UNITS[spec.units],
        lookback=spec.lookback,
        carried=isinstance(family, StepFamily),
        facts=told,
        symbol=symbol,
        origin=bars.origin,
        rows=rows.select("timestamp", "close", value=spec.name).with_columns(why),
    )


def of_family(family: Family, bars: Bars, symbol: str) -> ExplainedFamily:
    """What the page of a family shows."""
    lines = tuple(Line(one.name, one.doc, one.formula, UNITS[one.units]) for one in family.specs)
    bars, family = as_read(bars, family)
    rows = stretch(bars, family, symbol)
    return ExplainedFamily(family.name, family.doc, symbol, bars.origin, lines, rows)
