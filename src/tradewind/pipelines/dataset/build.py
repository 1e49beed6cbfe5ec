"""The dataset job: from bars to rows, regimes and a view side by side, checked, kept and told.

bars -> features -> regimes -> join -> check -> keep -> export
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tradewind.context.bands import Bands
from tradewind.context.label_checks import label_findings
from tradewind.context.rule_labels import LabelState
from tradewind.core import Finding
from tradewind.core.errors import Misuse, Refusal
from tradewind.data.alternative.connector import AlternativeDataConnector
from tradewind.data.alternative.coverage import coverage
from tradewind.data.exporting import write_layout
from tradewind.data.quality.pandera_contracts import check_tables
from tradewind.data.store import MarketStore
from tradewind.features.config import families_of
from tradewind.pipelines.config import fitting
from tradewind.pipelines.dataset.folder import save_dataset
from tradewind.pipelines.dataset.keeping import keep
from tradewind.pipelines.dataset.parts import (
    Join,
    Parts,
    calendars_of_days,
    feature_rows,
    fill_rates,
    over_the_limit,
    with_regimes,
    with_view,
)
from tradewind.pipelines.dataset.request import DatasetRequest, DatasetResult
from tradewind.pipelines.dataset.tables import contract_tables, store_tables
from tradewind.pipelines.dataset.telemetry import Meter
from tradewind.pipelines.digest import digest_of
from tradewind.pipelines.gathering import (
    Gathered,
    gather_file,
    gather_stored,
    gather_synthetic,
    with_alternative,
)
from tradewind.pipelines.tell import Tell
from tradewind.storage.control import Control
from tradewind.storage.documents import Documents
from tradewind.storage.workspace import Workspace

COLLECTION = "datasets"


def run(request: DatasetRequest, workspace: Workspace, tell: Tell) -> DatasetResult:
    """Make a dataset, keep it in the store and as a folder, and put on record what that took.

    The same bars again change nothing. A strict run that finds an error keeps nothing; a join that
    takes too long is left out, and the rest is kept.
    """
    source = _source(request, workspace)
    if request.dry_run:
        return DatasetResult(True, None, plans=tuple(_plans(request, workspace, source)))
    meter, documents = Meter(tell), Documents(Control(workspace.path / "control.db"))
    earlier = documents.get(COLLECTION, request.name) or {}
    with meter.stage("bars"):
        connector = AlternativeDataConnector(request.config.alternative_data, workspace.path)
        bars = _gathered(request, workspace, source)
        recipe = request.recipe(source, bars.families)
        _require_same(request.name, earlier.get("recipe", {}), recipe)
        gathered = with_alternative(bars, connector).at_every_moment()
        data = {"origin": gathered.origin, "sha256": digest_of(gathered.market.panel.table)}
        data |= {f"{name} sha256": digest_of(one.table) for name, one in connector.panels().items()}
    parts, stopped = _made(request, gathered, meter, tell)
    with meter.stage("check"):
        found = (*gathered.findings, *_checked(gathered, parts))
    told = {"name": request.name, "data": data, **_measured(request, gathered, parts, stopped)}
    if request.strict and any(finding.severity == "error" for finding in found):
        return DatasetResult(False, None, found, {**told, **meter.record})
    with meter.stage("keep"):
        named = {request.table(name): panel for name, panel in store_tables(parts).items()}
        tables = keep(MarketStore(workspace.path), named)
        folder = workspace.path / "datasets" / request.name
        manifest = save_dataset(folder, parts, {"recipe": recipe, "data": data})
    if request.export is not None:
        with meter.stage("export"):
            kept = {} if gathered.calendars else {"bars": gathered.market.calendars["bars"]}
            store = MarketStore(workspace.path)
            told["exported"] = write_layout(store, request.export, calendars=kept)
    told |= {"tables": tables, "files": manifest["files"], **meter.record}
    told["recipe"] = {**earlier.get("recipe", {}), **recipe}
    documents.put(COLLECTION, request.name, told)
    passed = not stopped and NO_OUTCOME not in found
    return DatasetResult(passed, folder, (*found, *stopped), told)


def _source(request: DatasetRequest, workspace: Workspace) -> str:
    """Where the bars are from, in a word that stays the same when there are more of them."""
    if request.data is not None:
        return f"file {request.data.name}"
    if "bars" in MarketStore(workspace.path).tables:
        return "stored"
    return f"made with seed {request.seed}"


def _plans(request: DatasetRequest, workspace: Workspace, source: str) -> Iterator[str]:
    """What a run would read and write."""
    features = request.config.features
    yield f"bars: {source}"
    yield f"families of features: {', '.join([*features.families, *features.files]) or 'none'}"
    for name, made_of in request.recipe(source).items():
        told = ", ".join(f"{key} {value}" for key, value in made_of.items())
        yield f"table {request.table(name)}: {told}"
    yield f"folder: {workspace.path / 'datasets' / request.name}"
    if request.export is not None:
        yield f"export: {request.export}"


def _require_same(name: str, earlier: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse to mix rows of two recipes in one table, and to leave a part behind that was there."""
    for table in sorted(earlier.keys() - now.keys()):
        raise Misuse(
            f"the dataset {name!r} has {table}, and none are asked for now",
            "ask for them again, or build it under another --name",
        )
    for table in sorted(now.keys() & earlier.keys()):
        for key in {**earlier[table], **now[table]}:
            before, value = earlier[table].get(key), now[table].get(key)
            if before != value:
                raise Misuse(
                    f"{table} of the dataset {name!r} were made with {key} {before}, and now "
                    f"{value} is asked for",
                    "build it under another --name",
                )


