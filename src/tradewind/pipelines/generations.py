"""`Generations`: which table holds the values of which definition of a family, and where it was left.

A table holds what one definition computes from one past, by one calendar of each symbol. When the
definition changes, or a symbol's calendar, or rows come to light that were known before what is there
already, another table is begun; the old one stays readable.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from io import BytesIO
from pathlib import Path

import polars as pl

from tradewind.data.store import MarketStore
from tradewind.data.views import FEATURES
from tradewind.features.coarser import NamedFamily
from tradewind.features.keeping import calendars_of
from tradewind.features.kept.fingerprint import fingerprint
from tradewind.features.naming import feature_of
from tradewind.storage.documents import Documents
from tradewind.storage.files import publish
from tradewind.storage.objects import digest, make_folder

TABLES = "feature_tables"
PLAIN = 8  # digits of a fingerprint that a name shows


@dataclass(frozen=True)
class Generation:
    """A table of features: its definition, the version of the bars that it follows, the digest of where it
    was left, how many rows it had then, of what was known beside the bars, and the calendar that each
    symbol kept, where the family reads it. Version 0 is of a table that is not begun."""

    table: str
    family: str
    fingerprint: str
    past: int = 1
    bars: int = 0
    states: str = ""
    beside: str = ""
    rows: int = 0
    calendars: Mapping[str, str] = field(default_factory=dict)

    def keeps_to(self, family: NamedFamily) -> bool:
        """Does every symbol of it keep the calendar that the family reads now?"""
        read = calendars_of(family)
        return read is None or all(read.of(one) == kept for one, kept in self.calendars.items())


class Generations:
    """Those of a workspace."""

    def __init__(self, store: MarketStore) -> None:
        self.store = store
        self.documents = Documents(store.lake.control)
        self.folder = store.path / "features"

    def current(self, family: NamedFamily) -> Generation:
        """The one that holds what the family computes now."""
        told = fingerprint(family)
        documents = self.documents.find(TABLES, family=family.name, fingerprint=told)
        found = [Generation(**one) for one in documents]
        if fit := [one for one in found if one.keeps_to(family)]:
            return max(fit, key=lambda one: one.past)
        past = max((one.past for one in found), default=0) + 1
        return Generation(_name(family.name, told, past), family.name, told, past)

    def anew(self, old: Generation) -> Generation:
        """The one to begin with: this one, or the first after it of whose table nothing is there. What a
        refresh that came to no end has written knew another past, maybe."""
        past = old.past
        while (table := _name(old.family, old.fingerprint, past)) in self.store.tables:
            past += 1
        return Generation(table, old.family, old.fingerprint, past)

    def left(self, generation: Generation) -> pl.DataFrame | None:
        """Where it was left, if that is there to the byte, and its table has no rows that came after; what
        is lost can be computed again."""
        if self.store.count(generation.table) != generation.rows:
            return None
        path = self._path(generation)
        data = path.read_bytes() if path.is_file() else b""
        return pl.read_ipc(data) if digest(data) == generation.states else None

    def leave(
        self,
        generation: Generation,
        family: NamedFamily,
        states: pl.DataFrame,
        bars: int,
        beside: str = "",
    ) -> Generation:
        """Keep where it is left, of which version of the bars, and that it is its family's current one."""
        read = calendars_of(family)
        kept = {symbol: read.of(symbol) for symbol in states["symbol"]} if read else {}
        written = BytesIO()
        states.write_ipc(written, compression="uncompressed")
        data = written.getvalue()
        rows = self.store.count(generation.table)
        now = replace(
            generation, bars=bars, states=digest(data), beside=beside, rows=rows, calendars=kept
        )
        make_folder(self.folder)
        publish(self._path(now), data)
        self.store.pin(bars, _holder(now))
        self.documents.put(TABLES, now.table, asdict(now))
        self.show(now)
        if 0 < generation.bars < bars:
            self.store.unpin(_holder(generation))
            self._path(generation).unlink(missing_ok=True)
        return now

    def show(self, generation: Generation) -> None:
        """Let SQL see this one: the calendars of an older one may be those that are kept again."""
        told = {"family": feature_of(generation.family), "table": generation.table}
        self.documents.put(FEATURES, generation.family, told)

    def _path(self, generation: Generation) -> Path:
        return self.folder / f"{generation.table}.{generation.bars}.arrow"


def _name(family: str, fingerprint: str, past: int) -> str:
    return f"features_{feature_of(family)}_{fingerprint[:PLAIN]}" + (f"_{past}" if past > 1 else "")


def _holder(generation: Generation) -> str:
    return f"{generation.table} {generation.bars}"
