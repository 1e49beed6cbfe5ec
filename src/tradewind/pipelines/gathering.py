"""The first stage: a market to work on, made or read, and the moments at which to decide in it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from tradewind.core import Finding, Market, Panel
from tradewind.core.errors import BadConfig, Misuse
from tradewind.core.joining import Side
from tradewind.core.roles import FeatureReader
from tradewind.core.stamps import Stamps
from tradewind.core.tables import UTC_TIME, micros
from tradewind.data.actions import adjusted
from tradewind.data.alternative.connector import AlternativeDataConnector
from tradewind.data.declared_calendars import by_calendar, calendars_of, usual_calendar
from tradewind.data.files import read_bars
from tradewind.data.identity import STRANGER, InstrumentMap
from tradewind.data.membership import universe_of
from tradewind.data.quality.checks import inspect
from tradewind.data.quality.recorded import unshown
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import Revisions, Signal, make_market
from tradewind.features.across.sectors import SECTORS
from tradewind.features.alternative import WithAlternative
from tradewind.features.bars import RANKED, BarFeatures
from tradewind.features.calendars import Calendars
from tradewind.features.families import Family
from tradewind.features.registry import BARS
from tradewind.pipelines.config import SyntheticConfig
from tradewind.storage.workspace import Workspace

ACTIONS, MEMBERSHIP, INSTRUMENTS = "actions", "membership", "instruments"
MOST_MOMENTS = 2_500
FEWEST_MOMENTS = 150
THINNED = "moments.thinned"
NO_FEATURES = ("open", "high", "low", "close", "volume", "adj_close", "spread_bps")


@dataclass(frozen=True)
class Gathered:
    """A market, what to call it and where it is from, when to decide, and what was found in it.

    `sides` are the panels of the market that are joined to the features of its bars. `calendars` says
    of each symbol which calendar it keeps, where they do not all keep that of the bars.
    """

    market: Market
    subject: str
    origin: str
    times: tuple[datetime, ...]
    findings: tuple[Finding, ...]
    sides: tuple[Side, ...] = ()
    families: tuple[Family, ...] = (BARS,)
    calendars: Mapping[str, str] = field(default_factory=dict)

    @property
    def extra(self) -> tuple[str, ...]:
        """Columns that are features as they stand. A back-adjusted close is not: it knows the future
        splits and dividends."""
        schema = self.market.panel.table.schema
        return tuple(
            name
            for name in self.market.panel.columns
            if name not in NO_FEATURES and schema[name].is_numeric()
        )

    @property
    def reader(self) -> FeatureReader:
        """The features of the bars, with what the sides tell."""
        names = {spec.name for family in self.families for spec in family.specs}
        ranked = tuple(name for name in RANKED if name in names)
        bars = BarFeatures(self.extra, self.families, ranked)
        return WithAlternative(bars, self.sides) if self.sides else bars

    def at_every_moment(self) -> "Gathered":
        """The same at each moment of its bars: thinned ones would move when a bar is added, and with
        them every label."""
        every = pl.concat([every_moment(part) for part in self._bars]).unique().sort()
        findings = tuple(found for found in self.findings if found.check != THINNED)
        return replace(self, times=tuple(every), findings=findings)

    def apart(self) -> tuple["Gathered", ...]:
        """The symbols of each calendar with the moments of their own bars; one part where all keep the
        same. A share is not decided on anew at the midnights of a coin."""
        if not self.calendars:
            return (self,)
        parts = []
        for bars in self._bars:
            market = replace(self.market, panels={**self.market.panels, "bars": bars})
            own = set(every_moment(bars))
            times = tuple(when for when in self.times if when in own)
            parts.append(replace(self, market=market, times=times, calendars={}))
        return tuple(parts)

    @property
    def kept(self) -> Calendars:
        """The calendar that each symbol keeps."""
        return Calendars(self.market.calendars["bars"], self.calendars)

    @property
    def _bars(self) -> Collection[Panel]:
        bars = self.market.panel
        return by_calendar(bars, self.calendars).values() if self.calendars else [bars]

    @property
    def foreign(self) -> tuple[str, ...]:
        """The features that came with the data: nobody here has made them, and one may know too much."""
        features = [side.features(self.market.panels[side.panel]) for side in self.sides]
        joined = (name for by_column in features for names in by_column.values() for name in names)
        return (*self.extra, *joined)


def gather_synthetic(config: SyntheticConfig, seed: int) -> Gathered:
    """A market whose truth is known."""
    plants: list[Signal | Revisions] = []
    if config.information_coefficient:
        plants.append(Signal(config.information_coefficient, config.half_life))
    if config.revised:
        plants.append(Revisions(config.revised))
    market = make_market(
        config.kind, config.symbols, config.periods, "1d", seed, plants=tuple(plants)
    )
    return _gathered(market, f"a made {config.kind} market", "made by tradewind.data.synthetic")


def gather_file(
    path: Path,
    *,
    calendar: str,
    stamps: Stamps | None,
    bar: timedelta | None,
    tz: str | None,
    symbol: str | None,
) -> Gathered:
    """A market of the bars in one file."""
    panel = read_bars(path, calendar=calendar, stamps=stamps, bar=bar, tz=tz, symbol=symbol)
    if "close" not in panel.columns:
        raise Misuse(
            f"{path.name} has no close: its columns are {', '.join(panel.columns)}",
            "name the price column 'close'",
        )
    return _gathered(Market({"bars": panel}, calendars={"bars": calendar}), path.name, str(path))


def gather_stored(workspace: Workspace, calendar: str) -> Gathered:
    """A market of the bars that were ingested into a workspace, as the gate let them pass."""
    store = MarketStore(workspace.path)
    if "bars" not in store.tables:
        raise Misuse(f"{workspace.path} holds no bars", "bring some in with `tradewind ingest`")
    market = stored_market(store, calendar)
    read = ", ".join(panel.findings[0].detail for panel in market.panels.values())
    return _gathered(market, workspace.path.name, read, kept_calendars(store, market))


def stored_market(store: MarketStore, calendar: str) -> Market:
    """The bars of a store, with the actions, the membership and the sectors that it holds beside them, all
    by instrument where it holds a map of them."""
    kept = [name for name in ("bars", ACTIONS, MEMBERSHIP, SECTORS) if name in store.tables]
    panels = {name: store.read(name) for name in kept}
    if INSTRUMENTS in store.tables:
        names = InstrumentMap.from_panel(store.read(INSTRUMENTS))
        panels = {name: names.named(panel) for name, panel in panels.items()}
    members = panels.get(MEMBERSHIP)
    return Market(
        panels,
        universe=None if members is None else universe_of(members),
        calendars={**dict.fromkeys(panels, calendar), "bars": usual_calendar(store, calendar)},
    )


def kept_calendars(store: MarketStore, market: Market) -> dict[str, str]:
    """Which calendar each symbol of a stored market was declared to keep; that of the bars where nothing
    was said. Nothing is told where all keep the same."""
    said, usual = calendars_of(store), market.calendars["bars"]
    if not set(said.values()) - {usual}:
        return {}
    tickers: dict[str, str] = {}
    if INSTRUMENTS in store.tables:
        names = InstrumentMap.from_panel(store.read(INSTRUMENTS))
        tickers = dict(names.table.select("instrument", "ticker").rows())
    kept = {}
    for symbol in market.panel.names.categories:
        ticker = tickers.get(symbol, symbol.partition(STRANGER)[0])
        kept[symbol] = said.get(symbol, said.get(ticker, usual))
    return kept


def on_record(store: MarketStore) -> Panel | None:
    """The splits and dividends that a store knows of."""
    return store.read(ACTIONS) if ACTIONS in store.tables else None


def with_alternative(gathered: Gathered, connector: AlternativeDataConnector) -> Gathered:
    """The same market with the panels of alternative data beside its bars."""
    market = gathered.market
    if clash := sorted(set(connector.panels()) & set(market.panels)):
        raise BadConfig(f"the market has a panel {clash[0]!r} already", "rename the source")
    panels = {**market.panels, **connector.panels()}
    return replace(
        gathered,
        market=replace(market, panels=panels),
        findings=(*gathered.findings, *connector.findings),
        sides=connector.sides,
    )


def _gathered(
    market: Market, subject: str, origin: str, calendars: Mapping[str, str] | None = None
) -> Gathered:
    """The market as it is to be worked on: where actions are on record, the bars of a holding."""
    odd: tuple[Finding, ...] = ()
    if facts := market.panels.get(ACTIONS):
        odd = unshown(market.panel, facts)
        worth = adjusted(market.panel, facts)
        market = replace(market, panels={**market.panels, "bars": worth})
    times, thinned = moments_of(market.panel)
    kept = calendars or dict.fromkeys(market.panel.symbols, market.calendars["bars"])
    parts = by_calendar(market.panel, kept).items()
    found = [one for calendar, bars in parts for one in inspect(bars, calendar)]
    findings = (*market.panel.findings, *odd, *found, *thinned)
    return Gathered(market, subject, origin, times, findings, calendars=calendars or {})


def every_moment(panel: Panel) -> pl.Series:
    """The moments as soon as a bar's rows are usually known."""
    first = panel.table.filter(~pl.Series(panel.corrections))
    lag = int(np.median(micros(first["known_at"]) - micros(first["timestamp"])))
    return (first["timestamp"].unique().sort() + timedelta(microseconds=lag)).cast(UTC_TIME)


def moments_of(panel: Panel) -> tuple[tuple[datetime, ...], tuple[Finding, ...]]:
    """When to decide: as soon as a bar's rows are usually known, and not oftener than is useful."""
    moments = every_moment(panel)
    if len(moments) < FEWEST_MOMENTS:
        raise Misuse(
            f"the bars have {len(moments)} distinct moments, and a walk-forward needs "
            f"{FEWEST_MOMENTS}",
            "give a longer history",
        )
    step = -(-len(moments) // MOST_MOMENTS)
    if step == 1:
        return tuple(moments), ()
    note = Finding(
        THINNED,
        "info",
        "the bars",
        f"decisions are made at one in {step} of {len(moments):,} moments",
        "give fewer bars to decide at each",
    )
    return tuple(moments.gather_every(step)), (note,)
