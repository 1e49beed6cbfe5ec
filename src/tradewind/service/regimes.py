"""`RegimeDetectionService`: the regime of the market and of each symbol, as the daily batch told it.

It reads models, documents and tables, and runs no job. A row that comes before the next batch is
classified from where the batch left its symbol.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from tradewind.context.regimes import FilterState, FittedRegimes, Live, LiveSaying
from tradewind.context.regimes.market_wide import MARKET, FittedMarketWide
from tradewind.context.regimes.model import Calibration, Of, RegimeModel
from tradewind.context.regimes.models import NEWEST, Models
from tradewind.context.regimes.resuming import resumed
from tradewind.context.regimes.saying import SayingState
from tradewind.core import Finding, Panel
from tradewind.core.errors import Misuse, nearest
from tradewind.data.declared_calendars import calendars_of, usual_calendar
from tradewind.data.store import MarketStore
from tradewind.features.calendars import Calendars
from tradewind.features.families import CarriedFamily
from tradewind.features.keeping import keeping
from tradewind.features.kept.online import Online
from tradewind.features.registry import FAMILIES
from tradewind.storage.documents import Documents
from tradewind.storage.workspace import Workspace

OF: tuple[Of, ...] = ("market", "symbol")


@dataclass(frozen=True)
class Standing:
    """The regime of a symbol at its newest bar: how sure that is, since when it is said, by which model."""

    symbol: str
    regime: str | None
    probabilities: Mapping[str, float | None]
    since: datetime | None
    at: datetime
    known_at: datetime
    model: str
    calibration: Calibration

    @property
    def probability(self) -> float | None:
        """Of the regime that is said."""
        return self.probabilities[self.regime] if self.regime else None

    @property
    def summary(self) -> str:
        """A line."""
        at = f"at {self.at:%Y-%m-%d %H:%M}"
        if self.regime is None or self.probability is None:
            return f"{self.symbol:<12} not known {at}"
        since = f"since {self.since:%Y-%m-%d}, {at}" if self.since else at
        return f"{self.symbol:<12} {self.regime:<16} {self.probability:>7.1%}  {since}"

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        at = {name: _text(getattr(self, name)) for name in ("since", "at", "known_at")}
        told = {name: getattr(self, name) for name in ("symbol", "regime", "probability", "model")}
        probabilities = dict(self.probabilities)
        on = self.calibration.to_dict()
        return {**told, **at, "probabilities": probabilities, "calibration": on}


class RegimeDetectionService:
    """What the regimes of a workspace are, read once and answered from memory; `reload` reads again."""

    def __init__(self, workspace: Workspace) -> None:
        workspace.require_known_format()
        self._workspace = workspace
        self.reload()

    def reload(self) -> None:
        """Read what the batch has written by now."""
        self._store = MarketStore(self._workspace.path)
        documents = Documents(self._store.lake.control)
        self._documents = {str(one["symbol"]): one for one in documents.find(NEWEST)}
        self._kept = Models(self._workspace.path, documents)
        found = {of: self._kept.telling(of) or self._kept.get(of) for of in OF}
        self._models = {of: model for of, model in found.items() if model is not None}
        self._live: dict[Of, tuple[Live, LiveSaying]] = {}
        self._online: dict[str, Online] = {}

    @property
    def symbols(self) -> tuple[str, ...]:
        """Of whom there is a regime: MARKET first."""
        return tuple(sorted(self._told, key=lambda name: (name != MARKET, name)))

    @property
    def _told(self) -> dict[str, Mapping[str, Any]]:
        """The documents of models that are current."""
        current = {model.fingerprint for model in self._models.values()}
        return {name: one for name, one in self._documents.items() if one["model"] in current}

    def model(self, of: Of) -> RegimeModel:
        """The model that tells of the market, or of each symbol."""
        return self._models[of] if of in self._models else self._kept.required(of)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is odd about the models that tell."""
        odd = [one for model in self._models.values() for one in model.findings]
        return (*odd, *(one for of in self._models for one in self._kept.untold(of)))

    def current(self, symbol: str = MARKET) -> Standing:
        """Where a symbol, or the market, stands."""
        told = self._document(symbol)
        since = told["since"]
        return Standing(
            symbol,
            told["regime"],
            told["probabilities"],
            datetime.fromisoformat(since) if since else None,
            datetime.fromisoformat(told["at"]),
            datetime.fromisoformat(told["known_at"]),
            told["model"],
            self.model(told["of"]).calibration,
        )

    def history(self, symbol: str = MARKET, as_of: datetime | None = None) -> pl.DataFrame:
        """Every bar of a symbol with its regime, as it was known at a moment: now, unless told."""
        model = self.model(self._document(symbol)["of"])
        table = self._kept.told(model).table
        panel = self._store.read(table, symbols=[symbol], as_of=as_of)
        shown = ("timestamp", "known_at", "regime", "since", *model.names)
        return _newest(panel).select(shown)

    def classify(self, symbol: str, at: datetime, row: Mapping[str, float | None]) -> Standing:
        """The regime of a row of features that comes after all that was told of a symbol, or of the market.

        Rows are given in their order; each goes on from the one before, and says what the next batch
        will say of it.
        """
        of: Of = "market" if symbol == MARKET else "symbol"
        model = self.model(of)
        values = [row.get(name) for name in model.features]
        if missing := sorted({*row} - {*model.features}):
            remedy = nearest(missing[0], model.features)
            raise Misuse(f"no feature {missing[0]!r} is read for a regime", remedy)
        numbers = np.array([np.nan if one is None else one for one in values], dtype=np.float64)
        live, aloud = self._lives(of, model)
        weights = live.push(symbol, at, numbers)
        observed = bool(np.isfinite(numbers).all())
        regime, since = aloud.push(symbol, at, weights, observed=observed)
        probabilities = dict(zip(model.names, weights.tolist(), strict=True))
        return Standing(
            symbol, regime, probabilities, since, at, at, model.fingerprint, model.calibration
        )

    def classify_bar(self, symbol: str, at: datetime, bar: Mapping[str, Any]) -> Standing:
        """The same, given the bar itself: what is read of it is computed from the bars before it."""
        model = self.model("symbol")
        if symbol not in self._online:
            known = self.current(symbol).known_at
            panel = self._store.read("bars", symbols=[symbol], as_of=known)
            calendars = Calendars(usual_calendar(self._store), calendars_of(self._store))
            self._online[symbol] = Online.after(_families(model, calendars), panel)
        told = self._online[symbol]
        values = dict(zip(told.names, told.push(symbol, at, bar).tolist(), strict=True))
        return self.classify(symbol, at, {name: values[name] for name in model.features})

    def _lives(self, of: Of, model: RegimeModel) -> tuple[Live, LiveSaying]:
        """The detector, and who says what it thinks, in the state where the batch left them."""
        if of not in self._live:
            inner = model.detector
            inner = inner.detector if isinstance(inner, FittedMarketWide) else inner
            if not isinstance(inner, FittedRegimes):
                raise Misuse(
                    "regimes by rule are told by whole moments, in the batch",
                    "learn a detector: set `regimes: detector: hmm` in tradewind.yaml",
                )
            left = self._kept.left(self._kept.told(model))
            if left is None:
                raise Misuse(
                    f"it is not known where the {of} was left",
                    "tell its regimes with `tradewind regimes refresh`",
                )
            state, saying = resumed(left["state"]), resumed(left["saying"])
            assert isinstance(state, FilterState)
            assert isinstance(saying, SayingState)
            aloud = LiveSaying(model.hysteresis, model.names, saying)
            self._live[of] = Live(inner, state), aloud
        return self._live[of]

    def _document(self, symbol: str) -> Mapping[str, Any]:
        told = self._told
        if not self._models:
            raise Misuse("no regimes were learnt here", "learn them with `tradewind regimes fit`")
        if not told:
            raise Misuse("no regimes are told here", "tell them with `tradewind regimes refresh`")
        if symbol not in told:
            raise Misuse(f"there is no regime of {symbol!r}", nearest(symbol, told))
        return told[symbol]


def _families(model: RegimeModel, calendars: Calendars) -> list[CarriedFamily]:
    """Those whose features a model reads, of symbols that keep these calendars."""
    read = [
        keeping(family, calendars)
        for family in FAMILIES.values()
        if any(spec.name in model.features for spec in family.specs)
    ]
    if others := [one.name for one in read if not isinstance(one, CarriedFamily)]:
        raise Misuse(
            f"the family {others[0]!r} reads all symbols at once",
            "give `classify` its row of features, or have the batch tell it",
        )
    return [one for one in read if isinstance(one, CarriedFamily)]


def _newest(panel: Panel) -> pl.DataFrame:
    """The last version of each bar."""
    return panel.table.unique("timestamp", keep="last", maintain_order=True)


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
