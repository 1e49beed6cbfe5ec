"""Features kept in tables: what is new is computed, and is to the bit what one run over everything gives.

A refresh reads the rows that the bars have gained, goes on from where each family was left, and adds
what follows. Of a symbol whose past was corrected its bars are read again; where rows come to light that
were known before what is there, the family begins another table.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from tradewind.core import Clock, Panel
from tradewind.core.arrays import Ints
from tradewind.core.clock import EPOCH
from tradewind.core.errors import Misuse
from tradewind.core.reading import in_order
from tradewind.core.tables import micros, physical
from tradewind.data.declared_calendars import calendars_of, usual_calendar
from tradewind.data.store import MarketStore
from tradewind.features.across.together import MarketFamily
from tradewind.features.calendars import Calendars
from tradewind.features.coarser import Coarser, NamedFamily
from tradewind.features.config import FeaturesConfig, families_of
from tradewind.features.families import CarriedFamily
from tradewind.features.kept.materialising import States, materialised, no_states
from tradewind.features.kept.telling import NEVER_YET
from tradewind.pipelines.dataset.telemetry import Meter
from tradewind.pipelines.generations import Generation, Generations
from tradewind.pipelines.market_refresh import MarketRefresh
from tradewind.pipelines.tell import Tell
from tradewind.storage.documents import Documents
from tradewind.storage.workspace import Workspace

LOG = "feature_refreshes"
AT_ONCE = 5_000_000  # values of first versions that are computed before they are written


@dataclass(frozen=True)
class Refreshed:
    """What came of one family: its table, the rows that were added, and how long that took."""

    family: str
    table: str
    rows: int
    whole: bool
    took_s: float


@dataclass(frozen=True)
class RefreshResult:
    """What a refresh did, and of which version of the bars."""

    at: datetime
    bars: int
    families: tuple[Refreshed, ...]

    @property
    def took_s(self) -> float:
        """How long all of it took."""
        return round(sum(one.took_s for one in self.families), 3)

    @property
    def summary(self) -> str:
        """A line a family."""
        return "\n".join(
            f"{one.family}: {one.rows:,} rows added to {one.table} in {one.took_s:.2f} s"
            for one in self.families
        )

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        families = [vars(one) for one in self.families]
        told = {"at": self.at.isoformat(), "bars": self.bars, "took_s": self.took_s}
        return {**told, "families": families}


def run(workspace: Workspace, config: FeaturesConfig, tell: Tell, clock: Clock) -> RefreshResult:
    """Refresh the families that a configuration names."""
    if not (config.families or config.files):
        raise Misuse("no family is configured", "name one at features.families, such as bars")
    store = _store(workspace)
    columns, calendars = store.lake.table("bars").schema, kept_calendars(store)
    families = families_of(config, workspace.path, columns, calendars)
    return refresh(workspace, families, tell, clock)


def kept_calendars(store: MarketStore) -> Calendars:
    """The calendar that each symbol of the bars keeps: the one that was declared, else that of most."""
    return Calendars(usual_calendar(store), calendars_of(store))


def refresh(
    workspace: Workspace, families: Sequence[NamedFamily], tell: Tell, clock: Clock
) -> RefreshResult:
    """Bring the tables of these families up to the newest version of the bars, and log how long it took.

    >>> from contextlib import nullcontext
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from tradewind.core import SystemClock
    >>> from tradewind.data.synthetic import make_market
    >>> from tradewind.features.registry import BARS
    >>> class Nobody:
    ...     def stage(self, name): return nullcontext()
    ...     def progress(self, done, of): pass
    >>> panel = make_market("equity", 2, 80).panel
    >>> with TemporaryDirectory() as folder:
    ...     store, here = MarketStore(folder), Workspace(Path(folder))
    ...     for until in panel.moments[-2:]:
    ...         _ = store.append(panel.until(until))
    ...         refresh(here, [BARS], Nobody(), SystemClock()).families[0].rows
    158
    2
    """
    store, at = _store(workspace), clock.now()
    bars, meter = store.version_of("bars"), Meter(tell)
    done = []
    for family in families:
        with meter.stage(family.name):
            table, rows, whole = _refreshed(store, family, bars, tell)
        took = meter.record["stages"][family.name]["wall_s"]
        done.append(Refreshed(family.name, table, rows, whole, took))
    result = RefreshResult(at, bars, tuple(done))
    Documents(store.lake.control).put(LOG, at.isoformat(), result.to_dict())
    return result


def _refreshed(
    store: MarketStore, family: NamedFamily, bars: int, tell: Tell
) -> tuple[str, int, bool]:
    """The table, the rows that were added, and whether everything was computed."""
    if isinstance(family, MarketFamily):
        return MarketRefresh(store, family, bars, tell).run()
    return _Refresh(store, family, bars, tell).run()


def kept(workspace: Workspace, family: NamedFamily) -> Panel:
    """The values of a family as they lie in its table, each with the moment from which it was known."""
    store = MarketStore(workspace.path)
    generation = Generations(store).current(family)
    if generation.table not in store.tables:
        raise Misuse(
            f"{workspace.path} holds no features of {family.name!r} as it is defined now",
            "make them with `tradewind features refresh`",
        )
    return store.read(generation.table)


def _store(workspace: Workspace) -> MarketStore:
    store = MarketStore(workspace.path)
    if "bars" not in store.tables:
        raise Misuse(f"{workspace.path} holds no bars", "bring some in with `tradewind ingest`")
    return store


@dataclass(frozen=True)
class _Refresh:
    """One family, brought up to one version of the bars."""

    store: MarketStore
    named: CarriedFamily | Coarser
    bars: int
    tell: Tell

    @property
    def family(self) -> CarriedFamily:
        """What reads the bars, or the longer ones."""
        return self.named.longer if isinstance(self.named, Coarser) else self.named

    def run(self) -> tuple[str, int, bool]:
        """The table, the rows that were added, and whether everything was computed."""
        generations = Generations(self.store)
        generation = generations.current(self.named)
        table = generations.left(generation)
        if table is not None and generation.bars == self.bars:
            generations.show(generation)
            return generation.table, 0, False
        if table is not None:
            left = States.from_table(table)
            added = self.store.added(generation.bars, "bars", self.bars)
            before = left.of(added.symbols)
            if not _known_earlier(added, before):
                rows, after = self._gone_on(generation, added, before)
                generations.leave(generation, self.named, left.renewed(after).table, self.bars)
                return generation.table, rows, False
        generation = generations.anew(generation)
        rows, after = self._whole(generation)
        generations.leave(generation, self.named, after.table, self.bars)
        return generation.table, rows, True

    def _gone_on(self, generation: Generation, added: Panel, before: States) -> tuple[int, States]:
        """What rows bring that are known after all that is there."""
        back = _corrected(added, before)
        if isinstance(self.named, Coarser):
            back += _never_met(before)
        new = materialised(self.family, self._bars_since(_without(added, back), before), before)
        rows, after = new.panel, new.states
        if back:
            history = self._read(self.store.read("bars", symbols=back, version=self.bars))
            again = materialised(self.family, history, no_states(self.family))
            rows = _joined(rows, _since(again.panel, before.of(history.symbols)))
            after = after.renewed(again.states)
        self.store.append(rows, generation.table)
        return len(rows), after

    def _whole(self, generation: Generation) -> tuple[int, States]:
        """Everything, some symbols at a time."""
        panel = self.store.read("bars", version=self.bars)
        rows, after = 0, no_states(self.family)
        parts = list(_by_symbols(panel, AT_ONCE // len(self.family.specs)))
        for done, part in enumerate(parts, start=1):
            new = materialised(self.family, self._read(part), no_states(self.family))
            self.store.append(new.panel, generation.table)
            rows, after = rows + len(new.panel), after.renewed(new.states)
            self.tell.progress(done, len(parts))
        return rows, after

    def _read(self, panel: Panel) -> Panel:
        """The bars that the family reads of a panel."""
        return self.named.bars(panel) if isinstance(self.named, Coarser) else panel

    def _bars_since(self, added: Panel, before: States) -> Panel:
        """Those that come with new rows. A longer one is of rows from before, too: of all that are newer
        than the last that was complete."""
        if not isinstance(self.named, Coarser) or not len(added):
            return added
        symbols = before.of(added.symbols)
        since = EPOCH + timedelta(microseconds=int(symbols.newest.min()))
        rows = self.store.read("bars", added.symbols, since, version=self.bars)
        newer = micros(rows.table["timestamp"]) > _of_rows(rows, symbols.newest)
        return self.named.gathered(Panel(rows.table.filter(pl.Series(newer))))


def _known_earlier(added: Panel, before: States) -> bool:
    """Does a row come to light that was known before what its symbol has told already?"""
    return bool((micros(added.table["known_at"]) <= _of_rows(added, before.known)).any())


def _corrected(added: Panel, before: States) -> list[str]:
    """The symbols of which a bar changes that is not newer than all that were met."""
    back = micros(added.table["timestamp"]) <= _of_rows(added, before.newest)
    return added.table["symbol"].filter(pl.Series(back)).unique().cast(pl.String).sort().to_list()


def _never_met(before: States) -> list[str]:
    """The symbols that have told nothing yet."""
    return [
        name
        for name, newest in zip(before.symbols, before.newest, strict=True)
        if newest == NEVER_YET
    ]


def _of_rows(panel: Panel, values: Ints) -> Ints:
    """A value of each symbol, for each of its rows."""
    rows: Ints = values[physical(panel.table["symbol"])]
    return rows


def _without(panel: Panel, symbols: Sequence[str]) -> Panel:
    return Panel(panel.table.filter(~pl.col("symbol").is_in(symbols))) if symbols else panel


def _since(panel: Panel, told: States) -> Panel:
    """The rows that are known after what each symbol has told already."""
    new = micros(panel.table["known_at"]) > _of_rows(panel, told.known)
    return Panel(panel.table.filter(pl.Series(new)))


def _joined(one: Panel, other: Panel) -> Panel:
    """The rows of both."""
    tables = [panel.table.with_columns(pl.col("symbol").cast(pl.String)) for panel in (one, other)]
    rows = pl.concat(tables)
    names = pl.Enum(rows["symbol"].unique().sort())
    return Panel(in_order(rows.with_columns(pl.col("symbol").cast(names))))


def _by_symbols(panel: Panel, most: int) -> Iterator[Panel]:
    """The rows in parts of whole symbols, each of about so many rows."""
    sizes = panel.table["symbol"].rle().struct.unnest()["len"].to_numpy()
    part = sizes.cumsum() // most
    begin = 0
    for end in np.cumsum([sizes[part == one].sum() for one in np.unique(part)]).tolist():
        yield Panel(panel.table[begin:end])
        begin = end
