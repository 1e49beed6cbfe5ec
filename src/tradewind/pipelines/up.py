"""The main job: from a market to a scorecard and a page, each stage told as it runs.

market -> features -> fit -> replay -> score -> page
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tradewind.calibration.platt import PlattLearner
from tradewind.core import Clock, Dataset, Finding, Schedule, Scorecard, SystemClock, replay, stream
from tradewind.core.errors import Misuse
from tradewind.core.panel import Panel
from tradewind.core.roles import Broker, FeatureReader
from tradewind.core.stamps import Stamps
from tradewind.data.alternative.connector import AlternativeDataConnector
from tradewind.data.alternative.coverage import coverage
from tradewind.data.sources.batches import kind_of
from tradewind.evaluation.causality.columns import foreknowing
from tradewind.evaluation.contracts import check_decider
from tradewind.evaluation.scoring import forecast_scores, money_scores
from tradewind.evaluation.suspicion import too_good, too_rich
from tradewind.features.config import families_of
from tradewind.features.labels import with_outcome
from tradewind.models.climatology import ClimatologyLearner
from tradewind.models.lightgbm_forecaster import TreesLearner
from tradewind.pipelines.config import TargetConfig, UpConfig, fitting
from tradewind.pipelines.digest import digest_of
from tradewind.pipelines.episodes.resembled import KeptPast, resembled
from tradewind.pipelines.gathering import (
    Gathered,
    gather_file,
    gather_stored,
    gather_synthetic,
    with_alternative,
)
from tradewind.pipelines.states import said_along, states_along, surrounded
from tradewind.pipelines.tell import Tell
from tradewind.pipelines.telling import Trial, tell_story
from tradewind.pipelines.walk_forward import Recipe, fit_schedule
from tradewind.reporting.outlook import lines
from tradewind.reporting.page import render
from tradewind.reporting.story import Story
from tradewind.reporting.terminal import summary
from tradewind.storage.files import publish_folder
from tradewind.storage.json_text import to_json
from tradewind.storage.workspace import Workspace
from tradewind.trading.inspection import trading_findings

MOMENTS_CHECKED = 10
STRONGEST = 3  # calls of which the page tells what they resemble


@dataclass(frozen=True)
class UpRequest:
    """What to run on: a synthetic market by its seed, a file and how its stamps are to be read, or the
    bars that lie in the workspace."""

    data: Path | None = None
    stored: bool = False
    seed: int = 7
    calendar: str = "XNYS"
    stamps: Stamps | None = None
    bar: timedelta | None = None
    tz: str | None = None
    symbol: str | None = None
    config: UpConfig = field(default_factory=UpConfig)
    clock: Clock = field(default_factory=SystemClock)


@dataclass(frozen=True)
class UpResult:
    """What came of it: the scorecard, the page, a dozen lines for a terminal, the facts of the run."""

    card: Scorecard
    page: Path
    summary: str
    facts: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """One JSON object: the scorecard and the facts beside it."""
        return {**self.card.to_dict(), "page": str(self.page), "facts": dict(self.facts)}


def run(request: UpRequest, workspace: Workspace, tell: Tell) -> UpResult:
    """Do the whole job and publish its page in the workspace; nothing is published before it is whole."""
    watch = _Watch(request.clock, tell)
    with watch.stage("market"):
        connector = AlternativeDataConnector(request.config.alternative_data, workspace.path)
        gathered = with_alternative(_gather(request, workspace), connector)
        columns = gathered.market.panel.columns
        features = request.config.features
        families = families_of(features, workspace.path, columns, gathered.kept)
        gathered = replace(gathered, families=families)
    config = fitting(request.config, len(gathered.market.panel.symbols))
    with watch.stage("features"):
        reader = gathered.reader
        rows = reader(gathered.market, gathered.times)
        target = config.target
        rows = with_outcome(rows, gathered.market, target.horizon, target.against).resolved
        require_outcomes_of_both_kinds(rows, target)
    with watch.stage("fit"):
        model, floor = recipes(reader, config)
        schedule = fit_schedule(model, rows, config.split, request.seed, tell.progress)
        schedule, unknown = surrounded(schedule, gathered.market)
        gathered = replace(gathered, findings=(*gathered.findings, *unknown))
        baseline = fit_schedule(floor, rows, config.split, request.seed)
    with watch.stage("replay"):
        trial = _replayed(schedule, baseline, gathered, rows, config.broker, tell)
    with watch.stage("score"):
        card = _scored(trial, gathered, request)
    with watch.stage("page"):
        past = _past(request, workspace)
        facts = {**_facts(request, gathered, watch), "episodes": _said(past)}
        story = tell_story(
            trial, card, gathered.market, config, facts, stream(request.seed, "folds")
        )
        story = replace(story, resembled=_resembled(story, gathered, config, past))
        result = UpResult(card, workspace.reports / "up" / "index.html", summary(story), facts)
        files: dict[str, bytes | str] = {
            "index.html": render(story),
            "scorecard.json": to_json(result.to_dict()),
        }
        publish_folder(workspace.reports / "up", files)
    return result


class _Watch:
    """Tells each stage, and keeps how long it took."""

    def __init__(self, clock: Clock, tell: Tell) -> None:
        self.clock, self.tell = clock, tell
        self.elapsed: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began = self.clock.now()
        with self.tell.stage(name):
            yield
        self.elapsed[name] = (self.clock.now() - began).total_seconds()


def require_there(data: Path) -> None:
    """Refuse a file that is not there, or is none of ours, before anything is made for it."""
    kind_of(data)


def _gather(request: UpRequest, workspace: Workspace) -> Gathered:
    if request.stored:
        return gather_stored(workspace, request.calendar)
    if request.data is None:
        return gather_synthetic(request.config.synthetic, request.seed)
    return gather_file(
        request.data,
        calendar=request.calendar,
        stamps=request.stamps,
        bar=request.bar,
        tz=request.tz,
        symbol=request.symbol,
    )


def require_outcomes_of_both_kinds(rows: Dataset, target: TargetConfig) -> None:
    """Refuse rows that have no outcome, or all the same: there is nothing to forecast in them."""
    if not len(rows):
        raise Misuse(
            f"no row has an outcome {target.horizon} bars on",
            "give closes above zero, and a history longer than target.horizon",
        )
    if np.ptp(rows.outcomes) == 0:
        raise Misuse(
            f"every outcome is the same: {rows.outcome} is {bool(rows.outcomes[0])} of all "
            f"{len(rows):,} rows",
            "give prices that move",
        )


def recipes(reader: FeatureReader, config: UpConfig) -> tuple[Recipe, Recipe]:
    """The model's, and the baseline's, which holds everything and is not braked: same rows, same broker."""
    horizon = config.target.horizon
    everything = replace(config.allocation, threshold=0.0)
    trees = TreesLearner(horizon, config.trees)
    return (
        Recipe(reader, trees, config.allocation, PlattLearner(), (config.guardrails,)),
        Recipe(reader, ClimatologyLearner(horizon), everything),
    )


def _replayed(
    schedule: Schedule,
    baseline: Schedule,
    gathered: Gathered,
    rows: Dataset,
    broker: Broker,
    tell: Tell,
) -> Trial:
    market, starts = gathered.market, schedule.parts[0][0]
    times = [when for when in gathered.times if when >= starts]
    raw = Schedule(tuple((at, replace(part, calibrator=None)) for at, part in schedule.parts))
    ledger = replay(schedule, market, times, broker, tell=tell.progress)
    held = replay(baseline, market, times, broker, tell=tell.progress)
    said = said_along(states_along(schedule, market, times))
    return Trial(
        schedule=schedule,
        forecast=schedule.forecast(market, times),
        raw=raw.forecast(market, times),
        baseline_forecast=baseline.forecast(market, times),
        ledger=ledger,
        baseline=held,
        scored=Dataset(
            rows.table.filter(pl.col("decided_at") >= starts), rows.features, rows.outcome
        ),
        said=said,
    )


def _scored(trial: Trial, gathered: Gathered, request: UpRequest) -> Scorecard:
    rng = stream(request.seed, "intervals")
    scores = {
        score.name: score
        for score in (
            *forecast_scores(trial.forecast, trial.baseline_forecast, trial.scored, rng),
            *money_scores(trial.ledger, trial.baseline, rng),
        )
    }
    findings: tuple[Finding, ...] = (
        *gathered.findings,
        *coverage(trial.scored, gathered.market.panels, gathered.sides).findings,
        *foreknowing(_with_joined(gathered, trial.scored), gathered.foreign),
        *too_good(scores["log_loss_skill"], trial.scored, gathered.foreign),
        *(too_rich(scores["sharpe"], trial.scored) if "sharpe" in scores else ()),
        *trial.ledger.findings(),
        *trading_findings(trial.ledger),
        *check_decider(
            trial.schedule, gathered.market, trial.ledger, _some(trial.forecast.moments, request)
        ),
    )
    return Scorecard(f"LightGBM on {gathered.subject}", tuple(scores.values()), findings)


def _with_joined(gathered: Gathered, rows: Dataset) -> Panel:
    """The bars, beside which stand what the sides told at each, where rows are scored."""
    panel = gathered.market.panel
    joined = [name for name in gathered.foreign if name not in panel.columns]
    if not joined:
        return panel
    told = rows.table.select("symbol", pl.col("decided_at").alias("known_at"), *joined)
    return Panel(
        panel.table.join(told, on=["symbol", "known_at"], how="left", maintain_order="left")
    )


def _some(moments: Sequence[datetime], request: UpRequest) -> list[datetime]:
    """A few of the moments, at random."""
    size = min(MOMENTS_CHECKED, len(moments))
    chosen = stream(request.seed, "moments").choice(len(moments), size, replace=False)
    return [moments[i] for i in sorted(chosen)]


def _past(request: UpRequest, workspace: Workspace) -> KeptPast | str:
    """The library of the workspace, where the run is of its bars and settings; else why it is not asked."""
    if not request.stored:
        return "the bars of the run are not those of the workspace"
    config = request.config
    return KeptPast.of(workspace, config.patterns, config.target.horizon, request.calendar)


def _said(past: KeptPast | str) -> str:
    if isinstance(past, str):
        return f"windows of the run's own bars; not the library of the workspace: {past}"
    return "the library of the workspace"


def _resembled(
    story: Story, gathered: Gathered, config: UpConfig, past: KeptPast | str
) -> pl.DataFrame:
    """What the strongest calls of the newest moment look like, and what followed their like."""
    strongest = [line.symbol for line in lines(story)[:STRONGEST] if line.probability is not None]
    market, (at,) = gathered.market, story.forecast.moments
    if isinstance(past, KeptPast):
        return past.resembled(at, strongest, config.target.horizon)
    calendar = market.calendars.get("bars", "XNYS")
    return resembled(market.panel, at, strongest, config.target.horizon, config.patterns, calendar)


def _facts(request: UpRequest, gathered: Gathered, watch: _Watch) -> dict[str, str]:
    panel, panels = gathered.market.panel, gathered.market.panels
    sides = {side.panel: panels[side.panel] for side in gathered.sides}
    sessions = panel.table["session"].cast(pl.String)
    return {
        "when": f"{request.clock.now():%Y-%m-%d %H:%M} UTC",
        "seed": str(request.seed),
        "version": version("tradewind"),
        "data": gathered.origin,
        "rows": f"{len(panel):,}, of which {panel.revised:,} correct an earlier one",
        "symbols": f"{len(panel.symbols):,}",
        "span": f"{min(sessions)} to {max(sessions)}",
        "data sha256": digest_of(panel.table),
        **{f"{name} sha256": digest_of(side.table) for name, side in sides.items()},
        "elapsed": ", ".join(f"{name} {took:.1f} s" for name, took in watch.elapsed.items()),
    }
