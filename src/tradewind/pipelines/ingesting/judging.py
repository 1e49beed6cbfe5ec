"""The way of a spool through the gate: group by group of symbols, each with all that came before it.

Memory holds one group at a time. What a check says of a row needs the rows of its symbol alone, but for
one: whether another name has the same bars. That is found out first, over all groups, by a print of each
bar; so how rows are grouped changes no verdict.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from tradewind.core import Calendar, Finding, Panel
from tradewind.core.panel import KEYS
from tradewind.data.factors import require_actions
from tradewind.data.quality.anew import anew
from tradewind.data.quality.arrivals import Past, judged, past_of, together
from tradewind.data.quality.bars import Bars
from tradewind.data.quality.checks import findings_from
from tradewind.data.quality.gate import in_error, require_free_names
from tradewind.data.quality.identity import PRINTED, prints, shared_of
from tradewind.data.quality.unreadable import Unread
from tradewind.data.quality.verdicts import by_symbol
from tradewind.data.sources.sifting import once, unique_keys, without
from tradewind.data.store import OWN_KNOWN_AT, MarketStore, other_content
from tradewind.pipelines.gathering import ACTIONS, on_record
from tradewind.pipelines.ingesting.spool import Spool, grouped


@dataclass
class Tally:
    """What became of the rows, group after group."""

    came: int = 0
    repeated: int = 0
    refused: int = 0  # rows that came and are set aside
    found_out: int = 0  # rows that were stored before and are set aside now
    in_error: int = 0
    late: int = 0  # rows known before one that was stored already
    more: Counter[str] = field(default_factory=Counter)  # values for rows that are stored without
    set_aside: list[pl.DataFrame] = field(default_factory=list)
    said: list[pl.DataFrame] = field(default_factory=list)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One finding a check for all groups together, and what the store could not take as it came."""
        said = findings_from(pl.concat(self.said), self.came) if self.said else ()
        return (*said, *self._late(), *self._more())

    def _late(self) -> tuple[Finding, ...]:
        if not self.late:
            return ()
        detail = (
            f"{self.late:,} rows were known before rows of their symbol that are stored already: what "
            "was believed in between is not what one pass over all of it would have believed"
        )
        remedy = "bring rows in the order in which they were known, or all into a new workspace"
        return (Finding("source.late", "warning", "bars", detail, remedy),)

    def _more(self) -> tuple[Finding, ...]:
        if not self.more:
            return ()
        told = ", ".join(f"{count:,} of {name}" for name, count in sorted(self.more.items()))
        detail = f"there are values for rows that are stored without, {told}; they add nothing"
        return (Finding("source.more", "warning", "bars", detail, OWN_KNOWN_AT),)


