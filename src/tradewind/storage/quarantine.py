"""Where damaged bytes go: out of the way of every reader, kept for whoever wants to know what they were."""

import json
from dataclasses import dataclass

from tradewind.core.finding import Finding
from tradewind.storage.json_text import to_json
from tradewind.storage.objects import Objects, digest

FOLDER = ".quarantine"


@dataclass(frozen=True)
class Quarantine:
    """The damaged bytes of a lake, each with a note that says what was wrong.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from tradewind.storage.objects import LocalObjects
    >>> with TemporaryDirectory() as folder:
    ...     quarantine = Quarantine(LocalObjects(Path(folder)))
    ...     quarantine.keep("bars", "_delta_log/7.json", b"{", "version 7 is replaced: torn")
    ...     [finding.detail for finding in quarantine.findings()]
    ['version 7 is replaced: torn']
    """

    objects: Objects

    def keep(self, table: str, name: str, data: bytes | None, detail: str) -> None:
        """Keep the bytes and the note; the same twice is kept once."""
        kind = digest((data or b"") + detail.encode())[:12]
        place = f"{FOLDER}/{table}.{name.replace('/', '.')}.{kind}"
        if data is not None:
            self.objects.put_new(place, data)
        note = {"table": table, "name": name, "detail": detail, "kept": data is not None}
        self.objects.put_new(f"{place}.note", to_json(note))

    def findings(self) -> tuple[Finding, ...]:
        """What lies here, one finding for each damage."""
        names = sorted(name for name in self.objects.sizes(FOLDER) if name.endswith(".note"))
        notes = (json.loads(self.objects.read(name) or b"{}") for name in names)
        return tuple(_finding(note, name) for note, name in zip(notes, names, strict=True) if note)


def _finding(note: dict[str, str], name: str) -> Finding:
    where = f"{note['table']}/{note['name']}"
    kept = f"its bytes are in {name.removesuffix('.note')}; " if note["kept"] else ""
    remedy = f"{kept}append again what was not acknowledged"
    return Finding("store.damaged", "warning", where, note["detail"], remedy)
