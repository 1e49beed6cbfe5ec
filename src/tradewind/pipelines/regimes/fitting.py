"""`fit`: a detector is learnt on the bars of a workspace up to a moment, and kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradewind.context.regimes import FittedRegimes, RuleRegimes, choose
from tradewind.context.regimes.fitted import fitted
from tradewind.context.regimes.market_wide import FittedMarketWide
from tradewind.context.regimes.model import Calibration, Of, RegimeModel
from tradewind.context.regimes.models import Models
from tradewind.core import Clock, Dataset, Finding
from tradewind.core.errors import Misuse, WorkspaceError
from tradewind.core.roles import RegimeDetector
from tradewind.data.store import MarketStore
from tradewind.features.keeping import keeping
from tradewind.features.registry import FAMILIES
from tradewind.pipelines.features import kept, kept_calendars
from tradewind.pipelines.features import refresh as refresh_features
from tradewind.pipelines.regimes.config import RegimesConfig
from tradewind.pipelines.regimes.rows import (
    BY_RULE,
    Rows,
    apart,
    as_seen,
    chosen,
    first_known,
    homes,
    learnable,
    told_of,
    unseen,
)
from tradewind.pipelines.tell import Tell
from tradewind.reporting.figures import count
from tradewind.storage.documents import Documents
from tradewind.storage.workspace import Workspace


@dataclass(frozen=True)
class Fitted:
    """A model that was kept, and what was found on the way."""

    model: RegimeModel
    findings: tuple[Finding, ...]

    @property
    def summary(self) -> str:
        """What it tells apart, by what, what it learnt from."""
        on, model = self.model.calibration, self.model
        said = (
            f"{model.of}: {', '.join(model.names)} by {', '.join(model.features)}; learnt from "
            f"{on.rows:,} bars of {count(on.symbols, 'symbol', 'symbols')}, "
            f"{on.first:%Y-%m-%d} to {on.last:%Y-%m-%d}"
        )
        return "\n".join([said, *(f"  {finding}" for finding in self.findings)])

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        model = self.model
        return {
            "of": model.of,
            "model": model.fingerprint,
            "kind": kind_of(model.detector),
            "names": [*model.names],
            "features": [*model.features],
            "calibration": model.calibration.to_dict(),
            "findings": [finding.to_dict() for finding in self.findings],
        }


@dataclass(frozen=True)
class FitResult:
    """What was learnt, of whom."""

    models: tuple[Fitted, ...]

    @property
    def summary(self) -> str:
        """What each is, and what comes next."""
        said = [one.summary for one in self.models]
        return "\n".join([*said, "tell them with `tradewind regimes refresh`"])

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        return {"models": [one.to_dict() for one in self.models]}


def fit(
    workspace: Workspace,
    config: RegimesConfig,
    tell: Tell,
    clock: Clock,
    until: datetime | None = None,
) -> FitResult:
    """Learn the regimes that a configuration asks for, from the bars that were known at a moment (all).

    A detector that learns anew, by the same recipe and features, keeps the names of its states.

    >>> from contextlib import nullcontext
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from tradewind.core import SystemClock
    >>> from tradewind.data.synthetic import make_market
    >>> class Nobody:
    ...     def stage(self, name): return nullcontext()
    ...     def progress(self, done, of): pass
    >>> config = RegimesConfig(detector="hmm", states=2, of=("market",))
    >>> with TemporaryDirectory() as folder:
    ...     _ = MarketStore(folder).append(make_market("equity", 3, 400).panel)
    ...     [one] = fit(Workspace(Path(folder)), config, Nobody(), SystemClock()).models
    >>> one.model.names, one.findings
    (('low_vol', 'illiquid'), ())
    """
    if until is not None and until > clock.now():
        raise Misuse(f"{until} has not come", "give an earlier moment, or none for all bars")
    names = BY_RULE if config.detector == "rules" else config.features
    every, odd = observed(workspace, names, tell, clock)
    known = every if until is None else every.known_by(until)
    if not len(known.table):
        raise Misuse(f"no bar was known by {until}", "give a later moment")
    rows, findings = chosen(known, asked(names)) if config.recipes else (known, ())
    models = models_of(workspace)
    done = []
    for of in (one for one in ("market", "symbol") if one in config.of):
        with tell.stage(f"learn: {of}"):
            model = learnt(of, config, rows, _before(models, of))
            models.put(model, clock.now().isoformat())
        blind = unseen(rows) if of == "symbol" and config.recipes else ()
        done.append(Fitted(model, (*odd, *findings, *blind, *model.findings)))
    return FitResult(tuple(done))


def _before(models: Models, of: Of) -> RegimeModel | None:
    """The model whose names are to be kept; None where there is none, or none that can be read."""
    try:
        return models.get(of)
    except WorkspaceError:
        return None


def learnt(
    of: Of, config: RegimesConfig, rows: Rows, before: RegimeModel | None = None
) -> RegimeModel:
    """The model that a configuration makes of these rows, with the names of the one before it."""
    rule = None if config.recipes else RuleRegimes()
    rows = told_of(of, rule, rows)
    found = rule or _learnt(config, as_seen(of, rows), before)
    detector = FittedMarketWide(found) if of == "market" else found
    table = learnable(of, rows).table if rule is None else rows.table
    ends = (table["timestamp"].min(), table["timestamp"].max(), rows.table["known_at"].max())
    said = config.hysteresis(detector.filter(rows.dataset))
    counts = len(table), table["symbol"].n_unique()
    calibration = Calibration(*ends, *counts, said.occupancy)  # type: ignore[arg-type]
    return RegimeModel(of, detector, rows.features, config.hysteresis, calibration)


def _learnt(config: RegimesConfig, rows: Dataset, before: RegimeModel | None) -> FittedRegimes:
    recipes = config.recipes
    one = choose(rows, recipes).regimes if len(recipes) > 1 else fitted(recipes[0], rows)
    earlier = chain_of(before.detector) if before else None
    if earlier and (earlier.recipe, earlier.features) == (one.recipe, one.features):
        return one.named_as(earlier)
    return one


def chain_of(detector: RegimeDetector) -> FittedRegimes | None:
    """The chain that a detector filters by; None where it goes by rules."""
    inner = detector.detector if isinstance(detector, FittedMarketWide) else detector
    return inner if isinstance(inner, FittedRegimes) else None


def kind_of(detector: RegimeDetector) -> str:
    """What it was learnt by.

    >>> kind_of(RuleRegimes())
    'RuleRegimes'
    """
    chain = chain_of(detector)
    return type(chain.recipe if chain else detector).__name__


def observed(
    workspace: Workspace, names: tuple[str, ...], tell: Tell, clock: Clock
) -> tuple[Rows, tuple[Finding, ...]]:
    """The bars of a workspace with the features of these names, and of what may stand in for one, and
    whose are left out; their tables are brought up to the newest bars first."""
    home = homes(names)
    calendars = kept_calendars(MarketStore(workspace.path))
    families = tuple(keeping(family, calendars) for family in dict.fromkeys(home.values()))
    refresh_features(workspace, families, tell, clock)
    features = [*home, *(name for name in names if name not in home and name not in FAMILIES)]
    return apart(first_known([kept(workspace, family).table for family in families], features))


def asked(names: tuple[str, ...]) -> tuple[str, ...]:
    """The features that are named, or whose family is; without those that stand in."""
    home = homes(names)
    plain = [name for name in home if name in names or home[name].name in names]
    return tuple(plain)


def models_of(workspace: Workspace) -> Models:
    """Where the models of a workspace lie."""
    return Models(workspace.path, Documents(MarketStore(workspace.path).lake.control))
