"""Causality audits as jobs: of every feature that is registered, and of anybody's own function."""

import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from tradewind.core import Market, stream
from tradewind.core.panel import Panel
from tradewind.core.vendors import load_function
from tradewind.data.files import read_frame
from tradewind.data.synthetic import make_market
from tradewind.evaluation.causality.audit import CUTS, WORSE, Audit, Verdict, audit, usual_cuts
from tradewind.evaluation.causality.frames import FrameSubject
from tradewind.evaluation.causality.markets import MarketSubject
from tradewind.evaluation.causality.subject import Claim, Reads
from tradewind.features.across.together import MarketFamily
from tradewind.features.bars import BarFeatures
from tradewind.features.config import FeaturesConfig, every_family
from tradewind.features.expressions import COLUMNS
from tradewind.features.families import Family, StepFamily
from tradewind.features.registry import FAMILIES
from tradewind.features.spec import FeatureSpec
from tradewind.reporting.audit_page import render
from tradewind.storage.files import publish_folder
from tradewind.storage.json_text import to_json
from tradewind.storage.workspace import Workspace

if TYPE_CHECKING:
    from tradewind.pipelines.tell import Tell

Package = Literal["pandas", "polars"]
PLAIN = re.compile(r"[^\w-]+")  # what no name of a folder should have
SYMBOLS = 5
LONGEST = 700  # bars; a recursion that remembers more is not held to when it forgets
WITHIN_DAYS = ("realised", "regime20")  # families that measure sessions by the bars in them
FORGOTTEN = 1e-9  # what a state that is carried on has left of what lies further back


@dataclass(frozen=True)
class FunctionRequest:
    """Whose function to ask about which data, in frames of which package, at how many cuts."""

    data: Path
    function: str
    package: Package | None = None
    cuts: int | None = None  # as many as suit the data
    seed: int = 7


@dataclass(frozen=True)
class Audited:
    """What became of one audit or of several."""

    subject: str
    audits: tuple[Audit, ...]
    page: Path | None = None

    @property
    def verdict(self) -> Verdict:
        """The worst of them."""
        return max((one.verdict for one in self.audits), key=WORSE.index)

    @property
    def summary(self) -> str:
        """A few lines for each, and where the page is."""
        page = [] if self.page is None else [str(self.page)]
        return "\n".join([*(one.summary for one in self.audits), *page])

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        audits = [one.to_dict() for one in self.audits]
        page = None if self.page is None else str(self.page)
        return {"verdict": self.verdict, "audits": audits, "page": page}

    def published(self, workspace: Workspace) -> "Audited":
        """With its page, among the reports of the workspace; where there is none, in a folder `audit`."""
        reports = workspace.reports if workspace.marker.exists() else Path()
        folder = reports / "audit" / PLAIN.sub("-", self.subject)
        folder.parent.mkdir(parents=True, exist_ok=True)
        result = replace(self, page=folder / "index.html")
        files: dict[str, bytes | str] = {
            "index.html": render(self.subject, self.audits),
            "audit.json": to_json(result.to_dict()),
        }
        publish_folder(folder, files)
        return result


def audit_function(request: FunctionRequest, tell: "Tell") -> Audited:
    """Audit FILE.py:FUNCTION on a file of data."""
    function = load_function(request.function)
    with tell.stage("data"):
        frame = read_frame(request.data, request.package or package_of(function))
    name = request.function.rpartition("/")[2]
    with tell.stage("audit"):
        subject = FrameSubject(name, function, frame)
        cuts = request.cuts or usual_cuts(len(subject.rows))
        found = audit(subject, stream(request.seed, "audit"), cuts, tell.progress)
    return Audited(name, (found,))


def audit_features(
    cuts: int | None, seed: int, tell: "Tell", families: Iterable[Family] = tuple(FAMILIES.values())
) -> Audited:
    """Audit families of features on a made market of which 5 % of the bars are corrected later."""
    audits = []
    for family in families:
        with tell.stage(family.name):
            subject = MarketSubject(
                family.name, _reader(family), market_for(family, seed), claims(family)
            )
            rng = stream(seed, "audit", family.name)
            audits.append(audit(subject, rng, cuts or CUTS, tell.progress))
    return Audited("features", tuple(audits))


def families_here(workspace: Workspace, config: FeaturesConfig) -> tuple[Family, ...]:
    """Every family that comes with tradewind, and those of the files that a workspace names.

    >>> len(families_here(Workspace(Path("nowhere")), FeaturesConfig())) == len(FAMILIES)
    True
    """
    return every_family(config, workspace.path, COLUMNS)


def market_for(family: Family, seed: int) -> Market:
    """Bars, long enough for the widest window to be begun anew in the first half and still fill."""
    longest = min(max(spec.lookback for spec in family.specs), LONGEST)
    freq = "1h" if family.name in WITHIN_DAYS else "1d"
    market = make_market("equity", SYMBOLS, 2 * longest + 80, freq, seed, plants=["revisions"])
    typical = (pl.col("high") + pl.col("low") + pl.col("close")) / 3
    bars = Panel(market.panel.table.with_columns(vwap=typical))
    return Market({"bars": bars}, market.instruments, calendars=market.calendars)


def claims(family: Family) -> Callable[[str], Claim]:
    """What the specs of a family declare; but for those of a market, they read their own symbol alone."""
    specs = {spec.name: spec for spec in family.specs}
    reads: Reads = "others" if isinstance(family, MarketFamily) else "alone"
    forgets = FORGOTTEN if isinstance(family, StepFamily) else 0.0

    def claim(column: str) -> Claim:
        spec: FeatureSpec = specs[column]
        return Claim(spec.tolerance, spec.lookback, max(spec.tolerance, forgets), reads)

    return claim


def package_of(function: Callable[..., Any]) -> Package:
    """Whose frames a function takes: as its first parameter says, else what its file imports.

    >>> def make(rows: "pd.DataFrame"): ...
    >>> package_of(make)
    'pandas'
    """
    told = [one.annotation for one in inspect.signature(function).parameters.values()][:1]
    for annotation in told:
        if annotation is not inspect.Parameter.empty:
            text = annotation if isinstance(annotation, str) else annotation.__module__
            return "pandas" if text.startswith(("pd.", "pandas")) else "polars"
    own = [one for one in vars(inspect.getmodule(function)).values() if inspect.ismodule(one)]
    names = {one.__name__ for one in own}
    return "pandas" if "pandas" in names and "polars" not in names else "polars"


def _reader(family: Family) -> BarFeatures:
    return BarFeatures(families=(family,), ranked=())
