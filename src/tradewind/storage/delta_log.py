"""The log of a Delta table as text: what an entry says, whether it is whole, and what stands for none.

Read without the vendor's package, because the entries that matter here are those it cannot read: a torn
one stops it from opening anything, and one cut at a line end it takes for an empty commit.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tradewind.storage.json_text import to_json
from tradewind.storage.objects import Objects, digest

FOLDER = "_delta_log"
MANIFEST = "tradewind"  # in commitInfo: the digest of each file that the entry adds
ANNOUNCEMENT = f"{FOLDER}/_last_checkpoint"
RECORD = """insert into lake_files values (:lake, :version, :name, :size, :digest, :content)
    on conflict (lake, name) do update set version = excluded.version, size = excluded.size,
    digest = excluded.digest, content = excluded.content"""


@dataclass(frozen=True)
class Entry:
    """One version of a table: the files it adds with their sizes, and what it promised of them."""

    adds: Mapping[str, int]
    removes: tuple[str, ...] = ()
    promised: Mapping[str, str] = field(default_factory=dict)
    expected: int | None = None  # how many files the writer says it added
    schema: bool = False  # does it say what the columns are?
    at_ms: int | None = None  # when its writer's clock says it was written


def entry_name(version: int) -> str:
    """Where a version's entry lies.

    >>> entry_name(7)
    '_delta_log/00000000000000000007.json'
    """
    return f"{FOLDER}/{version:020}.json"


def checkpoint_name(version: int) -> str:
    """Where a version's checkpoint lies."""
    return f"{FOLDER}/{version:020}.checkpoint.parquet"


def version_of(name: str) -> int | None:
    """The version of which this is the entry, or None where it is something else.

    >>> version_of(entry_name(7)), version_of(checkpoint_name(7)), version_of(ANNOUNCEMENT)
    (7, None, None)
    """
    stem, _, suffix = name.removeprefix(f"{FOLDER}/").partition(".")
    return int(stem) if suffix == "json" and len(stem) == 20 and stem.isdigit() else None


def read_entry(data: bytes) -> Entry:
    """What an entry says; ValueError where it is no entry.

    >>> read_entry(b'{"commitInfo":{}}\\n{"add":{"path":"a.parquet","size":7}}').adds
    {'a.parquet': 7}
    """
    adds: dict[str, int] = {}
    removes: list[str] = []
    info: dict[str, Any] | None = None
    schema = False
    for line in data.decode("utf-8").splitlines():
        action = json.loads(line)
        if "add" in action:
            adds[action["add"]["path"]] = int(action["add"]["size"])
        if "remove" in action:
            removes.append(action["remove"]["path"])
        info = action.get("commitInfo", info)
        schema |= "metaData" in action
    if info is None:
        raise ValueError("it does not say who wrote it")
    manifest = info.get(MANIFEST, {})
    expected = len(manifest) if MANIFEST in info else _count(info.get("operationMetrics", {}))
    return Entry(adds, tuple(removes), manifest, expected, schema, info.get("timestamp"))


def _count(metrics: Mapping[str, Any]) -> int | None:
    counts = [metrics[name] for name in ("num_added_files", "numFiles") if name in metrics]
    return int(counts[0]) if counts else None


def empty_entry(reason: str) -> bytes:
    """The entry that takes the place of a bad one: a version that changes nothing."""
    return to_json({"commitInfo": {"operation": "EMPTY", "reason": reason, MANIFEST: {}}}) + b"\n"


def flaw(data: bytes | None, objects: Objects, *, first: bool) -> str | None:
    """Why a version cannot be believed, or None: its entry, then every file that it adds."""
    if data is None:
        return "its log entry is missing"
    if not data:
        return "its log entry is empty"
    try:
        entry = read_entry(data)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return f"its log entry is torn ({str(error)[:80]})"
    if entry.expected is not None and entry.expected != len(entry.adds):
        return f"its log entry names {len(entry.adds)} of {entry.expected} files"
    if first and not entry.schema:
        return "its log entry does not say what the columns are"
    flaws = (file_flaw(objects, name, size, entry.promised) for name, size in entry.adds.items())
    return next((found for found in flaws if found), None)


def file_flaw(
    objects: Objects, name: str, size: int, promised: Mapping[str, str] | None = None
) -> str | None:
    """Why a data file cannot be believed, or None: its size, its Parquet footer, its digest."""
    data = objects.read(name)
    if data is None:
        return f"the file {name} is missing"
    if len(data) != size:
        return f"the file {name} has {len(data)} bytes, not {size}"
    if not whole_parquet(data):
        return f"the file {name} has no footer"
    if promised and name in promised and digest(data) != promised[name]:
        return f"the file {name} is not what was written"
    return None


def whole_parquet(data: bytes) -> bool:
    """Does it begin and end as a Parquet file, with a footer that fits into it?

    >>> whole_parquet(b"PAR1" + bytes(100)), whole_parquet(b"PAR1" + bytes(4) + b"PAR1")
    (False, True)
    """
    if len(data) < 12 or data[:4] != b"PAR1" or data[-4:] != b"PAR1":
        return False
    return bool(struct.unpack("<I", data[-8:-4])[0] <= len(data) - 12)
