"""`refresh`: the regimes of what is new are told, gone on from where the telling was left.

A model tells in a table of its own. A row is known once its bar is, and not before the model was learnt:
of what it learnt from, it tells what is thought since then. Where the rows that it was told from are no
longer what lies there, it begins another table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl

from tradewind.context.regimes.model import RegimeModel
from tradewind.context.regimes.models import NEWEST, Models
from tradewind.context.regimes.resuming import left_off, resumed
from tradewind.context.regimes.said import Said
from tradewind.context.regimes.saying import SayingState
from tradewind.core import Clock, Finding, MarketState, Panel
from tradewind.core.errors import Misuse
from tradewind.core.tables import UTC_TIME
from tradewind.data.store import MarketStore
from tradewind.pipelines.dataset.telemetry import Meter
from tradewind.pipelines.digest import digest_of
from tradewind.pipelines.regimes.config import RegimesConfig
from tradewind.pipelines.regimes.fitting import models_of, observed
from tradewind.pipelines.regimes.rows import KEYS, Rows, by_whole_moments, told_of, unseen
from tradewind.pipelines.tell import Tell
from tradewind.storage.documents import Documents
from tradewind.storage.workspace import Workspace

EVERYBODY = "*"


@dataclass(frozen=True)
class Refreshed:
    """What came of one model: its table, the rows that were added, whether all was told anew."""

    of: str
    model: str
    table: str
    rows: int
    whole: bool
    took_s: float


@dataclass(frozen=True)
class RefreshResult:
    """What a refresh did, and whom it left out."""

    models: tuple[Refreshed, ...]
    findings: tuple[Finding, ...]

    @property
    def summary(self) -> str:
        """A line a model."""
        lines = [
            f"{one.of}: {one.rows:,} rows added to {one.table} in {one.took_s:.2f} s"
            for one in self.models
        ]
        return "\n".join([*lines, *map(str, self.findings)])

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        findings = [finding.to_dict() for finding in self.findings]
        return {"models": [vars(one) for one in self.models], "findings": findings}


def refresh(workspace: Workspace, config: RegimesConfig, tell: Tell, clock: Clock) -> RefreshResult:
    """Tell the regimes up to the newest bars, and keep where each symbol stands as a document."""
    store, models, meter = MarketStore(workspace.path), models_of(workspace), Meter(tell)
    done, odd = list[Refreshed](), dict[Finding, None]()
    current = [model for of in ("market", "symbol") if of in config.of if (model := models.get(of))]
    if not current:
        raise Misuse("no regimes were learnt here", "learn them with `tradewind regimes fit`")
    for model in current:
        rows, findings = observed(workspace, model.features, tell, clock)
        blind = unseen(replace(rows, features=model.features)) if model.of == "symbol" else ()
        odd.update(dict.fromkeys([*findings, *blind]))
        with meter.stage(f"tell: {model.of}"):
            one = _Telling(store, model, told_of(model.of, model.detector, rows)).run()
        took = meter.record["stages"][f"tell: {model.of}"]["wall_s"]
        done.append(Refreshed(model.of, model.fingerprint, *one, took))
    return RefreshResult(tuple(done), tuple(odd))


@dataclass(frozen=True, eq=False)
class Stretch:
    """The rows of a model from one bar on: what is said of each, and where that leaves it."""

    panel: Panel
    state: Any
    saying: SayingState


def tell_on(model: RegimeModel, rows: Rows, state: Any, saying: SayingState) -> Stretch:
    """What a model says of rows that follow a state."""
    told, state = model.detector.step(state, rows.dataset)
    said, saying = model.hysteresis.step(saying, told)
    keys = rows.moments if model.of == "market" else rows.table.select(KEYS)
    return Stretch(_labels(model, keys, told, said), state, saying)


def _labels(model: RegimeModel, keys: pl.DataFrame, told: MarketState, said: Said) -> Panel:
    """(symbol, timestamp, known_at, session, regime, since, a probability of each, model)."""
    on = ["timestamp", "symbol"]
    probabilities = told.table.select("symbol", *model.names, timestamp="at")
    since = pl.col("since").dt.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00")
    regimes = said.table.select("symbol", pl.col("regime").cast(pl.String), since, timestamp="at")
    table = keys.join(regimes, on, maintain_order="left").join(
        probabilities, on, maintain_order="left"
    )
    known = pl.max_horizontal("known_at", pl.lit(model.calibration.until))
    table = table.with_columns(known.cast(UTC_TIME), model=pl.lit(model.fingerprint))
    return Panel(table.sort(KEYS[:3]))


@dataclass(frozen=True, eq=False)
class _Telling:
    """One model, brought up to the rows that there are."""

    store: MarketStore
    model: RegimeModel
    rows: Rows

    def run(self) -> tuple[str, int, bool]:
        """The table, the rows that were added, and whether everything was told."""
        models = Models(self.store.path, Documents(self.store.lake.control))
        told = models.told(self.model)
        left = models.left(told)
        if left is None or self._seen(left["newest"]) != left["seen"]:
            whole, new = True, self.rows
            told = replace(told, past=told.past + 1, left="") if told.left else told
            stretch = tell_on(self.model, new, self.model.detector.begin(), SayingState())
        else:
            whole, new = False, self.rows.only(self.rows.table.filter(~_met(left["newest"])))
            if not len(new.table):
                return told.table, 0, False
            state, saying = resumed(left["state"]), resumed(left["saying"])
            assert isinstance(saying, SayingState)
            stretch = tell_on(self.model, new, state, saying)
        self.store.append(stretch.panel, told.table)
        Documents(self.store.lake.control).put_all(NEWEST, standing(self.model, stretch.panel))
        models.leave(told, self._left(stretch))
        return told.table, len(stretch.panel), whole

    def _left(self, stretch: Stretch) -> dict[str, Any]:
        """Where the telling is left: the newest bar of each symbol, and the digest of all up to it."""
        newest = self._newest()
        return {
            "state": left_off(stretch.state),
            "saying": left_off(stretch.saying),
            "newest": newest,
            "seen": self._seen(newest),
        }

    def _newest(self) -> dict[str, str]:
        table = self.rows.table
        if by_whole_moments(self.model.of, self.model.detector):
            return {EVERYBODY: table["timestamp"].max().isoformat()}  # type: ignore[union-attr]
        last = table.group_by("symbol", maintain_order=True).agg(pl.col("timestamp").max())
        return {name: at.isoformat() for name, at in last.iter_rows()}

    def _seen(self, newest: Mapping[str, str]) -> str:
        table = self.rows.table.filter(_met(newest))
        values = pl.col(self.rows.features).fill_null(float("nan"))
        return digest_of(table.select(pl.col("symbol").cast(pl.String), *KEYS[1:], values))


def _met(newest: Mapping[str, str]) -> pl.Expr:
    """Is a bar no newer than the newest that was met, of its symbol or of everybody?"""
    moments = {name: datetime.fromisoformat(at) for name, at in newest.items()}
    everybody = moments.pop(EVERYBODY, None)
    last = pl.lit(everybody, UTC_TIME)
    if moments:
        symbol = pl.col("symbol").cast(pl.String)
        last = symbol.replace_strict(moments, default=None, return_dtype=UTC_TIME)
    return (pl.col("timestamp") <= last).fill_null(False)


def standing(model: RegimeModel, panel: Panel) -> dict[str, dict[str, Any]]:
    """A document for each symbol of a table: its newest row."""
    newest = panel.table.group_by("symbol", maintain_order=True).last()
    return {row["symbol"]: _document(model, row) for row in newest.iter_rows(named=True)}


def _document(model: RegimeModel, row: Mapping[str, Any]) -> dict[str, Any]:
    known = row["regime"] is not None
    return {
        "symbol": row["symbol"],
        "of": model.of,
        "regime": row["regime"],
        "probability": row[row["regime"]] if known else None,
        "probabilities": {name: row[name] for name in model.names},
        "since": row["since"],
        "at": row["timestamp"].isoformat(),
        "known_at": row["known_at"].isoformat(),
        "model": model.fingerprint,
    }