@dataclass(frozen=True, eq=False)
class Judging:
    """A spool of one table, and where what came before it lies. Bars are judged with the actions on
    record; actions must be some; other tables have no checks yet, and pass."""

    spool: Spool
    store: MarketStore
    table: str
    quarantined: pl.DataFrame  # what is set aside already
    calendar: Calendar
    aside: Unread | None
    tally: Tally = field(default_factory=Tally)

    def kept(self, tell: Callable[[int, int], None]) -> Iterator[Panel]:
        """What is to be added to the store, one group at a time; `tell` hears how many rows are judged."""
        if self.table != "bars":
            yield from self._as_they_are()
            return
        groups = list(grouped(self._sizes(), self.spool.most_rows))
        shared = self._shared(groups) if len(groups) > 1 else None
        actions = on_record(self.store)
        for names in groups:
            new, past = self._group(names, self.tally, self.aside)
            result = judged(new, past, self.calendar, shared, actions)
            self._count(new, past, result.quarantined)
            self.tally.in_error += in_error(result.verdicts)
            self.tally.said.append(by_symbol(result.verdicts))
            if len(new):
                tell(self.tally.came, self.spool.rows)
            yield result.clean

    def _as_they_are(self) -> Iterator[Panel]:
        for names in grouped(self.spool.counts, self.spool.most_rows):
            new = self._new(names, self.tally, self.aside)
            self.tally.came += len(new)
            yield require_actions(new) if self.table == ACTIONS else new

    def _group(
        self, names: Sequence[str], tally: Tally, aside: Unread | None
    ) -> tuple[Panel, Past]:
        """The rows of some symbols that are to be judged, and what came before them."""
        new = self._new(names, tally, aside)
        require_free_names(new)
        found = anew(new, self._past(names))
        tally.more.update(found.more)
        if len(found.changed):
            if aside is None:
                first = found.changed.row(0, named=True)
                raise other_content("bars", len(found.changed), first, first["reason"])
            reason = pl.format(
                "it is stored with other content: {}; give it its own known_at", "reason"
            )
            aside(found.changed.with_columns(reason.alias("reason"), check=pl.lit("row.key")))
        return found.new, found.past

    def _count(self, new: Panel, past: Past, found: pl.DataFrame) -> None:
        found = found.with_columns(pl.col("symbol").cast(pl.String))
        record = pl.concat([past.set_aside.select(KEYS), found.select(KEYS)])
        keys = new.table.select(pl.col("symbol").cast(pl.String), *KEYS[1:])
        self.tally.came += len(new)
        self.tally.refused += len(keys.join(record, on=KEYS, how="semi"))
        self.tally.found_out += len(found.join(past.came, on=KEYS, how="semi"))
        self.tally.set_aside.append(found)
        if len(past):
            newest = past.came.group_by("symbol").agg(pl.col("known_at").max().alias("newest"))
            added = keys.join(past.came, on=KEYS, how="anti").join(newest, on="symbol")
            self.tally.late += len(added.filter(pl.col("known_at") < pl.col("newest")))

    def _new(self, names: Sequence[str], tally: Tally, aside: Unread | None) -> Panel:
        """The rows of some symbols, each once, and without those of which nobody knows which is right."""
        table = self.spool.take(names)
        if self.spool.parts > 1:
            table, repeated = once(table)
            tally.repeated += repeated
            if aside is not None:
                keys = aside.doubtful.cast({"symbol": table.schema["symbol"]}, strict=False)
                again = pl.struct(KEYS).is_in(keys.select(pl.struct(KEYS)).to_series().implode())
                table = without(table, again, "row.key", "other rows have the same key", aside)
                table = unique_keys(table, aside)
        return Panel(table)

    def _past(self, names: Sequence[str]) -> Past:
        """What the store and the quarantine hold of some symbols."""
        stored = self.spool.take(()).cast({"symbol": pl.String})
        if "bars" in self.store.tables:
            stored = self.store.read(symbols=names).table
        return past_of(stored, self.quarantined.filter(pl.col("symbol").is_in(list(names))))

    def _sizes(self) -> pl.DataFrame:
        """(symbol, rows) of what must be judged: what came, with what is stored of the same symbols and
        of those that have some of the same bars."""
        mine, stored = self.spool.counts, self.store.rows_by_symbol()
        others = stored.join(mine, on="symbol", how="anti")
        alike = [
            name for group in grouped(others, self.spool.most_rows) for name in self._alike(group)
        ]
        wanted = pl.concat([mine["symbol"], pl.Series("symbol", alike, dtype=pl.String)])
        both = pl.concat([mine.cast({"rows": pl.Int64}), stored.cast({"rows": pl.Int64})])
        sizes = both.group_by("symbol").sum().filter(pl.col("symbol").is_in(wanted.implode()))
        return sizes.sort("symbol")

    def _alike(self, names: Sequence[str]) -> list[str]:
        """Which of these stored symbols have a bar that has come now under another name."""
        on = ["timestamp", *(name for name in PRINTED if name in self.spool.take(()).columns)]
        stored = self.store.read(symbols=names, since=self.spool.first).table
        if not set(on) <= set(stored.columns):
            return []
        same = stored.filter(stored.select(on).hash_rows().is_in(self.spool.hashed(on).implode()))
        return [str(name) for name in same["symbol"].unique().cast(pl.String)]

    def _shared(self, groups: Sequence[Sequence[str]]) -> pl.DataFrame:
        """The bars that two names have, wherever they are."""
        kept = self.spool.prints()
        for names in groups:
            aside = None if self.aside is None else Unread([*self.aside.rows])
            whole, _ = together(*self._group(names, Tally(), aside))
            kept.add(prints(Bars(whole, self.calendar)))
        return pl.concat([shared_of(part) for part in kept.parts()])
