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
from tradewind.features.families import CarriedFamily
from tradewind.features.kept.fingerprint import fingerprint
from tradewind.features.kept.materialising import States
from tradewind.storage.documents import Documents
from tradewind.storage.files import publish
from tradewind.storage.objects import digest, make_folder

TABLES = "feature_tables"
PLAIN = 8  # digits of a fingerprint that a name shows


@dataclass(frozen=True)
class Generation:
    """A table of features: its definition, the version of the bars that it follows, and the digest of
    the states to go on from. Version 0 is of a table that is not begun."""

    table: str
    family: str
    fingerprint: str
    past: int = 1
    bars: int = 0
    states: str = ""


class Generations:
    """Those of a workspace."""

    def __init__(self, store: MarketStore) -> None:
        self.store = store
        self.documents = Documents(store.lake.control)
        self.folder = store.path / "features"

    def current(self, family: CarriedFamily) -> Generation:
        """The one that holds what the family computes now."""
        told, past = fingerprint(family), 1
        found = list(self.documents.find(TABLES, family=family.name, fingerprint=told))
        if found:
            return max((Generation(**one) for one in found), key=lambda one: one.past)
        return Generation(_name(family.name, told, past), family.name, told)

    def anew(self, old: Generation) -> Generation:
        """The one that follows where the past is no longer what the old one knew."""
        past = old.past + 1
        table = _name(old.family, old.fingerprint, past)
        return Generation(table, old.family, old.fingerprint, past)

    def left(self, generation: Generation) -> States | None:
        """Where it was left, if that is there to the byte; what is lost can be computed again."""
        path = self._path(generation)
        data = path.read_bytes() if path.is_file() else b""
        return _read(data) if digest(data) == generation.states else None

    def leave(self, generation: Generation, states: States, bars: int) -> Generation:
        """Keep where it is left, of which version of the bars, and that it is its family's current one."""
        data = _written(states)
        now = replace(generation, bars=bars, states=digest(data))
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


def _written(states: States) -> bytes:
    """States as bytes, every bit of them."""
    size = states.carried.shape[1]
    table = pl.DataFrame(
        {
            "symbol": pl.Series(states.symbols, dtype=pl.String),
            "newest": states.newest,
            "known": states.known,
            "carried": pl.Series(states.carried.ravel()).reshape((len(states.symbols), size)),
        }
    )
    written = BytesIO()
    table.write_ipc(written, compression="uncompressed")
    return written.getvalue()


def _read(data: bytes) -> States:
    table = pl.read_ipc(data)
    names, newest, known = (table[name] for name in ("symbol", "newest", "known"))
    carried = table["carried"].to_numpy()
    return States(tuple(names), newest.to_numpy(), known.to_numpy(), carried)
