"""`Generations`: which table holds the values of which definition of a family, and where it was left.

A table holds what one definition computes from one past. When the definition changes, or rows come to
light that were known before what is there already, another table is begun; the old one stays readable.
"""

from dataclasses import asdict, dataclass, replace
from io import BytesIO
from pathlib import Path

import polars as pl

from tradewind.data.store import MarketStore
from tradewind.data.views import FEATURES
from tradewind.features.families import KeptFamily
from tradewind.features.kept.fingerprint import fingerprint
from tradewind.storage.documents import Documents
from tradewind.storage.files import publish
from tradewind.storage.objects import digest, make_folder

TABLES = "feature_tables"
PLAIN = 8  # digits of a fingerprint that a name shows


@dataclass(frozen=True)
class Generation:
    """A table of features: its definition, the version of the bars that it follows, the digest of where it
    was left, how many rows it had then, and of what was known beside the bars. Version 0 is of a table
    that is not begun."""

    table: str
    family: str
    fingerprint: str
    past: int = 1
    bars: int = 0
    states: str = ""
    beside: str = ""
    rows: int = 0


class Generations:
    """Those of a workspace."""

    def __init__(self, store: MarketStore) -> None:
        self.store = store
        self.documents = Documents(store.lake.control)
        self.folder = store.path / "features"

    def current(self, family: KeptFamily) -> Generation:
        """The one that holds what the family computes now."""
        told, past = fingerprint(family), 1
        found = list(self.documents.find(TABLES, family=family.name, fingerprint=told))
        if found:
            return max((Generation(**one) for one in found), key=lambda one: one.past)
        return Generation(_name(family.name, told, past), family.name, told)

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
        self, generation: Generation, states: pl.DataFrame, bars: int, beside: str = ""
    ) -> Generation:
        """Keep where it is left, of which version of the bars, and that it is its family's current one."""
        written = BytesIO()
        states.write_ipc(written, compression="uncompressed")
        data = written.getvalue()
        rows = self.store.count(generation.table)
        now = replace(generation, bars=bars, states=digest(data), beside=beside, rows=rows)
        make_folder(self.folder)
        publish(self._path(now), data)
        self.store.pin(bars, _holder(now))
        self.documents.put(TABLES, now.table, asdict(now))
        self.documents.put(FEATURES, now.family, {"family": now.family, "table": now.table})
        if 0 < generation.bars < bars:
            self.store.unpin(_holder(generation))
            self._path(generation).unlink(missing_ok=True)
        return now

    def _path(self, generation: Generation) -> Path:
        return self.folder / f"{generation.table}.{generation.bars}.arrow"


def _name(family: str, fingerprint: str, past: int) -> str:
    return f"features_{family}_{fingerprint[:PLAIN]}" + (f"_{past}" if past > 1 else "")


def _holder(generation: Generation) -> str:
    return f"{generation.table} {generation.bars}"
