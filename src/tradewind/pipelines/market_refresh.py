"""A family of a whole market, brought up to one version of the bars: told on from where it was left.

What one symbol comes to know changes what is said of all. So where a bar, a member or a sector comes to
light that was known before what is told already, the family begins another table.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from tradewind.core import Market, Panel
from tradewind.core.clock import EPOCH
from tradewind.core.panel import NEVER
from tradewind.core.tables import micros
from tradewind.data.membership import universe_of
from tradewind.data.store import MarketStore
from tradewind.features.across.sectors import SECTORS, require_sector, sectors_of
from tradewind.features.across.together import MarketFamily
from tradewind.features.kept.telling import NEVER_YET, Told, nothing_told, told
from tradewind.features.seen import Seen
from tradewind.pipelines.digest import digest_of
from tradewind.pipelines.generations import Generation, Generations
from tradewind.pipelines.tell import Tell

MEMBERSHIP = "membership"
AT_ONCE = 5_000_000  # values that are computed before they are written


@dataclass(frozen=True)
class Beside:
    """What says who is counted among the others: the members of the universe, and the sectors."""

    universe: pl.DataFrame | None
    sectors: Panel | None

    @classmethod
    def of(cls, store: MarketStore, bars: int) -> "Beside":
        """Those of a workspace; of sectors what the bars say, where no table does."""
        members = store.read(MEMBERSHIP) if MEMBERSHIP in store.tables else None
        sectors = None
        if SECTORS in store.tables:
            sectors = require_sector(store.read(SECTORS))
        elif "sector" in store.lake.table("bars").schema:
            sectors = sectors_of(Market({"bars": store.read("bars", version=bars)}))
        return cls(None if members is None else universe_of(members), sectors)

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """What there is."""
        found = {} if self.universe is None else {MEMBERSHIP: self.universe}
        return found if self.sectors is None else {**found, SECTORS: self.sectors.table}

    def digest(self, until: int) -> str:
        """What of it was known at a moment."""
        names = pl.col("symbol").cast(pl.String)
        known = {
            name: table.filter(pl.Series(micros(table["known_at"]) <= until)).with_columns(names)
            for name, table in self.tables.items()
        }
        return " ".join(f"{name} {digest_of(table)}" for name, table in known.items())


@dataclass(frozen=True)
class MarketRefresh:
    """One family, and the version of the bars that it is brought up to."""

    store: MarketStore
    family: MarketFamily
    bars: int
    tell: Tell

    def run(self) -> tuple[str, int, bool]:
        """The table, the rows that were added, and whether everything was computed."""
        generations = Generations(self.store)
        generation, beside = generations.current(self.family), Beside.of(self.store, self.bars)
        before = self._left(generations, generation, beside)
        whole = before is None
        if whole:
            generation = generations.anew(generation)
        if before is not None and generation.bars == self.bars:
            generations.show(generation)
            return generation.table, 0, False
        rows, after = 0, before or nothing_told(self.family)
        panel = self._bars(generation, after)
        parts = list(self._parts(panel, after, beside))
        for done, times in enumerate(parts, start=1):
            new, after = told(self.family, _seen(panel, times, after, beside), after)
            self.store.append(new, generation.table)
            rows += len(new)
            self.tell.progress(done, len(parts))
        generations.leave(
            generation, self.family, after.table, self.bars, beside.digest(after.until)
        )
        return generation.table, rows, whole

    def _left(
        self, generations: Generations, generation: Generation, beside: Beside
    ) -> Told | None:
        """Where it was left, if all that has come since was known after all that is told."""
        table = generations.left(generation)
        if table is None:
            return None
        left = Told.from_table(table)
        if beside.digest(left.until) != generation.beside:
            return None
        added = self.store.added(generation.bars, "bars", self.bars).table["known_at"]
        return left if (micros(added) > left.until).all() else None

    def _bars(self, generation: Generation, before: Told) -> Panel:
        """The bars that have a part in what is to be told, of all symbols that ever had any."""
        if before.until == NEVER_YET:
            return self.store.read("bars", version=self.bars)
        added = self.store.added(generation.bars, "bars", self.bars).table["timestamp"]
        since = min(before.since, micros(added).min(initial=NEVER))
        panel = self.store.read("bars", since=_moment(since), version=self.bars)
        names = pl.Enum(sorted({*before.symbols, *panel.symbols}))
        return Panel(panel.table.with_columns(pl.col("symbol").cast(pl.String).cast(names)))

    def _parts(self, panel: Panel, before: Told, beside: Beside) -> Iterator[list[datetime]]:
        """The moments at which something came to be known since, a part after the other."""
        known = panel.table["known_at"]
        facts = (table["known_at"] for table in beside.tables.values())
        moments = pl.concat([known, *facts]).unique().sort()
        moments = moments.filter(
            pl.Series(micros(moments) > before.until) & (moments <= known.max())
        )
        values = len(self.family.specs) * len(panel.names.categories)
        for some in moments.to_frame().iter_slices(max(AT_ONCE // values, 1)):
            yield some.to_series().to_list()


def _seen(panel: Panel, times: list[datetime], before: Told, beside: Beside) -> Seen:
    """What there is to see of a panel at some moments, without the bars that have no part in it."""
    known = panel.until(times[-1])
    fresh = micros(known.table["known_at"]) > before.until
    first = min(before.since, micros(known.table["timestamp"])[fresh].min(initial=NEVER))
    rows = known.table.filter(pl.Series(micros(known.table["timestamp"]) >= first))
    return Seen(Panel(rows), times, beside.universe, beside.sectors)


def _moment(stamp: int) -> datetime | None:
    return None if stamp == NEVER_YET else EPOCH + timedelta(microseconds=stamp)