def _gathered(request: DatasetRequest, workspace: Workspace, source: str) -> Gathered:
    """The bars, with the families of features that the configuration names."""
    bars = _bars(request, workspace, source)
    columns = bars.market.panel.columns
    features = request.config.features
    return replace(bars, families=families_of(features, workspace.path, columns, bars.kept))


def _bars(request: DatasetRequest, workspace: Workspace, source: str) -> Gathered:
    if request.data is not None:
        return gather_file(
            request.data,
            calendar=request.calendar,
            stamps=request.stamps,
            bar=request.bar,
            tz=request.tz,
            symbol=request.symbol,
        )
    if source == "stored":
        return gather_stored(workspace, request.calendar)
    return gather_synthetic(request.config.synthetic, request.seed)


def _made(
    request: DatasetRequest, gathered: Gathered, meter: Meter, tell: Tell
) -> tuple[Parts, tuple[Finding, ...]]:
    """Every part that was asked for, and what stopped one of them."""
    with meter.stage("features"):
        target = fitting(request.config, len(gathered.market.panel.symbols)).target
        parts = Parts(feature_rows(gathered, request.ahead, target.against))
    if request.regimes:
        with meter.stage("regimes"):
            parts = with_regimes(parts.rows, LabelState(Bands(*request.bands)))
    if not request.view:
        return parts, ()
    join = Join(
        request.columns,
        request.fill_limit,
        request.join_limit_s,
        request.clock,
        calendars_of_days(gathered),
        request.least,
    )
    try:
        with meter.stage("join"):
            return with_view(parts, join(gathered.market, gathered.times, tell.progress)), ()
    except Refusal as refusal:
        return parts, (over_the_limit(refusal),)


NO_OUTCOME = Finding(
    "dataset.no_outcome",
    "error",
    "outcomes",
    "no row has an outcome, so nothing can be learnt from it",
    "give closes above zero, a longer history, or a shorter --horizon",
)


def _checked(gathered: Gathered, parts: Parts) -> list[Finding]:
    """What breaks a contract, how far other data reach, and labels from which nothing can be learnt."""
    found = check_tables(contract_tables(gathered.market.panel, parts))
    reached = coverage(parts.rows, gathered.market.panels, gathered.sides).findings
    labels = label_findings(parts.regimes) if parts.regimes is not None else []
    return [*found, *reached, *labels, *([] if len(parts.rows.resolved) else [NO_OUTCOME])]


def _measured(
    request: DatasetRequest, gathered: Gathered, parts: Parts, stopped: tuple[Finding, ...]
) -> dict[str, Any]:
    """How much there is of everything, how much is missing, and whether the join kept its time."""
    rows = parts.rows
    grid = sum(len(some.times) * len(some.market.panel.symbols) for some in gathered.apart())
    return {
        "rows": len(rows),
        "symbols": rows.table["symbol"].n_unique(),
        "moments": len(gathered.times),
        "dropped": grid - len(rows),
        "without_outcome": len(rows) - len(rows.resolved),
        "fill_rates": fill_rates(parts.view) if parts.view is not None else None,
        "join": {"limit_s": request.join_limit_s, "kept": not stopped} if request.view else None,
    }
