"""`Models`: the regime models of a workspace, and where the telling of each was left.

Both are JSON files whose digests lie in the control database: no parser sees a byte of a file that is
not the one that was kept.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from tradewind.context.regimes.model import Of, RegimeModel
from tradewind.core import Finding
from tradewind.core.errors import Misuse, WorkspaceError
from tradewind.core.roles import DocumentStore
from tradewind.storage.files import publish
from tradewind.storage.json_text import to_json
from tradewind.storage.objects import digest, make_folder

KEPT, TOLD, NEWEST = "regime_models", "regimes_told", "regimes"
PLAIN = 8  # digits of a fingerprint that a name shows


@dataclass(frozen=True)
class Told:
    """A table of regimes: whose, by which model, the how many-th it began, the digest of where it was
    left. No digest is of a table that is not begun."""

    of: Of
    model: str
    past: int = 1
    left: str = ""

    @property
    def table(self) -> str:
        """What it is called.

        >>> Told("market", "0123456789abcdef").table, Told("market", "0123456789abcdef", 2).table
        ('regimes_market_01234567', 'regimes_market_01234567_2')
        """
        again = f"_{self.past}" if self.past > 1 else ""
        return f"regimes_{self.of}_{self.model[:PLAIN]}{again}"


class Models:
    """Those of the workspace that lies at a path."""

    def __init__(self, path: Path, documents: DocumentStore) -> None:
        self.folder = path / "regimes"
        self.documents = documents

    def put(self, model: RegimeModel, at: str) -> None:
        """Keep a model as the current one of whom it tells of, and which has told last until it does."""
        make_folder(self.folder)
        publish(self._file(model.of, model.fingerprint), model.text)
        kept = {"of": model.of, "model": model.fingerprint, "fitted_at": at}
        last = self._telling(model.of)
        readable = last is not None and self._bytes(model.of, last) is not None
        self.documents.put(KEPT, model.of, {**kept, "told": last} if readable else kept)

    def get(self, of: Of) -> RegimeModel | None:
        """The current one; None where there is none. A file that is not what was kept is refused."""
        kept = self.documents.get(KEPT, of)
        return self._read(of, kept["model"]) if kept else None

    def telling(self, of: Of) -> RegimeModel | None:
        """The one whose telling is the newest: the current one, once it has told. None where none has."""
        last = self._telling(of)
        return self._read(of, last) if last else None

    def untold(self, of: Of) -> tuple[Finding, ...]:
        """That the current model has told nothing yet, and another speaks for it."""
        kept = self.documents.get(KEPT, of)
        if kept is None or self._telling(of) in (None, kept["model"]):
            return ()
        at = datetime.fromisoformat(kept["fitted_at"])
        detail = f"a new model was learnt at {at:%Y-%m-%d %H:%M}: what is told is of the one before"
        remedy = "tell its regimes with `tradewind regimes refresh`"
        return (Finding("regimes.untold", "warning", of, detail, remedy),)

    def required(self, of: Of) -> RegimeModel:
        """The current one."""
        model = self.get(of)
        if model is None:
            raise Misuse(
                f"no regimes of the {of} were learnt", "learn them with `tradewind regimes fit`"
            )
        return model

    def told(self, model: RegimeModel) -> Told:
        """The table in which this model tells."""
        kept = self.documents.get(TOLD, f"{model.of} {model.fingerprint}")
        return Told(**kept) if kept else Told(model.of, model.fingerprint)

    def left(self, told: Told) -> Mapping[str, Any] | None:
        """Where a table was left, if that is there to the byte; what is lost can be told again."""
        path = self._left(told)
        data = path.read_bytes() if path.is_file() else b""
        if digest(data) != told.left:
            return None
        document: Mapping[str, Any] = json.loads(data)
        return document

    def leave(self, told: Told, document: Mapping[str, Any]) -> None:
        """Keep where a table is left now, and that it is its model's current one."""
        data = to_json(document)
        now = replace(told, left=digest(data))
        publish(self._left(now), data)
        self.documents.put(TOLD, f"{told.of} {told.model}", asdict(now))
        for old in self.folder.glob(
            f"{now.table}.*.json"
        ):  # one that a run left that was cut off, too
            if old != self._left(now):
                old.unlink(missing_ok=True)

    def _telling(self, of: Of) -> str | None:
        """The fingerprint of the model that has told last."""
        kept = self.documents.get(KEPT, of)
        if kept is None:
            return None
        has = self.documents.get(TOLD, f"{of} {kept['model']}")
        return kept["model"] if has else kept.get("told")

    def _read(self, of: Of, fingerprint: str) -> RegimeModel:
        data = self._bytes(of, fingerprint)
        if data is None:
            raise WorkspaceError(
                f"{self._file(of, fingerprint)} is not the model that was kept",
                "fit it again: `tradewind regimes fit`",
            )
        return RegimeModel.restored(json.loads(data))

    def _bytes(self, of: Of, fingerprint: str) -> bytes | None:
        """The file of a model, if it is the one that was kept."""
        path = self._file(of, fingerprint)
        data = path.read_bytes() if path.is_file() else b""
        return data if digest(data) == fingerprint else None

    def _left(self, told: Told) -> Path:
        return self.folder / f"{told.table}.{told.left[:PLAIN]}.json"

    def _file(self, of: Of, fingerprint: str) -> Path:
        return self.folder / f"{of}-{fingerprint[:PLAIN]}.json"
