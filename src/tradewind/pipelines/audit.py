"""Causality audits as jobs: of every feature that is registered, and of anybody's own function."""

import inspect
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args, get_type_hints

from tradewind.core import stream
from tradewind.core.errors import Misuse
from tradewind.core.vendors import load_function
from tradewind.data.files import read_frame
from tradewind.evaluation.causality.anew import Anew
from tradewind.evaluation.causality.audit import WORSE, Audit, Verdict, audit, usual_cuts
from tradewind.evaluation.causality.frames import FrameSubject
from tradewind.evaluation.causality.markets import MarketSubject
from tradewind.evaluation.causality.overheard import Overheard
from tradewind.evaluation.causality.subject import Claim, Reads
from tradewind.features.across.together import MarketFamily
from tradewind.features.bars import BarFeatures
from tradewind.features.coarser import Coarser
from tradewind.features.families import Family, StepFamily
from tradewind.features.spec import FeatureSpec
from tradewind.pipelines.audit_market import GATHERED, market_for
from tradewind.pipelines.foretold import Foretold
from tradewind.reporting.audit_page import render
from tradewind.storage.files import publish_folder
from tradewind.storage.json_text import to_json
from tradewind.storage.workspace import Workspace

if TYPE_CHECKING:
    from tradewind.pipelines.tell import Tell

    class Noting(Tell, Protocol):
        """Whoever watches, and reads notes beside the stage."""

        def note(self, line: str) -> None: ...


Package = Literal["pandas", "polars"]
PACKAGES: tuple[Package, ...] = ("polars", "pandas")
PLAIN = re.compile(r"[^\w-]+")  # what no name of a folder should have
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


def audit_function(request: FunctionRequest, tell: "Noting") -> Audited:
    """Audit FILE.py:FUNCTION on a file of data."""
    anew = _anew(request.function)
    name = request.function.rpartition("/")[2]
    function = Overheard(name, anew)
    with tell.stage("data"):
        frame = _frame_for(function, anew, request)
    with tell.stage("audit"):
        subject = FrameSubject(name, function, frame)
        cuts = request.cuts or usual_cuts(len(subject.rows))
        subject = replace(subject, function=Foretold(function, cuts, tell.note))
        found = audit(subject, stream(request.seed, "audit"), cuts, tell.progress)
    card = replace(found.card, findings=(*found.card.findings, *function.findings))
    return Audited(name, (replace(found, card=card),))


def audit_features(
    cuts: int | None, seed: int, tell: "Tell", families: Iterable[Family]
) -> Audited:
    """Audit each of these families of features on a made market."""
    audits = []
    for family in families:
        with tell.stage(family.name):
            subject = MarketSubject(
                family.name, _reader(family), market_for(family, seed), claims(family)
            )
            rng = stream(seed, "audit", family.name)
            many = cuts or usual_cuts(len(subject.rows) * len(family.specs))
            audits.append(audit(subject, rng, many, tell.progress))
    return Audited("features", tuple(audits))


def claims(family: Family) -> Callable[[str], Claim]:
    """What the specs of a family declare; but for those of a market, they read their own symbol alone."""
    specs, longer = {spec.name: spec for spec in family.specs}, 1
    if isinstance(family, Coarser):
        (_, longer), family = GATHERED[family.every], family.longer
    reads: Reads = "others" if isinstance(family, MarketFamily) else "alone"
    forgets = FORGOTTEN if isinstance(family, StepFamily) else 0.0

    def claim(column: str) -> Claim:
        spec: FeatureSpec = specs[column]
        lookback = spec.lookback * longer + longer - 1  # the last longer bar may be that old
        return Claim(spec.tolerance, lookback, max(spec.tolerance, forgets), reads)

    return claim


def package_of(function: Callable[..., Any]) -> Package | None:
    """Whose frames a function takes: as its first parameter says, else the only one that its file imports.

    >>> def make(rows: "pd.DataFrame | None"): ...
    >>> package_of(make)
    'pandas'
    """
    name = next(iter(inspect.signature(function).parameters), "")
    try:
        told = get_type_hints(function).get(name)
    except Exception:  # it names what is imported for type checkers alone, or not at all
        told = None
    types = [one for one in (told, *get_args(told)) if inspect.isclass(one)]
    text = str(getattr(function, "__annotations__", {}).get(name, "")).replace("pd.", "pandas.")
    own = [
        one.__name__ if inspect.ismodule(one) else one.__module__
        for one in getattr(function, "__globals__", {}).values()
        if inspect.ismodule(one) or inspect.isclass(one)
    ]
    for places in ([one.__module__ for one in types], [text.replace("pl.", "polars.")], own):
        found: list[Package] = [
            package for package in PACKAGES if any(package in place.split(".") for place in places)
        ]
        if len(found) == 1:
            return found[0]
    return None


def _frame_for(function: Overheard, anew: Anew, request: FunctionRequest) -> Any:
    """The data as the function takes it; where nothing tells, as what it can be asked with."""
    package = request.package or package_of(anew.load())
    if package:
        return read_frame(request.data, package)
    said = []
    for package in PACKAGES:
        frame = read_frame(request.data, package)
        try:
            function(frame)
        except (AttributeError, TypeError) as error:
            said.append(f"{type(error).__name__} of {package}")
        except BaseException:  # of another kind, so not for its frame: the audit tells what it is
            return frame
        else:
            return frame
    rule = f"{request.function} takes neither package's frames: it raised {' and '.join(said)}"
    raise Misuse(rule, "say which it takes with --frame pandas or --frame polars")


def _anew(place: str) -> Anew:
    """The function of a file, with nothing left of what it, or a module beside its file, kept."""
    folder, before = Path(place.rpartition(":")[0]).parent, {*sys.modules}

    def load() -> Callable[..., Any]:
        for name in {*sys.modules} - before:
            root = folder / name.partition(".")[0]
            if root.with_suffix(".py").is_file() or (root / "__init__.py").is_file():
                del sys.modules[name]
        return load_function(place)

    return Anew(load)


def _reader(family: Family) -> BarFeatures:
    return BarFeatures(families=(family,), ranked=())
